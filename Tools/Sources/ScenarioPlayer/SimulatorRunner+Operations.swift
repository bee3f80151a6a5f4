import FaultSimulator
import ScenarioFormat

/// Beginning operations: translates them from the format to the simulator.
extension SimulatorRunner {
    /// Begins the operation of `line` in a thread, and lets the machine come to rest.
    mutating func begin(_ line: Line, in doer: Int) throws(PlayError) {
        let task = threads[doer].task
        let process = threads[doer].process
        threads[doer].isEndless = false
        threads[doer].last = PlayedOperation(
            operation: line.operation, countersBefore: world.machine.counters(of: task))
        switch line.operation {
        case .read(let touches): return try touch(.read, touches, line, in: doer)
        case .write(let touches): return try touch(.write, touches, line, in: doer)
        case .exec(let touches): return try touch(.execute, touches, line, in: doer)
        case .evict(let name):
            let file = file(name)
            world.start([.fsync(file), .dropCache(file)], in: task)
        case .mmap(let area):
            let start = placeArea(for: area, of: process)
            threads[doer].last?.newStart = start
            world.start(.mmap(request(for: area, at: start)), in: task)
        case .mremap(let remapping):
            let area = area(remapping.area, of: process)
            var target = RemapTarget.inPlace
            if let slot = remapping.movingToSlot {
                let start = placeArea(slot: slot, pages: remapping.pages)
                threads[doer].last?.newStart = start
                target = .fixed(start)
            }
            world.start(
                .mremap(area.start, pages: remapping.oldPages ?? area.pages, newPages: remapping.pages, target),
                in: task)
        case .fork(let id):
            lastFork = id
            world.start(.fork, in: task)
        default:
            if let call = try userfault(line, by: process) {
                world.start(call, in: task)
            } else {
                world.start(try operation(line, of: process), in: task)
            }
        }
        try settle(line)
    }

    /// Touches pages one after the other, up to the first signal; between two touches the machine comes to rest.
    private mutating func touch(
        _ access: FaultException.Access, _ touches: Touches, _ line: Line, in doer: Int
    ) throws(PlayError) {
        let task = threads[doer].task
        let start = area(touches.area, of: threads[doer].process).start
        if line.start {
            world.start(
                .touch(access, start + touches.page, pages: touches.pages, stride: touches.stride), in: task)
            return try settle(line)
        }
        let last = touches.page + (touches.pages - 1) * touches.stride
        for page in touches.sequence {
            if page != touches.page { world.machine.drainPageBatches() }
            world.start(.touch(access, start + page, pages: 1, stride: 1), in: task)
            try settle(line)
            guard page != last, let ending = threads[doer].last?.ending, ending.outcome.signal == nil else { return }
            threads[doer].last?.earlierReturns = ending.returns
            threads[doer].last?.ending = nil
        }
    }

    /// The simulator's operation for a line, if it is a single one without a new address.
    private func operation(_ line: Line, of process: Int) throws(PlayError) -> TaskOperation {
        switch line.operation {
        case .munmap(let part): return .munmap(start(of: part, process), pages: part.pages)
        case .mlock(let part): return .mlock(start(of: part, process), pages: part.pages)
        case .mlock2(let part, let onFault):
            return .mlock2(start(of: part, process), pages: part.pages, onFault ? .onFault : [])
        case .munlock(let part): return .munlock(start(of: part, process), pages: part.pages)
        case .mincore(let part): return .mincore(start(of: part, process), pages: part.pages)
        case .msync(let part): return .msync(start(of: part, process), pages: part.pages)
        case .mprotect(let part, let protection):
            return .mprotect(start(of: part, process), pages: part.pages, FaultSimulator.Protection(protection))
        case .madvise(let part, let advice):
            return .madvise(start(of: part, process), pages: part.pages, FaultSimulator.Advice(advice))
        case .pread(let part):
            return .read(file(part.file), PageIndex(part.page), pages: part.pages, into: nil)
        case .pwrite(let part):
            return .write(file(part.file), PageIndex(part.page), pages: part.pages, from: nil)
        case .copyIn(let copy, let direct):
            let part = copy.filePart
            let into = area(copy.area, of: process).start + copy.areaPage
            if direct { return .directRead(file(part.file), PageIndex(part.page), pages: part.pages, into: into) }
            return .read(file(part.file), PageIndex(part.page), pages: part.pages, into: into)
        case .copyOut(let copy):
            let part = copy.filePart
            let from = area(copy.area, of: process).start + copy.areaPage
            return .write(file(part.file), PageIndex(part.page), pages: part.pages, from: from)
        case .truncate(let name, let pages): return .truncate(file(name), pages: pages)
        case .fsync(let name): return .fsync(file(name))
        case .punch(let part): return .punchHole(file(part.file), PageIndex(part.page), pages: part.pages)
        case .fork: return .fork
        case .maps(let of): return .readProcMaps(processes[try livingProcess(of, line)].map)
        case .memRead(let part, let of):
            let other = try livingProcess(of, line)
            return .readProcMem(processes[other].map, start(of: part, other), pages: part.pages)
        case .vmRead(let part, let of):
            let other = try livingProcess(of, line)
            return .readRemoteMemory(processes[other].map, start(of: part, other), pages: part.pages)
        case .brk(let pages): return .brk(pages)
        case .swapoff: return .swapOff(0)
        case .file, .mmap, .mremap, .read, .write, .exec, .evict, .exit, .kill, .thread, .hold, .release, .wait,
            .signal, .bad, .mend, .limit, .reclaim, .uffd, .uffdRegister, .uffdUnregister, .uffdWake, .uffdCopy,
            .uffdZeroPage, .uffdPoison, .uffdContinue, .uffdWriteProtect, .uffdMove, .uffdRead, .uffdClose:
            throw .unsupported(
                line: line.number, op: line.operation.name, reason: "the player does not do this in a thread")
        }
    }

    private func start(of part: AreaPart, _ process: Int) -> PageNumber {
        area(part.area, of: process).start + part.page
    }
}

extension FaultSimulator.Advice {
    /// Makes the advice from that of the format.
    init(_ advice: ScenarioFormat.Advice) {
        switch advice {
        case .normal: self = .normal
        case .random: self = .random
        case .sequential: self = .sequential
        case .willNeed: self = .willNeed
        case .dontNeed: self = .dontNeed
        case .dontNeedLocked: self = .dontNeedLocked
        case .free: self = .free
        case .populateRead: self = .populateRead
        case .populateWrite: self = .populateWrite
        case .dontFork: self = .dontFork
        case .wipeOnFork: self = .wipeOnFork
        case .remove: self = .remove
        case .cold: self = .cold
        case .pageOut: self = .pageOut
        }
    }
}

extension FaultSimulator.Protection {
    /// Makes the protection from that of a scenario.
    init(_ protection: ScenarioFormat.Protection) {
        self = []
        if protection.contains(.read) { insert(.read) }
        if protection.contains(.write) { insert(.write) }
        if protection.contains(.execute) { insert(.execute) }
    }
}

extension ScenarioOperation {
    /// Whether only scenarios with threads have it.
    var isOfThreads: Bool {
        switch self {
        case .thread, .hold, .release, .wait, .signal, .uffd: true
        default: false
        }
    }
}
