/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let memoryExpected: [String: [(preset: String, text: String)]] = [
        // anonymousReuse: 6c287605fd56, 53a05ad9f21d, 09854ba94c6a.
        "a store to a page that the swap cache refers to": [
            ("herrenschmidt2006", "in place"),
            ("linux5_9", "copied"),
            ("linux5_19", "in place"),
        ],
        // anonymousReuse: 6c287605fd56, 53a05ad9f21d, 09854ba94c6a.
        "a store through a read-only entry of a page that is held": [
            ("herrenschmidt2006", "in place"),
            ("linux5_9", "copied"),
            ("linux5_19", "in place"),
        ],
        // anonymousReuse: 6c287605fd56, 53a05ad9f21d, 09854ba94c6a.
        "a store to a page that a child has let go, but holds": [
            ("herrenschmidt2006", "in place"),
            ("linux5_9", "copied"),
        ],
        // copyAllocation: 1d65f86db147.
        "a private store to a cold file without memory for the copy": [
            ("herrenschmidt2006", "no attempt, 1 reads"),
            ("torvalds2014", "OOM, 0 reads"),
            ("linux5_19", "OOM, 1 reads"),
            ("linux6_6", "RETRY, OOM, RETRY, 1 reads"),
            ("linux6_8", "RETRY, OOM, 1 reads"),
            ("linux6_12", "OOM, 1 reads"),
        ],
        // copyAllocation: 1d65f86db147.
        "a private store to a file's cached page without memory for the copy": [
            ("herrenschmidt2006", "MAJOR|RETRY, OOM"),
            ("mortonSequence2006", "OOM"),
            ("pagefaultArgs2006", "MAJOR|RETRY, OOM"),
            ("linux2_6_36", "OOM"),
            ("linux2_6_37", "MAJOR|RETRY, OOM"),
            ("torvalds2014", "OOM"),
            ("linux5_19", "OOM, MAJOR|RETRY, LOCKED"),
            ("linux6_6", "RETRY, OOM, RETRY, MAJOR|RETRY, LOCKED"),
            ("linux6_8", "RETRY, OOM, MAJOR|RETRY, LOCKED"),
            ("linux6_12", "OOM, MAJOR|RETRY, LOCKED"),
        ],
        // faultOutOfMemory, kernelOutOfMemory: 60e2793d440a.
        "no memory for a page table, twice, for the kernel": [
            ("herrenschmidt2006", "SIGKILL, 1 killed"),
            ("torvalds2014", "EFAULT, 0 killed"),
        ],
        // faultOutOfMemory: 60e2793d440a.
        "no memory for a page table, for a program": [
            ("herrenschmidt2006", "SIGKILL, 1 killed"),
            ("linux5_19", "done, 0 killed"),
        ],
        // victimMemory, victimDelay: aac453635549, e4a38402c36e.
        "when memory comes free of a process that was killed and waits for the inode lock": [
            ("herrenschmidt2006", "never"),
            ("linux4_11", "at once"),
            ("linux5_19", "after two seconds"),
        ],
        // stackPointerTest: see Documentation/Eras.md.
        "a store far below the stack pointer": [
            ("herrenschmidt2006", "done, and further SIGSEGV/MAPERR"),
            ("linux5_1", "done, and further done"),
        ],
        // stackGuard: 1be7107fbe18, 320b2b8de126.
        "a store to the lowest page of a stack above an area": [
            ("herrenschmidt2006", "SIGBUS/ADRERR"),
            ("linux4_19", "done"),
        ],
        // newAreaMerge: 4dd1b84140c1, cacded5e42b9.
        "memory between two areas that can't become one": [
            ("herrenschmidt2006", "page 0x1000, page 0x1006"),
            ("linux6_1", "page 0x1000, page 0x1004"),
            ("linux6_12", "page 0x1000, page 0x1006"),
        ],
        // writeCharge: see Documentation/Eras.md.
        "untouched memory that becomes read-only, beside memory that always was": [
            ("herrenschmidt2006", "2 areas"),
            ("linux6_8", "1 areas"),
        ],
        // writableEntries: 64fe24a3e05e, d84887739d5c.
        "faults after mprotect to read and back: a written page, and one swapped in": [
            ("herrenschmidt2006", "1, 1"),
            ("linux6_1", "0, 1"),
            ("linux6_4", "0, 0"),
        ],
        // lockOnFault: a8ca5d0ecbdd, b0f205c2a308.
        "mlock2 with MLOCK_ONFAULT": [
            ("herrenschmidt2006", "ENOSYS"),
            ("linux4_11", "done"),
        ],
        // recency: 8788f6781486.
        "misses of pages that are read at random all the time, under pressure": [
            ("herrenschmidt2006", "none"),
            ("linux6_4", "some"),
        ],
        // refaultTest: see Documentation/Eras.md.
        "what the page beyond a group's limit pushes to swap": [
            ("herrenschmidt2006", "16 pages"),
            ("linux6_12", "64 pages"),
        ],
        // readaheadShortage: 26cfdb395eef.
        "readahead in a group that finds no room for one page of many": [
            ("herrenschmidt2006", "4-13 15-35"),
            ("linux6_12", "4-13 20"),
        ],
    ]
}
