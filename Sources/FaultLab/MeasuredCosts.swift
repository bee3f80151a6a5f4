import FaultSimulator

/// Costs that were measured on one real machine, and the cost model made from them.
///
/// They were measured on Linux 6.18.44 in a virtual machine (KVM, Intel Xeon of the Sapphire Rapids generation). Each
/// is the median of 15 runs over 4,096 to 16,384 pages, with their page tables in place and `MADV_NOHUGEPAGE`. No run
/// contains a retried fault, so what the simulator says about retries is a prediction.
public enum MeasuredCosts {
    /// A lower bound of the cost of an attempt, in nanoseconds: `MADV_POPULATE_READ` of one present page, less the cost
    /// of an empty system call. It takes the mmap lock, finds the area, and walks the tables, but does not enter
    /// `handle_mm_fault()`.
    public static let walkNanoseconds: UInt64 = 125
    /// An upper bound of the cost of an attempt that finds everything done: `MADV_POPULATE_READ` of untouched private
    /// anonymous memory, for each page. It runs `handle_mm_fault()` without an exception, but maps a page each time.
    public static let populateNanoseconds: UInt64 = 325
    /// The first read of a page of private anonymous memory: an exception, and a fault that maps the zero page.
    public static let readNanoseconds: UInt64 = 670
    /// The first store to a page of shared anonymous memory: an exception, a fault, a cleared page, the page cache of a
    /// tmpfs.
    public static let storeNanoseconds: UInt64 = 1_760

    /// `mmap()` and `munmap()` of a page of private anonymous memory that is not touched, both together.
    public static let mappingNanoseconds: UInt64 = 1_530

    /// The middle between ``walkNanoseconds`` and ``populateNanoseconds``.
    public static var attemptNanoseconds: UInt64 { (walkNanoseconds + populateNanoseconds) / 2 }

    /// The cost model with which the simulator of Linux 6.1 takes these times, if an attempt that finds everything done
    /// takes `attempt`. The attempt gives the cost of a stage, the read gives that of an exception, and the store that
    /// of a page.
    static func costs(attempt: UInt64 = attemptNanoseconds) throws(WorldError) -> CostModel {
        var unit = CostModel()
        unit.faultStageNanoseconds = 1
        unit.systemCallStageNanoseconds = 1
        unit.touchNanoseconds = 1
        let completing = KernelModel.linux6_1
        let retrying = completing.with(\.throttledSharedWrite, .retries, named: "retrying")
        let read = try stages(completing, unit, .private) { .read($0, pages: $0.pages) }
        let store = try stages(completing, unit, .shared) { .write($0, pages: $0.pages) }
        let retriedStore = try stages(retrying, unit, .shared) { .write($0, pages: $0.pages) }

        let stage = (attempt + (retriedStore - store) / 2) / (retriedStore - store)
        var costs = CostModel()
        costs.faultStageNanoseconds = stage
        costs.systemCallStageNanoseconds = stage
        costs.touchNanoseconds = stage
        costs.exceptionNanoseconds = readNanoseconds - read * stage
        costs.pageCopyNanoseconds = storeNanoseconds - costs.exceptionNanoseconds - store * stage
        return costs
    }

    /// ``costs(attempt:)``, with stages of system calls that make mmap and munmap of a page take
    /// ``mappingNanoseconds``.
    static func costsWithMapping() throws(WorldError) -> CostModel {
        var costs = try costs()
        let stages = try stagesOfMapping(.linux6_1)
        costs.systemCallStageNanoseconds = (mappingNanoseconds + stages / 2) / stages
        return costs
    }

    /// How many stages mmap and munmap of a page have together; not every kernel's munmap downgrades its lock.
    static func stagesOfMapping(_ model: KernelModel) throws(WorldError) -> UInt64 {
        var unit = CostModel()
        unit.systemCallStageNanoseconds = 1
        var world = try LabWorld.timed(model, costs: unit)
        let mapper = world.task()
        _ = try world.map(try world.file(pages: 16), .read, .shared, in: mapper)
        world.start(Mapper(), in: mapper)
        let begin = world.clock
        let locks = world.machine.counters(of: mapper).mmapWriteLocks
        world.run(until: .time(begin + 10_000))
        return 10_000 / UInt64((world.machine.counters(of: mapper).mmapWriteLocks - locks) / 2)
    }

    /// How many stages `operation` has for each page of fresh memory.
    private static func stages(
        _ model: KernelModel, _ costs: CostModel, _ sharing: Sharing, _ operation: (Area) -> TaskOperation
    ) throws(WorldError) -> UInt64 {
        let pages = 512
        var world = try LabWorld.timed(model, costs: costs)
        let task = world.task()
        let area = try world.map(anonymousPages: pages, .readWrite, sharing, in: task)
        let begin = world.clock
        try world.perform(operation(area), in: task)
        return (world.clock - begin) / UInt64(pages)
    }
}
