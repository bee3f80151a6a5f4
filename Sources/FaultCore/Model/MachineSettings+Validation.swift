extension MachineSettings {
    /// A message about the first setting that is out of its range, and what would be right; `nil` if all are in range.
    public var problem: String? {
        for (name, value, range) in ranges {
            if let wanted = range.refusal(of: value) { return "\(name) is \(value); it must be \(wanted)" }
        }
        return nil
    }

    /// The settings with their ranges, in the order of their declaration. ``timeSliceNanoseconds`` may have any value:
    /// with 0, a task gives up its processor after every stage.
    private var ranges: [(name: StaticString, value: Int, range: SettingRange)] {
        [
            ("faultAroundPages", faultAroundPages, .powerOfTwo(upTo: 512, "a power of two from 1 (off) to 512")),
            ("readaheadPages", readaheadPages, .within(0...(1 << 20), "0 (off) to 2^20")),
            ("largestRequestPages", largestRequestPages, .within(1...(.max), "at least 1")),
            ("mapCountLimit", mapCountLimit, .within(0...Int(Int32.max), "0 to 2^31 - 1")),
            ("stackLimitPages", stackLimitPages, .within(0...(.max), "at least 0")),
            ("stackGuardPages", stackGuardPages, .within(0...(1 << 40), "0 (none) to 2^40")),
            ("addressSpaceLimitPages", addressSpaceLimitPages, .within(0...(.max), "at least 0")),
            ("dataLimitPages", dataLimitPages, .within(0...(.max), "at least 0")),
            ("lockedLimitPages", lockedLimitPages, .within(0...(.max), "at least 0")),
            ("dirtyLimitPages", dirtyLimitPages, .within(0...(.max), "at least 0")),
            ("dirtyPausePages", dirtyPausePages, .within(1...(.max), "at least 1")),
            ("tmpfsPages", tmpfsPages, .within(0...(.max), "at least 0")),
            ("frameLimit", frameLimit, .within(1...(.max), "at least 1; by default there is no limit")),
            (
                "swapReadaheadPages", swapReadaheadPages,
                .powerOfTwo(upTo: 1 << 20, "a power of two from 1 (off) to 2^20")
            ),
            ("otherFilePages", otherFilePages, .within(0...(.max), "at least 0")),
            ("processors", processors, .within(1...1024, "1 to 1024")),
        ]
    }
}

/// The range of a setting.
private enum SettingRange {
    case within(ClosedRange<Int>, StaticString)
    case powerOfTwo(upTo: Int, StaticString)

    /// What the setting must be, if it can't be `value`.
    func refusal(of value: Int) -> StaticString? {
        switch self {
        case .within(let range, let text): range.contains(value) ? nil : text
        case .powerOfTwo(let most, let text): value >= 1 && value <= most && value & (value - 1) == 0 ? nil : text
        }
    }
}
