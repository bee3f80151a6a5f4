import FaultCore

/// What the flusher thread does when reclaim wakes it (`wb_workfn()`, fs/fs-writeback.c, Linux 6.1). The thread gets the
/// processor at once, and waits for nothing.
extension Writeback {
    /// Has the dirty pages of a file written. Pages that are locked or under writeback are skipped. A device that
    /// finishes requests at once has finished these at the end.
    static func flush(_ file: FileID, _ machine: inout Machine) {
        var run: PageRun?
        var next: PageIndex = 0
        while let (index, folio) = machine.firstCached(of: file, from: next) {
            next = index + 1
            let flags = machine.flags(of: folio)
            guard flags.contains(.dirty), flags.isDisjoint(with: [.locked, .writeback]) else { continue }
            machine.writeProtect(folio)
            machine.clearDirty(folio)
            machine.startWriteback(folio)
            if !machine.isBroken(index, of: file) {
                machine.setStoredStamp(of: file, at: index, machine.stamp(of: folio))
            }
            if let before = run, before.last + 1 == index.value,
                before.last - before.first + 1 < machine.settings.largestRequestPages
            {
                run = PageRun(before.first, index.value)
            } else {
                if let run { submit(run, of: file, &machine) }
                run = PageRun(index.value, index.value)
            }
        }
        if let run { submit(run, of: file, &machine) }
        machine.finishIfDue(on: machine.device(of: file))
    }

    private static func submit(_ run: PageRun, of file: FileID, _ machine: inout Machine) {
        machine.submit(
            IORequest(
                .write, on: machine.device(of: file), file: file, index: PageIndex(run.first),
                pages: run.last - run.first + 1, by: .none))
    }
}
