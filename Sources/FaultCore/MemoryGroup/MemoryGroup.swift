/// The current state of a machine's memory group: a control group with a memory limit, which contains all processes.
/// Models `mem_cgroup` of version 2 (mm/memcontrol.c, Linux 6.1 and 6.12).
///
/// What a process allocates once the group exists is charged to the group, page by page. That is private memory, tmpfs,
/// and pages of files that the process is the first to bring into the cache. Older memory is not charged, nor are page
/// tables and other memory of the kernel. A charge that would exceed the limit reclaims pages of the group. If that
/// frees nothing, a process is killed.
public struct MemoryGroup: Equatable, BitwiseCopyable, Sendable {
    /// How many pages may be charged: `memory.max`.
    public package(set) var limit: Int
    /// How many slots of swap areas may be charged: `memory.swap.max`; `Int.max` for any number.
    public package(set) var swapLimit: Int
    /// How many pages are charged: `memory.current`, without the stock of processors.
    public package(set) var charged: Int
    /// How many pages processors have charged in advance, in order to charge single pages faster: `memcg_stock`.
    public package(set) var stock: Int
    /// How many slots are charged: `memory.swap.current`.
    public package(set) var swapCharged: Int
    /// Its events.
    public package(set) var events: MemoryGroupEvents

    /// Makes a description of a group; the arguments are the properties of the same names.
    package init(
        limit: Int, swapLimit: Int, charged: Int, stock: Int, swapCharged: Int, events: MemoryGroupEvents
    ) {
        self.limit = limit
        self.swapLimit = swapLimit
        self.charged = charged
        self.stock = stock
        self.swapCharged = swapCharged
        self.events = events
    }
}

extension Machine {
    /// The machine's memory group; nil if it has none.
    public var memoryGroup: MemoryGroup? {
        group.map {
            MemoryGroup(
                limit: $0.limit, swapLimit: $0.swapLimit, charged: $0.usage - $0.stock, stock: $0.stock,
                swapCharged: $0.swapUsage, events: $0.events)
        }
    }

    /// Puts all processes, and processes that they fork later, into a memory group. Nothing is charged yet.
    ///
    /// - Parameters:
    ///   - limit: How many pages may be charged: `memory.max`. At least 1.
    ///   - swapLimit: How many slots of swap areas: `memory.swap.max`. At least 0.
    /// - Precondition: The machine has no memory group yet, and no ``MachineSettings/frameLimit``.
    public mutating func addMemoryGroup(limit: Int, swapLimit: Int = .max) {
        guard group == nil else { misuse("Machine.addMemoryGroup: there is one already; change its limit") }
        guard !configuration.limitsFrames else {
            misuse("Machine.addMemoryGroup: a machine with a frameLimit can't have one; leave one of the two out")
        }
        guard limit >= 1, swapLimit >= 0 else {
            misuse("Machine.addMemoryGroup: the limits are \(limit) and \(swapLimit); give at least 1 and 0")
        }
        noteWrite(.memory)
        group = GroupState(limit: limit, swapLimit: swapLimit)
        keepsLists = true
        hasGroup = true
    }
}
