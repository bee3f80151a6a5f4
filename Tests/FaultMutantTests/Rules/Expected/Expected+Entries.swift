/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let entriesExpected: [String: [(preset: String, text: String)]] = [
        // kernelViolation: ca247283781d, 03c81ea33316.
        "the kernel touches memory that it has not opened": [
            ("herrenschmidt2006", "EFAULT"),
            ("linux5_15", "oops"),
        ],
        // userCopyTail: adfcf4231b8c.
        "the exceptions of a copy to memory that is not mapped": [
            ("herrenschmidt2006", "2"),
            ("linux6_4", "1"),
        ],
    ]
}
