/// Kernel models as arguments of tests.
///
///     @Test("a cold read drops the lock", arguments: Kernels.released(from: .linux2_6_37))
///     func coldRead(_ kernel: KernelModel) throws { … }
public enum Kernels {
    /// All presets of released kernels, the oldest first.
    public static var released: [KernelModel] {
        KernelModel.presets.filter { isRelease($0) }
    }

    /// The released kernels from `first` through `last`; by default from the oldest through the newest.
    ///
    /// - Precondition: Both are released kernels that are presets, and the first is not the later one.
    public static func released(from first: KernelModel? = nil, through last: KernelModel? = nil) -> [KernelModel] {
        let all = released
        let (begin, end) = (place(of: first, else: 0), place(of: last, else: all.count - 1))
        guard begin <= end else {
            misuse("Kernels.released: \(all[begin].name) is later than \(all[end].name); give the earlier kernel first")
        }
        return Array(all[begin...end])
    }

    /// The proposals among the presets, none of which was merged in this form.
    public static var proposals: [KernelModel] { KernelModel.presets.filter { !isRelease($0) } }

    /// All presets for which `holds` is true: `Kernels.where { $0.areaLocks != .none }`.
    public static func `where`(_ holds: (KernelModel) -> Bool) -> [KernelModel] { KernelModel.presets.filter(holds) }

    private static func isRelease(_ model: KernelModel) -> Bool { model.name.description.hasPrefix("linux") }

    private static func place(of model: KernelModel?, else place: Int) -> Int {
        guard let model else { return place }
        guard let found = released.firstIndex(of: model) else {
            misuse("Kernels.released: \(model) is no released kernel among the presets; see Kernels.released")
        }
        return found
    }
}
