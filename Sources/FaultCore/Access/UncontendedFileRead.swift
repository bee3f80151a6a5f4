/// A read of a cached file page, start to end in one call, when nothing is contended.
extension Machine {
    /// Does what an exception, the mmap lock and ``FaultAround`` do stage by stage, or nothing at all.
    ///
    /// It does the fault if ``mayReadAround(_:in:)``. Then the handler's own stages are not called, nothing can sleep,
    /// and the result is the same as that of the stages.
    ///
    /// Called only for a run that has ended with ``TouchRun/End/handlerArea`` at a read. So the mmap lock is free, the
    /// run's area covers its page and allows the access, and the page has no entry. No signal or injected failure is
    /// pending.
    mutating func readAtOnce(
        _ run: inout TouchRun, in map: MapID, by task: TaskID, _ policy: AreaLockPolicy
    ) -> Bool {
        let page = run.page
        guard mayReadAround(run, in: map) else { return false }
        let file = run.area.file
        let index = run.area.fileIndex(of: page)
        var fault = VMFault()
        fault.task = task
        fault.map = map
        fault.page = page
        fault.flags = .default.union(.user)
        fault.isException = true
        fault.lock = .mmap
        fault.area = VMAHandle(
            map: map, start: run.area.start, position: run.areaPosition, sequence: maps[map.index].areas.sequence)
        fault.file = file
        fault.index = index
        let (first, last) = FaultAround.window(
            around: page, at: index, of: run.area, pages: settings.faultAroundPages, geometry)
        _ = configuration.vmOperations[Int(run.area.operations) - 1].mapPages(&fault, from: first, through: last, &self)

        var faults = InstantFaults()
        faults.count(areaLock: policy.guards(run.area))
        count(faults, of: map, by: task, policy)
        run.noteFault()
        return true
    }
}
