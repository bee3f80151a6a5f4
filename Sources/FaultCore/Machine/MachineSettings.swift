/// What an administrator can set on a machine, and its limits.
public struct MachineSettings: Equatable, BitwiseCopyable, Sendable {
    /// `fault_around_bytes` in pages: how many pages fault-around looks at. A power of two; 1 turns it off.
    public var faultAroundPages: Int = 16
    /// `read_ahead_kb` in pages: `ra_pages` of a freshly opened file.
    public var readaheadPages: Int = 32
    /// `max_sectors_kb` in pages: the largest request to a device, `io_pages`.
    public var largestRequestPages: Int = 320
    /// `vm.max_map_count`.
    public var mapCountLimit: Int = 65530
    /// `RLIMIT_STACK` in pages.
    public var stackLimitPages: Int = 2048
    /// `stack_guard_gap` in pages.
    public var stackGuardPages: Int = 256
    /// `RLIMIT_AS` in pages.
    public var addressSpaceLimitPages: Int = .max
    /// `RLIMIT_DATA` in pages: limits the heap, and all private writable memory except stacks.
    public var dataLimitPages: Int = .max
    /// `RLIMIT_MEMLOCK` in pages.
    public var lockedLimitPages: Int = .max
    /// `vm.dirty_bytes` in pages: with more dirty pages, tasks that dirty pages are throttled.
    public var dirtyLimitPages: Int = .max
    /// How many pages a task dirties before it checks whether it has to be throttled: `nr_dirtied_pause`. The kernel
    /// checks after 8 pages, in a machine that has too many dirty ones.
    public var dirtyPausePages: Int = 1
    /// The size of a tmpfs in pages: past it, a fault is SIGBUS.
    public var tmpfsPages: Int = .max
    /// How many page frames there are. By default they are unlimited, and no page is reclaimed for lack of frames.
    public var frameLimit: Int = .max
    /// `2 ^ vm.page_cluster`: how many pages a swap-in reads at most. A power of two; 1 turns readahead off.
    public var swapReadaheadPages: Int = 8
    /// The size of the page cache of files that no simulated program uses, in pages, as the kernel's statistics count
    /// it. From the statistics, reclaim judges whether a page was gone for long. Without a ``frameLimit``, this setting
    /// matters only if there is no room to swap (Linux 6.1).
    public var otherFilePages: Int = .max
    /// How many processors there are.
    public var processors: Int = 1
    /// How long a task keeps its processor while others are runnable, in nanoseconds of virtual time.
    public var timeSliceNanoseconds: UInt64 = 3_000_000

    /// The settings of a freshly installed machine.
    public init() {}
}
