/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let fixedBugsExpected: [String: [(preset: String, text: String)]] = [
        // forcedWrites: 19be0eaffa3a.
        "a write to /proc/self/mem beside MADV_DONTNEED, where a file may only be read": [
            ("herrenschmidt2006", "nothing")
        ],
        // swapCacheBypass: 13ddaf26be32.
        "a swap-in past the swap cache beside a store that is swapped out again": [("herrenschmidt2006", "nothing")],
        // areaNodes: 8d7071af8907.
        "a stack that grows beside a read of /proc/PID/maps": [("herrenschmidt2006", "nothing")],
        // areaLockCheck: 657b5146955e.
        "a first store beside mremap(2) that leaves its area": [("herrenschmidt2006", "nothing")],
        // forkAreaLocks: fb49c455323f.
        "a first store beside fork(2)": [("herrenschmidt2006", "nothing")],
        // fixupRetries: "mm/gup: fix fixup_user_fault() on multiple retries", Xu, May 2020.
        "fixup_user_fault() beside a monitor that wakes it twice for nothing": [
            ("herrenschmidt2006", "no monitor"),
            ("linux4_11", "nothing"),
        ],
        // killedLookup: ae46d2aa6a7f.
        "what a lookup returns if it is killed while it waits for the disk": [("herrenschmidt2006", "EINTR")],
    ]
}
