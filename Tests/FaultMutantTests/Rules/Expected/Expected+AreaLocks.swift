/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let areaLocksExpected: [String: [(preset: String, text: String)]] = [
        // areaLocks, areaLockRefusal, adviceLock, procMapsLock: 0bff0aaea03e, bc7996c864bf, a6fde7add78d.
        "what goes on beside a thread that has the mmap lock for writing": [
            ("herrenschmidt2006", "nothing"),
            ("linux6_4", "anonymous"),
            ("linux6_6", "anonymous, cached"),
            ("linux6_8", "anonymous, cached, miss"),
            ("linux6_12", "anonymous, cached, miss, refusal"),
            ("linux6_19", "anonymous, cached, miss, refusal, advice, maps"),
        ],
        // areaLocks, areaLockRelease, areaRetry, areaLockRetry: 0bff0aaea03e, 4089eef0e6ac, 12214eba1992,
        // 46e714c729c8.
        "a swapped page under its area's lock": [
            (
                "herrenschmidt2006",
                "MAJOR; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER"
            ),
            (
                "linux2_6_36",
                "MAJOR; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 0, retry 0, miss 0: USER"
            ),
            (
                "linux2_6_37",
                "MAJOR|RETRY, 0; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER, USER"
            ),
            (
                "torvalds2014",
                "MAJOR|RETRY, 0; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux5_7",
                "MAJOR|RETRY, 0; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_4",
                "RETRY, MAJOR|RETRY, 0; 3 attempts, 1 under the area's lock, 2 mmap locks; success 0, abort 1, retry 1, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_6",
                "MAJOR|RETRY, 0; 2 attempts, 1 under the area's lock, 1 mmap locks; success 0, abort 1, retry 1, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_8",
                "MAJOR|RETRY, 0; 2 attempts, 1 under the area's lock, 1 mmap locks; success 0, abort 1, retry 1, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_12",
                "MAJOR|RETRY, 0; 2 attempts, 1 under the area's lock, 1 mmap locks; success 1, abort 0, retry 1, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
        ],
        // areaLockAnonVMA: 2ac0af1b66e3, 737019cf6ac5.
        "the first store to an area": [
            (
                "herrenschmidt2006",
                "0; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 0, retry 0, miss 0"
            ),
            ("linux6_4", "0; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 1, retry 0, miss 0"),
            ("linux6_12", "0; 1 attempts, 1 under the area's lock, 1 mmap locks; success 1, abort 0, retry 0, miss 0"),
        ],
        // areaLockAnonVMA, areaLockRelease: 2ac0af1b66e3, 737019cf6ac5, 0bff0aaea03e, 4089eef0e6ac.
        "the first private store to a mapped file": [
            (
                "herrenschmidt2006",
                "LOCKED; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 0, retry 0, miss 0"
            ),
            (
                "linux6_4",
                "LOCKED; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 1, retry 0, miss 0"
            ),
            (
                "linux6_6",
                "RETRY, LOCKED; 2 attempts, 1 under the area's lock, 1 mmap locks; success 0, abort 0, retry 1, miss 0"
            ),
            (
                "linux6_12",
                "LOCKED; 1 attempts, 1 under the area's lock, 1 mmap locks; success 1, abort 0, retry 0, miss 0"
            ),
        ],
        // areaLockRetry, areaRetry: 0bff0aaea03e, 46e714c729c8, 12214eba1992.
        "the attempts of a cold read": [
            (
                "herrenschmidt2006",
                "MAJOR|RETRY, LOCKED; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER, ALLOW_RETRY|USER"
            ),
            (
                "waychison2006",
                "MAJOR|RETRY, LOCKED; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER, USER"
            ),
            (
                "mortonSequence2006",
                "MAJOR|LOCKED; 1 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER"
            ),
            (
                "pagefaultArgs2006",
                "MAJOR|RETRY, LOCKED; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER, USER"
            ),
            (
                "linux2_6_36",
                "MAJOR|LOCKED; 1 attempts, 0 under the area's lock, 1 mmap locks; success 0, abort 0, retry 0, miss 0: USER"
            ),
            (
                "linux2_6_37",
                "MAJOR|RETRY, LOCKED; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|USER, USER"
            ),
            (
                "torvalds2014",
                "MAJOR|RETRY, LOCKED; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "shutemov2014",
                "MAJOR|RETRY, LOCKED|AROUND; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER|AROUND, KILLABLE|TRIED|USER|AROUND"
            ),
            (
                "linux3_15",
                "MAJOR|RETRY, 0; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux4_11",
                "MAJOR|RETRY, NOPAGE; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "bacik2018",
                "MAJOR|RETRY, LOCKED; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux5_1",
                "MAJOR|RETRY, NOPAGE; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER, KILLABLE|TRIED|USER"
            ),
            (
                "linux5_7",
                "MAJOR|RETRY, NOPAGE; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 0, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_4",
                "MAJOR|RETRY, NOPAGE; 2 attempts, 0 under the area's lock, 2 mmap locks; success 0, abort 1, retry 0, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_6",
                "RETRY, MAJOR|RETRY, NOPAGE; 3 attempts, 1 under the area's lock, 2 mmap locks; success 0, abort 0, retry 1, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
            (
                "linux6_8",
                "MAJOR|RETRY, NOPAGE; 2 attempts, 1 under the area's lock, 1 mmap locks; success 0, abort 0, retry 1, miss 0: ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE|VMA_LOCK, ALLOW_RETRY|KILLABLE|TRIED|USER|INTERRUPTIBLE"
            ),
        ],
        // areaRetry: 12214eba1992.
        "an mmap beside a cold read": [
            ("herrenschmidt2006", "done, SIGSEGV/MAPERR"),
            ("linux2_6_36", "done, done"),
            ("linux2_6_37", "done, SIGSEGV/MAPERR"),
            ("bacik2018", "done, done"),
            ("linux5_1", "done, SIGSEGV/MAPERR"),
        ],
    ]
}
