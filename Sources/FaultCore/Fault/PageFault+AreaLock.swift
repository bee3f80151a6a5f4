/// Where a fault that is guarded by its area's lock finds out that it needs the mmap lock.
extension PageFault {
    /// Ends an attempt with `RETRY`, because it can't go on under the area's lock.
    static func needsMmapLock(_ fault: inout VMFault, _ machine: inout Machine) -> Step {
        machine.dropCopy(of: &fault)
        machine.releaseFolio(of: &fault)
        if machine.model.areaLockRelease == .byCallee { machine.releaseFaultLock(of: &fault) }
        return end(fault.result.union(machine.needsMmapLockResult), &fault, &machine)
    }

    /// Whether the area's handler may be called under the lock that the fault has: `vmf_can_call_fault()`.
    @inline(__always)
    static func mayCallHandler(_ fault: VMFault, _ area: VMA, _ machine: Machine) -> Bool {
        fault.lock != .area || mayCallHandlerUnderAreaLock(area, machine)
    }

    private static func mayCallHandlerUnderAreaLock(_ area: VMA, _ machine: Machine) -> Bool {
        let operations = machine.configuration.vmOperations[Int(area.operations) - 1]
        return AreaLockPolicy(machine.model).allowsHandler(operations.provides)
    }
}

/// The result of preparing an area for private pages.
enum AnonPreparation: UInt8, BitwiseCopyable, Sendable {
    /// The area has an `anon_vma`.
    case ready
    /// There is no memory for an `anon_vma`.
    case noMemory
    /// It needs the mmap lock, which could not be taken at once.
    case needsMmapLock
}

extension Machine {
    /// Gives the fault's area an `anon_vma` if it has none: `vmf_anon_prepare()`.
    ///
    /// Neighbouring areas are searched for an `anon_vma` to share, so the area lock is not enough. The mmap lock
    /// is taken for that moment, if it can be taken without waiting.
    mutating func prepareAnonymous(of fault: inout VMFault) -> AnonPreparation {
        guard fault.lock == .area, area(of: fault).anonVMA == 0 else {
            return prepareAnonVMA(of: &fault) ? .ready : .noMemory
        }
        guard AreaLockPolicy(model).allowsAnonVMA else {
            guard model.areaLockCheck == .beforeLock, area(of: fault).isAnonymous else { return .needsMmapLock }
            report(.staleArea, fault.task, "the areas beside that of \(fault.page) are looked at without the mmap lock")
            return prepareAnonVMA(of: &fault) ? .ready : .noMemory
        }
        guard tryLock(.mmap(fault.map), .read, for: fault.task) else {
            noteTrylockFailure(fault.task)
            return .needsMmapLock
        }
        let isPrepared = prepareAnonVMA(of: &fault)
        unlock(.mmap(fault.map), by: fault.task)
        return isPrepared ? .ready : .noMemory
    }
}
