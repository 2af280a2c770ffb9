// SPDX-License-Identifier: Apache-2.0

/// The two sites of the demonstration: a science data system that produces, and the archive that must have its products.
struct DemoSites {
    /// The folder that everything is made in.
    let folder: String
    /// The staging area that the science data system watches; it is only read.
    let staging: String
    let processes: String
    /// Where everything goes through when it goes through a cloud; nil for folders.
    var cloud: DemoCloud?

    var sds: String { "\(folder)/sds" }
    var daac: String { "\(folder)/daac" }

    /// Lays out both homes.
    func lay() throws {
        if cloud == nil { for box in ["to-daac", "to-sds"] { try makeFolder("\(folder)/exchange/\(box)") } }
        for (home, text) in [(sds, sdsConfiguration), (daac, daacConfiguration)] {
            try makeFolder(home)
            // The archive takes part in the allow-list of its partner, so it must be there before either site opens.
            if cloud == nil { try makeFolder("\(home)/archive") }
            try writeNewFile("\(home)/granary.yaml", text)
        }
    }

    private var sdsConfiguration: String {
        """
        # The provider of the demonstration: looks at a staging area, processes, and delivers to its archive.
        site: tidewatch-sds
        provider: TIDEWATCH_SDS
        processes: \(processes)
        \(cloud?.sdsPlaces ?? "")
        collections:
        \(collections)
        watchers:
          - name: inbound
            \(cloud?.watched ?? "directory: \(staging)")
            interval: 2s
            settle: {looks: 2, window: 250ms}
            exclude: [README.md, EXPECTED.tsv]
        rules:
          - name: make-statistics
            filter: "collection = 'TIDEWATCH_L1B_SWATH'"
            process: swath-statistics
        destinations:
        \(cloud?.destinations ?? destinations)

        """
    }

    private var daacConfiguration: String {
        """
        # The partner of the demonstration: Granary in the archive role. It fetches what is announced, and answers.
        site: ocean-daac
        provider: OCEAN_DAAC
        \(cloud?.daacPlaces ?? "")
        collections:
        \(collections)
        notifications:
        \(cloud?.notifications ?? notifications)

        """
    }

    private var destinations: String {
        """
          - name: ocean-daac
            outbox: ../exchange/to-daac
            inbox: ../exchange/to-sds
            deadline: 1h
            interval: 100ms
        """
    }

    private var notifications: String {
        """
          - name: tidewatch
            inbox: ../exchange/to-daac
            outbox: ../exchange/to-sds
            allow: [../sds/archive]
            interval: 100ms
        """
    }

    /// Both sides know the same collections.
    private var collections: String {
        #"""
          - name: TIDEWATCH_L1B_SWATH
            version: "1"
            checksums: require
            conflicts: error
            wait: 3s
            path: "{collection}.{version}/{year}/{doy}/{granule}/{name}"
            files:
              - {pattern: '(?P<granule>TW_L1B_(?P<pass>\d{4})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6}))\.nc', name: data file, type: data}
              - {pattern: '(?P<granule>TW_L1B_(?P<pass>\d{4})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6}))\.met\.json', name: metadata file, type: metadata}
              - {pattern: '(?P<granule>TW_L1B_(?P<pass>\d{4})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6}))_browse\.png', name: browse image, type: browse, required: false}
            examples:
              - {name: TW_L1B_0001_20261120T000000_20261120T005000.nc, granule: TW_L1B_0001_20261120T000000_20261120T005000}
          - name: TIDEWATCH_ANC_ORBIT
            version: "2"
            checksums: compute
            conflicts: version
            wait: 3s
            files:
              - {pattern: '(?P<granule>TW_ORB_(?P<date>\d{8})_\d{2})\.eof', type: ancillary}
          - name: TIDEWATCH_L2_STATS
            version: "1"
            checksums: compute
            files:
              - {pattern: '(?P<granule>TW_L2_(?P<pass>\d{4})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6}))\.json', type: data}
        """#
    }
}
