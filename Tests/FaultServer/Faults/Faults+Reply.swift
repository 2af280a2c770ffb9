// SPDX-License-Identifier: Apache-2.0

import Glibc
import GranaryCore

extension [Fault] {
    var refuses: Bool { contains { if case .refuse = $0 { true } else { false } } }
    var dropsReply: Bool { contains { if case .dropReply = $0 { true } else { false } } }
    var ignoresRange: Bool { contains { if case .ignoreRange = $0 { true } else { false } } }
    var isCloseDelimited: Bool { contains { if case .closeDelimited = $0 { true } else { false } } }

    /// The answer to a request that shall have no effect.
    func replyWithoutEffect(_ route: Route) -> Reply? {
        for fault in self {
            switch fault {
            case .status(let status, let code, let retryAfter):
                var reply = route.reply(Refusal(status, code, "A fault was asked for"))
                reply.set("retry-after", retryAfter.map(String.init))
                return reply
            case .errorInside200(let code):
                var reply = route.reply(Refusal(200, code, "A fault was asked for"))
                reply.status = 200
                return reply
            case .redirect(let target, let status):
                return Reply(status, [Header(name: "location", value: target)])
            default: continue
            }
        }
        return nil
    }

    func replyAfterEffect(_ route: Route) -> Reply? {
        for case .statusAfterEffect(let status, let code) in self {
            return route.reply(Refusal(status, code, "A fault was asked for"))
        }
        return nil
    }

    /// Sleeps as long as was asked for, ten seconds at most.
    func wait() {
        for case .delay(let duration) in self { usleep(UInt32(Swift.min(duration.seconds, 10) * 1_000_000)) }
    }

    /// Makes the answer itself wrong.
    func spoil(_ reply: inout Reply) {
        for fault in self {
            switch fault {
            case .wrongETag(let etag): reply.set("etag", "\"\(etag)\"")
            case .corrupt(let place) where place < reply.body.count: reply.body[place] ^= 0x55
            default: continue
            }
        }
    }
}

/// An answer on its way, with what shall go wrong with the way.
struct Delivery {
    private var head: [UInt8]
    private var body: [UInt8]
    private var limit: Int?
    private var resets = false
    private var keepsAlive: Bool

    init(_ reply: Reply, _ faults: [Fault], keepsAlive: Bool, date: String) {
        var told = reply.body.count
        self.keepsAlive = keepsAlive && !faults.isCloseDelimited
        for case .wrongLength(let difference) in faults {
            told = max(0, told + difference)
            self.keepsAlive = false
        }
        head = reply.head(
            length: faults.isCloseDelimited ? nil : told, keepsAlive: keepsAlive && !faults.isCloseDelimited, date: date
        )
        body = reply.tellsLengthOnly ? [] : reply.body
        for fault in faults {
            if case .cut(let after, let reset) = fault { (limit, resets) = (after, reset) }
            if case .cutBody(let after, let reset) = fault { (limit, resets) = (head.count + after, reset) }
        }
    }

    /// Sends what shall be sent. False when the connection shall end.
    func send(to wire: Wire) -> Bool {
        guard let limit else { return wire.send(head + body) && keepsAlive }
        wire.send((head + body).prefix(limit))
        if resets { wire.resetOnClose() }
        return false
    }
}
