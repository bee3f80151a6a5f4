/// Reading under an area lock: `lock_vma_under_rcu()` and `vma_end_read()` (mm/memory.c, include/linux/mm.h,
/// Linux 6.12).
extension Machine {
    /// The result of a try for an area's lock.
    package enum AreaLocking: UInt8, BitwiseCopyable, Sendable {
        /// It is held for reading; ``VMFault/lock`` says so.
        case locked
        /// The area was replaced after the look-up: look again.
        case replaced
        /// It can't be taken, or does not suffice for this fault: take the mmap lock.
        case refused
    }

    /// Looks up the area that contains the page of a fault, without any lock. It may be gone at the next stage.
    ///
    /// - Returns: Whether there is one.
    package mutating func findAreaWithoutLock(of fault: inout VMFault) -> Bool {
        guard let (handle, area) = handle(endingAfter: fault.page, in: fault.map), area.start <= fault.page,
            model.areaLockCheck == .underLock || AreaLockPolicy(model).hasAnonVMA(area)
        else {
            countAreaLock(.abort)
            return false
        }
        fault.area = handle
        return true
    }

    /// Takes the lock of the area that was found, for reading, if that is possible without waiting: `vma_start_read()`,
    /// and the tests that follow it.
    package mutating func tryAreaLock(of fault: inout VMFault) -> AreaLocking {
        let locks = maps[fault.map.index].areaLocks
        let area = areaStillThere(fault.area)
        if !locks.isMarked(fault.area.start) || mistaken(.readsMarkedArea) {
            guard let area else {
                countAreaLock(.miss)
                return .replaced
            }
            if area.contains(fault.page) || mistaken(.areaRangeUnchecked), mayBeGuarded(area) {
                noteWrite(.areaLocks(fault.map))
                maps[fault.map.index].areaLocks.addReader(fault.task, of: area.start)
                fault.lock = .area
                fault.flags.insert(.vmaLock)
                fault.file = area.file
                fault.index = area.fileIndex(of: fault.page)
                record(.areaLockTaken, fault.task, area.start.rawValue)
                note(.readsArea(fault.task, fault.map, area.start))
                return .locked
            }
        }
        countAreaLock(.abort)
        return .refused
    }

    /// Whether a fault may continue after it has locked its area: what `lock_vma_under_rcu()` tests under the lock.
    private func mayBeGuarded(_ area: VMA) -> Bool {
        let policy = AreaLockPolicy(model)
        return policy.covers(area) && (model.areaLockCheck == .beforeLock || policy.hasAnonVMA(area))
    }

    /// The area that a handle names, if an area still begins there.
    private func areaStillThere(_ handle: VMAHandle) -> VMA? {
        let areas = maps[handle.map.index].areas
        if handle.sequence == areas.sequence { return areas[handle.position] }
        guard let position = areas.firstPosition(endingAfter: handle.start), areas[position].start == handle.start
        else { return nil }
        return areas[position]
    }

    /// Releases the lock of the area that a task reads, or of both areas: `vma_end_read()`. A writer that waits for the
    /// last reader is woken.
    mutating func endAreaRead(in map: MapID, by task: TaskID) {
        guard let area = maps[map.index].areaLocks.area(readBy: task) else {
            report(.faultLockReleasedOnce, task, "releases the lock of an area, and holds none")
            return
        }
        record(.areaLockReleased, task, area.rawValue)
        noteWrite(.areaLocks(map))
        if maps[map.index].areaLocks.removeReader(task), !mistaken(.lastAreaReaderWakesNobody) {
            wakeAll(.areaReaders(of: map.index))
        }
    }

    /// Whether `task` holds the lock of an area of `map` for reading.
    func readsArea(of map: MapID, _ task: TaskID) -> Bool {
        map != .none && maps[map.index].areaLocks.area(readBy: task) != nil
    }

    /// The first page of the area whose lock `task` holds for reading; `nil` if it holds none.
    public func areaRead(by task: TaskID) -> PageNumber? {
        _ = index(of: task)
        for map in maps.indices {
            if let area = maps[map].areaLocks.area(readBy: task) { return area }
        }
        return nil
    }

    /// Whether the lock of the area that contains `page` is held by a writer, so that no reader gets it.
    public func isAreaWriteLocked(_ page: PageNumber, in map: MapID) -> Bool {
        guard let area = area(containing: page, in: map) else { return false }
        return maps[map.index].areaLocks.isMarked(area.start)
    }

    /// Handles the result of an attempt under an area's lock, for an entry. Releases the lock if it is still held, and
    /// counts the result.
    ///
    /// - Returns: Whether the fault has to be tried again under the mmap lock. ``FaultFlags/tried`` is set if the new
    ///   attempt does not count as a first attempt.
    package mutating func endAreaAttempt(_ result: FaultResult, _ fault: inout VMFault) -> Bool {
        fault.flags.remove(.vmaLock)
        if fault.lock == .area { releaseFaultLock(of: &fault) }
        guard result.contains(.retry) else {
            countAreaLock(.success)
            return false
        }
        countAreaLock(.retry)
        if model.areaLockRetry == .majorIsTried, result.contains(.major) { fault.flags.insert(.tried) }
        return true
    }

    /// Ends an attempt that was not made, because the area does not allow the access.
    ///
    /// - Returns: Whether that is final; otherwise the area is checked again under the mmap lock.
    package mutating func refuseUnderAreaLock(_ fault: inout VMFault) -> Bool {
        fault.flags.remove(.vmaLock)
        releaseFaultLock(of: &fault)
        guard model.areaLockRefusal == .isFinal else { return false }
        countAreaLock(.success)
        return true
    }
}

/// What a fault may do under its area's lock, by the rules of the kernel.
struct AreaLockPolicy {
    private let reach: KernelModel.AreaLockReach
    private let anonVMA: KernelModel.AreaLockAnonVMA

    @inline(__always)
    init(_ model: KernelModel) {
        reach = model.areaLocks
        anonVMA = model.areaLockAnonVMA
    }

    /// Whether areas have locks.
    @inline(__always)
    var isInUse: Bool { reach != .none }

    /// Whether a fault may begin under the lock of `area`: the refusals of `lock_vma_under_rcu()`.
    @inline(__always)
    func guards(_ area: VMA) -> Bool { covers(area) && hasAnonVMA(area) }

    /// Whether areas of this kind have a use for their locks.
    @inline(__always)
    func covers(_ area: VMA) -> Bool {
        switch reach {
        case .none: false
        case .anonymousMemory: area.isAnonymous && !area.flags.isRegistered
        case .upToFaultAround, .mappingHandlers: true
        }
    }

    /// Whether a fault under the lock of `area` has the `anon_vma` that it may need, or can make one.
    @inline(__always)
    func hasAnonVMA(_ area: VMA) -> Bool {
        switch reach {
        case .none: true
        case .anonymousMemory: area.isAnonymous && area.anonVMA != 0
        case .upToFaultAround, .mappingHandlers: !area.isAnonymous || area.anonVMA != 0 || anonVMA == .triesMmapLock
        }
    }

    /// Whether a handler may be called: `vmf_can_call_fault()`.
    func allowsHandler(_ operations: VMOperationSet) -> Bool {
        reach == .mappingHandlers && operations.contains(.mapPages)
    }

    /// Whether a page may be swapped in: the first lines of `do_swap_page()`.
    var allowsSwapIn: Bool { reach != .anonymousMemory }

    /// Whether an `anon_vma` may be made.
    var allowsAnonVMA: Bool { anonVMA == .triesMmapLock }
}
