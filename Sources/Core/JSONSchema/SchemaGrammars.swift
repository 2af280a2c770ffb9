// SPDX-License-Identifier: Apache-2.0

extension SchemaFormat {
    /// Formats by name: RFC 3339 (dates), 3986 and 3987 (URIs and IRIs), 5321 (mail), 1123 (hosts), 6570 (templates).
    static let grammars = [
        "date": date,
        "time": time,
        "date-time": date + "[Tt]" + time,
        "duration": #"P(?:\d+W|(?:\d+Y(?&months)?|(?&months)|\d+D)(?:T(?&times))?|T(?&times))"#,
        "uri": uri, "iri": uri,
        "uri-reference": uriReference, "iri-reference": uriReference,
        "uuid": "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        "ipv4": "(?&ipv4)",
        "ipv6": "(?&ipv6)",
        "hostname": "(?&host)",
        "email": #"(?:(?&atom)(?:\.(?&atom))*|"(?:[ !#-\[\]-~]|\\[ -~])*")@"#
            + #"(?:(?&host)|\[(?:(?&ipv4)|IPv6:(?&ipv6))\])"#,
        "uri-template": #"(?:[^\x00-\x20\x7F"<>%\\^`{|}]|(?&pct)|\{[+#./;?&=,!@|]?(?&var)(?:,(?&var))*\})*"#,
        "relative-json-pointer": "(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
    ]

    // Written out rather than defined below, because what a called group captures is forgotten after the call.
    private static let date = #"(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)"#
    private static let time =
        #"(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d):(?<second>[0-5]\d|60)(?:\.\d+)?"#
        + #"(?:[Zz]|(?<sign>[+-])(?<offsetHour>[01]\d|2[0-3]):(?<offsetMinute>[0-5]\d))"#
    private static let uri = #"(?&scheme):(?&hier)(?:\?(?&query))?(?:#(?&fragment))?"#
    private static let uriReference = #"(?:(?&scheme):(?&hier)|(?&relative))(?:\?(?&query))?(?:#(?&fragment))?"#

    /// The rules that grammars call by name. IRIs are URIs with more letters (RFC 3987 §2.2).
    static func definitions(for format: String) -> String {
        let isInternational = format.hasPrefix("iri")
        let letters = isInternational ? international : ""
        return #"(?(DEFINE)\#(durations)\#(hosts)\#(uris(letters, inQuery: isInternational ? privateUse : "")))"#
    }

    private static let international =
        #"\x{A0}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFEF}\x{10000}-\x{1FFFD}\x{20000}-\x{2FFFD}\x{30000}-\x{EFFFD}"#
    private static let privateUse = #"\x{E000}-\x{F8FF}\x{F0000}-\x{FFFFD}\x{100000}-\x{10FFFD}"#

    private static let durations =
        #"(?<months>\d+M(?:\d+D)?)(?<seconds>\d+M(?:\d+S)?)"#
        + #"(?<times>\d+H(?&seconds)?|(?&seconds)|\d+S)"#

    private static let hosts =
        #"(?<octet>25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?<ipv4>(?&octet)(?:\.(?&octet)){3})"#
        + #"(?<h>[0-9A-Fa-f]{1,4})(?<ls>(?&h):(?&h)|(?&ipv4))"#
        + #"(?<ipv6>(?:(?&h):){6}(?&ls)|::(?:(?&h):){5}(?&ls)|(?&h)?::(?:(?&h):){4}(?&ls)"#
        + #"|(?:(?:(?&h):)?(?&h))?::(?:(?&h):){3}(?&ls)|(?:(?:(?&h):){0,2}(?&h))?::(?:(?&h):){2}(?&ls)"#
        + #"|(?:(?:(?&h):){0,3}(?&h))?::(?&h):(?&ls)|(?:(?:(?&h):){0,4}(?&h))?::(?&ls)"#
        + #"|(?:(?:(?&h):){0,5}(?&h))?::(?&h)|(?:(?:(?&h):){0,6}(?&h))?::)"#
        + #"(?<label>(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?|[Xx][Nn]--[A-Za-z0-9-]{0,58}[A-Za-z0-9])"#
        + #"(?<host>(?&label)(?:\.(?&label))*)(?<atom>[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)"#

    private static func uris(_ letters: String, inQuery more: String) -> String {
        let plain = #"A-Za-z0-9._~!$&'()*+,;=\#(letters)-"#
        return #"(?<pct>%[0-9A-Fa-f]{2})(?<pchar>[:@\#(plain)]|(?&pct))"#
            + #"(?<query>(?:[/?\#(more)]|(?&pchar))*)(?<fragment>(?:[/?]|(?&pchar))*)"#
            + #"(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)"#
            + #"(?<user>(?:[:\#(plain)]|(?&pct))*@)"#
            + #"(?<authority>(?&user)?(?:\[(?:(?&ipv6)|[Vv][0-9A-Fa-f]+\.[:A-Za-z0-9._~!$&'()*+,;=-]+)\]"#
            + #"|(?:[\#(plain)]|(?&pct))*)(?::\d*)?)"#
            + #"(?<segments>(?:/(?&pchar)*)*)"#
            + #"(?<hier>//(?&authority)(?&segments)|/(?:(?&pchar)+(?&segments))?|(?&pchar)+(?&segments)|)"#
            + #"(?<relative>//(?&authority)(?&segments)|/(?:(?&pchar)+(?&segments))?|(?:(?!:)(?&pchar))+(?&segments)|)"#
            + #"(?<var>(?:\w|(?&pct))(?:\.?(?:\w|(?&pct)))*(?::[1-9]\d{0,3}|\*)?)"#
    }
}
