/// Makes room for a page that a process is about to be charged: the loop of `try_charge_memcg()` (mm/memcontrol.c, Linux 6.1
/// and 6.12).
///
///     reclaim ─┬─▶ done             there is room, or the next charge is refused
///              ├─▶ reclaim          again, up to 16 times in vain
///              └─▶ awaitVictim ─▶ reclaim
///
/// The charge of a task that is itself being killed is refused, and its fault returns `OOM`. A task that has another
/// process killed waits here until that process is gone; the kernel keeps trying meanwhile.
enum ChargeRoutine: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case reclaim
        case awaitVictim
    }

    struct Frame: RoutineFrame {
        /// How many more fruitless tries there are.
        var retries = ChargeAttempt.mostRetries
        /// Whether processors have returned their stock.
        var hasDrained = false
        /// Whether a process was killed for this charge.
        var hasKilled = false

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("retries", retries)
            visitor.visit("hasDrained", hasDrained)
            visitor.visit("hasKilled", hasKilled)
        }
    }

    static var number: RoutineNumber { .charge }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, Completion> {
        let task = machine.currentTask
        switch stage {
        case .reclaim:
            guard machine.mustReclaim(for: task) else { return .done }
            var attempt = ChargeAttempt(
                retries: frame.retries, hasDrained: frame.hasDrained, hasKilled: frame.hasKilled)
            let progress = machine.makeRoom(&attempt, .allIsTried, by: task)
            frame.retries = attempt.retries
            frame.hasDrained = attempt.hasDrained
            frame.hasKilled = attempt.hasKilled
            switch progress {
            case .room, .again:
                if let wait = machine.takeSubmissionWait() { return .sleep(wait, then: .reclaim) }
                return .next(.reclaim)
            case .victimDies: return .next(.awaitVictim)
            case .refused:
                machine.refuseCharge(of: task)
                return .done
            }

        case .awaitVictim:
            guard machine.isVictimDying, machine.mustReclaim(for: task) else { return .next(.reclaim) }
            return .sleep(machine.waitForVictim, then: .reclaim)
        }
    }
}

extension Machine {
    /// The call that makes room for a charge, if ``mustReclaim(for:)``. It returns ``Completion/done`` in any case.
    var makingRoomInGroup: RoutineCall { RoutineCall(ChargeRoutine.self, ChargeRoutine.Frame()) }

    /// Makes the next charge of a page to `task` fail.
    fileprivate mutating func refuseCharge(of task: TaskID) {
        noteWrite(.memory)
        if group?.refused.contains(task) == false { group?.refused.append(task) }
    }

    /// Whether room must be made in the group before a page is charged to `task`. False if the next charge of the task
    /// is one that fails anyway.
    @inline(never)
    func mustMakeRoomInGroup(for task: TaskID) -> Bool {
        guard let group, isCharged(task) else { return false }
        return !canCharge && !group.refused.contains(task)
    }
}

// MARK: - What it reads

extension ChargeRoutine {
    /// Everything: the next page in a list can be any page, with any mappings.
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }
}

// MARK: - Faults

extension Machine {
    /// Begins a run of `handle_mm_fault()`: `lru_gen_enter_fault()`.
    @inline(never)
    mutating func enterFault(_ fault: VMFault) {
        noteWrite(toOther: fault.task)
        tasks[fault.task.index].isInFault = hasRecency(area(of: fault))
    }

    /// Ends a run of `handle_mm_fault()`.
    @inline(never)
    mutating func leaveFault(_ fault: VMFault) {
        noteWrite(toOther: fault.task)
        tasks[fault.task.index].isInFault = false
        if group?.refused.isEmpty == false { group?.refused.removeAll { $0 == fault.task } }
    }
}
