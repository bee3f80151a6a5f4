/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let swapExpected: [String: [(preset: String, text: String)]] = [
        // swapInWait, retryAccounting, areaRetry: d065bd810b6d, bce617edecad, 26178ec11ef3, 12214eba1992.
        "a swap-in of several pages": [
            ("herrenschmidt2006", "lock held, MAJOR, 0 minor, 1 major"),
            ("linux2_6_37", "lock free, MAJOR|RETRY, 0, 0 minor, 1 major"),
            ("linux6_4", "lock free, RETRY, MAJOR|RETRY, 0, 0 minor, 1 major"),
            ("linux6_6", "lock free, MAJOR|RETRY, 0, 1 minor, 0 major"),
            ("linux6_8", "lock free, MAJOR|RETRY, 0, 0 minor, 1 major"),
        ],
        // pageWait, retrySignals: 37b23e0525d3, 4ef873226ceb, 26178ec11ef3, d065bd810b6d.
        "SIGKILL during a swap-in": [
            ("herrenschmidt2006", "waits"),
            ("torvalds2014", "dead"),
        ],
        // singleSwapRead: 23955622ff8d, b243dcbf2f13.
        "a swap-in of one page, without readahead": [
            ("herrenschmidt2006", "lock held, waits"),
            ("linux2_6_37", "lock free, waits"),
            ("torvalds2014", "lock free, dead"),
            ("linux5_1", "lock held, waits"),
            ("linux6_6", "lock free, dead"),
        ],
        // swapInMapping: c18160dba5ff.
        "a store to a page that was swapped in for a load": [
            ("herrenschmidt2006", "1 exceptions"),
            ("linux6_12", "0 exceptions"),
        ],
        // swapSlots: 5f843a9a3a1e.
        "which slots pages get when the clusters are used up": [
            (
                "herrenschmidt2006",
                "700 from 1, the last is 585, then [102, 104, 106, 108, 110, 112, 114, 116, 118, 120]"
            ),
            ("linux6_12", "700 from 1, the last is 576, then [101, 102, 103, 104, 105, 106, 107, 108, 109, 110]"),
        ],
        // swapZeroPages: 0ca0c24e3211.
        "a page of zeroes that is swapped out": [
            ("herrenschmidt2006", "1 written, 0 noted"),
            ("linux6_12", "0 written, 1 noted"),
        ],
        // lostPage: af19487f00f3.
        "a page that could not be read when its swap area went": [
            ("herrenschmidt2006", "SIGBUS/ADRERR"),
            ("linux6_6", "SIGBUS/MCEERR_AR"),
        ],
        // pageOutReferences: 2864f3d0f583.
        "MADV_PAGEOUT of a page that a file's reader has used": [
            ("herrenschmidt2006", "mapped [], resident [1]"),
            ("torvalds2014", "mapped [], resident []"),
        ],
        // pageOutReferences: 2864f3d0f583.
        "whether MADV_PAGEOUT of a page that it can't take clears its use": [
            ("herrenschmidt2006", "not young"),
            ("linux6_12", "young"),
        ],
        // sharedWillNeed: 179d3e4f3bfa.
        "MADV_WILLNEED of two swapped pages of tmpfs": [
            ("herrenschmidt2006", "3 pages"),
            ("linux6_6", "2 pages"),
        ],
    ]
}
