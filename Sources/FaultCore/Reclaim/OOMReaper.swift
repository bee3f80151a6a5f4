/// The thread that takes away the memory of a victim that does not end: `oom_reaper()` (mm/oom_kill.c, Linux 6.1).
///
/// A victim may sleep where no signal ends the sleep, for a lock that is held by the very task that needs the memory.
/// Then it would never end. Its private memory is no longer needed, and is freed before the victim ends. A task that
/// comes to a page that is missing now must not see it as empty: a fault there returns `SIGBUS`
/// (`check_stable_address_space()`).
///
/// Differs: the kernel has a thread for this; here the task that waits for memory does its work. If the mmap lock can't
/// be taken at once, the kernel tries ten times in a second. Here the victim's memory then stays, and the victim is
/// only passed over, as the kernel does in the end.
enum OOMReaper {
    /// How long a victim may take to end by itself, in nanoseconds. Without a delay in the kernel this is one tick: the
    /// task that waits for the memory looks again then. The reaper and the victim run meanwhile, and a victim that can
    /// end has ended by then.
    static func delay(_ model: KernelModel) -> UInt64 {
        switch model.victimDelay {
        case .twoSeconds: 2_000_000_000
        case .none: Machine.nanosecondsPerTick
        }
    }
}

extension TaskState {
    /// Whether it was chosen to die for its memory, and its end is still awaited.
    var isDyingVictim: Bool { isOOMVictim && status != .exited && !isPassedOver }
}

extension Machine {
    /// The wait for the end of killed tasks.
    var waitForVictim: TaskWait {
        var time = UInt64.max
        for task in tasks.indices where tasks[task].isDyingVictim { time = min(time, tasks[task].reapTime) }
        return TaskWait(.memory, .killable, value: time)
    }

    /// Takes the private memory of the victims whose time is up: `oom_reap_task()`. From then on, they are not waited
    /// for.
    ///
    /// - Returns: Whether there were any such victims.
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

    /// Ends the time that victims are given, for a driver of the machine.
    mutating func makeVictimsOverdue() {
        for index in tasks.indices where tasks[index].isDyingVictim && tasks[index].reapTime != .max {
            noteWrite(.task(TaskID(index)))
            tasks[index].reapTime = min(tasks[index].reapTime, clock)
        }
    }

    /// `__oom_reap_task_mm()`, once for a map, if no task has its lock for writing or waits for it.
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

    /// Whether a fault that would give private memory of `area` a page must return `SIGBUS`, because the content was
    /// taken away: `check_stable_address_space()`.
    @inline(__always)
    func isUnstable(_ map: MapID, _ area: VMA) -> Bool {
        maps[map.index].isReaped && !area.flags.contains(.shared)
    }
}
