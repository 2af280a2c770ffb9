// SPDX-License-Identifier: Apache-2.0

/// A promise that an implementation did not keep, in a sentence.
public struct ConformanceFailure: Error, Sendable, CustomStringConvertible {
    public let check: String
    public let sentence: String

    public var description: String { "\(check): \(sentence)" }
}

/// One promise of a contract, with what tries it on a fresh implementation.
public struct ConformanceCheck<Subject: Sendable>: Sendable, CustomStringConvertible {
    public let description: String
    private let body: @Sendable (Subject, Expectation) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (Subject, Expectation) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws `ConformanceFailure` when the promise is not kept, and whatever the subject throws unasked.
    public func run(on subject: Subject) async throws {
        try await body(subject, Expectation(check: description))
    }
}

/// What a check expects, told as a failure when it is not so.
public struct Expectation: Sendable {
    let check: String

    func callAsFunction(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(ConformanceFailure) {
        if !holds { throw ConformanceFailure(check: check, sentence: sentence()) }
    }

    /// Unwraps what must be there.
    func value<Value>(_ value: Value?, _ sentence: @autoclosure () -> String) throws(ConformanceFailure) -> Value {
        guard let value else { throw ConformanceFailure(check: check, sentence: sentence()) }
        return value
    }
}
