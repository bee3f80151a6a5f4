// Option sets print as their members are written, such as `read|write`; `none` if they are empty. Those of an attempt,
// `FaultFlags` and `FaultResult`, print by the kernel's names as traces do.

extension BitNames {
    /// The members of an option set, by name; a bit without a name prints as its number.
    static func members(_ bits: UInt32, _ names: [String]) -> String { bits == 0 ? "none" : join(bits, [:], names) }
}

extension VMAFlags: CustomStringConvertible {
    /// The flags, such as `read|write|shared`, and the protection key if it is not 0.
    public var description: String {
        let names = [
            "read", "write", "execute", "shared", "locked", "growsDown", "noReserve", "randomRead", "sequentialRead",
            "dontCopy", "wipeOnFork", "account", "lockOnFault", "userfaultMissing", "userfaultProtect",
            "userfaultMinor",
        ]
        let flags = BitNames.members(rawValue & 0xFFFF, names) + (userfault == .none ? "" : "|\(userfault)")
        return protectionKey == 0 ? flags : "\(flags)|key \(protectionKey)"
    }

    /// What the area allows, as `/proc/PID/maps` shows it: `rw-p`, `r-xs`.
    var letters: String {
        (contains(.read) ? "r" : "-") + (contains(.write) ? "w" : "-") + (contains(.execute) ? "x" : "-")
            + (contains(.shared) ? "s" : "p")
    }
}

extension Protection: CustomStringConvertible {
    /// The access, such as `read|write`.
    public var description: String { VMAFlags(self).description }
}

extension MapFlags: CustomStringConvertible {
    /// The flags, such as `shared|noReserve`.
    public var description: String { VMAFlags(rawValue: UInt32(rawValue)).description }
}

extension GUPFlags: CustomStringConvertible {
    /// The flags, such as `write|get`.
    public var description: String {
        BitNames.members(
            rawValue,
            [
                "write", "touch", "get", "", "force", "noWait", "", "noFault", "hwpoison", "", "", "tried", "",
                "remote",
                "", "", "longTerm", "", "pin", "", "", "unlockable", "", "advice", "", "", "", "", "", "",
                "interruptible",
            ])
    }
}

extension LockAllFlags: CustomStringConvertible {
    /// The flags, such as `current|future`.
    public var description: String { BitNames.members(UInt32(rawValue), ["current", "future", "onFault"]) }
}

extension LockFlags: CustomStringConvertible {
    /// The flags: `onFault` or `none`.
    public var description: String { BitNames.members(rawValue, ["onFault"]) }
}

extension FileTraits: CustomStringConvertible {
    /// The traits, such as `writeback|pageMkwrite`.
    public var description: String {
        BitNames.members(UInt32(rawValue), ["shmem", "writeback", "pageMkwrite", "unnamed", "copyOnWrite"])
    }
}

extension FrameFlags: CustomStringConvertible {
    /// The flags, such as `inUse|uptodate|cached`.
    public var description: String {
        let names = [
            "inUse", "locked", "uptodate", "dirty", "writeback", "readahead", "error", "waiters", "anonymous",
            "anonExclusive", "shmem", "cached", "referenced", "active", "lazyFree", "poisoned", "workingset",
            "swapCache", "underRead", "handlerOwned", "unsaved",
        ]
        return BitNames.members(rawValue, names)
    }
}

extension PTE.Bits: CustomStringConvertible {
    /// The bits, such as `present|writable|accessible`, and the protection key if it is not 0.
    public var description: String {
        let names = [
            "present", "writable", "dirty", "young", "executable", "accessible", "special", "swap", "swapExclusive",
            "damaged", "lost", "userfaultProtected",
        ]
        let bits = BitNames.members(UInt32(truncatingIfNeeded: rawValue) & ~0xF000, names)
        return protectionKey == 0 ? bits : "\(bits)|key \(protectionKey)"
    }
}

extension VMOperationSet: CustomStringConvertible {
    /// The operations, such as `mapPages|pageMkwrite`.
    public var description: String {
        BitNames.members(UInt32(rawValue), ["mapPages", "pageMkwrite", "mapsReadyPages", "dropsWhenTried"])
    }
}

extension UserfaultFeatures: CustomStringConvertible {
    /// The features, such as `eventFork|threadID`.
    public var description: String {
        let names = [
            "pagefaultFlagWP", "eventFork", "eventRemap", "eventRemove", "missingHugetlbfs", "missingShmem",
            "eventUnmap", "sigbus", "threadID", "minorHugetlbfs", "minorShmem", "exactAddress", "wpHugetlbfsShmem",
            "wpUnpopulated", "poison", "wpAsync", "move",
        ]
        return BitNames.members(rawValue, names)
    }
}

extension UserfaultOpening: CustomStringConvertible {
    /// The flags, such as `userModeOnly`.
    public var description: String { BitNames.members(UInt32(rawValue), ["userModeOnly", "blocking"]) }
}

extension UserfaultModes: CustomStringConvertible {
    /// The modes, such as `missing|writeProtect`.
    public var description: String { BitNames.members(UInt32(rawValue), ["missing", "writeProtect", "minor"]) }
}

extension UserfaultFillOptions: CustomStringConvertible {
    /// The options, such as `dontWake`.
    public var description: String {
        BitNames.members(UInt32(rawValue), ["dontWake", "writeProtect", "allowSourceHoles"])
    }
}

extension WriteErrors: CustomStringConvertible {
    /// Where an error waits to be reported by the next call, such as `openFile|mapping`, or `none`.
    public var description: String { BitNames.members(UInt32(rawValue), ["openFile", "mapping"]) }
}
