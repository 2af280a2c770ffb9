// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTransfer
import Logging

/// Makes publishers and receivers of the places that the configuration names: the one list of what fills the message
/// seam.
struct Queues: Sendable {
    let configuration: SiteConfiguration

    func publisher(_ place: MessagePlace) throws -> any MessagePublisher {
        switch place.kind {
        case .folder(let path): try box(path)
        case .queue, .topic, .stream, .bucket: throw notYet(place)
        }
    }

    func receiver(_ place: MessagePlace) throws -> any MessageReceiver {
        switch place.kind {
        case .folder(let path): try box(path)
        case .queue, .topic, .stream, .bucket: throw notYet(place)
        }
    }

    /// Removes messages that an earlier life left half written, from the boxes that we put messages into.
    func sweep() async throws {
        for (_, place, isInbox) in configuration.boxes where !isInbox {
            if case .folder(let path) = place.kind { try await box(path).sweep() }
        }
    }

    private func box(_ directory: String) throws -> DirectoryMessageBox {
        try DirectoryMessageBox(directory: directory) { error in
            Logger(label: "granary.messages").warning("A message was set aside", metadata: ["error": "\(error)"])
        }
    }

    private func notYet(_ place: MessagePlace) -> GranaryError {
        complaint(place.text, "places of this kind are not there yet")
    }
}
