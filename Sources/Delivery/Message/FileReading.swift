// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore

extension MessageReading {
    /// The files of a product, those of its groups included.
    mutating func files(of product: JSONObject) -> [PartnerFile] {
        var files: [PartnerFile] = []
        for (place, list) in lists(of: product) {
            for (index, file) in list.enumerated() {
                guard let file = file.object else {
                    deviates("\(place)[\(index)]", "no object")
                    continue
                }
                files.append(self.file(file, at: "\(place)[\(index)]"))
            }
        }
        return files
    }

    private mutating func lists(of product: JSONObject) -> [(place: String, files: [JSONValue])] {
        if let files = product["files"]?.array {
            if product["filegroups"] != nil { deviates("product", "has files and filegroups") }
            return [("product.files", files)]
        }
        guard let groups = product["filegroups"]?.array else {
            deviates("product.files", "missing")
            return []
        }
        return groups.enumerated().map { ("product.filegroups[\($0)].files", $1["files"]?.array ?? []) }
    }

    private mutating func file(_ file: JSONObject, at place: String) -> PartnerFile {
        var result = PartnerFile()
        result.name = text("name", of: file, at: place, isRequired: true)
        result.uri = text("uri", of: file, at: place, isRequired: true)
        result.type = type(file, at: place)
        result.size = size(file, at: place)
        guard let checksum = text("checksum", of: file, at: place) else { return result }
        result.checksum = self.checksum(checksum, file["checksumType"]?.string, at: place)
        if result.checksum == nil { result.unreadableChecksum = checksum }
        return result
    }

    private mutating func type(_ file: JSONObject, at place: String) -> FileType? {
        guard let text = text("type", of: file, at: place, isRequired: true) else { return nil }
        guard let type = FileType(rawValue: text.lowercased()) else {
            deviates("\(place).type", "\(shown(text)) is none of CNM's")
            return nil
        }
        if type.rawValue != text { deviates("\(place).type", "spelled \(shown(text))") }
        return type
    }

    private mutating func size(_ file: JSONObject, at place: String) -> Int64? {
        switch file["size"] {
        case nil: deviates("\(place).size", "missing")
        case let value?:
            if let size = value.integer, size >= 0 { return size }
            deviates("\(place).size", "\(shown(value.text)) is no size")
        }
        return nil
    }

    private mutating func checksum(_ text: String, _ type: String?, at place: String) -> Checksum? {
        let hex = text.lowercased()
        guard let algorithm = algorithm(type, digits: hex.utf8.count, at: place),
            let checksum = Checksum(algorithm, hex: hex)
        else {
            deviates("\(place).checksum", "\(shown(text)) is no \(type ?? "md5")")
            return nil
        }
        if hex != text { deviates("\(place).checksum", "in upper case") }
        return checksum
    }

    /// CNM takes a checksum without a type for md5, and has the word `SHA2` for a family told apart by length.
    private mutating func algorithm(_ type: String?, digits: Int, at place: String) -> Checksum.Algorithm? {
        guard let type else { return .md5 }
        if type == "SHA2" { return Checksum.Algorithm.digests.first { $0.isSHA2 && $0.byteCount * 2 == digits } }
        let algorithm = Checksum.Algorithm(spelling: type)
        if algorithm?.rawValue != type { deviates("\(place).checksumType", "spelled \(shown(type))") }
        return algorithm
    }
}

extension Checksum.Algorithm {
    fileprivate var isSHA2: Bool { self == .sha256 || self == .sha384 || self == .sha512 }
}
