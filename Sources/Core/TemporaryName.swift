// SPDX-License-Identifier: Apache-2.0

extension BytePath {
    /// True for a name under which a writer keeps a file until it is whole: `.part .tmp .filepart .inprogress .writing`
    /// at its end, or a leading dot.
    public var isTemporaryName: Bool {
        let last = name
        return last.bytes.first == UInt8(ascii: ".") || temporarySuffixes.contains(where: last.hasSuffix)
    }
}

private let temporarySuffixes = [".part", ".tmp", ".filepart", ".inprogress", ".writing"]
