/// Finding out what kind of fault it is, and which faults are handed over to a program.
extension PageFault {
    /// `handle_pte_fault()`: looks at the entry, which decides the kind of fault.
    static func lookUp(_ fault: inout VMFault, _ machine: inout Machine) -> Step {
        let leaf = machine.leafTable(fault.map, fault.page)
        let entry = leaf == 0 ? PTE.none : machine.tables.entry(leaf, fault.page)
        fault.originalEntry = entry
        if leaf != 0 { fault.flags.insert(.originalEntryValid) } else { fault.flags.remove(.originalEntryValid) }
        let area = machine.area(of: fault)
        if entry.isNone { return missing(&fault, area, &machine) }
        guard entry.isPresent else {
            // Where swap-in needs the mmap lock, do_swap_page() begins with that test, whatever the entry is.
            if fault.lock == .area, !AreaLockPolicy(machine.model).allowsSwapIn {
                return needsMmapLock(&fault, &machine)
            }
            if entry.bits.contains(.lost) {
                return end(machine.model.lostPage == .isMemoryError ? .hwpoison : .sigbus, &fault, &machine)
            }
            if entry.isMarker { return marker(&fault, area, leaf, &machine) }
            return .next(.swapLookUp)
        }
        if fault.isWrite || fault.flags.contains(.unshare), !entry.isWritable { return .next(.writeProtected) }
        let bits = entry.bits.union(fault.isWrite && !mistaken(.storeLeavesEntryClean) ? [.young, .dirty] : .young)
        machine.changeEntry(entry, to: bits, at: fault.page, in: fault.map, leaf: leaf)
        return end([], &fault, &machine)
    }

    /// There is no entry: `do_pte_missing()`.
    @inline(__always)
    private static func missing(_ fault: inout VMFault, _ area: VMA, _ machine: inout Machine) -> Step {
        if area.isAnonymous { return .next(.anonymousPrepare) }
        if !fault.isWrite { return .next(.faultAround) }
        guard mayCallHandler(fault, area, machine) else { return needsMmapLock(&fault, &machine) }
        let copiesFirst = !area.flags.contains(.shared) && machine.model.copyAllocation == .beforeHandler
        return .next(copiesFirst ? .copyPrepare : .callHandler)
    }

    /// The entry is only a marker that the page is write-protected: `pte_marker_handle_uffd_wp()`. If the area's pages
    /// are no longer protected, the marker is removed, and the access is tried again.
    private static func marker(
        _ fault: inout VMFault, _ area: VMA, _ leaf: UInt32, _ machine: inout Machine
    ) -> Step {
        guard area.flags.contains(.userfaultProtect) else {
            machine.removeMarker(at: fault.page, in: fault.map, leaf: leaf)
            machine.noteReplay(of: fault)
            return end([], &fault, &machine)
        }
        return missing(&fault, area, &machine)
    }

    /// Ends an attempt that was handed over. Unless `result` is an error, the bits that the attempt has gathered are
    /// added to it.
    static func handedOver(_ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine) -> Step {
        end(result.isError ? result : fault.result.union(result), &fault, &machine)
    }
}

extension Machine {
    /// The bits of a fault's new entry, which replaces `old`. If `old` is a marker, the new entry stays protected, so
    /// that a store faults again.
    @inline(__always)
    mutating func bits(of fault: VMFault, _ area: VMA, leaf: UInt32, replacing old: PTE) -> PTE.Bits {
        let bits = entryBits(of: area, forWrite: fault.isWrite)
        return old.isMarker ? protectedBits(bits, of: fault, area, leaf) : bits
    }

    @inline(never)
    private mutating func protectedBits(_ bits: PTE.Bits, of fault: VMFault, _ area: VMA, _ leaf: UInt32) -> PTE.Bits {
        removeMarker(at: fault.page, in: fault.map, leaf: leaf)
        guard area.flags.contains(.userfaultProtect) else { return bits }
        if fault.isWrite { noteReplay(of: fault) }
        return bits.subtracting(.writable).union(.userfaultProtected)
    }
}
