import FaultSimulator
import ScenarioFormat

/// A userfaultfd descriptor of a scenario.
struct PlayedDescriptor: Equatable, Sendable {
    /// Its id.
    let id: String
    /// The simulator's descriptor.
    let descriptor: UserfaultID
    /// The id of a thread of the process whose memory it handles.
    let thread: String
}

/// Descriptors: calls on them, and their observation.
extension SimulatorRunner {
    /// The simulator's operation for an operation on a descriptor; nil for any other.
    func userfault(_ line: Line, by process: Int) throws(PlayError) -> TaskOperation? {
        guard let id = line.operation.descriptor else {
            guard case .uffd(let new) = line.operation else { return nil }
            return .userfaultfd(
                FaultSimulator.UserfaultFeatures(rawValue: new.features.rawValue), UserfaultOpening(new))
        }
        let played = try descriptor(id, line)
        let handled = threads[try thread(played.thread, line)].process
        func start(_ part: HandledPart) -> PageNumber { area(part.part.area, of: handled).start + part.part.page }
        let call: UserfaultCall
        switch line.operation {
        case .uffdRegister(let part, let modes):
            call = .register(start(part), pages: part.part.pages, UserfaultModes(modes))
        case .uffdUnregister(let part): call = .unregister(start(part), pages: part.part.pages)
        case .uffdWake(let part): call = .wake(start(part), pages: part.part.pages)
        case .uffdCopy(let part, from: let source, let modes):
            let from = source.map { area($0.area, of: process).start + $0.page }
            call = .copy(start(part), pages: part.part.pages, from: from, UserfaultFillOptions(modes))
        case .uffdZeroPage(let part, let modes):
            call = .zeropage(start(part), pages: part.part.pages, UserfaultFillOptions(modes))
        case .uffdPoison(let part, let modes):
            call = .poison(start(part), pages: part.part.pages, UserfaultFillOptions(modes))
        case .uffdContinue(let part, let modes):
            call = .continue(start(part), pages: part.part.pages, UserfaultFillOptions(modes))
        case .uffdWriteProtect(let part, let modes):
            call = .writeProtect(
                start(part), pages: part.part.pages, protects: modes.contains(.protect), UserfaultFillOptions(modes))
        case .uffdMove(let part, from: let source, let modes):
            call = .move(
                start(part), pages: part.part.pages, from: area(source.area, of: handled).start + source.page,
                UserfaultFillOptions(modes))
        case .uffdRead(let read): call = .read(most: read.most)
        case .uffdClose: call = .close
        default: return nil
        }
        return .userfault(played.descriptor, call)
    }

    private func descriptor(_ id: String, _ line: Line) throws(PlayError) -> PlayedDescriptor {
        guard let descriptor = descriptors.first(where: { $0.id == id }) else {
            throw stuck(line, "\"\(id)\" is not there: its uffd or uffd_read failed, still waits, or got no fork event")
        }
        return descriptor
    }

    /// The process whose memory is observed after an operation: the one that the descriptor handles, or else that of
    /// the thread.
    func seenProcess(by thread: Int, after operation: ScenarioOperation?) -> Int {
        guard let id = operation?.descriptor, let played = descriptors.first(where: { $0.id == id }),
            let handled = threads.first(where: { $0.id == played.thread })?.process, isAlive(handled)
        else { return threads[thread].process }
        return handled
    }

    /// Records the descriptor that a read got with a fork event.
    mutating func noteDescriptor(of read: MessageRead, in messages: [UserfaultMessage]) {
        guard let id = read.childDescriptor, let child = lastFork else { return }
        for message in messages {
            if case .fork(let descriptor) = message {
                descriptors.append(PlayedDescriptor(id: id, descriptor: descriptor, thread: child))
                return
            }
        }
    }

    // MARK: Seeing

    /// `queue`; nil for none. It is read in a process that has the descriptor open.
    var queues: [String: Saw.QueueCounts]? {
        guard !descriptors.isEmpty else { return nil }
        let open = processes.indices.filter(isAlive).flatMap {
            world.machine.userfaultDescriptors(of: processes[$0].map)
        }
        var queues: [String: Saw.QueueCounts] = [:]
        for played in descriptors where open.contains(played.descriptor) {
            let length = world.machine.userfaultQueue(of: played.descriptor)
            if length.total > 0 {
                queues[played.id] = Saw.QueueCounts(pending: length.pending, total: length.total)
            }
        }
        return queues.isEmpty ? nil : queues
    }

    /// The messages of a read in the format.
    func messages(_ messages: [UserfaultMessage], to id: String) -> [Saw.Message] {
        let played = descriptors.first { $0.id == id }
        let process = threads.first { $0.id == played?.thread }?.process ?? 0
        return messages.map { message in
            switch message {
            case .fault(let fault):
                var flags: Saw.FaultMessageFlags = fault.isWrite ? .write : []
                switch fault.reason {
                case .missing: break
                case .writeProtect: flags.insert(.writeProtect)
                case .minor: flags.insert(.minor)
                }
                let thread = threads.first { $0.task == fault.thread }?.id
                return .pageFault(
                    Saw.Message.Fault(page: areaPage(fault.page, of: process), flags: flags, thread: thread))
            case .fork: return .fork
            case .remap(let page, to: _, let pages): return .remap(areaPart(page, pages, of: process))
            case .remove(let page, let pages): return .remove(areaPart(page, pages, of: process))
            case .unmap(let page, let pages): return .unmap(areaPart(page, pages, of: process))
            }
        }
    }

    private func areaPart(_ page: PageNumber, _ pages: Int, of process: Int) -> AreaPart {
        let first = areaPage(page, of: process)
        return AreaPart(area: first.area, page: first.page, pages: pages)
    }

    /// The area of a process at a page, and the page's number in it: an area at this page, or one above it that grows
    /// down, or else one that was there earlier.
    func areaPage(_ page: PageNumber, of process: Int) -> AreaPage {
        var best: (rank: Int, place: AreaPage)?
        func consider(_ id: String, _ start: PageNumber, _ rank: Int) {
            let found = (rank, AreaPage(area: id, page: page - start))
            guard let before = best else { return best = found }
            if (found.0, found.1.area) < (before.rank, before.place.area) { best = found }
        }
        for (id, area) in processes[process].areas {
            if area.start <= page, page < area.start + area.mostPages {
                consider(id, area.start, area.isRemoved ? 2 : 0)
            } else if area.growsDown, area.start - Self.pagesBelow <= page, page < area.start {
                consider(id, area.start, 1)
            }
            for (age, place) in area.earlier.reversed().enumerated() where place.contains(page) {
                consider(id, place.lowerBound, 3 + age)
            }
        }
        return best?.place ?? AreaPage(area: "", page: 0)
    }

    /// The process in whose memory a thread's operation can fault.
    private func faultingProcess(_ thread: Int) -> Int {
        let other: String? =
            switch threads[thread].last?.operation {
            case .memRead(_, of: let of), .vmRead(_, of: let of): of ?? ""
            default: nil
            }
        return threads.first { $0.id == other }?.process ?? threads[thread].process
    }

    /// The fault whose answer a thread waits for, or that spins.
    func userfault(of thread: Int) -> (page: AreaPage, reason: Saw.UserfaultReason)? {
        guard let fault = world.machine.userfault(of: threads[thread].task) else { return nil }
        let reason: Saw.UserfaultReason =
            switch fault.reason {
            case .missing: .missing
            case .writeProtect: .wp
            case .minor: .minor
            }
        return (areaPage(fault.page, of: faultingProcess(thread)), reason)
    }

    /// Records which threads spin while the machine is at rest.
    mutating func noteSpins() {
        for index in threads.indices where threads[index].isBusy && !threads[index].isGone {
            guard case .spin? = world.machine.wait(of: threads[index].task)?.kind else { continue }
            if threads[index].lastStarted?.ending == nil { threads[index].lastStarted?.hasSpun = true }
            threads[index].last?.hasSpun = true
        }
    }
}

extension Saw {
    /// Leaves out the values that mean nothing for an operation that has spun.
    mutating func forgetSpins() {
        attempts = nil
        vmaLockAttempts = nil
        vmaLockUserfaults = nil
        returns = nil
        userfaults = nil
        mmapLock = nil
        trylockFailed = nil
    }
}

extension UserfaultOpening {
    fileprivate init(_ new: NewDescriptor) {
        self = []
        if new.isUserModeOnly { insert(.userModeOnly) }
        if new.isBlocking { insert(.blocking) }
    }
}

extension UserfaultModes {
    fileprivate init(_ modes: RegisterModes) {
        self = []
        if modes.contains(.missing) { insert(.missing) }
        if modes.contains(.writeProtect) { insert(.writeProtect) }
        if modes.contains(.minor) { insert(.minor) }
    }
}

extension UserfaultFillOptions {
    fileprivate init(_ modes: FillModes) {
        self = []
        if modes.contains(.dontWake) { insert(.dontWake) }
        if modes.contains(.writeProtect) { insert(.writeProtect) }
        if modes.contains(.allowSourceHoles) { insert(.allowSourceHoles) }
    }
}
