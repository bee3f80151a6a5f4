/// Makes room for a page that a process is about to be charged: the loop of `try_charge_memcg()` (mm/memcontrol.c, Linux 6.1
/// and 6.12).
///
///     reclaim ─┬─▶ done             there is room, or the next charge is refused
///              ├─▶ reclaim          again, up to 16 times in vain
///              └─▶ awaitVictim ─▶ reclaim
///
/// A task that is to die itself is refused, and its fault answers `OOM`. Who has another process killed waits here until that
/// is gone; the kernel tries on meanwhile.
enum ChargeRoutine: CoreRoutine {
    enum Stage: UInt8, RoutineStage {
        case reclaim
        case awaitVictim
    }

    struct Frame: RoutineFrame {
        /// How often it is still tried in vain.
        var retries = ChargeAttempt.mostRetries
        /// Whether processors have given back their stock.
        var hasDrained = false
        /// Whether somebody was killed for it.
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
    /// What to call to have room made for a charge, if ``mustReclaim(for:)``. It answers ``Completion/done`` in any case.
    var makingRoomInGroup: RoutineCall { RoutineCall(ChargeRoutine.self, ChargeRoutine.Frame()) }

    /// The next page that is to be charged to `task` is not to be had.
    fileprivate mutating func refuseCharge(of task: TaskID) {
        noteWrite(.memory)
        if group?.refused.contains(task) == false { group?.refused.append(task) }
    }

    /// Whether the group has no room for a page of `task`, and has not refused it one.
    @inline(never)
    func mustMakeRoomInGroup(for task: TaskID) -> Bool {
        guard let group, isCharged(task) else { return false }
        return !canCharge && !group.refused.contains(task)
    }
}

// MARK: - What it reads

extension ChargeRoutine {
    /// Whatever page is next in a list, and whoever maps it: all there is.
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint { .everything }
}

// MARK: - Faults

extension Machine {
    /// A run of `handle_mm_fault()` begins: `lru_gen_enter_fault()`.
    @inline(never)
    mutating func enterFault(_ fault: VMFault) {
        noteWrite(toOther: fault.task)
        tasks[fault.task.index].isInFault = hasRecency(area(of: fault))
    }

    /// A run of `handle_mm_fault()` ends.
    @inline(never)
    mutating func leaveFault(_ fault: VMFault) {
        noteWrite(toOther: fault.task)
        tasks[fault.task.index].isInFault = false
        if group?.refused.isEmpty == false { group?.refused.removeAll { $0 == fault.task } }
    }
}
