import FaultCore

/// The steps of write(2): `generic_perform_write()` (mm/filemap.c, Linux 6.1), with the inode lock held.
extension FileTransfer {
    /// Throttles the task before a page, in kernels that do so then.
    @inline(__always)
    static func faultIn(_ frame: Frame, _ task: TaskID, _ machine: inout Machine) -> Step {
        if frame.left > 0, machine.model.writeThrottle == .beforePage, machine.asksForThrottling(frame.file, task) {
            return .call(machine.throttling(), then: .copyNext)
        }
        return copyNext(frame, task, &machine)
    }

    /// Makes sure that the source of the next page is present, or ends the call.
    @inline(__always)
    static func copyNext(_ frame: Frame, _ task: TaskID, _ machine: inout Machine) -> Step {
        guard frame.left > 0 else { return endWrite(frame, nil, task, &machine) }
        guard let page = frame.memory else { return .next(.faultedIn) }
        return .call(machine.accessing(page, .read, mostTries: 1), then: .faultedIn)
    }

    /// Has the file system prepare the page of the file.
    @inline(__always)
    static func faultedIn(
        _ frame: Frame, _ resumed: Resumption, _ task: TaskID, _ machine: inout Machine
    ) -> Step {
        if let errno = resumed.errno { return endWrite(frame, errno, task, &machine) }
        if machine.hasFatalSignal(task) { return endWrite(frame, .interrupted, task, &machine) }
        return .call(machine.calling(.write(frame.next), on: frame.file), then: .pagePrepared)
    }

    /// Copies into the prepared page, and throttles the task after it, in kernels that do so then.
    @inline(__always)
    static func pagePrepared(
        _ frame: inout Frame, _ resumed: Resumption, _ task: TaskID, _ machine: inout Machine
    ) -> Step {
        if let errno = resumed.errno { return endWrite(frame, errno, task, &machine) }
        guard writePage(&frame, task, &machine) else { return .next(.faultIn) }
        guard machine.model.writeThrottle == .afterPage, machine.asksForThrottling(frame.file, task) else {
            return .next(.faultIn)
        }
        return .call(machine.throttling(), then: .throttled)
    }

    /// Copies into the prepared page and ends its write: `write_end`. The page is then dirty, and the file reaches at
    /// least to it.
    ///
    /// - Returns: Whether it could copy: the source may be gone since it was faulted in. Then nothing is written, and a
    ///   new page of tmpfs is a page of zeroes.
    private static func writePage(_ frame: inout Frame, _ task: TaskID, _ machine: inout Machine) -> Bool {
        let folio = machine.folioBatch(of: task)[0]
        var stamp: UInt32? = Machine.stamp(after: machine.stamp(of: folio), writtenBy: task)
        if let page = frame.memory { stamp = machine.copyOut(of: page, in: machine.currentMap) }
        if let stamp {
            machine.chargePageCopy()
            machine.setContent(of: folio, stamp)
            machine.markDirtyByWrite(folio, by: task)
            machine.extend(frame.file, throughPageBefore: frame.next.value + 1)
            machine.countMoved(Int(machine.geometry.pageSize), by: task)
            frame.advance()
        } else if machine.flags(of: folio).contains(.shmem) {
            // shmem_write_end() extends the file to where the copy ended, and zeroes what was not copied, even if that
            // is all.
            machine.extend(frame.file, throughPageBefore: frame.next.value)
            if !machine.flags(of: folio).contains(.uptodate) { machine.setContent(of: folio, 0) }
            machine.markDirtyByWrite(folio, by: task)
        }
        machine.unlock(folio)
        machine.cutBatch(of: task, to: 0)
        return stamp != nil
    }

    private static func endWrite(
        _ frame: Frame, _ errno: Errno?, _ task: TaskID, _ machine: inout Machine
    ) -> Step {
        machine.unlock(.inode(frame.file), by: task)
        return end(frame, errno)
    }
}
