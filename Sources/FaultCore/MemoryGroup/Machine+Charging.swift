/// Charging pages and slots to the memory group (mm/memcontrol.c, Linux 6.1 and 6.12).
extension Machine {
    /// `MEMCG_CHARGE_BATCH`: how many pages are charged at a time, if there is room.
    static var chargeBatch: Int { 64 }

    /// Whether the allocations of `task` are charged: it belongs to a process.
    func isCharged(_ task: TaskID) -> Bool { task != .none && tasks[task.index].map != .none }

    /// Charges a page if there is room: the beginning of `try_charge_memcg()`. It is charged from a processor's stock,
    /// or with a batch, or alone.
    mutating func chargeAtOnce() -> Bool {
        guard var state = group else { return true }
        if state.stock > 0 {
            state.stock -= 1
        } else if state.usage + Self.chargeBatch <= state.limit {
            state.usage += Self.chargeBatch
            state.stock = Self.chargeBatch - 1
        } else if state.usage < state.limit {
            state.usage += 1
        } else {
            return false
        }
        noteWrite(.memory)
        group = state
        return true
    }

    /// Whether a page could be charged at once.
    var canCharge: Bool { group.map { $0.stock > 0 || $0.usage < $0.limit } ?? true }

    /// Returns the stock of all processors: `drain_all_stock()`.
    mutating func drainStock() {
        let stock = group?.stock ?? 0
        group?.usage -= stock
        group?.stock = 0
    }

    /// How hard to try to charge a page.
    enum Effort {
        /// As a fault does: until a process is killed.
        case allIsTried
        /// As readahead does, which can do without the page: `__GFP_NORETRY`.
        case readahead
    }

    /// Charges a new page of a process, reclaiming others for it if necessary: `mem_cgroup_charge()`.
    ///
    /// For an allocation that must succeed, room was made before (``mustReclaim(for:)``). Such an allocation reclaims
    /// nothing here, unless one stage allocates several pages.
    ///
    /// - Returns: Whether the page was charged, or need not be.
    mutating func charge(for task: TaskID, _ effort: Effort) -> Bool {
        guard hasGroup, isCharged(task) else { return true }
        if let place = group?.refused.firstIndex(of: task) {
            group?.refused.remove(at: place)
            return false
        }
        if chargeAtOnce() { return true }
        var attempt = ChargeAttempt()
        while true {
            switch makeRoom(&attempt, effort, by: task) {
            case .room: if chargeAtOnce() { return true }
            case .again: break
            case .refused, .victimDies: return false
            }
        }
    }

    /// Uncharges a page that is free: `mem_cgroup_uncharge()`.
    mutating func uncharge(_ frame: FrameNumber) {
        guard group?.pages.isCharged(frame) == true else { return }
        if !mistaken(.freedPageStaysCharged) { group?.usage -= 1 }
        if group?.pages.generation(of: frame) != nil { removeFromGenerations(frame) }
        group?.batches.forget(frame)
        group?.pages.forget(frame)
    }

    // MARK: Swap

    /// How many slots the group could use: `mem_cgroup_get_nr_swap_pages()`.
    var freeGroupSwapPages: Int { min(swap.free, group?.swapMargin ?? .max) }

    /// Whether slots are so short that pages in memory give up theirs: `mem_cgroup_swap_full()`.
    var isGroupSwapNearlyFull: Bool {
        guard let group, group.swapLimit != .max else { return isSwapNearlyFull }
        return isSwapNearlyFull || group.swapUsage * 2 >= group.swapLimit
    }

    /// Charges a slot for a page: `mem_cgroup_try_charge_swap()`. Returns `false` if the limit forbids it; the caller
    /// then frees the slot.
    mutating func chargeSlot(_ slot: Int, for folio: FrameNumber) -> Bool {
        guard hasGroup, let state = group, state.pages.isCharged(folio) else { return true }
        guard state.swapMargin > (mistaken(.lastSlotRefused) ? 1 : 0) else {
            group?.events.swapLimitReached += 1
            return false
        }
        noteWrite(.memory)
        group?.swapUsage += 1
        group?.setCharged(slot: slot, true)
        return true
    }

    /// Uncharges a slot that is free: `mem_cgroup_uncharge_swap()`.
    mutating func unchargeSlot(_ slot: Int) {
        guard hasGroup, group?.isCharged(slot: slot) == true else { return }
        noteWrite(.memory)
        group?.swapUsage -= 1
        group?.setCharged(slot: slot, false)
    }
}

/// The progress of an attempt to charge: the variables of `try_charge_memcg()`.
struct ChargeAttempt: Equatable, BitwiseCopyable, Sendable {
    /// `nr_retries`.
    var retries = Self.mostRetries
    /// Whether processors have returned their stock.
    var hasDrained = false
    /// Whether a process was killed for it.
    var hasKilled = false
    /// Whether it has failed before.
    var hasFailed = false

    /// `MAX_RECLAIM_RETRIES`.
    static var mostRetries: Int { 16 }
}

/// The result of one attempt to make room for a charge.
enum ChargeProgress {
    /// There is room.
    case room
    /// It must be tried again.
    case again
    /// A process was killed, and its memory is awaited.
    case victimDies
    /// The charge fails.
    case refused
}

extension Machine {
    /// One turn of `try_charge_memcg()` when there was no room: reclaims. If that freed nothing, and it was the last
    /// try, kills a process.
    mutating func makeRoom(_ attempt: inout ChargeAttempt, _ effort: Effort, by task: TaskID) -> ChargeProgress {
        noteWrite(.memory)
        group?.events.limitReached += 1
        let reclaimed = reclaimFromGroup(1, by: task, entersFileSystems: effort != .readahead)
        if let group, group.margin >= 1 { return .room }
        if !attempt.hasDrained {
            drainStock()
            attempt.hasDrained = true
            return canCharge ? .room : .again
        }
        if effort == .readahead { return .refused }
        if reclaimed > 0 { return .again }
        if attempt.retries > 0 {
            attempt.retries -= 1
            return .again
        }
        if attempt.hasKilled, hasFatalSignal(task) { return .refused }
        group?.events.outOfMemory += 1
        if !hasFatalSignal(task) {
            guard killForMemory(by: task) else { return .refused }
        }
        attempt.hasKilled = true
        attempt.retries = ChargeAttempt.mostRetries
        return isVictimDying && !hasFatalSignal(task) ? .victimDies : .again
    }
}
