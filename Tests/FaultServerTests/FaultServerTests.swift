// SPDX-License-Identifier: Apache-2.0

import FaultServer
import Testing

@Suite struct FaultServerTests {
    @Test("it can be made") func made() { _ = FaultServer() }
}
