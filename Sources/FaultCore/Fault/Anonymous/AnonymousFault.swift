/// `do_anonymous_page()` (mm/memory.c, Linux 6.1): the first access to a page of private memory.
///
/// A read maps the zero page, which is not counted. A write takes a page of its own. The page is allocated before the
/// entry is looked at again. So if two tasks fault on one page, the second frees its own page and uses the first's.
enum AnonymousFault {
    /// The flags of a new page of private memory.
    static var frameFlags: FrameFlags { [.anonymous, .anonExclusive, .uptodate] }

    /// The entry that a read gets: the zero page.
    @inline(__always)
    static func zeroPage(of area: VMAFlags) -> PTE { PTE(.none, area.entryBits(forWrite: false).union(.special)) }

    static func prepare(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let area = machine.area(of: fault)
        if area.flags.contains(.shared), !mistaken(.sharedTakenForPrivate) {
            return PageFault.end(.sigbus, &fault, &machine)
        }
        guard let leaf = machine.makeLeafTable(fault.map, fault.page, for: fault.task) else {
            return PageFault.end(.oom, &fault, &machine)
        }
        if machine.model.stackGuard == .page, area.flags.contains(.growsDown), fault.page == area.start,
            !machine.hasGuardPage(&fault)
        {
            return PageFault.end(.sigbus, &fault, &machine)
        }
        if !fault.isWrite {
            let entry = machine.tables.entry(leaf, fault.page)
            guard entry == fault.originalEntry || mistaken(.zeroPageUncompared) else {
                return PageFault.end([], &fault, &machine)
            }
            if machine.isUnstable(fault.map, area) { return PageFault.end(.sigbus, &fault, &machine) }
            if area.flags.contains(.userfaultMissing), !mistaken(.missingLoadUntold) {
                return .call(machine.handingOver(.missing), then: .handedOver)
            }
            let bits = machine.bits(of: fault, area, leaf: leaf, replacing: entry).union(.special)
            machine.setSpecialEntry(PTE(.none, bits), at: fault.page, in: fault.map, leaf: leaf)
            return PageFault.end([], &fault, &machine)
        }
        if machine.mustReclaim(for: fault.task) { return .call(machine.reclaiming, then: .anonymousPrepare) }
        switch machine.prepareAnonymous(of: &fault) {
        case .ready: break
        case .noMemory: return PageFault.end(.oom, &fault, &machine)
        case .needsMmapLock: return PageFault.needsMmapLock(&fault, &machine)
        }
        guard let frame = machine.allocateAnonymous(.anonymousPage, for: fault) else {
            return PageFault.end(.oom, &fault, &machine)
        }
        fault.copy = frame
        return .next(.anonymousInstall)
    }

    static func install(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
        let leaf = machine.leafTable(fault.map, fault.page)
        guard leaf != 0,
            machine.tables.entry(leaf, fault.page) == fault.originalEntry || mistaken(.firstStoreUncompared)
        else {
            machine.dropCopy(of: &fault)
            return PageFault.end([], &fault, &machine)
        }
        let area = machine.area(of: fault)
        if machine.isUnstable(fault.map, area) {
            machine.dropCopy(of: &fault)
            return PageFault.end(.sigbus, &fault, &machine)
        }
        if area.flags.contains(.userfaultMissing) {
            machine.dropCopy(of: &fault)
            return .call(machine.handingOver(.missing), then: .handedOver)
        }
        let bits = machine.bits(of: fault, area, leaf: leaf, replacing: fault.originalEntry)
        machine.mapHeld(
            fault.copy, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultCopy)
        if machine.hasGroup { machine.addToGroup(fault.copy, isLocked: area.flags.contains(.locked)) }
        fault.copy = .none
        return PageFault.end([], &fault, &machine)
    }
}

extension Machine {
    /// Whether there is a page below the page of the fault, which is the lowest page of a stack. Grows the stack by a
    /// page if it has to: `check_stack_guard_page()` (Linux 2.6.36).
    fileprivate mutating func hasGuardPage(_ fault: inout VMFault) -> Bool {
        if fault.page.rawValue > 0, let below = area(containing: fault.page - 1, in: fault.map) {
            return below.flags.contains(.growsDown)
        }
        guard fault.page.rawValue > 0 else { return false }
        fault.page = fault.page - 1
        let refusal = expandStack(of: &fault)
        fault.page = fault.page + 1
        return refusal == nil && findArea(of: &fault) != nil
    }

    /// Allocates a page of zeroes for private memory, held in the fault's copy slot.
    mutating func allocateAnonymous(_ point: AllocationPoint, for fault: VMFault) -> FrameNumber? {
        chargePageCopy()
        return allocateFrame(
            point, flags: AnonymousFault.frameFlags, index: fault.index, stamp: 0, for: fault.task,
            slot: .faultCopy)
    }
}
