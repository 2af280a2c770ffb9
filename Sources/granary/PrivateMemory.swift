// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import GranaryCore

/// The variable that lets a debugger attach and core files be written.
private let debugSwitch = "GRANARY_DUMPABLE"

/// Keeps what is in memory, secrets among it, out of core files and from other processes of the same user.
///
/// Nobody but root can then attach to the process or read its `environ`, and it leaves no core file. What it starts
/// may be looked into again, and leaves no core file either. `GRANARY_DUMPABLE=1` leaves all as the system has it.
func keepMemoryPrivate() throws(GranaryError) {
    guard environment(debugSwitch) != "1" else { return }
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    guard granary_set_dumpable(0) == 0, setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0 else {
        throw GranaryError(
            .denied, "The system does not let this process keep its memory out of core files.",
            remedy: "Allow prctl(PR_SET_DUMPABLE) and setrlimit, or set \(debugSwitch)=1 and bear it.")
    }
}
