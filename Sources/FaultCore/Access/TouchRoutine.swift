/// A program's own memory accesses: the processor walks the page tables, takes an exception where it must, and tries
/// again when the kernel says so.
enum TouchRoutine: OperationRoutine {
    enum Stage: UInt8, RoutineStage {
        case translate
        case exceptionHandled
    }

    struct Frame: RoutineFrame {
        /// The next page.
        var page: PageNumber
        /// How many pages are left.
        var left: Int
        /// How far apart they are, in pages.
        var stride: Int
        /// Where in its page a jump goes to, in bytes.
        var offset: UInt16 = 0
        /// What is done to each.
        var access: FaultException.Access

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("left", left)
            visitor.visit("stride", stride)
            visitor.visit("offset", offset)
            visitor.visit("access", access)
        }
    }

    static var number: RoutineNumber { .touch }
    static func needsOwnMap(_ frame: Frame) -> Bool { true }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        let task = machine.scheduler.current
        switch stage {
        case .translate:
            guard frame.left > 0, !machine.hasFatalSignal(task) else { return .done }
            let walk = machine.walk(frame.page, frame.access, in: machine.tasks[task.index].map, by: task)
            guard walk == .hit else {
                var exception = machine.exception(frame.access, .user, walk)
                exception.offset = frame.offset
                return .call(machine.raise(exception, at: frame.page, by: task, &fault), then: .exceptionHandled)
            }
            frame.page = frame.page + frame.stride
            frame.left &-= 1
            return .next(.translate)

        case .exceptionHandled:
            machine.dropKeptFolio(of: &fault)
            machine.handleSignals(of: task)
            switch resumed.result(EntryOutcome.self) {
            case .replay: return .next(.translate)
            case .signal, .killed, .fixup: return .done
            case .oops:
                machine.tasks[task.index].outcome.oops = true
                return .done
            case .emulated(let call): return .returned(call)
            }
        }
    }

    /// Does as many accesses of a routine at `translate` as can be done at once (``TouchRun``). Each counts as a stage.
    ///
    /// Called only while ``Machine/mayUseShortcut`` holds.
    ///
    /// - Parameter most: How many stages may be done.
    /// - Returns: How many stages were done.
    static func touchAhead(_ activation: inout Activation, by task: TaskID, most: Int, _ machine: inout Machine) -> Int
    {
        activation.bytes.withFrame(Frame.self) { frame in
            guard frame.left > 0 else { return 0 }
            var run = TouchRun(
                frame.access, frame.page, pages: frame.left, stride: frame.stride,
                machine.configuration.uncontendedAccess, budget: most)
            machine.touchAtOnce(&run, by: task)
            frame.page = run.page
            frame.left = run.left
            return most &- run.budget
        }
    }
}

extension Machine {
    /// The call that makes the kernel access a page of the task's memory, as a user copy does. It returns a
    /// ``Completion``.
    ///
    /// - Parameters:
    ///   - copies: Whether the caller has the content of a store, and sets it when the access is done.
    ///   - mostTries: How often the page is tried at most; if `nil`, as often as a copy does.
    package func accessing(
        _ page: PageNumber, _ access: FaultException.Access, _ mode: FaultException.Mode = .kernelWithFixup,
        copies: Bool = false, mostTries: Int? = nil
    ) -> RoutineCall {
        RoutineCall(
            UserAccessRoutine.self,
            UserAccessRoutine.Frame(page: page, access: access, mode: mode, copies: copies, mostTries: mostTries))
    }
}

/// What a walk of the page tables ends with.
enum WalkResult: UInt8, BitwiseCopyable, Sendable {
    /// The access is done.
    case hit
    /// There is no translation.
    case missing
    /// There is a translation, but it does not allow the access.
    case refused
    /// There is a translation, but the page's protection key does not allow the access.
    case refusedByKey
    /// There is an entry that is not valid.
    case damaged
}

extension Machine {
    /// Does an access if the page tables allow it, as the processor does: with accessed and dirty bits.
    ///
    /// A store gives the page a new content stamp, which follows from the old one and the task, unless `stamping` is
    /// false.
    @inline(__always)
    mutating func walk(
        _ page: PageNumber, _ access: FaultException.Access, in map: MapID, by task: TaskID, stamping: Bool = true
    ) -> WalkResult {
        guard page < geometry.userLimit, map != .none else { return walkBeyondUserMemory(page, access, by: task) }
        let leaf = tables.leaf(maps[map.index].root, page)
        guard leaf != 0 else { return .missing }
        let entry = tables.entry(leaf, page)
        guard entry.translates else { return entry.bits.contains(.damaged) ? .damaged : .missing }
        if tasks[task.index].archWords.first != 0, keyRefuses(entry, access, by: task) {
            return access == .write && !entry.isWritable ? .refused : .refusedByKey
        }
        switch access {
        case .read, .execute:
            guard access == .read || entry.bits.contains(.executable) else { return .refused }
            if !entry.bits.contains(.young) {
                changeEntry(entry, to: entry.bits.union(.young), at: page, in: map, leaf: leaf)
            }
        case .write:
            guard entry.isWritable else { return .refused }
            store(through: entry, at: page, in: map, leaf: leaf, by: task, stamping: stamping)
        }
        tasks[task.index].outcome.stamp = entry.isZeroPage ? 0 : frames[entry.frame].stamp
        return .hit
    }

    /// Whether the key in an entry does not allow an access.
    @inline(never)
    private func keyRefuses(_ entry: PTE, _ access: FaultException.Access, by task: TaskID) -> Bool {
        self.entry.keyRefuses(entry.bits.protectionKey, access, tasks[task.index].archWords)
    }

    /// The result of a walk of the kernel's own tables. The simulator knows only what the kernel maps for all programs.
    @inline(never)
    private mutating func walkBeyondUserMemory(
        _ page: PageNumber, _ access: FaultException.Access, by task: TaskID
    ) -> WalkResult {
        guard tasks[task.index].map != .none, entry.mapsForPrograms(page, access) else { return .missing }
        tasks[task.index].outcome.stamp = 0
        return .hit
    }

    /// The result of a walk for an access that the processor refuses whatever the entry allows.
    func refusedWalk(_ page: PageNumber, in map: MapID) -> WalkResult {
        guard page < geometry.userLimit, map != .none else { return .missing }
        let entry = entry(of: page, in: map)
        if entry.bits.contains(.damaged) { return .damaged }
        return entry.translates ? .refused : .missing
    }

    /// The exception for a walk that was not a hit.
    func exception(
        _ access: FaultException.Access, _ mode: FaultException.Mode, _ walk: WalkResult
    ) -> FaultException {
        var exception = FaultException(access, mode, translationPresent: walk != .missing)
        exception.keyRefuses = walk == .refusedByKey
        exception.entryIsDamaged = walk == .damaged
        return exception
    }

    /// A store through a writable entry.
    @inline(__always)
    private mutating func store(
        through entry: PTE, at page: PageNumber, in map: MapID, leaf: UInt32, by task: TaskID, stamping: Bool
    ) {
        let bits = entry.bits.union([.young, .dirty])
        let shift =
            bits == entry.bits
            ? 0
            : Mixing.entryPlace(map, page, bits.rawValue) &- Mixing.entryPlace(map, page, entry.bits.rawValue)
        updateFrame(entry.frame) {
            $0.places &+= shift
            if stamping { $0.stamp = Self.stamp(after: $0.stamp, writtenBy: task) }
        }
        if shift != 0 { setEntry(PTE(entry.frame, bits), at: page, in: map, leaf: leaf) }
    }

    /// The stamp of a page with content `old` after `task` has written to it: never 0.
    package static func stamp(after old: UInt32, writtenBy task: TaskID) -> UInt32 {
        UInt32(truncatingIfNeeded: Mixing.mix(UInt64(old), UInt64(UInt32(bitPattern: task.rawValue)) &+ 1)) | 1
    }

    /// Begins an exception: what the processor does before the kernel's entry runs.
    mutating func raise(
        _ exception: FaultException, at page: PageNumber, by task: TaskID, _ fault: inout VMFault
    ) -> RoutineCall {
        fault = VMFault()
        fault.task = task
        fault.map = tasks[task.index].map
        fault.page = page
        fault.exception = exception
        fault.isException = true
        countException(of: task, exception.mode)
        scheduler.extraCost &+= configuration.costs.exceptionNanoseconds
        record(.exception, task, page.rawValue, UInt64(exception.access.rawValue))
        return RoutineCall(.faultEntry, of: 0, configuration.entryFrame.bytes)
    }
}

// MARK: - What they read

extension TouchRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .translate: view.entry(frame.page, in: view.map)
        case .exceptionHandled: view.page(view.fault.keptFolio)
        }
    }
}

extension UserAccessRoutine {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        switch stage {
        case .translate: view.entry(frame.page, in: view.map)
        case .exceptionHandled: view.page(view.fault.keptFolio)
        }
    }
}
