/// A program's own memory accesses: the processor walks the page tables, takes an exception where it must, and tries
/// again when the kernel says so.
enum TouchRoutine {
    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case translate
        case exceptionHandled
    }

    /// The call's words: `words.0` is the page, `words.1` how many are left.
    ///
    /// While nobody watches, it goes on from page to page as long as no fault needs stages of its own (``TouchRun``):
    /// every access still counts as a stage, up to `limit`.
    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ used: inout Int, limit: Int
    ) -> Step<Stage> {
        let task = machine.scheduler.current
        switch stage {
        case .translate:
            guard !machine.hasFatalSignal(task) else { return .returned(0) }
            var stride = 0
            var offset: UInt16 = 0
            switch machine.tasks[task.index].operation {
            case .touch(_, _, _, let pages): stride = pages
            case .jump(_, let bytes): offset = bytes
            default: return .returned(0)
            }
            let access = FaultException.Access(rawValue: call.option) ?? .read
            let mayUseShortcut = machine.mayUseShortcut
            while true {
                let left = Int64(bitPattern: call.words.1)
                guard left > 0 else { return .returned(0) }
                if mayUseShortcut {
                    let budget = limit &- used &+ 1  // this stage is counted already
                    var run = TouchRun(
                        access, PageNumber(call.words.0), pages: Int(left), stride: stride,
                        machine.configuration.uncontendedAccess, budget: budget)
                    machine.touchAtOnce(&run, by: task)
                    call.words.0 = run.page.rawValue
                    call.words.1 = UInt64(bitPattern: Int64(run.left))
                    let accesses = budget &- run.budget
                    if run.left == 0 || run.budget == 0 {
                        used &+= accesses &- 1
                        return run.left == 0 ? .returned(0) : .next(.translate)
                    }
                    used &+= accesses
                }
                let page = PageNumber(call.words.0)
                let walk = machine.walk(page, access, in: machine.tasks[task.index].map, by: task)
                guard walk == .hit else {
                    var exception = machine.exception(access, .user, walk)
                    exception.offset = offset
                    return .call(machine.raise(exception, at: page, by: task, &fault), then: .exceptionHandled)
                }
                call.words.0 = (page + stride).rawValue
                call.words.1 &-= 1
                guard mayUseShortcut, used < limit else { return .next(.translate) }
                used &+= 1
            }

        case .exceptionHandled:
            machine.dropKeptFolio(of: &fault)
            machine.handleSignals(of: task)
            switch EntryOutcome(returned: call.returned) {
            case .replay: return .next(.translate)
            case .signal, .killed, .fixup: return .returned(0)
            case .oops:
                machine.tasks[task.index].outcome.oops = true
                return .returned(0)
            case .emulated: return .returned(call.returned >> 8)
            }
        }
    }
}

/// One access of the kernel to user memory, as a user copy makes it. Returns 0, or `-EFAULT` where the exception table
/// ends the copy.
enum UserAccessRoutine {
    /// The bit of the option that says that the caller will set the content of the page that is stored to.
    static let copies: UInt8 = 0x80

    enum Stage: UInt8, BitwiseCopyable, Sendable {
        case translate
        case exceptionHandled
    }

    /// The call's words: `words.0` is the page, `words.1` how often to try it, 0 for as often as a copy does, `words.2`
    /// how often it was tried; `option` is access and mode, with ``copies`` if the caller has the content of a store.
    static func step(
        _ stage: Stage, _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<Stage> {
        let task = machine.scheduler.current
        switch stage {
        case .translate:
            let page = PageNumber(call.words.0)
            let access = FaultException.Access(rawValue: call.option & 0xF) ?? .read
            let map = machine.tasks[task.index].map
            let mode = FaultException.Mode(rawValue: call.option >> 4 & 7) ?? .kernelWithFixup
            let walk =
                machine.configuration.entry.refusesKernel(access, mode)
                ? machine.refusedWalk(page, in: map)
                : machine.walk(page, access, in: map, by: task, stamping: call.option & copies == 0)
            if walk == .hit { return .done }
            let exception = machine.exception(access, mode, walk)
            return .call(machine.raise(exception, at: page, by: task, &fault), then: .exceptionHandled)

        case .exceptionHandled:
            machine.dropKeptFolio(of: &fault)
            switch EntryOutcome(returned: call.returned) {
            case .replay: return .next(.translate)
            case .emulated: return .done
            case .fixup, .signal, .killed:
                call.words.2 += 1
                let entry = machine.configuration.entry
                let tries = call.words.1 > 0 ? Int(call.words.1) : entry.userCopyAttempts(in: machine.model)
                return Int(call.words.2) < tries ? .next(.translate) : .failed(.badAddress)
            case .oops:
                machine.tasks[task.index].outcome.oops = true
                return .failed(.badAddress)
            }
        }
    }
}

/// What a walk of the page tables ends with.
enum WalkResult: UInt8, BitwiseCopyable, Sendable {
    /// The access is done.
    case hit
    /// There is no translation.
    case missing
    /// There is one, and it refuses.
    case refused
    /// There is one, and the page's protection key refuses.
    case refusedByKey
    /// There is one that can't be.
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
        case .read:
            if !entry.bits.contains(.young) {
                changeEntry(entry, to: entry.bits.union(.young), at: page, in: map, leaf: leaf)
            }
        case .write:
            guard entry.isWritable else { return .refused }
            store(through: entry, at: page, in: map, leaf: leaf, by: task, stamping: stamping)
        case .execute:
            guard entry.bits.contains(.executable) else { return .refused }
        }
        tasks[task.index].outcome.stamp = entry.isZeroPage ? 0 : frames[entry.frame].stamp
        return .hit
    }

    /// Whether the key in an entry refuses an access.
    @inline(never)
    private func keyRefuses(_ entry: PTE, _ access: FaultException.Access, by task: TaskID) -> Bool {
        configuration.entry.keyRefuses(entry.bits.protectionKey, access, tasks[task.index].archWords)
    }

    /// What a walk of the kernel's own tables ends with. Only what the kernel has mapped for all programs is known.
    @inline(never)
    private mutating func walkBeyondUserMemory(
        _ page: PageNumber, _ access: FaultException.Access, by task: TaskID
    ) -> WalkResult {
        guard tasks[task.index].map != .none, configuration.entry.mapsForPrograms(page, access) else { return .missing }
        tasks[task.index].outcome.stamp = 0
        return .hit
    }

    /// What a walk finds for an access that the processor refuses whatever the entry allows.
    func refusedWalk(_ page: PageNumber, in map: MapID) -> WalkResult {
        guard page < geometry.userLimit, map != .none else { return .missing }
        let entry = entry(of: page, in: map)
        if entry.bits.contains(.damaged) { return .damaged }
        return entry.translates ? .refused : .missing
    }

    /// The exception of a walk that was no hit.
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
        if shift != 0 { tables.setEntry(leaf, page, PTE(entry.frame, bits)) }
    }

    /// The stamp of a page with content `old` after `task` has written to it: never 0.
    public static func stamp(after old: UInt32, writtenBy task: TaskID) -> UInt32 {
        UInt32(truncatingIfNeeded: Mixing.mix(UInt64(old), UInt64(UInt32(bitPattern: task.rawValue)) &+ 1)) | 1
    }

    /// Begins an exception: what the processor does before the kernel's entry runs.
    mutating func raise(
        _ exception: FaultException, at page: PageNumber, by task: TaskID, _ fault: inout VMFault
    ) -> Call {
        fault = VMFault()
        fault.task = task
        fault.map = tasks[task.index].map
        fault.page = page
        fault.exception = exception
        fault.isException = true
        countException(of: task, exception.mode)
        scheduler.extraCost &+= configuration.costs.exceptionNanoseconds
        record(.exception, task, page.rawValue, UInt64(exception.access.rawValue))
        return Call(.faultEntry)
    }
}
