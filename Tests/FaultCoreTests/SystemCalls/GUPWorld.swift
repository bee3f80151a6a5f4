import Testing

@testable import FaultCore

/// A machine with the smallest entry, a file handler whose reads wait for the test, and areas without system calls.
struct GUPWorld {
    var machine: Machine
    let task: TaskID

    init(_ model: KernelModel = .linux6_1, settings: MachineSettings = MachineSettings()) {
        machine = Machine(
            MachineConfiguration(
                model: model, settings: settings, entry: BareEntry(), vmOperations: [WaitingFile()],
                fileOperations: [AdvisedFile()]))
        task = machine.addTask()
        machine.recordsAttempts = true
        machine.isChecking = true
    }

    var map: MapID { machine.map(of: task) }

    /// A file of `pages` pages of which those in `cached` are in the page cache.
    mutating func file(pages: Int, cached: Range<Int> = 0..<0) -> FileID {
        let file = machine.addFile(
            pages: pages, operations: 0, vmOperations: 1, device: .none, traits: [],
            blocks: pages > 0 ? [PageRun(0, pages - 1)] : [])
        for page in cached {
            _ = machine.addToCache(
                of: file, at: PageIndex(page), flags: .uptodate, point: .cachePage, for: .none)
        }
        return file
    }

    /// An area, made without a system call.
    mutating func area(
        at page: UInt64, pages: Int, _ flags: VMAFlags = [.read, .write], file: FileID = .none, offset: Int = 0
    ) {
        let start = PageNumber(page)
        machine.insertArea(
            VMA(
                start: start, end: start + pages,
                startIndex: file == .none ? PageIndex(rawValue: page) : PageIndex(offset), flags: flags, file: file,
                operations: file == .none ? 0 : 1),
            in: map)
    }

    /// Runs one operation to its end, or until it waits.
    @discardableResult
    mutating func run(_ operation: TaskOperation, in other: TaskID? = nil) -> OperationReport {
        machine.start(operation, in: other ?? task)
        let reason = machine.verify(after: machine.run())
        #expect(reason.violations.isEmpty, "\(reason)")
        return machine.report(of: other ?? task)
    }

    /// Runs one operation to its end, finishing every read that it waits for.
    mutating func finish(_ operation: TaskOperation, in other: TaskID? = nil) -> OperationReport {
        machine.start(operation, in: other ?? task)
        return goOn(other)
    }

    /// Lets the reads that are waited for finish, one after the other, until the task is done.
    ///
    /// - Parameter keepsLock: Whether the task still holds a lock then, for a caller that the test leaves out.
    mutating func goOn(_ other: TaskID? = nil, keepsLock: Bool = false) -> OperationReport {
        var reason = machine.run()
        while reason == .blocked {
            for index in 0..<machine.taskCount {
                if let wait = machine.wait(of: TaskID(index)), wait.kind == .channel {
                    machine.wake(channel: wait.value)
                }
            }
            reason = machine.run()
        }
        if !keepsLock { reason = machine.verify(after: reason) }
        #expect(reason == .finished, "\(reason)")
        return machine.report(of: other ?? task)
    }

    /// A fork of `parent`.
    mutating func fork(_ parent: TaskID? = nil) -> TaskID { TaskID(run(.fork, in: parent).value) }

    func entry(_ page: UInt64, of other: TaskID? = nil) -> PTE {
        machine.entry(of: PageNumber(page), in: machine.map(of: other ?? task))
    }

    func frame(_ page: UInt64, of other: TaskID? = nil) -> PageFrame { machine.frames[entry(page, of: other).frame] }

    func rss(_ other: TaskID? = nil) -> ResidentPages { machine.rss(of: machine.map(of: other ?? task)) }

    /// The results of an operation's attempts.
    func results(_ report: OperationReport) -> [FaultResult] { report.attempts.map(\.result) }
}

/// User faults, the mmap lock, one retry with `TRIED`; nothing else.
struct BareEntry: FaultEntry {
    enum Stage: UInt8, RoutineStage { case begin, locked, handled }

    var name: StaticName { StaticName("bare") }

    var geometry: PageGeometry {
        PageGeometry(pageShift: 12, levels: 3, bitsPerLevel: 9, userLimit: PageNumber(1 << 27 - 1))
    }

    func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .begin:
            fault.flags = FaultFlags.default.union(.user)
            if fault.exception.access == .write { fault.flags.insert(.write) }
            return .call(machine.taking(.mmap(fault.map), .read), then: .locked)

        case .locked:
            fault.lock = .mmap
            let area = machine.findArea(of: &fault)
            let needed: VMAFlags = fault.isWrite ? .write : .access
            guard let area, area.contains(fault.page), !area.flags.isDisjoint(with: needed) else {
                machine.releaseFaultLock(of: &fault)
                machine.forceSignal(.segv(.notMapped), on: fault.task)
                return .done(.signal)
            }
            return .call(machine.handleMMFault(), then: .handled)

        case .handled:
            let result = resumed.faultResult
            if result.contains(.completed) { return .done(.replay) }
            if result.contains(.retry) {
                if machine.hasFatalSignal(fault.task) { return .done(.killed) }
                fault.flags.insert(.tried)
                return .call(machine.taking(.mmap(fault.map), .read), then: .locked)
            }
            machine.releaseFaultLock(of: &fault)
            guard result.isError else { return .done(.replay) }
            machine.forceSignal(.bus(.noSuchAddress), on: fault.task)
            return .done(.signal)
        }
    }
}

/// A file whose pages are read when the test wakes the channel of their index. It drops the lock for that if it may.
struct WaitingFile: VMOperations {
    enum Stage: UInt8, RoutineStage { case find, woken }

    var name: StaticName { StaticName("waiting file") }

    func fault(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        if stage == .find {
            guard fault.index.value < machine.pages(of: fault.file) else { return .done(.sigbus) }
            if let folio = machine.cachedFolio(at: fault.index, of: fault.file) {
                return take(folio, [], &fault, &machine)
            }
            machine.countMajorFaultEvent(fault.task)
            machine.dropFaultLock(of: &fault, for: .pageRead)
            let mode: TaskWait.Mode = fault.flags.contains(.killable) ? .killable : .uninterruptible
            return .sleep(.channel(fault.index.rawValue, mode), then: .woken)
        }
        if resumed.wasInterrupted {
            if !fault.lockDropped { machine.releaseFaultLock(of: &fault) }
            return .done(.retry)
        }
        let folio =
            machine.cachedFolio(at: fault.index, of: fault.file)
            ?? machine.addToCache(
                of: fault.file, at: fault.index, flags: .uptodate, point: .cachePage, for: fault.task)!
        return fault.lockDropped ? .done([.major, .retry]) : take(folio, .major, &fault, &machine)
    }

    private func take(
        _ folio: FrameNumber, _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FaultResult> {
        machine.give(folio, to: &fault)
        _ = machine.tryLock(folio, by: fault.task)
        fault.folioLocked = true
        return .done(result.union(.locked))
    }
}

/// A file system that only remembers what it was advised to read: first page, pages.
struct AdvisedFile: FileOperations {
    struct Advice: Equatable, PluginState {
        var first: PageIndex = 0
        var pages = 0

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("first", first)
            visitor.visit("pages", pages)
        }
    }

    typealias InodeState = Advice

    var name: StaticName { StaticName("advised file") }

    func step(
        _ stage: OnlyStage, _ frame: inout FileRequest, _ resumed: Resumption, _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FileResult> {
        if case .willNeed(let first, let pages) = frame.call {
            machine.setState(Advice(first: first, pages: pages), of: frame.file, of: Self.self)
        }
        return .done
    }

    func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
}
