/// The thread that takes the memory of a victim away which does not end: `oom_reaper()` (mm/oom_kill.c, Linux 6.1).
///
/// A victim may sleep where no signal ends it, for a lock that the very task holds which needs the memory: then it would
/// never end. Its private memory is not wanted any more, and goes without it. Whoever comes upon a page that is missing now
/// must not see it empty: a fault there answers `SIGBUS` (`check_stable_address_space()`).
///
/// Differs: the kernel has a thread for it, whose work is done here by who waits for the memory. Where the mmap lock can't be
/// had at once the kernel tries ten times in a second; here a victim's memory stays then, and it is only passed over, as the
/// kernel does in the end.
enum OOMReaper {
    /// How long a victim is given to end by itself, in nanoseconds. Without a delay that is until who waits for the memory
    /// looks again, a tick later: reaper and victim run meanwhile, and who can end has ended by then.
    static func delay(_ model: KernelModel) -> UInt64 {
        switch model.victimDelay {
        case .twoSeconds: 2_000_000_000
        case .none: Machine.nanosecondsPerTick
        }
    }
}

extension TaskState {
    /// Whether it was chosen to die for its memory, and that is still awaited.
    var isDyingVictim: Bool { isOOMVictim && status != .exited && !isPassedOver }
}

extension Machine {
    /// How to wait for the end of those who were killed.
    var waitForVictim: TaskWait {
        var time = UInt64.max
        for task in tasks where task.isDyingVictim { time = min(time, task.reapTime) }
        return TaskWait(.memory, .killable, value: time)
    }

    /// Takes the private memory of those victims away whose time is up: `oom_reap_task()`. Nobody waits for them from now on.
    ///
    /// - Returns: Whether there were any.
    mutating func reapVictims(by task: TaskID) -> Bool {
        var isAny = false
        for index in tasks.indices where tasks[index].isDyingVictim && tasks[index].reapTime <= clock {
            isAny = true
            let victim = TaskID(index)
            noteWrite(.task(victim))
            tasks[index].isPassedOver = true
            reap(tasks[index].map, by: task)
        }
        if isAny { wakeMemoryWaiters() }
        return isAny
    }

    /// For who drives the machine: from now on the victims have had their time.
    mutating func makeVictimsOverdue() {
        for index in tasks.indices where tasks[index].isDyingVictim && tasks[index].reapTime != .max {
            noteWrite(.task(TaskID(index)))
            tasks[index].reapTime = min(tasks[index].reapTime, clock)
        }
    }

    /// `__oom_reap_task_mm()`, once for a map, if nobody has its lock for writing or waits for it.
    private mutating func reap(_ map: MapID, by task: TaskID) {
        guard map != .none, !maps[map.index].isReaped else { return }
        guard maps[map.index].lock.writer == .none, maps[map.index].lock.queue.isEmpty else { return }
        noteWrite(.areas(map))
        noteInterference()
        maps[map.index].isReaped = true
        for area in Array(maps[map.index].areas.areas) where !area.flags.contains(.shared) {
            zap(area.start..<area.end, of: map, by: task)
        }
    }

    /// Whether a fault that would give private memory of `area` a page must answer `SIGBUS`, since its content was taken
    /// away: `check_stable_address_space()`.
    @inline(__always)
    func isUnstable(_ map: MapID, _ area: VMA) -> Bool {
        maps[map.index].isReaped && !area.flags.contains(.shared)
    }
}
