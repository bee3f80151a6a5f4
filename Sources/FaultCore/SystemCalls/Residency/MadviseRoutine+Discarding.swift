/// How madvise(2) discards pages: `MADV_DONTNEED` and `MADV_FREE`.
extension MadviseRoutine {
    /// `madvise_dontneed_free_valid_vma()`.
    static func waitToTell(_ part: Range<PageNumber>, in map: MapID, _ machine: Machine) -> RoutineCall? {
        machine.waitingForFills(in: part, of: map, with: .eventRemove, by: machine.currentTask)
    }

    static func mayDiscard(_ area: VMA, _ advice: Advice) -> Bool {
        !area.flags.contains(.locked) || advice == .dontNeedLocked
    }

    /// Discards pages after the event about them was read. The lock was released meanwhile.
    static func discardTold(
        _ frame: inout Frame, _ map: MapID, _ machine: inout Machine
    ) -> RoutineStep<Stage, CallResult> {
        guard let area = machine.area(containing: frame.page, in: map) else { return end(.noMemory, map, &machine) }
        let part = frame.page..<min(frame.partEnd, area.end)
        frame.page = frame.partEnd
        if let error = discard(part, of: area, frame.advice, map, &machine) { return end(error, map, &machine) }
        return .next(.visit)
    }
}
