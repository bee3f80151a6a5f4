/// What a machine is made of and never changes: model, settings, costs, and everything that plugs in.
public final class MachineConfiguration: Sendable {
    /// The kernel that the machine runs.
    public let model: KernelModel
    /// What an administrator has set.
    public let settings: MachineSettings
    /// What things cost.
    public let costs: CostModel
    /// The architecture's way into the fault path.
    public let entry: any FaultEntry
    /// What backs areas; number 1 is the first.
    public let vmOperations: [any VMOperations]
    /// The file systems; number 0 is the first.
    public let fileOperations: [any FileOperations]
    /// The kinds of block device.
    public let blockDevices: [any BlockDevice]
    /// The numbers of the ``FileOperations`` and the ``VMOperations`` of shared anonymous memory, a tmpfs that nobody
    /// mounts; without them mmap(2) has no memory for such areas. Models `shm_mnt`.
    public let sharedMemory: (fileOperations: Int, vmOperations: Int)?
    /// The programs that decide for themselves; number 1 is the first.
    public let programs: [any TaskProgram]
    /// The programs that are lists.
    let lists: [[Operation]]
    /// Of each list, what is left from each operation on, as one word; for the fingerprint.
    let listDigests: [[UInt64]]
    /// The entry's ``FaultEntry/geometry``.
    public let geometry: PageGeometry
    /// By access, the entry's ``FaultEntry/uncontendedAccess(_:)``.
    let uncontendedAccess: UncontendedAccess
    /// What each of ``vmOperations`` provides.
    let provided: [VMOperationSet]
    /// Whether ``costs`` are all zero.
    let isFree: Bool
    /// Whether there is a ``MachineSettings/frameLimit``.
    let limitsFrames: Bool
    /// The model's ``AtOnce/hasFaults(_:)``.
    let hasFaultsAtOnce: Bool

    /// Puts a machine together.
    public init(
        model: KernelModel, settings: MachineSettings = MachineSettings(), costs: CostModel = CostModel(),
        entry: any FaultEntry, vmOperations: [any VMOperations] = [], fileOperations: [any FileOperations] = [],
        blockDevices: [any BlockDevice] = [], programs: [any TaskProgram] = [],
        sharedMemory: (fileOperations: Int, vmOperations: Int)? = nil
    ) {
        self.model = model
        self.settings = settings
        self.costs = costs
        self.entry = entry
        self.vmOperations = vmOperations
        self.fileOperations = fileOperations
        self.blockDevices = blockDevices
        self.programs = programs
        self.sharedMemory = sharedMemory
        lists = []
        listDigests = []
        geometry = entry.geometry
        uncontendedAccess = UncontendedAccess(of: entry)
        provided = vmOperations.map(\.provides)
        isFree = costs.isFree
        limitsFrames = settings.frameLimit != .max
        hasFaultsAtOnce = AtOnce.hasFaults(model)
    }

    private init(
        _ base: MachineConfiguration, vmOperations: [any VMOperations]? = nil,
        blockDevices: [any BlockDevice]? = nil, programs: [any TaskProgram]? = nil, lists: [[Operation]]? = nil
    ) {
        model = base.model
        settings = base.settings
        costs = base.costs
        entry = base.entry
        self.vmOperations = vmOperations ?? base.vmOperations
        fileOperations = base.fileOperations
        self.blockDevices = blockDevices ?? base.blockDevices
        self.programs = programs ?? base.programs
        sharedMemory = base.sharedMemory
        self.lists = lists ?? base.lists
        let known = base.listDigests
        listDigests = known + self.lists[known.count...].map(Self.digests(of:))
        geometry = base.geometry
        uncontendedAccess = base.uncontendedAccess
        provided = self.vmOperations.map(\.provides)
        isFree = base.isFree
        limitsFrames = base.limitsFrames
        hasFaultsAtOnce = base.hasFaultsAtOnce
    }

    func adding(_ operations: any VMOperations) -> MachineConfiguration {
        MachineConfiguration(self, vmOperations: vmOperations + [operations])
    }

    func adding(_ device: any BlockDevice) -> MachineConfiguration {
        MachineConfiguration(self, blockDevices: blockDevices + [device])
    }

    func adding(_ program: any TaskProgram) -> MachineConfiguration {
        MachineConfiguration(self, programs: programs + [program])
    }

    func adding(_ list: [Operation]) -> MachineConfiguration {
        MachineConfiguration(self, lists: lists + [list])
    }
}
