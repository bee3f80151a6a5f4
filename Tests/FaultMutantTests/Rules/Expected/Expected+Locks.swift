/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let locksExpected: [String: [(preset: String, text: String)]] = [
        // lockWake: d3681e269fff.
        "a reader, a writer and a reader wait for a lock that becomes free": [
            ("herrenschmidt2006", "1 readers"),
            ("linux5_4", "2 readers"),
        ],
        // lockHandover: 1a728dff855a.
        "a writer waits for a lock that becomes free": [
            ("herrenschmidt2006", "lock held"),
            ("linux5_15", "lock free"),
        ],
        // lockWaits: c2508ec5a58d, dc0ef0df7b6a.
        "SIGKILL for a fault and a call that wait for the lock": [
            ("herrenschmidt2006", "fault waits, call waits"),
            ("linux4_11", "fault waits, call ends"),
            ("linux6_1", "fault ends, call ends"),
        ],
        // pinLockWait: b2a72dff85fa.
        "SIGKILL for a pin that waits for the lock": [
            ("herrenschmidt2006", "waits"),
            ("linux6_4", "ends"),
        ],
        // unmapDowngrade: 246c320a8cfe, dd2283f2605e, e4bd84c069f2.
        "munmap below a stack, and elsewhere": [
            ("herrenschmidt2006", "downgrades 0 and 0"),
            ("linux5_1", "downgrades 1 and 1"),
            ("linux5_9", "downgrades 0 and 1"),
            ("linux6_6", "downgrades 1 and 1"),
        ],
        // stackGrowth: c2508ec5a58d.
        "a stack grows while another thread reads the map": [
            ("herrenschmidt2006", "done, then done"),
            ("linux6_1", "waits, then done"),
        ],
        // errorUnlock: 7fb08eca4527.
        "for how long an access of the kernel beyond the end of a file has the lock": [
            ("herrenschmidt2006", "EFAULT, 200 ns"),
            ("linux3_19", "EFAULT, 180 ns"),
            ("linux6_4", "EFAULT, 90 ns"),
        ],
        // invalidateLock: 730633f0b7f9.
        "a cold read of the kernel behind a truncation that waits": [
            ("herrenschmidt2006", "lock free"),
            ("linux2_6_36", "lock held"),
            ("linux2_6_37", "lock free"),
            ("linux5_15", "lock held"),
        ],
        // holePunching: ea3f17efd36b, 2890e5e0f49e.
        "a hole is punched into a dirty file": [
            ("herrenschmidt2006", "1 writes first"),
            ("linux6_12", "0 writes first"),
        ],
        // writeThrottle: 9aac777aaf94.
        "write(2) of one page too many": [
            ("herrenschmidt2006", "waits"),
            ("linux6_12", "done"),
        ],
    ]
}
