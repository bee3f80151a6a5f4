/// `mincore(2)` (mm/mincore.c, Linux 6.1). The result is the number of pages that are in memory.
///
/// It takes the mmap lock for reading once for each area, and for each page's worth of answers. A hole ends it with
/// `ENOMEM`. Differs: the answers go to a buffer that is always there.
///
/// The words: 0 is the next page, 1 how many are left, 2 how many were found.
enum MincoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case lock
        case look
    }

    static func step(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> OldStep<HandlerStage> {
        step(Stage(rawValue: call.stage.rawValue)!, &call, &machine).erased
    }

    static func step(_ stage: Stage, _ call: inout Activation, _ machine: inout Machine) -> OldStep<Stage> {
        let task = machine.currentTask
        let map = machine.tasks[task.index].map
        let left = Int(Int64(bitPattern: call.words.1))
        let next = PageNumber(call.words.0)
        switch stage {
        case .lock:
            guard left > 0 else { return .returned(Int64(call.words.2)) }
            guard next + left <= machine.geometry.userLimit else { return .failed(.noMemory) }
            return .call(machine.taking(.mmap(map), .read), then: .look)

        case .look:
            let pages = min(left, Int(machine.geometry.pageSize))
            guard let area = machine.area(containing: next, in: map) else {
                machine.unlock(.mmap(map), by: task)
                return .failed(.noMemory)
            }
            let end = min(area.end, next + pages)
            for offset in 0..<(end - next) where machine.isInCore(next + offset, area, map) { call.words.2 += 1 }
            machine.unlock(.mmap(map), by: task)
            call.words.0 = end.rawValue
            call.words.1 -= UInt64(end - next)
            return .next(.lock)
        }
    }
}

extension Machine {
    /// Whether a touch of the page would need no device: it is mapped, or its file's page is cached and uptodate.
    fileprivate func isInCore(_ page: PageNumber, _ area: VMA, _ map: MapID) -> Bool {
        let entry = entry(of: page, in: map)
        if entry.isPresent { return true }
        if let slot = swapSlot(of: entry) {
            return swapCachedFolio(of: slot).map { flags(of: $0).contains(.uptodate) } ?? false
        }
        guard entry.isNone, area.file != .none else { return false }
        guard let folio = cachedFolio(at: area.fileIndex(of: page), of: area.file) else { return false }
        return flags(of: folio).contains(.uptodate)
    }
}
