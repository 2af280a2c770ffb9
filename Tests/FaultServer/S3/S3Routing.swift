// SPDX-License-Identifier: Apache-2.0

/// Which S3 operation a request is.
struct S3Route {
    var operation: Operation
    var bucket: String
    var key: Key

    init(_ request: Request) {
        let path = request.decodedPath.dropFirst()
        let parts = path.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        bucket = parts.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
        key = Key(parts.count > 1 ? Array(parts[1]) : [])
        if bucket.isEmpty {
            operation = .listBuckets
        } else {
            operation = key.bytes.isEmpty ? Self.bucketOperation(request) : Self.objectOperation(request)
        }
    }

    private static func bucketOperation(_ request: Request) -> Operation {
        let has = { (name: String) in request.parameters[name] != nil }
        switch request.method {
        case "HEAD": return .headBucket
        case "PUT": return has("versioning") ? .bucketVersioning : .createBucket
        case "POST": return has("delete") ? .deleteObjects : .unknown
        case "GET":
            if has("versioning") { return .bucketVersioning }
            if has("uploads") { return .listUploads }
            return has("versions") ? .listVersions : .listObjects
        default: return .unknown
        }
    }

    private static func objectOperation(_ request: Request) -> Operation {
        let has = { (name: String) in request.parameters[name] != nil }
        switch request.method {
        case "HEAD": return .headObject
        case "GET": return has("uploadId") ? .listParts : .getObject
        case "PUT":
            if has("partNumber") { return .uploadPart }
            return request.header("x-amz-copy-source") == nil ? .putObject : .copyObject
        case "POST":
            if has("uploads") { return .createUpload }
            return has("uploadId") ? .completeUpload : .unknown
        case "DELETE": return has("uploadId") ? .abortUpload : .deleteObject
        default: return .unknown
        }
    }
}
