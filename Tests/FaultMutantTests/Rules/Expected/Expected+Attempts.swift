/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let attemptsExpected: [String: [(preset: String, text: String)]] = [
        // faultRetry, lockDroppingWaits, fileFault, retryAccounting, pgfaultCounting: 4064b9827063, 45cac65b0fcd,
        // d065bd810b6d, 6b4c9f446981, bce617edecad, 26178ec11ef3, 53156443a303.
        "a cold read of a process with two threads": [
            ("herrenschmidt2006", "lock free, MAJOR|RETRY, LOCKED, 2 minor, 0 major, pgfault 2, 2 exceptions"),
            ("waychison2006", "lock free, MAJOR|RETRY, LOCKED, 1 minor, 0 major, pgfault 2, 1 exceptions"),
            ("mortonSequence2006", "lock free, MAJOR|LOCKED, 0 minor, 1 major, pgfault 1, 1 exceptions"),
            ("pagefaultArgs2006", "lock free, MAJOR|RETRY, LOCKED, 1 minor, 0 major, pgfault 2, 1 exceptions"),
            ("linux2_6_36", "lock held, MAJOR|LOCKED, 0 minor, 1 major, pgfault 1, 1 exceptions"),
            ("linux2_6_37", "lock free, MAJOR|RETRY, LOCKED, 0 minor, 1 major, pgfault 2, 1 exceptions"),
            ("shutemov2014", "lock free, MAJOR|RETRY, LOCKED|AROUND, 0 minor, 1 major, pgfault 2, 1 exceptions"),
            ("linux3_15", "lock free, MAJOR|RETRY, 0, 0 minor, 1 major, pgfault 2, 1 exceptions"),
            ("linux4_11", "lock free, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 2, 1 exceptions"),
            ("bacik2018", "lock held, MAJOR|RETRY, LOCKED, 0 minor, 1 major, pgfault 2, 1 exceptions"),
            ("linux5_1", "lock free, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 2, 1 exceptions"),
            ("linux6_4", "lock free, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 1, 1 exceptions"),
            ("linux6_6", "lock free, RETRY, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 1, 1 exceptions"),
            ("linux6_8", "lock free, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 1, 1 exceptions"),
        ],
        // faultRetry, keptPage: 4064b9827063, 45cac65b0fcd, d065bd810b6d.
        "what the attempts of a cold read may do": [
            ("herrenschmidt2006", "ALLOW_RETRY|USER, ALLOW_RETRY|USER"),
            ("waychison2006", "ALLOW_RETRY|USER, USER"),
            ("mortonSequence2006", "ALLOW_RETRY|USER"),
            ("pagefaultArgs2006", "ALLOW_RETRY|USER, USER"),
            ("linux2_6_36", "USER"),
            ("linux2_6_37", "ALLOW_RETRY|USER, USER"),
            ("torvalds2014", "ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"),
            ("shutemov2014", "ALLOW_RETRY|KILLABLE|USER|AROUND, KILLABLE|TRIED|USER|AROUND"),
            ("linux3_15", "ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"),
            ("linux5_7", "ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"),
            (
                "linux6_6",
                "ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_8",
                "ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
        ],
        // soleUser: d065bd810b6d.
        "the kernel reads a page that another process reads, for a process with one thread": [
            ("herrenschmidt2006", "lock free"),
            ("mortonSoleUser2006", "lock held"),
            ("mortonSequence2006", "lock free"),
            ("linux2_6_36", "lock held"),
            ("linux2_6_37", "lock free"),
        ],
        // lockDroppingWaits, singlePageWait: d065bd810b6d, 6b4c9f446981, d31fa86a27b3.
        "SIGKILL during the read of a single page that is there": [
            ("herrenschmidt2006", "lock held, waits"),
            ("bacik2018", "lock free, waits"),
            ("linux5_15", "lock free, dead"),
        ],
        // lockDroppingWaits, fileFault: d065bd810b6d, 6b4c9f446981.
        "a cold read under random advice": [
            ("herrenschmidt2006", "lock free, MAJOR|RETRY, LOCKED"),
            ("mortonSequence2006", "lock free, MAJOR|LOCKED"),
            ("pagefaultArgs2006", "lock free, MAJOR|RETRY, LOCKED"),
            ("linux2_6_36", "lock held, MAJOR|LOCKED"),
            ("linux2_6_37", "lock free, MAJOR|RETRY, LOCKED"),
            ("shutemov2014", "lock free, MAJOR|RETRY, LOCKED|AROUND"),
            ("linux3_15", "lock free, MAJOR|RETRY, 0"),
            ("linux4_11", "lock free, MAJOR|RETRY, NOPAGE"),
            ("bacik2018", "lock held, MAJOR|RETRY, LOCKED"),
            ("linux5_1", "lock free, MAJOR|RETRY, NOPAGE"),
            ("linux6_6", "lock free, RETRY, MAJOR|RETRY, NOPAGE"),
            ("linux6_8", "lock free, MAJOR|RETRY, NOPAGE"),
        ],
        // lockDroppingWaits: d065bd810b6d, 6b4c9f446981.
        "a cold read whose submission sleeps": [
            ("herrenschmidt2006", "lock held"),
            ("bacik2018", "lock free"),
        ],
        // retryAccounting, fileFault: bce617edecad, 26178ec11ef3, d065bd810b6d, 6b4c9f446981.
        "a read of a page that another task reads": [
            ("herrenschmidt2006", "lock free, RETRY, LOCKED, 2 minor, 0 major"),
            ("waychison2006", "lock free, RETRY, LOCKED, 1 minor, 0 major"),
            ("mortonSequence2006", "lock free, LOCKED, 1 minor, 0 major"),
            ("pagefaultArgs2006", "lock free, RETRY, LOCKED, 1 minor, 0 major"),
            ("linux2_6_36", "lock held, LOCKED, 1 minor, 0 major"),
            ("linux2_6_37", "lock free, RETRY, LOCKED, 1 minor, 0 major"),
            ("shutemov2014", "lock free, RETRY, LOCKED|AROUND, 1 minor, 0 major"),
            ("linux3_15", "lock free, RETRY, 0, 1 minor, 0 major"),
            ("linux4_11", "lock free, RETRY, NOPAGE, 1 minor, 0 major"),
            ("linux5_9", "lock free, RETRY, NOPAGE, 0 minor, 1 major"),
            ("linux6_6", "lock free, RETRY, RETRY, NOPAGE, 0 minor, 1 major"),
            ("linux6_8", "lock free, RETRY, NOPAGE, 1 minor, 0 major"),
            ("linux6_12", "lock free, RETRY, LOCKED, 1 minor, 0 major"),
        ],
        // retryAccounting: bce617edecad, 26178ec11ef3, d065bd810b6d.
        "a cold read whose page is cut off before the second attempt": [
            ("herrenschmidt2006", "SIGBUS/ADRERR, 1 minor, 0 major"),
            ("waychison2006", "SIGBUS/ADRERR, 0 minor, 0 major"),
            ("mortonSequence2006", "SIGBUS/ADRERR, 0 minor, 1 major"),
            ("pagefaultArgs2006", "SIGBUS/ADRERR, 0 minor, 0 major"),
            ("linux2_6_36", "SIGBUS/ADRERR, 0 minor, 1 major"),
            ("linux3_19", "SIGBUS/ADRERR, 0 minor, 0 major"),
        ],
        // faultRetry, fileFault: 4064b9827063, 45cac65b0fcd, d065bd810b6d, 6b4c9f446981.
        "a cold read whose page is dropped before the second attempt": [
            ("herrenschmidt2006", "lock free, MAJOR|RETRY, MAJOR|RETRY, LOCKED"),
            ("waychison2006", "lock held, MAJOR|RETRY, MAJOR|LOCKED"),
            ("mortonSequence2006", "lock free, MAJOR|LOCKED"),
            ("pagefaultArgs2006", "lock held, MAJOR|RETRY, MAJOR|LOCKED"),
            ("linux2_6_36", "lock free, MAJOR|LOCKED"),
            ("linux2_6_37", "lock held, MAJOR|RETRY, MAJOR|LOCKED"),
            ("shutemov2014", "lock held, MAJOR|RETRY, MAJOR|LOCKED|AROUND"),
            ("linux3_15", "lock held, MAJOR|RETRY, MAJOR|LOCKED"),
            ("bacik2018", "lock free, MAJOR|RETRY, LOCKED"),
            ("linux5_1", "lock held, MAJOR|RETRY, MAJOR|LOCKED"),
            ("linux6_6", "lock held, RETRY, MAJOR|RETRY, MAJOR|LOCKED"),
            ("linux6_8", "lock held, MAJOR|RETRY, MAJOR|LOCKED"),
        ],
        // fileFault, faultRetry, retryAccounting, pgfaultCounting: 6b4c9f446981, d065bd810b6d, 4064b9827063,
        // 45cac65b0fcd, bce617edecad, 26178ec11ef3, 53156443a303.
        "a cold read, with another thread mapping memory meanwhile": [
            (
                "herrenschmidt2006",
                "done, MAJOR|RETRY, LOCKED, 2 minor, 0 major, pgfault 2: ALLOW_RETRY|USER, ALLOW_RETRY|USER"
            ),
            ("waychison2006", "done, MAJOR|RETRY, LOCKED, 1 minor, 0 major, pgfault 2: ALLOW_RETRY|USER, USER"),
            ("linux2_6_36", "waits, MAJOR|LOCKED, 0 minor, 1 major, pgfault 1: USER"),
            ("linux2_6_37", "done, MAJOR|RETRY, LOCKED, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|USER, USER"),
            (
                "torvalds2014",
                "done, MAJOR|RETRY, LOCKED, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "shutemov2014",
                "done, MAJOR|RETRY, LOCKED|AROUND, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER|AROUND, KILLABLE|TRIED|USER|AROUND"
            ),
            (
                "linux3_15",
                "done, MAJOR|RETRY, 0, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux4_11",
                "done, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "bacik2018",
                "waits, MAJOR|RETRY, LOCKED, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux5_1",
                "done, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux5_7",
                "done, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 2: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_4",
                "done, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 1: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_6",
                "done, RETRY, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 1: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_8",
                "done, MAJOR|RETRY, NOPAGE, 0 minor, 1 major, pgfault 1: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
        ],
        // pinRetry, retryAccounting, pgfaultCounting: 318b275fbca1, bce617edecad, 26178ec11ef3, d065bd810b6d,
        // 53156443a303.
        "get_user_pages of a cold page": [
            ("herrenschmidt2006", "lock held, MAJOR|LOCKED, 0 minor, 1 major"),
            ("torvalds2014", "lock free, MAJOR|RETRY, LOCKED, 1 minor, 1 major"),
            ("shutemov2014", "lock free, MAJOR|RETRY, LOCKED|AROUND, 1 minor, 1 major"),
            ("linux3_15", "lock free, MAJOR|RETRY, 0, 1 minor, 1 major"),
            ("linux4_11", "lock free, MAJOR|RETRY, NOPAGE, 1 minor, 1 major"),
            ("bacik2018", "lock held, MAJOR|RETRY, LOCKED, 1 minor, 1 major"),
            ("linux5_1", "lock free, MAJOR|RETRY, NOPAGE, 1 minor, 1 major"),
            ("linux5_9", "lock free, MAJOR|RETRY, NOPAGE, 0 minor, 1 major"),
        ],
        // pageWait, retrySignals: 37b23e0525d3, 4ef873226ceb, 26178ec11ef3, d065bd810b6d.
        "SIGKILL during a cold read": [
            ("herrenschmidt2006", "waits, pgfault 1"),
            ("waychison2006", "waits, pgfault 2"),
            ("mortonSequence2006", "waits, pgfault 1"),
            ("pagefaultArgs2006", "dead, pgfault 1"),
            ("linux2_6_36", "waits, pgfault 1"),
            ("linux2_6_37", "waits, pgfault 2"),
            ("torvalds2014", "dead, pgfault 1"),
            ("bacik2018", "dead, pgfault 2"),
            ("linux5_1", "dead, pgfault 1"),
            ("linux6_4", "dead, pgfault 0"),
        ],
        // retrySignals, pageWait: 4ef873226ceb, 26178ec11ef3, 37b23e0525d3, d065bd810b6d.
        "SIGKILL during a cold read by the kernel": [
            ("herrenschmidt2006", "waits, pgfault 2"),
            ("mortonSequence2006", "waits, pgfault 1"),
            ("pagefaultArgs2006", "dead, pgfault 2"),
            ("linux2_6_36", "waits, pgfault 1"),
            ("linux2_6_37", "waits, pgfault 2"),
            ("linux3_19", "dead, pgfault 2"),
            ("bacik2018", "dead, pgfault 3"),
            ("linux5_1", "dead, pgfault 2"),
            ("linux6_4", "dead, pgfault 0"),
        ],
        // pageWait, retrySignals: 37b23e0525d3, 4ef873226ceb, 26178ec11ef3, d065bd810b6d.
        "a handled signal during a cold read": [
            ("herrenschmidt2006", "lock free, 0 handled during the wait, 2 exceptions, MAJOR|RETRY, LOCKED"),
            ("waychison2006", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, LOCKED"),
            ("mortonSequence2006", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|LOCKED"),
            ("pagefaultArgs2006", "lock free, 1 handled during the wait, 2 exceptions, MAJOR|RETRY, RETRY, LOCKED"),
            ("linux2_6_36", "lock held, 0 handled during the wait, 1 exceptions, MAJOR|LOCKED"),
            ("linux2_6_37", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, LOCKED"),
            ("shutemov2014", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, LOCKED|AROUND"),
            ("linux3_15", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, 0"),
            ("linux4_11", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, NOPAGE"),
            ("bacik2018", "lock held, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, LOCKED"),
            ("linux5_1", "lock free, 0 handled during the wait, 1 exceptions, MAJOR|RETRY, NOPAGE"),
            ("linux5_7", "lock free, 0 handled during the wait, 2 exceptions, MAJOR|RETRY, NOPAGE"),
            ("linux6_6", "lock free, 0 handled during the wait, 2 exceptions, RETRY, MAJOR|RETRY, NOPAGE"),
            ("linux6_8", "lock free, 0 handled during the wait, 2 exceptions, MAJOR|RETRY, NOPAGE"),
        ],
        // retrySignals: 4ef873226ceb, 26178ec11ef3, 37b23e0525d3, d065bd810b6d.
        "whether a signal is handled before the page is mapped": [
            ("herrenschmidt2006", "not mapped"),
            ("waychison2006", "mapped"),
            ("pagefaultArgs2006", "not mapped"),
            ("linux2_6_36", "mapped"),
            ("linux5_7", "not mapped"),
        ],
        // retrySignals: 4ef873226ceb, 26178ec11ef3, 37b23e0525d3, d065bd810b6d.
        "a handled signal during a read of a page that another process reads": [
            ("herrenschmidt2006", "2 exceptions, RETRY, LOCKED"),
            ("waychison2006", "1 exceptions, RETRY, LOCKED"),
            ("mortonSequence2006", "1 exceptions, LOCKED"),
            ("pagefaultArgs2006", "2 exceptions, RETRY, RETRY, LOCKED"),
            ("linux2_6_36", "1 exceptions, LOCKED"),
            ("linux2_6_37", "1 exceptions, RETRY, LOCKED"),
            ("shutemov2014", "1 exceptions, RETRY, LOCKED|AROUND"),
            ("linux3_15", "1 exceptions, RETRY, 0"),
            ("linux4_11", "1 exceptions, RETRY, NOPAGE"),
            ("linux5_7", "2 exceptions, RETRY, NOPAGE"),
            ("linux6_6", "2 exceptions, RETRY, RETRY, NOPAGE"),
            ("linux6_8", "2 exceptions, RETRY, NOPAGE"),
            ("linux6_12", "2 exceptions, RETRY, LOCKED"),
        ],
        // retryLock: c2508ec5a58d.
        "a retry of the kernel that finds the mmap lock taken": [
            ("herrenschmidt2006", "1 failed trylocks"),
            ("waychison2006", "0 failed trylocks"),
            ("linux2_6_36", "the lock is not free"),
            ("linux2_6_37", "0 failed trylocks"),
            ("linux6_1", "1 failed trylocks"),
        ],
        // keptPage: see Documentation/Eras.md.
        "whether the page can be dropped between the attempts": [
            ("herrenschmidt2006", "resident []"),
            ("mortonSequence2006", "resident [0]"),
            ("pagefaultArgs2006", "resident []"),
            ("linux2_6_36", "the lock is not free"),
            ("linux2_6_37", "resident []"),
            ("bacik2018", "resident [0]"),
            ("kara2018", "resident []"),
        ],
        // throttledSharedWrite: 89b15332af7c, d92725256b4f.
        "a shared store that is throttled": [
            ("herrenschmidt2006", "lock held, LOCKED"),
            ("chinner2018", "lock held, RETRY, LOCKED"),
            ("kara2018", "lock held, LOCKED"),
            ("linux5_5", "lock free, LOCKED|RETRY"),
            ("linux6_1", "lock free, LOCKED|COMPLETED"),
            ("linux6_6", "lock free, RETRY, LOCKED|COMPLETED"),
            ("linux6_8", "lock free, LOCKED|COMPLETED"),
        ],
        // throttledSharedWrite: 89b15332af7c, d92725256b4f.
        "a shared store to tmpfs": [
            ("herrenschmidt2006", "LOCKED, 1 minor, 0 major"),
            ("linux5_5", "LOCKED|RETRY, 0, 1 minor, 0 major"),
            ("linux5_9", "LOCKED|RETRY, 0, 0 minor, 1 major"),
            ("linux6_1", "LOCKED|COMPLETED, 1 minor, 0 major"),
            ("linux6_6", "RETRY, LOCKED|COMPLETED, 1 minor, 0 major"),
            ("linux6_8", "LOCKED|COMPLETED, 1 minor, 0 major"),
        ],
        // mkwriteProtocol, keptPage: see Documentation/Eras.md.
        "the first store to a page of btrfs": [
            ("herrenschmidt2006", "lock held, 1 requests, WRITE"),
            ("bacik2018", "lock free, 2 requests, RETRY, WRITE"),
            ("chinner2018", "lock free, 1 requests, RETRY, WRITE"),
            ("linux5_1", "lock held, 1 requests, WRITE"),
            ("linux5_5", "lock held, 1 requests, WRITE|RETRY, 0"),
            ("linux6_1", "lock held, 1 requests, WRITE|COMPLETED"),
            ("linux6_4", "lock held, 1 requests, COMPLETED"),
            ("linux6_6", "lock held, 1 requests, RETRY, COMPLETED"),
            ("linux6_8", "lock free, 1 requests, COMPLETED"),
        ],
        // mkwriteProtocol: see Documentation/Eras.md.
        "a store to a page of ext4": [
            ("herrenschmidt2006", "LOCKED"),
            ("chinner2018", "RETRY, LOCKED"),
            ("kara2018", "LOCKED"),
            ("linux5_5", "LOCKED|RETRY, 0"),
            ("linux6_1", "LOCKED|COMPLETED"),
            ("linux6_6", "RETRY, LOCKED|COMPLETED"),
            ("linux6_8", "LOCKED|COMPLETED"),
        ],
        // writeResult: cb8d86331343.
        "a store to the zero page": [
            ("herrenschmidt2006", "WRITE"),
            ("linux6_4", "0"),
        ],
    ]
}
