public import FaultCore

/// Mappings of a file on a device: `ext4_file_vm_ops` or `btrfs_file_vm_ops`, with the `filemap_fault()` and the
/// `page_mkwrite` of the machine's kernel, and `filemap_map_pages()`.
struct FileVMOperations: VMOperationTable {
    /// The file systems that differ in what they do before a page may be written to.
    enum FileSystem: UInt8, BitwiseCopyable, Sendable {
        /// `ext4_page_mkwrite()`.
        case ext4
        /// `btrfs_page_mkwrite()`: space for the page must be reserved, which may take long.
        case btrfs
    }

    let fileSystem: FileSystem

    /// `filemap`, or the file system's.
    var name: StaticName { fileSystem == .ext4 ? StaticName("filemap") : StaticName("btrfs") }

    var provides: VMOperationSet { [.mapPages, .mapsReadyPages, .pageMkwrite] }

    func mapPages(
        _ fault: inout VMFault, from first: PageIndex, through last: PageIndex, _ machine: inout Machine
    ) -> FaultResult { Filemap.mapPages(fault, from: first, through: last, &machine) }

    /// Which routine a call is under a kernel.
    @inline(__always)
    private func route<User: RoutineUser>(
        _ call: HandlerCall, in model: borrowing KernelModel, to _: User.Type, _ first: inout User.First,
        _ second: inout User.Second, _ third: inout User.Third, _ fourth: inout User.Fourth
    ) -> User.Answer {
        switch call {
        case .fault:
            switch model.fileFault {
            case .waitsToTheEnd: User.use(FileFault.self, &first, &second, &third, &fourth)
            case .waitsForUnlock: User.use(FileFault2_6_37.self, &first, &second, &third, &fourth)
            case .fillsAround: User.use(FileFaultAround2014.self, &first, &second, &third, &fourth)
            case .goesOnIfUnchanged: User.use(FileFaultSequence2006.self, &first, &second, &third, &fourth)
            case .leavesAfterSubmission: User.use(FileFault2018.self, &first, &second, &third, &fourth)
            }
        case .pageMkwrite:
            switch (fileSystem, model.mkwriteProtocol) {
            case (.ext4, .keepsLock), (.ext4, .handlerRetries):
                User.use(FileMkwrite.self, &first, &second, &third, &fourth)
            case (.ext4, .helperRetries), (.ext4, .fileSystemKnows), (.btrfs, _):
                User.use(RetryingMkwrite.self, &first, &second, &third, &fourth)
            }
        }
    }
}

// What the engine asks.
extension FileVMOperations {
    func beginning(of call: HandlerCall, in model: KernelModel) -> CallFrame {
        switch call {
        case .fault: CallFrame(ReadaheadFrame())
        case .pageMkwrite: CallFrame(RetryingMkwrite.Frame())
        }
    }

    func step(
        _ call: HandlerCall, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ answer: inout StageAnswer
    ) -> StageAnswer.Kind {
        let fileFault = machine.model.fileFault
        if call == .fault, fileFault == .waitsToTheEnd {
            return activation.run(FileFault.self, &fault, &machine, &answer)
        }
        let model = machine.model
        return route(call, in: model, to: StageRunner.self, &activation, &fault, &machine, &answer)
    }

    func visit<Visitor: FieldVisitor>(
        _ call: HandlerCall, _ activation: Activation, in model: KernelModel, _ visitor: inout Visitor
    ) {
        var copy = activation
        var none: Void = ()
        var more: Void = ()
        route(call, in: model, to: FrameViewer<Visitor>.self, &copy, &visitor, &none, &more)
    }

    func hash(_ call: HandlerCall, _ activation: Activation, in model: KernelModel, into hash: inout FieldHash) {
        visit(call, activation, in: model, &hash)
    }

    func stageName(_ stage: UInt8, of call: HandlerCall, in model: KernelModel) -> String? {
        var stage = stage
        var none: Void = ()
        var more: Void = ()
        var last: Void = ()
        return route(call, in: model, to: StageNamer.self, &stage, &none, &more, &last)
    }

    func reads(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Footprint {
        var activation = activation
        var view = view
        var none: Void = ()
        var more: Void = ()
        return route(call, in: view.model, to: ReadsDeclarer.self, &activation, &view, &none, &more)
    }

    func holds(_ call: HandlerCall, _ activation: Activation, _ view: StageView) -> Holdings {
        var activation = activation
        var view = view
        var none: Void = ()
        var more: Void = ()
        return route(call, in: view.model, to: HoldingsDeclarer.self, &activation, &view, &none, &more)
    }

    func mapPagesReads(from first: PageIndex, through last: PageIndex, _ view: StageView) -> Footprint {
        view.mappingReadyPages(from: first, through: last)
    }
}

extension Filemap {
    /// The handler of btrfs's mappings: `btrfs_file_vm_ops`. Before a page may be written to, space for it must be reserved,
    /// which may take long.
    public static var btrfsVMOperations: any VMOperationTable { FileVMOperations(fileSystem: .btrfs) }
}
