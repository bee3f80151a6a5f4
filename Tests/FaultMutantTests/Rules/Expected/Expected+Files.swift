/// What the presets do, oldest first; each line is true up to the next. What the rules are sourced by stands with each.
extension Behaviour {
    static let filesExpected: [String: [(preset: String, text: String)]] = [
        // faultAround: 8c6e50b0290c, 7267ec008b5c.
        "a read of a cached page": [
            ("herrenschmidt2006", "LOCKED, 1 mapped"),
            ("torvalds2014", "LOCKED, 16 mapped"),
            ("shutemov2014", "LOCKED|AROUND, 31 mapped"),
            ("linux3_15", "0, 16 mapped"),
            ("linux4_11", "NOPAGE, 16 mapped"),
        ],
        // faultAround: 8c6e50b0290c, 7267ec008b5c.
        "a read of a cold page under random advice": [
            ("herrenschmidt2006", "1 read"),
            ("torvalds2014", "16 read"),
            ("shutemov2014", "1 read"),
        ],
        // faultAround: 8c6e50b0290c, 7267ec008b5c.
        "the hits of a fault on a page whose neighbours are mapped": [
            ("herrenschmidt2006", "1 hits"),
            ("linux4_11", "4 hits"),
        ],
        // faultAroundTable: 74207de2ba10.
        "the first read of a file's only page": [
            ("herrenschmidt2006", "LOCKED"),
            ("shutemov2014", "LOCKED|AROUND"),
            ("linux3_15", "0"),
            ("linux4_11", "NOPAGE"),
            ("linux6_12", "LOCKED"),
        ],
        // aroundHits: 5c46d5319bde.
        "the hits of a read around 16 pages, five of which came back": [
            ("herrenschmidt2006", "1 hits"),
            ("torvalds2014", "16 hits"),
            ("shutemov2014", "1 hits"),
            ("linux3_15", "16 hits"),
            ("linux6_12", "11 hits"),
        ],
        // lockedPageHit: e338d8353154.
        "the hits of a fault on a page that another task reads": [
            ("herrenschmidt2006", "1 hits"),
            ("linux6_19", "0 hits"),
        ],
        // codeReadahead: see Documentation/Eras.md.
        "a miss of a program's code": [
            ("herrenschmidt2006", "24-55"),
            ("torvalds2014", "24-63"),
            ("shutemov2014", "24-55"),
            ("linux6_19", "40-63"),
        ],
        // mmapReadahead, fileFault: 2cbea1d3ab11, 6b4c9f446981, d065bd810b6d.
        "mapped reads of a page, of where a mark would be, and of the last page read and the next": [
            ("herrenschmidt2006", "84-147, marked []"),
            ("torvalds2014", "84-179, marked [116]"),
            ("shutemov2014", "84-131, marked [108]"),
            ("linux3_15", "84-179, marked [108]"),
        ],
        // readaheadPlanning: 122a21d11cbf, 3a7a11a57e46.
        "a first window that is needed whole": [
            ("herrenschmidt2006", "0-63, window from 32 of 32, the next with 32 left")
        ],
        // readaheadPlanning: 122a21d11cbf, 3a7a11a57e46.
        "a missing page where the next window was expected, not read in order": [
            ("herrenschmidt2006", "8-39 200"),
            ("linux6_12", "8 200"),
        ],
        // missingPageSearch: 0d3f92966629, 901a269ff3d5.
        "a marked page behind which nothing is missing": [
            ("herrenschmidt2006", "window from 50 of 2, 0-40"),
            ("linux5_1", "window from 9 of 8, 0-40"),
            ("linux6_12", "window from 50 of 2, 0-40"),
        ],
        // readPositionNote: 06c0444290ce.
        "reads of page 3 and of page 5": [
            ("herrenschmidt2006", "3 5"),
            ("linux5_15", "3 5-8"),
        ],
        // readPositionNote: 06c0444290ce.
        "a position that is set back during a read": [
            ("herrenschmidt2006", "[-1, 5]"),
            ("linux5_15", "[-1, 4, 5, 6]"),
            ("linux6_6", "[-1, 6]"),
        ],
        // missRecheck: 58f327f2ce80.
        "a copy is mapped in a locked area, and its file's page dropped, during a miss": [
            ("herrenschmidt2006", "MAJOR|RETRY"),
            ("waychison2006", "MAJOR|RETRY, 0"),
            ("mortonSequence2006", "MAJOR|NOPAGE|LOCKED"),
            ("pagefaultArgs2006", "MAJOR|RETRY, 0"),
            ("linux2_6_36", "MAJOR|NOPAGE|LOCKED"),
            ("linux2_6_37", "MAJOR|RETRY, 0"),
            ("linux6_6", "RETRY, MAJOR|RETRY, 0"),
            ("linux6_8", "MAJOR|RETRY, 0"),
            ("linux6_12", "NOPAGE"),
        ],
        // populatePages: 4ca9b3859dac, 631426ba1d45.
        "MADV_POPULATE_READ of a cold file": [
            ("herrenschmidt2006", "MAJOR|LOCKED, LOCKED"),
            ("torvalds2014", "MAJOR|RETRY, LOCKED"),
            ("shutemov2014", "MAJOR|RETRY, LOCKED|AROUND"),
            ("linux3_15", "MAJOR|RETRY, 0"),
            ("linux4_11", "MAJOR|RETRY, NOPAGE"),
            ("bacik2018", "MAJOR|RETRY, LOCKED, NOPAGE"),
            ("kara2018", "MAJOR|RETRY, RETRY, NOPAGE"),
            ("linux5_1", "MAJOR|RETRY, NOPAGE"),
        ],
        // populatePages: 4ca9b3859dac, 631426ba1d45.
        "MADV_POPULATE_READ over a hole": [
            ("herrenschmidt2006", "ENOMEM, [0, 1, 4, 5]"),
            ("bacik2018", "ENOMEM, [0, 1]"),
            ("kara2018", "ENOMEM, [0, 1, 4, 5]"),
            ("linux6_12", "ENOMEM, [0, 1]"),
        ],
        // folioBatch: see Documentation/Eras.md.
        "how long a read of 64 cached pages takes, a nanosecond a stage": [
            ("herrenschmidt2006", "99 ns"),
            ("linux6_12", "85 ns"),
        ],
        // removableMemory: e8e17ee90eaf.
        "MADV_REMOVE of shared memory that may only be read": [
            ("herrenschmidt2006", "EACCES"),
            ("linux6_1", "done"),
            ("linux6_4", "EACCES"),
            ("linux6_8", "done"),
        ],
    ]
}
