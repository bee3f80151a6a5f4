/// Out of memory: which task is killed so that others can go on (mm/oom_kill.c, Linux 6.1).
///
/// The kernel's allocator kills a process, waits for the victim to give back its memory, and tries again. An allocation
/// fails, and a fault returns `OOM`, only for a task that is itself to die.
extension Machine {
    /// Kills the process with the most memory, unless an earlier victim is still on its way out: `out_of_memory()`.
    ///
    /// - Returns: Whether a process is to die.
    @discardableResult
    mutating func killForMemory(by task: TaskID) -> Bool {
        scheduler.tasksLookedAt.insertEveryTask()
        if reapVictims(by: task) { return true }
        guard !isVictimDying || mistaken(.secondVictim) else { return true }
        guard let victim = worstProcess() else { return false }
        let map = tasks[victim.index].map
        events.oomKill += 1
        for index in tasks.indices where tasks[index].map == map && tasks[index].status != .exited {
            noteWrite(.task(TaskID(index)))
            tasks[index].isOOMVictim = true
            if model.victimMemory == .isReaped { tasks[index].reapTime = clock &+ OOMReaper.delay(model) }
            send(.kill, to: tasks[index].id)
        }
        return true
    }

    /// Does what an exception does after its fault found no memory, with the lock released:
    /// `pagefault_out_of_memory()`, by ``KernelModel/FaultOutOfMemory``.
    public mutating func killForFault(by task: TaskID) {
        _ = index(of: task)
        guard model.faultOutOfMemory == .kills, !hasFatalSignal(task) else { return }
        killForMemory(by: task)
    }

    /// Whether a victim has not given back its memory yet.
    var isVictimDying: Bool { tasks.indices.contains { tasks[$0].isDyingVictim } }

    /// `select_bad_process()`: the task with the largest `oom_badness()`, pages in memory and in swap. Among equals the
    /// last is chosen, as in the kernel's walk. Earlier victims are passed over. Differs: page tables don't count.
    private func worstProcess() -> TaskID? {
        var best: TaskID?
        var most = -1
        var isKnown = [Bool](repeating: false, count: maps.count)
        for number in tasks.indices where tasks[number].map != .none {
            let map = tasks[number].map.index
            // The first task of a process stands for the process.
            if isKnown[map] { continue }
            isKnown[map] = true
            if tasks[number].status == .exited || tasks[number].isOOMVictim { continue }
            let rss = maps[map].rss
            let points = rss.anonymous + rss.file + rss.shmem + (mistaken(.victimBySizeInMemory) ? 0 : rss.swapEntries)
            if points >= most {
                most = points
                best = TaskID(number)
            }
        }
        return best
    }

    /// Wakes the tasks that wait for memory, because there is some, or because no victim is left that would give it
    /// back.
    mutating func wakeMemoryWaiters() {
        guard keepsLists else { return }
        wakeAll(.memory)
    }

    /// Whether a task was chosen to die because memory is short.
    public func isOOMVictim(_ task: TaskID) -> Bool { tasks[index(of: task)].isOOMVictim }
}
