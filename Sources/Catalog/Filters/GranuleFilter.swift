// SPDX-License-Identifier: Apache-2.0

public import GranaryCore

/// A granule with its files and metadata, as rules see it.
///
/// Members of its metadata are called `metadata.<key>`; they exist in memory only.
public struct FilteredGranule: Sendable, FilterProperties {
    public let granule: GranuleRecord
    let files: Int
    let bytes: Int64
    private let metadata: JSONValue?

    public init(_ granule: GranuleRecord, files: [FileRecord]) {
        self.granule = granule
        self.files = files.count
        bytes = files.reduce(0) { $0 + $1.size }
        metadata = try? JSONValue(parsing: granule.metadata)
    }

    public func value(of property: String) -> FilterValue? {
        guard property.hasPrefix(metadataPrefix) else { return FilterTable.granules.value(of: property, in: self) }
        return metadata?[String(property.dropFirst(metadataPrefix.count))]?.filterValue
    }
}

extension FilterSchema {
    /// What filters over granules may name.
    public static let granule = FilterTable.granules.schema

    /// The same, with the members of metadata that a collection or a rule declares. SQL refuses those.
    public static func granule(metadata: [String: FilterType]) -> FilterSchema {
        let members = metadata.map { (metadataPrefix + $0.key, Property.inMemory($0.value)) }
        return FilterSchema(granule.properties.merging(members) { own, _ in own })
    }
}

private let metadataPrefix = "metadata."

extension JSONValue {
    /// Lists and objects are no value to a filter.
    fileprivate var filterValue: FilterValue? {
        if let string { return .string(string) }
        if let boolean { return .boolean(boolean) }
        if let integer { return .integer(integer) }
        return number.map(FilterValue.number)
    }
}

extension FilterTable<FilteredGranule> {
    /// Columns are those of `granule g`.
    static let granules = FilterTable(
        granuleProperties(of: \FilteredGranule.granule) + [
            FilterableProperty("id", .integer("g.id")) { .integer($0.granule.id) },
            FilterableProperty("state", .string("g.state")) { .word($0.granule.state) },
            FilterableProperty("readiness", .string("g.readiness")) { .word($0.granule.readiness) },
            FilterableProperty("verification", .string("g.verification")) { .word($0.granule.verification) },
            FilterableProperty("job", .integer("g.job_id")) { $0.granule.jobID.map(FilterValue.integer) },
            FilterableProperty("observed", .timestamp("g.observed_at")) { .time($0.granule.observedAt) },
            FilterableProperty("reason", .string("g.reason_code")) { .text($0.granule.reasonCode) },
            FilterableProperty(
                "footprint", .box(west: "g.west", south: "g.south", east: "g.east", north: "g.north")
            ) { $0.granule.footprint?.filterValue },
            FilterableProperty("files", .integer("(SELECT COUNT(*) FROM file f WHERE f.granule_id = g.id)")) {
                .integer(Int64($0.files))
            },
            FilterableProperty(
                "bytes",
                .integer("(SELECT CAST(COALESCE(SUM(f.size), 0) AS BIGINT) FROM file f WHERE f.granule_id = g.id)")
            ) { .integer($0.bytes) },
        ])
}

/// What granules and whatever belongs to one of them have in common. Columns are those of `granule g`.
func granuleProperties<Thing>(
    of granule: @escaping @Sendable (Thing) -> GranuleRecord
) -> [FilterableProperty<Thing>] {
    [
        FilterableProperty("collection", .string("g.collection")) { .string(granule($0).identity.collection.name) },
        FilterableProperty("version", .string("g.version")) { .string(granule($0).identity.collection.version) },
        FilterableProperty("name", .string("g.name")) { .string(granule($0).identity.name) },
        FilterableProperty("revision", .integer("g.revision")) { .integer(Int64(granule($0).identity.revision)) },
        FilterableProperty("provider", .string("g.provider")) { .string(granule($0).provider) },
        FilterableProperty("processing_type", .string("g.processing_type")) { .word(granule($0).processingType) },
        FilterableProperty("archived", .timestamp("g.archived_at")) { .time(granule($0).archivedAt) },
        FilterableProperty("sensed", .interval(start: "g.sensed_start", end: "g.sensed_end")) {
            let granule = granule($0)
            return .interval(start: granule.sensedStart?.microseconds, end: granule.sensedEnd?.microseconds)
        },
    ]
}

extension Footprint {
    fileprivate var filterValue: FilterValue { .box(west: west, south: south, east: east, north: north) }
}
