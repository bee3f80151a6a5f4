/// Takes the state of a machine as words, in an order that does not depend on how the state came about.
///
/// The fingerprint hashes the words; the canonical form keeps them. Both use the same walk, so they can't differ in
/// what counts as state.
protocol StateSink {
    /// Takes a word.
    mutating func add(_ word: UInt64)
    /// Takes a frame by its content, never by its number.
    mutating func add(_ frame: FrameNumber, of machine: borrowing Machine)
    /// Takes the pages that tasks have locked, in any order.
    mutating func add(_ locks: [PageLock], of machine: borrowing Machine)
    /// Takes the rest of a list of operations, from number `next` on.
    mutating func add(_ list: OperationList, from next: Int)
}

extension StateSink {
    @inline(__always)
    mutating func add(_ word: Int) { add(UInt64(bitPattern: Int64(word))) }
    @inline(__always)
    mutating func add(_ word: UInt32) { add(UInt64(word)) }
    @inline(__always)
    mutating func add(_ word: Int32) { add(UInt64(UInt32(bitPattern: word))) }
    @inline(__always)
    mutating func add(_ flag: Bool) { add(flag ? 1 : 0 as UInt64) }
    @inline(__always)
    mutating func add(_ task: TaskID) { add(task.rawValue) }
    @inline(__always)
    mutating func add(_ map: MapID) { add(map.rawValue) }
    @inline(__always)
    mutating func add(_ file: FileID) { add(file.rawValue) }
    @inline(__always)
    mutating func add(_ page: PageNumber) { add(page.rawValue) }
    @inline(__always)
    mutating func add(_ index: PageIndex) { add(index.rawValue) }

    /// Takes a lock: the tasks that hold it, and the tasks that wait for it, in order.
    mutating func add(_ lock: ReadWriteSemaphore) {
        add(UInt64(UInt32(bitPattern: lock.writer.rawValue)) | UInt64(UInt32(bitPattern: lock.readers)) << 32)
        add(lock.queue.count)
        for waiter in lock.queue {
            add(
                UInt64(UInt32(bitPattern: waiter.task.rawValue)) | UInt64(waiter.mode.rawValue) << 32
                    | (waiter.isOwed ? 1 << 40 : 0))
        }
    }

    /// Takes runs of pages.
    mutating func add(_ runs: [PageRun]) {
        add(runs.count)
        for run in runs {
            add(run.first)
            add(run.last)
        }
    }

    /// Takes an entry: its bits, and the frame by its content.
    mutating func add(_ entry: PTE, of machine: borrowing Machine) {
        guard entry.mapsCountedFrame else { return add(entry.rawValue) }
        add(entry.bits.rawValue)
        add(entry.frame, of: machine)
    }
}
