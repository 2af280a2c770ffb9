// SPDX-License-Identifier: Apache-2.0

/// The members of a JSON object, in the order they were written, each key once; keys are equal when their bytes are.
public struct JSONObject: Sendable {
    public private(set) var members: [(key: String, value: JSONValue)] = []
    /// Where each key stands; kept only for objects too large to search by eye.
    private var places: [ByteKey: Int] = [:]

    private static let searchedDirectly = 12

    public init() {}

    /// A key given twice keeps its first place and its last value.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// How many members there are.
    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    /// In the order of the members.
    public var keys: [String] { members.map(\.key) }

    /// The value of a key, nil when there is none. Setting keeps the place of a key that is there; nil removes the member.
    public subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): remove(at: place)
            case (nil, let value?): append(key, value)
            case (nil, nil): break
            }
        }
    }

    /// Adds a member at the end; false, and nothing changed, when the key is there already.
    mutating func insert(_ key: String, _ value: JSONValue) -> Bool {
        guard place(of: key) == nil else { return false }
        append(key, value)
        return true
    }

    func place(of key: String) -> Int? {
        if members.count > Self.searchedDirectly { return places[ByteKey(key)] }
        return members.firstIndex { ByteKey($0.key) == ByteKey(key) }
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        members.append((key, value))
        if members.count > Self.searchedDirectly + 1 {
            places[ByteKey(key)] = members.count - 1
        } else if members.count == Self.searchedDirectly + 1 {
            indexPlaces()
        }
    }

    private mutating func remove(at place: Int) {
        members.remove(at: place)
        indexPlaces()
    }

    private mutating func indexPlaces() {
        places.removeAll()
        guard members.count > Self.searchedDirectly else { return }
        for (place, member) in members.enumerated() { places[ByteKey(member.key)] = place }
    }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        // Added up, because equal objects may list their members in any order.
        var sum = 0
        for member in members {
            var one = Hasher()
            one.combine(ByteKey(member.key))
            one.combine(member.value)
            sum &+= one.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
