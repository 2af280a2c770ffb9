// SPDX-License-Identifier: Apache-2.0

internal import GranaryCore
internal import GranaryTransfer
internal import Synchronization

/// A file that is whole on this side or on the other, and has no name yet.
struct StagedObject: Sendable {
    enum Place: Sendable {
        /// Kept in memory until it is published by one request.
        case held([UInt8])
        /// All parts are there; publishing completes the upload.
        case upload(S3Upload, [S3Part])
    }

    var key: BytePath
    var place: Place
}

/// What one store has staged, by token, and the bounds of what staging may hold.
final class StagedObjects: Sendable {
    /// Hashing has threads of its own: those of the source may wait for what is done here.
    static let threads = TransferThreads(count: TransferThreads.cores.count)

    let uploads: AsyncGate
    private let heldBytes: Int
    private let state = Mutex(BenchState())

    init(_ settings: S3Store.Settings) {
        uploads = AsyncGate(settings.uploadsAtOnce)
        heldBytes = settings.heldBytes
    }

    /// Keeps a small file's bytes; false when there is no room for more. An empty file needs none.
    func hold(_ bytes: [UInt8], for key: BytePath) -> String? {
        state.withLock { state in
            guard bytes.isEmpty || state.held + bytes.count <= heldBytes else { return nil }
            state.held += bytes.count
            return state.add(StagedObject(key: key, place: .held(bytes)))
        }
    }

    func add(_ upload: S3Upload, _ parts: [S3Part]) -> String {
        state.withLock { $0.add(StagedObject(key: upload.key, place: .upload(upload, parts))) }
    }

    /// Hands a staged file out for good; nil for a token that is no longer, or never was.
    func take(_ token: String) -> StagedObject? {
        state.withLock { state in
            let object = state.objects.removeValue(forKey: token)
            if case .held(let bytes)? = object?.place { state.held -= bytes.count }
            return object
        }
    }
}

private struct BenchState {
    var objects: [String: StagedObject] = [:]
    var held = 0
    private var count = 0

    mutating func add(_ object: StagedObject) -> String {
        count += 1
        objects["object-\(count)"] = object
        return "object-\(count)"
    }
}

/// Lets so many pass at a time; the others wait in the order in which they came.
actor AsyncGate {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var next = 0

    init(_ count: Int) { free = max(1, count) }

    func enter() async {
        if free > 0 { return free -= 1 }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard next < waiting.count else { return free += 1 }
        let first = waiting[next]
        next += 1
        if next == waiting.count { (waiting, next) = ([], 0) }
        first.resume()
    }
}

/// Works on items, so many at a time. The results are in the order of the items.
func inParallel<Item: Sendable, Value: Sendable>(
    _ items: [Item], atOnce: Int, _ body: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
        var values: [Value?] = Array(repeating: nil, count: items.count)
        for index in items.indices {
            if index >= atOnce, let (done, value) = await group.next() { values[done] = value }
            group.addTask { (index, await body(items[index])) }
        }
        for await (done, value) in group { values[done] = value }
        return values.compactMap { $0 }
    }
}
