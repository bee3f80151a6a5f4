/// What an administrator does with a memory group.
extension Machine {
    /// Sets the limit of the memory group: a write(2) to `memory.max`, by a task that is in no group.
    ///
    /// Pages are reclaimed until no more than the limit are charged. When 16 tries have freed nothing, a process is
    /// killed. The process gives back its memory when it runs, and the call returns before that. Models
    /// `memory_max_write()` (mm/memcontrol.c, Linux 6.1 and 6.12).
    ///
    /// A kill counts twice in ``MemoryGroupEvents/outOfMemory``. After the kill, the writer finds as many pages charged
    /// as before, and counts again. Only then does it wait for `oom_lock`, and the victim runs. Differs: if the victim's
    /// memory was not enough, the kernel's writer goes on. Here, set the limit again when the victim is gone.
    ///
    /// - Precondition: There is a memory group. `limit` is at least 1.
    public mutating func setMemoryLimit(_ limit: Int) {
        guard hasGroup else { misuse("Machine.setMemoryLimit: the machine has no memory group; add one") }
        guard limit >= 1 else { misuse("Machine.setMemoryLimit: the limit is \(limit); give at least 1") }
        noteWrite(.memory)
        group?.limit = limit
        var hasDrained = false
        var retries = ChargeAttempt.mostRetries
        while let usage = group?.usage, usage > limit {
            if !hasDrained {
                drainStock()
                hasDrained = true
            } else if retries > 0 {
                if reclaimFromGroup(usage - limit, by: .none) == 0 { retries -= 1 }
            } else {
                group?.events.outOfMemory += 1
                if killForMemory(by: .none) { group?.events.outOfMemory += 1 }
                break
            }
        }
        _ = takeSubmissionWait()  // the writer of the limit sleeps for it
        wakeMemoryWaiters()
    }

    /// Reclaims pages of the memory group: a write(2) to `memory.reclaim`, by a task that is in no group.
    ///
    /// Models `memory_reclaim()` (mm/memcontrol.c, Linux 6.1 and 6.12).
    ///
    /// - Returns: `EAGAIN` if not that many pages could be freed.
    /// - Precondition: There is a memory group. `pages` is at least 0.
    @discardableResult
    public mutating func reclaimFromMemoryGroup(_ pages: Int) -> Errno? {
        guard hasGroup else { misuse("Machine.reclaimFromMemoryGroup: the machine has no memory group; add one") }
        guard pages >= 0 else { misuse("Machine.reclaimFromMemoryGroup: \(pages) pages; give at least 0") }
        defer { _ = takeSubmissionWait() }
        var reclaimed = 0
        var retries = ChargeAttempt.mostRetries
        while reclaimed < pages {
            if retries == 0 { drainBatches() }
            let wanted = keepsGenerations ? (pages - reclaimed) / 4 : pages - reclaimed
            let freed = reclaimFromGroup(wanted, by: .none, isProactive: true)
            if freed == 0 {
                guard retries > 0 else { return .tryAgain }
                retries -= 1
            }
            reclaimed += freed
        }
        return nil
    }

    /// Sets whether a kernel worker that reclaim informs of pressure takes the processor from reclaim at once, as it
    /// does by default. The kernel's scheduler decides that by the recent processor use of both.
    ///
    /// If so, the task that gets the processor back is looked at again when the group is aged (`lru_gen_use_mm()`,
    /// Linux 6.12). Its page tables are walked once more, with the mmap lock for a moment.
    ///
    /// - Precondition: There is a memory group.
    public mutating func setPressureWorkersPreempt(_ preempt: Bool) {
        guard hasGroup else { misuse("Machine.setPressureWorkersPreempt: the machine has no memory group; add one") }
        noteWrite(.memory)
        group?.workersPreempt = preempt
    }

    /// Moves the pages in the batches of processors into the lists: `lru_add_drain_all()`. Every processor switches to
    /// this work for a moment, and back.
    public mutating func drainPageBatches() {
        guard hasGroup else { return }
        drainBatches()
        // Meanwhile other groups report so often that reclaim updates the statistics when it next begins a pass.
        let processors = settings.processors
        group?.statistics.reports = processors + 1
        for index in tasks.indices where tasks[index].status == .runnable || tasks[index].hasOperation {
            noteProcessorChange(to: tasks[index].id)
        }
    }
}
