/// A scenario: what one process, its threads and the children that it forks do to their memory.
///
/// A recording is a scenario whose lines also say what a real kernel reported, in `Line.saw`.
public struct Scenario: Equatable, Sendable {
    /// The scenario's name.
    public var name: String
    /// One sentence on what it shows; empty if the header has none.
    public var about: String
    /// The kernel that was recorded (`6.1.192`); nil in a scenario that is no recording.
    public var kernel: String?
    /// The machine's settings.
    public var settings: Settings
    /// The operations, in order.
    public var lines: [Line]

    /// Makes a scenario; the arguments are the properties of the same names.
    public init(
        name: String, about: String = "", kernel: String? = nil, settings: Settings = Settings(), lines: [Line] = []
    ) {
        self.name = name
        self.about = about
        self.kernel = kernel
        self.settings = settings
        self.lines = lines
    }
}

/// The settings of the machine on which a scenario runs. Settings that the header leaves out have the values of
/// `init()`.
public struct Settings: Equatable, Sendable {
    /// How far fault-around reaches, in bytes; the kernel rounds it down to a power of two, and up to one page.
    public var faultAroundBytes = 65536
    /// The largest readahead window, in KiB.
    public var readAheadKB = 128
    /// The largest request of the block device, in KiB.
    public var maxSectorsKB = 1280
    /// Whether the kernel makes transparent huge pages.
    public var transparentHugePages = TransparentHugePages.never
    /// CPUs of the machine.
    public var cpus = 1
    /// `vm.dirty_bytes`; nil leaves the kernel's default, which no scenario reaches.
    public var dirtyBytes: Int?
    /// The swap devices, in the order in which they were added.
    public var swap: [SwapDevice] = []
    /// `vm.page-cluster`: the largest window of swap readahead has 2 to this power pages.
    public var pageCluster = 3
    /// How many pages the processes may hold: `memory.max` of their cgroup; nil for any.
    public var memoryMax: Int?
    /// How many pages of swap they may use: `memory.swap.max`; nil for any.
    public var swapMax: Int?

    /// The settings of a header without any.
    public init() {}
}

/// A swap device of a scenario's machine.
public struct SwapDevice: Equatable, Sendable {
    /// How many slots it has, numbered from 1.
    public var pages: Int
    /// Whether it reports that it rotates.
    public var isRotational = false
    /// Whether it reads and writes synchronously.
    public var isSynchronous = false
    /// Its priority; nil for none of its own.
    public var priority: Int?

    /// Makes a device that is neither rotational nor synchronous.
    public init(pages: Int) {
        self.pages = pages
    }
}

/// `settings.thp`: when the kernel makes transparent huge pages. The format supports only `never`.
public enum TransparentHugePages: String, CaseIterable, Sendable {
    /// Never.
    case never
}

/// One line after the header: an operation, the thread that does it, and what a real kernel reported for it.
public struct Line: Equatable, Sendable {
    /// Its number in the file, from 1; the header is line 1.
    public var number: Int
    /// What is done.
    public var operation: ScenarioOperation
    /// The id of the forked child or thread that does it; nil for the first process's first thread.
    public var `in`: String?
    /// Whether the operation is only started: the next one may begin before it has ended.
    public var start: Bool
    /// Whether the started operation was seen to run forever without coming to rest.
    public var endless: Bool
    /// What was seen; nil in a scenario that is no recording.
    public var saw: Saw?

    /// Makes a line; the arguments are the properties of the same names.
    public init(
        number: Int, operation: ScenarioOperation, in: String? = nil, start: Bool = false, endless: Bool = false,
        saw: Saw? = nil
    ) {
        self.number = number
        self.operation = operation
        self.in = `in`
        self.start = start
        self.endless = endless
        self.saw = saw
    }
}
