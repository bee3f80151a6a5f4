package import FaultCore

/// The smallest way into the fault path: the mmap lock, the area and its protection, one retry with `TRIED`, a signal or
/// a fixup.
package struct BareEntry: FaultEntry {
    package enum Stage: UInt8, RoutineStage { case begin, locked, handled }

    /// The flags that no fault begins with.
    package var without: FaultFlags
    package let geometry: PageGeometry

    /// By default, user memory has 2^35 pages, under four levels of page tables.
    package init(without: FaultFlags = [], geometry: PageGeometry = Self.wide) {
        self.without = without
        self.geometry = geometry
    }

    package static var wide: PageGeometry {
        PageGeometry(pageShift: 12, levels: 4, bitsPerLevel: 9, userLimit: PageNumber(1 << 35))
    }

    /// User memory of 2^18 pages. A page table has 64 entries, so that few pages need several tables.
    package static var small: PageGeometry {
        PageGeometry(pageShift: 12, levels: 3, bitsPerLevel: 6, userLimit: PageNumber(1 << 18))
    }

    package var name: StaticName { StaticName("bare") }

    package func userCopyAttempts(in model: KernelModel) -> Int { 2 }

    package func step(
        _ stage: Stage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        switch stage {
        case .begin:
            fault.flags = FaultFlags.default.subtracting(without)
            if fault.exception.mode == .user { fault.flags.insert(.user) }
            if fault.exception.access == .write { fault.flags.insert(.write) }
            return .call(machine.taking(.mmap(fault.map), .read), then: .locked)

        case .locked:
            fault.lock = .mmap
            let needed: VMAFlags = fault.isWrite ? .write : .access
            let area = machine.findArea(of: &fault)
            guard let area, area.contains(fault.page), !area.flags.isDisjoint(with: needed) else {
                machine.releaseFaultLock(of: &fault)
                return refuse(.segv(.notMapped), fault, &machine)
            }
            return .call(machine.handleMMFault(), then: .handled)

        case .handled:
            let result = resumed.faultResult
            if result.contains(.completed) { return .done(.replay) }
            if result.contains(.retry) {
                if machine.hasFatalSignal(fault.task) { return .done(fault.exception.mode == .user ? .killed : .fixup) }
                fault.flags.insert(.tried)
                return .call(machine.taking(.mmap(fault.map), .read), then: .locked)
            }
            machine.releaseFaultLock(of: &fault)
            return result.isError ? refuse(.bus(.noSuchAddress), fault, &machine) : .done(.replay)
        }
    }

    private func refuse(
        _ signal: TaskSignal, _ fault: VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, EntryOutcome> {
        guard fault.exception.mode == .user else { return .done(.fixup) }
        machine.forceSignal(signal, on: fault.task)
        return .done(.signal)
    }
}
