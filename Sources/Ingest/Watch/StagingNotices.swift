// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Dispatch
internal import Glibc
public import GranaryCore
internal import Synchronization

/// Change notices of a local directory tree, from inotify.
///
/// Only a rename into place counts as a sign that a file is finished: many writers close and open a file again while they
/// append to it. When notices are lost, or the system has no watches left, the pace of full listings is all there is.
public final class StagingNotices: WakeUps {
    private let descriptor: Int32
    /// Dispatch sources may be used from any thread, though their type does not say so.
    nonisolated(unsafe) private let events: any DispatchSourceRead
    private let state: Mutex<State>

    private struct State {
        var folders: [Int32: BytePath] = [:]
        var movedIn: Set<BytePath> = []
        var isSignalled = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// - Parameter root: the directory's path on this machine.
    public init?(root: String) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        state = Mutex(State())
        events = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        let descriptor = descriptor
        events.setCancelHandler { close(descriptor) }
        events.setEventHandler { [weak self] in self?.readEvents(root) }
        watch(BytePath([UInt8]()), below: root)
        events.activate()
    }

    deinit { events.cancel() }

    public func wasClosed(_ path: BytePath) -> Bool { state.withLock { $0.movedIn.remove(path) != nil } }

    public func wait(atMost pause: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.nextSignal() }
            group.addTask { try? await Task.sleep(for: pause) }
            await group.next()
            group.cancelAll()
        }
    }

    private func nextSignal() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isSignalled || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            resumeWaiter()
        }
        state.withLock { $0.isSignalled = false }
    }

    private func signal() {
        state.withLock { $0.isSignalled = true }
        resumeWaiter()
    }

    private func resumeWaiter() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

extension StagingNotices {
    /// Most moved-in paths that are remembered: beyond it files settle by their window instead.
    private static let longestMemory = 100_000

    private func readEvents(_ root: String) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            handle(Array(buffer[..<count]), root)
        }
        signal()
    }

    private func handle(_ bytes: [UInt8], _ root: String) {
        let header = MemoryLayout<inotify_event>.size
        var offset = 0
        while offset + header <= bytes.count {
            let event = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
            let name = bytes[(offset + header)..<(offset + header + Int(event.len))].prefix { $0 != 0 }
            note(event, BytePath(name), root)
            offset += header + Int(event.len)
        }
    }

    private func note(_ event: inotify_event, _ name: BytePath, _ root: String) {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 {
            // Folders may have been made that we were not told of. What else was lost the listings find.
            return watch(BytePath([UInt8]()), below: root)
        }
        if event.mask & UInt32(IN_IGNORED) != 0 { return state.withLock { $0.folders[event.wd] = nil } }
        guard let folder = state.withLock({ $0.folders[event.wd] }) else { return }
        let path = folder.appending(name)
        if event.mask & UInt32(IN_ISDIR) != 0 {
            watch(path, below: root)
        } else if event.mask & UInt32(IN_MOVED_TO) != 0 {
            state.withLock { if $0.movedIn.count < Self.longestMemory { _ = $0.movedIn.insert(path) } }
        } else if event.mask & UInt32(IN_CLOSE_WRITE) != 0 {
            // Somebody went on writing after the rename: it was no sign of the end.
            state.withLock { _ = $0.movedIn.remove(path) }
        }
    }

    /// Watches a folder and every folder in it. A folder that cannot be watched is left to the listings.
    private func watch(_ folder: BytePath, below root: String) {
        let path = Array(root.utf8) + (folder.bytes.isEmpty ? [] : [UInt8(ascii: "/")] + folder.bytes)
        let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW)
        let watch = path.withCString { inotify_add_watch(descriptor, $0, mask) }
        guard watch >= 0 else { return }
        state.withLock { $0.folders[watch] = folder }
        for name in foldersIn(path) { self.watch(folder.appending(name), below: root) }
    }
}

private func foldersIn(_ path: [UInt8]) -> [BytePath] {
    guard let directory = path.withCString({ opendir($0) }) else { return [] }
    defer { closedir(directory) }
    var names: [BytePath] = []
    while let entry = readdir(directory) {
        guard entry.pointee.d_type == UInt8(DT_DIR) else { continue }
        let name = withUnsafeBytes(of: entry.pointee.d_name) { BytePath($0.prefix { $0 != 0 }) }
        if name != ".", name != "..", name != ".granary" { names.append(name) }
    }
    return names
}

extension [UInt8] {
    fileprivate func withCString<Value>(_ body: (UnsafePointer<CChar>) -> Value) -> Value {
        (self + [0]).withUnsafeBytes { bytes in
            body(bytes.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped)
        }
    }
}
