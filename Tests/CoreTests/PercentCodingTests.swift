// SPDX-License-Identifier: Apache-2.0

import GranaryCore
import GranaryTesting
import Testing

@Suite("Percent-coding") struct PercentCodingTests {
    @Test("what is plain stays, and every other byte becomes two upper-case digits")
    func encoding() {
        #expect(percentEncoded("aZ09-._~", keeping: .unreserved) == "aZ09-._~")
        #expect(percentEncoded([0xFF, 0x2F, 0x7E], keeping: .unreserved) == "%FF%2F~")
        #expect(percentEncoded("a b/ü+c;d?#", keeping: .path) == "a%20b/%C3%BC%2Bc%3Bd%3F%23")
        #expect(percentEncoded("a+b;c=d:e@f?#%[]\"", keeping: .wholePath) == "a+b;c=d:e@f%3F%23%25%5B%5D%22")
    }

    @Test("each kind of plain bytes is the one that the RFC or AWS lists, and no more")
    func plainBytes() {
        let letters = Array(UInt8(ascii: "a")...UInt8(ascii: "z")) + Array(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        let unreserved = Set(letters + Array("0123456789-._~".utf8))
        let all = UInt8.min...UInt8.max
        #expect(Set(all.filter(PlainBytes.unreserved.contains)) == unreserved)
        #expect(Set(all.filter(PlainBytes.path.contains)) == unreserved.union("/".utf8))
        #expect(Set(all.filter(PlainBytes.wholePath.contains)) == unreserved.union("!$&'()*+,;=:@/".utf8))
    }

    @Test("every byte comes back, whichever stand for themselves")
    func roundTrip() {
        var generator = SeededGenerator.fresh()
        for plain in [PlainBytes.unreserved, .path, .wholePath] {
            #expect(percentDecoded(percentEncoded(Array(0...255), keeping: plain)) == Array(0...255))
            for _ in 0..<200 {
                let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                    UInt8.random(in: .min ... .max, using: &generator)
                }
                #expect(percentDecoded(percentEncoded(bytes, keeping: plain)) == bytes, "seed \(generator.seed)")
            }
        }
    }

    @Test("digits are read in either case, and a plus is a space in forms only")
    func decoding() {
        #expect(percentDecoded("%41%c3%A9") == Array("A\u{E9}".utf8))
        #expect(percentDecoded("a%2Fb%20+c") == Array("a/b +c".utf8))
        #expect(percentDecoded("a+b%C3%BC%2B", plusIsSpace: true) == Array("a bü+".utf8))
        #expect(percentDecoded("") == [])
    }

    @Test(
        "an escape is two digits and nothing else",
        arguments: ["%", "%4", "a%2", "%4g", "%zz", "%+1", "%-1", "% 1", "%%41", "%\u{FF11}1"])
    func torn(_ text: String) {
        #expect(percentDecoded(text) == nil)
        #expect(percentDecoded(text, plusIsSpace: true) == nil)
    }
}
