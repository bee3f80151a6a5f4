/// What a machine is made of and never changes: model, settings, costs, and everything that plugs in.
public final class MachineConfiguration: Sendable {
    /// The kernel that the machine runs.
    public let model: KernelModel
    /// What an administrator has set.
    public let settings: MachineSettings
    /// What things cost.
    package let costs: CostModel
    /// The architecture's way into the fault path.
    public let entry: any FaultEntry
    /// The handlers of areas; the first has number 1.
    package let vmOperations: [any VMOperationTable]
    /// The file systems; the first has number 0.
    package let fileOperations: [any FileOperationTable]
    /// The kinds of block device; the first has number 0.
    package let blockDevices: [any BlockDevice]
    /// The numbers of the ``FileOperations`` and the ``VMOperations`` of shared anonymous memory, a tmpfs that is never
    /// mounted. Without them, mmap(2) of such areas has no memory. Models `shm_mnt`.
    package let sharedMemory: (fileOperations: Int, vmOperations: Int)?
    /// The code of the page cache; without it, a machine has no read(2), no write(2), and no throttling.
    package let pageCache: any PageCacheOperations
    /// The handler of faults in user space; without it, the userfaultfd system call does not exist.
    package let userfaults: (any UserfaultOperations)?
    /// The entry's ``FaultEntry/geometry``.
    package let geometry: PageGeometry
    /// By access, the entry's ``FaultEntry/uncontendedAccess(_:)``.
    let uncontendedAccess: UncontendedAccess
    /// What each of ``vmOperations`` provides.
    let provided: [VMOperationSet]
    /// What each of ``vmOperations`` remembers of an area.
    let areaStates: [StateKind]
    /// Whether any of them remembers anything.
    let keepsAreaState: Bool
    /// What each of ``fileOperations`` remembers of a file.
    let fileStates: [StateKind]
    /// What each of ``blockDevices`` remembers of a device.
    let deviceStates: [StateKind]
    /// The frames with which calls of each of ``vmOperations`` begin.
    let handlerFrames: [(fault: CallFrame, pageMkwrite: CallFrame)]
    /// The frame with which a fault of the entry begins.
    let entryFrame: CallFrame
    /// Whether ``costs`` are all zero.
    let isFree: Bool
    /// Whether there is a ``MachineSettings/frameLimit``.
    let limitsFrames: Bool
    /// The model's ``AtOnce/allowsFaults(_:)``.
    let allowsFaultsAtOnce: Bool

    /// Puts a machine together.
    ///
    /// - Parameters:
    ///   - model: The kernel that it runs.
    ///   - settings: What an administrator would set.
    ///   - costs: What the processor's work costs; by default nothing.
    ///   - entry: The architecture's fault entry.
    ///   - vmOperations: The handlers of faults.
    ///   - fileOperations: The file systems.
    ///   - blockDevices: The kinds of block device.
    ///   - sharedMemory: The file system of shared memory, by its number from 0 on, and its handler, from 1 on.
    ///   - pageCache: `Filemap.pageCache`; without it, the machine has no read(2), no write(2) and no throttling.
    ///   - userfaults: `Userfaultfd.code`; without it, the machine has no userfaultfd(2).
    /// - Precondition: The settings have no ``MachineSettings/problem``. There are at most 65,535 handlers and 65,536 of each
    ///   other list, and `sharedMemory` names two of them.
    public init(
        model: KernelModel, settings: MachineSettings = MachineSettings(), costs: CostModel = CostModel(),
        entry: any FaultEntry, vmOperations: [any VMOperationTable] = [], fileOperations: [any FileOperationTable] = [],
        blockDevices: [any BlockDevice] = [], sharedMemory: (fileOperations: Int, vmOperations: Int)? = nil,
        pageCache: PageCacheCode? = nil, userfaults: UserfaultCode? = nil
    ) {
        if let problem = settings.problem { misuse("MachineConfiguration: \(problem)") }
        guard vmOperations.count <= UInt16.max, fileOperations.count <= 1 << 16, blockDevices.count <= 1 << 16 else {
            misuse(
                "MachineConfiguration: there are \(vmOperations.count) handlers, \(fileOperations.count) file systems and "
                    + "\(blockDevices.count) kinds of device; give at most 65,535, 65,536 and 65,536")
        }
        if let sharedMemory {
            guard sharedMemory.vmOperations >= 1, sharedMemory.vmOperations <= vmOperations.count,
                UInt16(exactly: sharedMemory.fileOperations) != nil
            else {
                misuse(
                    "MachineConfiguration: sharedMemory is \(sharedMemory); give the number of a file system, from 0 on, and "
                        + "of a handler, from 1 to \(vmOperations.count)")
            }
        }
        self.model = model
        self.settings = settings
        self.costs = costs
        self.entry = entry
        self.vmOperations = vmOperations
        self.fileOperations = fileOperations
        self.blockDevices = blockDevices
        self.sharedMemory = sharedMemory
        self.pageCache = pageCache?.operations ?? MissingPageCache()
        self.userfaults = userfaults?.operations
        geometry = entry.geometry
        uncontendedAccess = UncontendedAccess(of: entry)
        provided = vmOperations.map(\.provides)
        areaStates = vmOperations.map { StateKind.ofAreas($0) }
        keepsAreaState = areaStates.contains { $0.isKept }
        fileStates = fileOperations.map { StateKind.ofFiles($0) }
        deviceStates = blockDevices.map { StateKind.ofDevices($0) }
        handlerFrames = vmOperations.map {
            ($0.beginning(of: .fault, in: model), $0.beginning(of: .pageMkwrite, in: model))
        }
        entryFrame = entry.beginning
        isFree = costs.isFree
        limitsFrames = settings.frameLimit != .max
        allowsFaultsAtOnce = AtOnce.allowsFaults(model)
    }

    private init(
        _ base: MachineConfiguration, vmOperations: [any VMOperationTable]? = nil,
        fileOperations: [any FileOperationTable]? = nil, blockDevices: [any BlockDevice]? = nil
    ) {
        model = base.model
        settings = base.settings
        costs = base.costs
        entry = base.entry
        self.vmOperations = vmOperations ?? base.vmOperations
        self.fileOperations = fileOperations ?? base.fileOperations
        self.blockDevices = blockDevices ?? base.blockDevices
        sharedMemory = base.sharedMemory
        pageCache = base.pageCache
        userfaults = base.userfaults
        geometry = base.geometry
        uncontendedAccess = base.uncontendedAccess
        provided = self.vmOperations.map(\.provides)
        areaStates = self.vmOperations.map { StateKind.ofAreas($0) }
        keepsAreaState = areaStates.contains { $0.isKept }
        fileStates = self.fileOperations.map { StateKind.ofFiles($0) }
        deviceStates = self.blockDevices.map { StateKind.ofDevices($0) }
        handlerFrames = self.vmOperations.map { [model] in
            ($0.beginning(of: .fault, in: model), $0.beginning(of: .pageMkwrite, in: model))
        }
        entryFrame = base.entryFrame
        isFree = base.isFree
        limitsFrames = base.limitsFrames
        allowsFaultsAtOnce = base.allowsFaultsAtOnce
    }

    /// What the file system with this number remembers of a file; nothing if there is no such file system.
    func fileState(_ operations: UInt16) -> StateKind {
        Int(operations) < fileStates.count ? fileStates[Int(operations)] : .nothing
    }

    func adding(_ operations: any VMOperationTable) -> MachineConfiguration {
        MachineConfiguration(self, vmOperations: vmOperations + [operations])
    }

    func adding(_ fileSystem: any FileOperationTable) -> MachineConfiguration {
        MachineConfiguration(self, fileOperations: fileOperations + [fileSystem])
    }

    func adding(_ device: any BlockDevice) -> MachineConfiguration {
        MachineConfiguration(self, blockDevices: blockDevices + [device])
    }
}
