public import FaultCore

/// Mappings of a file on a device: `ext4_file_vm_ops` or `btrfs_file_vm_ops`, with the `filemap_fault()` and the
/// `page_mkwrite` of the machine's kernel, and `filemap_map_pages()`.
struct FileVMOperations: VMOperationTable {
    /// The file systems, which differ in what they do before the first store to a page.
    enum FileSystem: UInt8, BitwiseCopyable, Sendable {
        /// `ext4_page_mkwrite()`.
        case ext4
        /// `btrfs_page_mkwrite()`, which must reserve space for the page; that may take long.
        case btrfs
    }

    let fileSystem: FileSystem

    /// `filemap`, or the file system's.
    var name: StaticName { fileSystem == .ext4 ? StaticName("filemap") : StaticName("btrfs") }

    var provides: VMOperationSet { [.mapPages, .mapsReadyPages, .pageMkwrite] }

    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { Filemap.mapPages(fault, from: first, through: last, &machine) }

    /// The routine of a call under a kernel model.
    @inline(__always)
    private func routine(of call: HandlerCall, in model: borrowing KernelModel) -> HandlerRoutine {
        switch call {
        case .fault: .fault(model.fileFault)
        case .pageMkwrite:
            switch (fileSystem, model.mkwriteProtocol) {
            case (.ext4, .keepsLock), (.ext4, .handlerRetries): .mkwrite
            case (.ext4, .helperRetries), (.ext4, .fileSystemKnows), (.btrfs, _): .retryingMkwrite
            }
        }
    }
}

/// The routines behind the calls of ``FileVMOperations``.
enum HandlerRoutine: BitwiseCopyable {
    /// The `filemap_fault()` of a kernel.
    case fault(KernelModel.FileFaultRoutine)
    /// ``FileMkwrite``.
    case mkwrite
    /// ``RetryingMkwrite``.
    case retryingMkwrite
}

extension FileVMOperations: RoutineRegistry {
    typealias Key = HandlerRoutine

    @inline(__always)
    func route<User: RoutineUser>(
        _ routine: HandlerRoutine, to _: User.Type, _ first: inout User.First, _ second: inout User.Second,
        _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer {
        switch routine {
        case .fault(.waitsToTheEnd): User.use(FileFault.self, &first, &second, &third, &fourth)
        case .fault(.waitsForUnlock): User.use(FileFault2_6_37.self, &first, &second, &third, &fourth)
        case .fault(.fillsAround): User.use(FileFaultAround2014.self, &first, &second, &third, &fourth)
        case .fault(.goesOnIfUnchanged): User.use(FileFaultSequence2006.self, &first, &second, &third, &fourth)
        case .fault(.leavesAfterSubmission): User.use(FileFault2018.self, &first, &second, &third, &fourth)
        case .mkwrite: User.use(FileMkwrite.self, &first, &second, &third, &fourth)
        case .retryingMkwrite: User.use(RetryingMkwrite.self, &first, &second, &third, &fourth)
        }
    }
}

// What the engine calls.
extension FileVMOperations {
    func beginning(of call: HandlerCall, in model: KernelModel) -> CallFrame {
        switch call {
        case .fault: CallFrame(EmptyFrame())
        case .pageMkwrite: CallFrame(RetryingMkwrite.Frame())
        }
    }

    func step(
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind {
        step(routine(of: call, in: machine.model), &activation, &fault, &machine, &payload)
    }

    func visit<Visitor: FieldVisitor>(
        _ call: HandlerCall, _ activation: Activation, in model: KernelModel, _ visitor: inout Visitor
    ) { visit(routine(of: call, in: model), activation, &visitor) }

    func hash(_ call: HandlerCall, _ activation: Activation, in model: KernelModel, into hash: inout FieldHash) {
        self.hash(routine(of: call, in: model), activation, into: &hash)
    }

    func stageName(_ stage: UInt8, of call: HandlerCall, in model: KernelModel) -> String? {
        stageName(stage, of: routine(of: call, in: model))
    }

    func reads(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Footprint {
        reads(routine(of: call, in: view.model), activation, view)
    }

    func holds(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Holdings {
        holds(routine(of: call, in: view.model), activation, view)
    }

    func mapPagesReads(from first: PageIndex, through last: PageIndex, _ view: StageView) -> Footprint {
        view.mappingReadyPages(from: first, through: last)
    }
}

extension Filemap {
    /// The handler of btrfs mappings: `btrfs_file_vm_ops`. Before the first store to a page it reserves space, which
    /// may take long.
    public static var btrfsVMOperations: any VMOperationTable { FileVMOperations(fileSystem: .btrfs) }
}
