import FaultSimulator

/// The expected counts of each ``AccountingExample`` under each kernel, from the sources.
///
/// The counts of a released kernel come from its source code. Those of a proposal come from the mail and from the
/// kernel that it was written for.
public enum AccountingMatrix {
    /// The kernels of the table by age, with the proposals next to the kernels that they were written for. Kernels
    /// without a preset are left out of ``cells()``.
    public static let kernels = [
        "herrenschmidt2006", "waychison2006", "mortonSoleUser2006", "mortonSequence2006", "pagefaultArgs2006",
        "linux2_6_36", "linux2_6_37", "torvalds2014", "shutemov2014", "linux3_15", "linux3_19", "linux4_11",
        "linux4_19", "bacik2018", "chinner2018", "kara2018", "linux5_1", "linux5_4", "linux5_5", "linux5_7", "linux5_9",
        "linux5_10", "linux5_15", "linux5_19", "linux6_1", "linux6_4", "linux6_6", "linux6_8", "linux6_12", "linux6_19",
    ]

    /// The expected counts of an example under the kernel with this name; `nil` if there are none.
    public static func expected(_ example: AccountingExample, under kernel: String) -> AccountingCounts? {
        guard let age = kernels.firstIndex(of: kernel) else { return nil }
        var counts: AccountingCounts?
        for (first, cell) in rows(of: example) {
            guard let from = kernels.firstIndex(of: first), from <= age else { break }
            counts = cell
        }
        return counts
    }

    /// One cell: what is expected, and what the simulator counts.
    public struct Cell: Equatable, Sendable {
        /// The example.
        public let example: AccountingExample
        /// The kernel.
        public let kernel: String
        /// The expected counts.
        public let expected: AccountingCounts
        /// The simulator's counts; `nil` if it could not run the example.
        public let counted: AccountingCounts?

        /// Whether they agree.
        public var agrees: Bool { counted == expected }
    }

    /// Runs every example under every preset of the table.
    public static func cells() -> [Cell] {
        var cells: [Cell] = []
        for example in AccountingExample.allCases {
            for kernel in kernels {
                guard let model = KernelModel.preset(named: kernel), let expected = expected(example, under: kernel)
                else {
                    continue
                }
                cells.append(
                    Cell(
                        example: example, kernel: kernel, expected: expected,
                        counted: try? example.run(under: model)))
            }
        }
        return cells
    }

    private typealias Row = (String, AccountingCounts)

    /// The counts of an example, each with the first kernel that has them, in the order of ``kernels``: min, maj,
    /// pgfault, pgmajfault, locks.
    private static func rows(of example: AccountingExample) -> [Row] {
        switch example {
        case .cachedRead: always(1, 0, 1, 0, locks: (1, from: "linux6_6"))
        case .cachedReadAlone: always(1, 0, 1, 0, locks: (1, from: "linux6_8"))
        case .coldRead: coldRead + [row("linux6_8", 0, 1, 1, 1, 1)]
        case .kernelColdRead, .kernelInterrupted: coldRead
        case .pageUnderRead: pageUnderRead + [row("linux6_8", 1, 0, 1, 0, 1)]
        case .kernelPageUnderRead: pageUnderRead
        case .markedPage: markedPage + [row("linux6_8", 1, 0, 1, 0, 1)]
        case .kernelMarkedPage: markedPage
        case .tmpfsStore: throttledStore + [row("linux6_8", 1, 0, 1, 0, 0)]
        case .kernelTmpfsStore: throttledStore
        case .dirtyTmpfsStore: always(1, 0, 1, 0, locks: (1, from: "linux6_8"))
        case .ext4Store, .ext4Upgrade: ext4Store + [row("linux6_8", 1, 0, 1, 0, 0)]
        case .kernelExt4Upgrade: ext4Store
        case .swapIn: swapIn + [row("linux6_6", 1, 0, 1, 1, 1), row("linux6_8", 0, 1, 1, 1, 1)]
        case .kernelSwapIn: swapIn
        case .synchronousSwapIn: always(0, 1, 1, 1, locks: (1, from: "linux6_6"))
        case .beyondEnd: always(0, 0, 1, 0, locks: (1, from: "linux6_8"))
        // Up to Linux 6.3 a failing copy tried its last byte again.
        case .kernelBeyondEnd: [row("herrenschmidt2006", 0, 0, 2, 0, 2), row("linux6_4", 0, 0, 1, 0, 1)]
        case .kernelNoArea: [row("herrenschmidt2006", 0, 0, 0, 0, 2), row("linux6_4", 0, 0, 0, 0, 1)]
        case .readError:
            [
                row("herrenschmidt2006", 1, 0, 2, 1, 2), row("waychison2006", 0, 0, 2, 1, 2),
                row("mortonSoleUser2006", 0, 0, 1, 1, 1), row("mortonSequence2006", 0, 0, 1, 1, 2),
                row("pagefaultArgs2006", 0, 0, 2, 1, 2), row("linux2_6_36", 0, 0, 1, 1, 1),
                row("linux2_6_37", 0, 1, 2, 1, 2), row("linux3_19", 0, 0, 2, 1, 2), row("linux6_4", 0, 0, 1, 1, 2),
                row("linux6_8", 0, 0, 1, 1, 1),
            ]
        case .killed:
            [
                row("herrenschmidt2006", 1, 0, 1, 1, 1), row("waychison2006", 1, 0, 2, 1, 2),
                row("mortonSoleUser2006", 0, 1, 1, 1, 1), row("mortonSequence2006", 0, 1, 1, 1, 2),
                row("pagefaultArgs2006", 0, 0, 1, 1, 1), row("linux2_6_36", 0, 1, 1, 1, 1),
                row("linux2_6_37", 0, 1, 2, 1, 2), row("torvalds2014", 0, 0, 1, 1, 1), row("bacik2018", 0, 0, 2, 1, 2),
                row("linux5_1", 0, 0, 1, 1, 1), row("linux6_4", 0, 0, 0, 1, 1), row("linux6_8", 0, 0, 0, 1, 0),
            ]
        case .interrupted:
            [
                row("herrenschmidt2006", 2, 0, 2, 1, 2), row("waychison2006", 1, 0, 2, 1, 2),
                row("mortonSoleUser2006", 0, 1, 1, 1, 1), row("mortonSequence2006", 0, 1, 1, 1, 2),
                row("pagefaultArgs2006", 1, 0, 3, 1, 3), row("linux2_6_36", 0, 1, 1, 1, 1),
                row("linux2_6_37", 0, 1, 2, 1, 2), row("linux5_7", 1, 0, 2, 1, 2), row("linux6_4", 1, 0, 1, 1, 2),
                row("linux6_6", 1, 0, 1, 1, 1), row("linux6_8", 1, 0, 1, 1, 0),
            ]
        case .noArea, .refusedGrowth: always(0, 0, 0, 0, locks: (1, from: nil))
        case .noPermission: always(0, 0, 0, 0, locks: (1, from: "linux6_12"))
        case .anonymousRead: always(1, 0, 1, 0, locks: (1, from: "linux6_12"))
        case .anonymousStore: always(1, 0, 1, 0, locks: (1, from: nil))
        case .anonymousReadAgain, .anonymousStoreAgain, .storeAfterFork:
            always(1, 0, 1, 0, locks: (1, from: "linux6_4"))
        case .privateStoreAgain: always(1, 0, 1, 0, locks: (1, from: "linux6_8"))
        case .privateStore, .kernelCachedRead, .kernelAnonymousRead, .kernelPrivateStore:
            always(1, 0, 1, 0, locks: (1, from: nil))
        }
    }

    private static let coldRead = [
        row("herrenschmidt2006", 2, 0, 2, 1, 2), row("waychison2006", 1, 0, 2, 1, 2),
        row("mortonSoleUser2006", 0, 1, 1, 1, 1), row("mortonSequence2006", 0, 1, 1, 1, 2),
        row("pagefaultArgs2006", 1, 0, 2, 1, 2), row("linux2_6_36", 0, 1, 1, 1, 1), row("linux2_6_37", 0, 1, 2, 1, 2),
        row("linux6_4", 0, 1, 1, 1, 2),
    ]

    private static let throttledStore = [
        row("herrenschmidt2006", 1, 0, 1, 0, 1), row("linux5_5", 1, 0, 2, 0, 2), row("linux5_9", 0, 1, 2, 0, 2),
        row("linux6_1", 1, 0, 1, 0, 1),
    ]

    // The rows without areas' locks, which also hold for the kernel's own accesses under every kernel.

    private static let pageUnderRead = [
        row("herrenschmidt2006", 2, 0, 2, 0, 2), row("waychison2006", 1, 0, 2, 0, 2),
        row("mortonSoleUser2006", 1, 0, 1, 0, 1), row("mortonSequence2006", 1, 0, 1, 0, 2),
        row("pagefaultArgs2006", 1, 0, 2, 0, 2), row("linux2_6_36", 1, 0, 1, 0, 1),
        row("linux2_6_37", 1, 0, 2, 0, 2), row("linux5_9", 0, 1, 2, 0, 2), row("linux6_4", 0, 1, 1, 0, 2),
    ]

    private static let markedPage = [
        row("herrenschmidt2006", 1, 0, 1, 0, 1), row("bacik2018", 1, 0, 2, 0, 2), row("linux5_9", 0, 1, 2, 0, 2),
        row("linux6_4", 0, 1, 1, 0, 2),
    ]

    private static let ext4Store =
        [
            row("herrenschmidt2006", 1, 0, 1, 0, 1), row("chinner2018", 1, 0, 2, 0, 2), row("kara2018", 1, 0, 1, 0, 1),
        ] + throttledStore.dropFirst()

    private static let swapIn = [
        row("herrenschmidt2006", 0, 1, 1, 1, 1), row("linux2_6_37", 0, 1, 2, 1, 2), row("linux6_4", 0, 1, 1, 1, 2),
    ]

    /// The same counts under every kernel, except that from one kernel on the mmap lock is not taken.
    private static func always(
        _ minor: Int, _ major: Int, _ pgfault: Int, _ pgmajfault: Int, locks: (Int, from: String?)
    ) -> [Row] {
        let first = row("herrenschmidt2006", minor, major, pgfault, pgmajfault, locks.0)
        return [first] + (locks.from.map { [row($0, minor, major, pgfault, pgmajfault, 0)] } ?? [])
    }

    private static func row(_ kernel: String, _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int) -> Row {
        (kernel, AccountingCounts(a, b, c, d, e))
    }
}
