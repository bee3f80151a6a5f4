/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let pinsExpected: [String: [(preset: String, text: String)]] = [
        // pinTracking: 3faa52c03f44.
        "whether a pinned page looks pinned": [
            ("herrenschmidt2006", "referenced"),
            ("linux5_7", "pinned"),
        ],
        // readPins: a7f226604170.
        "a page that a fork has shared is pinned for reading": [
            ("herrenschmidt2006", "shared, does not see later stores"),
            ("linux5_19", "copied, sees later stores"),
        ],
        // directPins: a7e689dd1c06.
        "a fork and a store during a direct read": [
            ("herrenschmidt2006", "referenced, data is lost"),
            ("linux6_6", "pinned, data arrives"),
        ],
        // longTermFilePins: 8ac268436e6d, a6e79df92e4a.
        "shared memory of a file is pinned for writing and for long": [
            ("herrenschmidt2006", "1 pins, done"),
            ("linux6_6", "0 pins, EFAULT"),
        ],
        // longTermReadPins: 84209e87c696.
        "private memory of a file is pinned for reading and for long, then written": [
            ("herrenschmidt2006", "the pin has the file's page, and does not see the store"),
            ("linux6_4", "the pin has a copy, and sees the store"),
        ],
        // pinnedFork: fb3d824d1a46, 6c287605fd56, 70e806e4e645.
        "a fork of a process with pinned pages, of memory and of a file": [
            ("herrenschmidt2006", "memory shared, file pages 1"),
            ("linux5_9", "memory copied, file pages 0"),
            ("linux5_19", "memory copied, file pages 1"),
        ],
        // pinnedReclaim: d824ec2a1546, feb889fb40fa, b6a2619c60b4.
        "MADV_PAGEOUT of pinned memory": [
            ("herrenschmidt2006", "unmapped, 1 with a slot"),
            ("linux5_15", "stays mapped, 0 with a slot"),
        ],
        // pinnedReclaim: d824ec2a1546, feb889fb40fa, b6a2619c60b4.
        "MADV_PAGEOUT of a pinned page of tmpfs": [
            ("herrenschmidt2006", "[], inactive"),
            ("linux6_1", "[], active"),
        ],
    ]
}
