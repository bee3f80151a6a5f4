/// A whole simulated machine, as one value: clock, tasks, memory maps, page tables, frames, files, devices.
///
/// `var branch = machine` is a second world; the two share only storage that neither has changed. Everything is
/// deterministic: the same calls give the same machine, to the last bit, in every process and build.
///
/// Two machines are equal if a simulated kernel and its programs could never tell them apart; see
/// ``Machine/fingerprint``. Statistics, traces and the numbers of frames do not count.
public struct Machine: Sendable {
    /// What the machine is made of.
    package internal(set) var configuration: MachineConfiguration
    /// The architecture's way into the fault path; the same as the configuration's.
    ///
    /// It is stored here as well because the compiler passes a value that contains an existential in place. Without
    /// this property, most calls of a function that only reads the machine would begin with a copy of the whole
    /// machine.
    let entry: any FaultEntry
    /// The virtual time, in nanoseconds.
    public internal(set) var clock: UInt64 = 0

    var tables: PageTables
    var frames = FrameTable()
    var maps: [MemoryMap] = []
    var tasks = TaskTable()
    var files: [FileState] = []
    var anonVMAs = AnonVMATable()
    private var seldom = Shared(SeldomUsed())
    @usableFromInline
    var scheduler: Scheduler
    var recorder = Recorder()
    /// The incremental part of the fingerprint: entries, tables, frames, caches, areas.
    var structuralHash: UInt64 = 0

    /// `pgfault` and its siblings. Statistics.
    public internal(set) var events = MachineEvents()
    /// Pages of files that are dirty or under writeback. Follows from the frames.
    package internal(set) var dirtyPages = 0

    /// Whether pages are kept in order of use: there is a limit of frames, or a memory group.
    var keepsLists: Bool
    /// Whether there is a memory group.
    var hasGroup = false
    /// Whether a userfaultfd was ever made. Checked wherever memory is unmapped.
    var hasUserfaults = false

    /// The block devices.
    var devices: [DeviceState] {
        get { seldom.value.devices }
        _modify { yield &seldom.value.devices }
    }

    /// The swap areas.
    var swap: SwapSpace {
        get { seldom.value.swap }
        _modify { yield &seldom.value.swap }
    }

    /// The lists of pages in order of use; empty without a frame limit.
    var lists: LRULists {
        get { seldom.value.lists }
        _modify { yield &seldom.value.lists }
    }

    /// The userfaultfds.
    var userfaults: [UserfaultContext] {
        get { seldom.value.userfaults }
        _modify { yield &seldom.value.userfaults }
    }

    /// The memory group that all processes are in.
    var group: GroupState? {
        get { seldom.value.group }
        _modify { yield &seldom.value.group }
    }

    /// The operations that tasks do one after the other.
    var programs: TaskPrograms {
        get { seldom.value.programs }
        _modify { yield &seldom.value.programs }
    }

    /// The names that a test has given to objects of the machine. Not state.
    var names: ObjectNames {
        get { seldom.value.names }
        _modify { yield &seldom.value.names }
    }

    /// Which areas of large maps may map a page. Follows from the maps.
    var areaIndex: AreaIndex {
        get { seldom.value.areaIndex }
        _modify { yield &seldom.value.areaIndex }
    }

    /// The files of shared anonymous memory that nothing uses. Follows from the files.
    var unnamedFiles: UnnamedFiles {
        get { seldom.value.unnamedFiles }
        _modify { yield &seldom.value.unnamedFiles }
    }

    /// The pins: memory that stays held after the calls that pinned it.
    var pins: PinTable {
        get { seldom.value.pins }
        _modify { yield &seldom.value.pins }
    }

    /// Makes a machine without tasks, files and devices.
    public init(_ configuration: MachineConfiguration) {
        self.configuration = configuration
        entry = configuration.entry
        keepsLists = configuration.limitsFrames
        tables = PageTables(configuration.geometry)
        scheduler = Scheduler(processors: configuration.settings.processors)
    }

    /// The kernel that the machine runs.
    public var model: KernelModel {
        @inline(__always)
        get { configuration.model }
    }
    /// What an administrator has set.
    public var settings: MachineSettings {
        @inline(__always)
        get { configuration.settings }
    }
    /// The shape of the address space.
    public var geometry: PageGeometry {
        @inline(__always)
        get { configuration.geometry }
    }
}

/// State that a fault does not change if it finds its page in memory.
struct SeldomUsed: Sendable {
    var devices: [DeviceState] = []
    var swap = SwapSpace()
    var lists = LRULists()
    var group: GroupState?
    var programs = TaskPrograms()
    var pins = PinTable()
    var userfaults: [UserfaultContext] = []
    var names = ObjectNames()
    var areaIndex = AreaIndex()
    var unnamedFiles = UnnamedFiles()
}
