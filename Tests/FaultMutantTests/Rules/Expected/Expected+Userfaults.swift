/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let userfaultsExpected: [String: [(preset: String, text: String)]] = [
        // userfaults: 86039bd3b4e6, 4c27fe4c4c84, 893e26e61d04, 72f87654c696, 05ce77249d50, 897ab3e0c49e,
        // 2d6d6f5a09a9, 9d4ac934829a, 529b930b87d9, 37cd0575b851, c949b097ef2e, 824ddc601adc, b1f9e876862d,
        // 2bad466cc9d9, fc71884a5f59, d61ea1cb0095, adef440691ba.
        "what a descriptor can be asked for": [
            ("herrenschmidt2006", "nothing"),
            ("linux4_11", "plain, fork"),
            ("linux4_19", "plain, fork, sigbus"),
            ("linux5_7", "plain, fork, sigbus, protect"),
            ("linux5_15", "plain, fork, sigbus, protect, minor, user mode"),
            ("linux5_19", "plain, fork, sigbus, protect, minor, exact, user mode"),
            ("linux6_4", "plain, fork, sigbus, protect, minor, exact, unpopulated, user mode"),
            ("linux6_6", "plain, fork, sigbus, protect, minor, exact, unpopulated, poison, user mode"),
            ("linux6_8", "plain, fork, sigbus, protect, minor, exact, unpopulated, poison, async, move, user mode"),
        ],
        // userfaults: 86039bd3b4e6, 4c27fe4c4c84, 893e26e61d04, 72f87654c696, 05ce77249d50, 897ab3e0c49e,
        // 2d6d6f5a09a9, 9d4ac934829a, 529b930b87d9, 37cd0575b851, c949b097ef2e, 824ddc601adc, b1f9e876862d,
        // 2bad466cc9d9, fc71884a5f59, d61ea1cb0095, adef440691ba.
        "a page of a registered area is poisoned, or moved in": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "EINVAL, EINVAL"),
            ("linux6_6", "done, EINVAL"),
            ("linux6_8", "done, done"),
        ],
        // faultRetry: 4064b9827063, 45cac65b0fcd, d065bd810b6d.
        "a page that is woken twice without being there": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "done, MAJOR|RETRY, SIGBUS"),
            ("linux5_7", "waits, MAJOR|RETRY, MAJOR|RETRY, MAJOR|RETRY, 0"),
            ("linux5_9", "waits, RETRY, RETRY, RETRY, 0"),
        ],
        // userfaultSignal: dfa37dc3fc1f, and see Documentation/Eras.md.
        "a handled signal while a page is waited for, which comes then": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "NOPAGE, MAJOR|RETRY, 0"),
            ("linux5_7", "MAJOR|RETRY, MAJOR|RETRY, 0"),
            ("linux5_9", "RETRY, RETRY, 0"),
        ],
        // userfaultCount: 86039bd3b4e6, and see Documentation/Eras.md.
        "a page that is waited for, twice where that is allowed": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "MAJOR|RETRY, 0, 0 minor, 1 major"),
            ("linux5_7", "MAJOR|RETRY, MAJOR|RETRY, 0, 0 minor, 1 major"),
            ("linux5_9", "RETRY, RETRY, 0, 0 minor, 1 major"),
        ],
        // noWaitRetry: ce53053ce378, 96312e61282a.
        "a lookup that may not wait, and a writer of the mmap lock after it": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "done, done"),
        ],
        // noWaitRetry: 318b275fbca1.
        "a lookup that may not wait for a page of a file, and a writer of the mmap lock": [
            ("herrenschmidt2006", "waits, done"),
            ("torvalds2014", "done, done"),
            ("linux5_1", "waits, done"),
        ],
        // fillLock: 867a43a34ff8.
        "a copy beside a writer of the mmap lock": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "waits"),
            ("linux6_12", "done"),
        ],
        // releasedUserfault: 656710a60e36, fe4cdc2c4e24.
        "a fault that is handed over to a descriptor that is being released": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "SIGBUS, then SIGBUS/ADRERR"),
            ("linux4_19", "NOPAGE, then done"),
            ("linux6_12", "RETRY, then done"),
        ],
        // changingFills: df2cc96e7701.
        "a copy while unmapping is not told of yet": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "done"),
            ("linux4_19", "EAGAIN"),
        ],
        // sharedFill: 4c27fe4c4c84, 5b51072e97d5, and see Documentation/Eras.md.
        "a private area of tmpfs is filled with a page, and with zeroes": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "done, EINVAL, in the file [0]"),
            ("linux4_19", "done, done, in the file [0, 1]"),
            ("linux5_1", "done, done, in the file []"),
        ],
        // goneMemory: 96333187ab16, e86b298bebf7.
        "a copy into memory whose process has exited": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "ENOSPC"),
            ("linux4_19", "ESRCH"),
        ],
        // minorFaultLock: c949b097ef2e, and see Documentation/Eras.md.
        "a fault on a page of the cache that somebody has locked": [
            ("herrenschmidt2006", "unknown"),
            ("linux5_15", "waits for the page"),
            ("linux6_4", "waits for the monitor"),
        ],
        // liftedProtection: see Documentation/Eras.md.
        "stores after protection was lifted, of private and shared memory": [
            ("herrenschmidt2006", "unknown, no shared"),
            ("linux5_7", "1 exceptions, no shared"),
            ("linux5_19", "1 exceptions, shared 0 exceptions"),
            ("linux6_4", "0 exceptions, shared 1 exceptions"),
        ],
        // protectedRange: a1b92a3f1498.
        "protection over two areas": [
            ("herrenschmidt2006", "unknown"),
            ("linux5_7", "ENOENT"),
            ("linux6_4", "done"),
        ],
        // protectedSwapIn: c18160dba5ff.
        "a store to a page that was protected and swapped out": [
            ("herrenschmidt2006", "unknown"),
            ("linux5_7", "MAJOR|WRITE, MAJOR|RETRY, WRITE"),
            ("linux5_9", "MAJOR|WRITE, RETRY, WRITE"),
            ("linux6_4", "MAJOR, RETRY, 0"),
            ("linux6_12", "MAJOR|RETRY, 0"),
        ],
        // emptyRegistration: 11a9b90274f6.
        "registering above all areas": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "ENOMEM"),
            ("linux6_4", "EINVAL"),
        ],
        // failedFork: f64e67e5d3a4.
        "a fork that fails for want of memory": [
            ("herrenschmidt2006", "unknown"),
            ("linux4_11", "waits"),
            ("linux6_12", "done"),
        ],
    ]
}
