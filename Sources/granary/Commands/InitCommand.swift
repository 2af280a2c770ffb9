// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GranaryCore

/// `granary init`: lays out a home, and never overwrites anything in one that is there.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Lay out a site's home: granary.yaml, a staging area, an archive, an example process.")

    @Argument(help: "The folder to make.")
    var folder = "."

    func run() throws {
        let home = HomeOption.absolute(folder)
        for name in ["staging", "archive", "work", "processes"] { try makeFolder("\(home)/\(name)") }
        for (name, text) in [("granary.yaml", exampleConfiguration), ("processes/summary.yaml", exampleProcess)] {
            let isNew = try writeNewFile("\(home)/\(name)", text)
            standardError(isNew ? "wrote \(home)/\(name)" : "kept \(home)/\(name), which was there")
        }
        standardError("Next: edit granary.yaml, then `granary check --home \(home)` and `granary serve --home \(home)`.")
    }
}

/// Small enough to read at once, and complete: it runs as it is. `docs/configuration.md` lists every key.
private let exampleConfiguration = """
    # A Granary site. Folders are relative to this file. `granary check` tries everything below.
    site: example
    provider: EXAMPLE_SDS

    collections:
      - name: EXAMPLE_L1
        version: "1"
        checksums: require          # or compute: archive without a stated checksum, and say so
        conflicts: error            # or skip, version, replace: what a resend with other bytes means
        wait: 1h                    # for required files and checksums
        path: "{collection}.{version}/{year}/{doy}/{granule}/{name}"
        files:
          - {pattern: '(?P<granule>EXAMPLE_L1_(?P<start>\\d{8}T\\d{6}))\\.nc', type: data}
          - {pattern: '(?P<granule>EXAMPLE_L1_(?P<start>\\d{8}T\\d{6}))\\.met\\.json', type: metadata, required: false}
        examples:
          - {name: EXAMPLE_L1_20261121T031137.nc, granule: EXAMPLE_L1_20261121T031137}
      - name: EXAMPLE_SUMMARY
        version: "1"
        checksums: compute
        files:
          - {pattern: '(?P<granule>SUMMARY_.+)\\.txt', type: data}

    watchers:
      - name: inbound
        directory: staging
        interval: 10s
        settle: {looks: 2, window: 5s}
        exclude: ["README*"]
        afterwards: keep            # or delete: remove from staging what is durable in the archive

    rules:
      - name: summarise
        filter: "collection = 'EXAMPLE_L1'"
        process: summary

    destinations: []
    notifications: []

    """

private let exampleProcess = """
    id: summary
    version: "1"
    title: Size and checksum of a granule, as text
    # A list of arguments, never a shell line. {input} {inputs} {output} {context} {directory} {job} {parameter.NAME}
    command: [python3, -c, "import sys,os,hashlib; p=sys.argv[1]; n=os.path.basename(p).rsplit('.',1)[0]; b=open(p,'rb').read(); open(os.path.join(sys.argv[2],'SUMMARY_'+n+'.txt'),'w').write(f'{n} {len(b)} {hashlib.sha256(b).hexdigest()}\\n')", "{input}", "{output}"]
    soft-limit: 60s
    hard-limit: 90s
    outputs:
      - {name: EXAMPLE_SUMMARY, version: "1"}

    """
