/// Fault-around inside the handler, as proposed in February 2014: the pages around a page are found, referenced and locked
/// with it, and mapped when it is.
///
/// Differs from the mail: what it forgot to release is released, and the page itself is unlocked once.
extension Machine {
    /// How many pages a handler fills at most, aligned by address: `FAULT_AROUND_PAGES`.
    package static var aroundPages: Int { 32 }

    /// Adds a page of the fault's file to those that its handler has found, and locks it, if it can be mapped at once.
    ///
    /// Models one turn of `lock_secondary_pages()`.
    package mutating func addAround(_ folio: FrameNumber, of fault: VMFault) {
        guard frames[folio].flags.contains(.uptodate), tryLock(folio, by: fault.task) else { return }
        let place = Self.aroundPlace(fault.task, tasks[fault.task.index].aroundBatch.count)
        tasks[fault.task.index].aroundBatch.append(folio)
        updateFrame(folio) {
            $0.references &+= 1
            $0.places &+= place
        }
    }

    /// Unlocks and gives back the pages around: `unlock_and_put_secondary_pages()`.
    package mutating func dropAround(of fault: VMFault) {
        while let folio = tasks[fault.task.index].aroundBatch.popLast() {
            let place = Self.aroundPlace(fault.task, tasks[fault.task.index].aroundBatch.count)
            unlock(folio)
            updateFrame(folio) {
                $0.references &-= 1
                $0.places &-= place
            }
            freeIfUnused(folio)
        }
    }

    /// Maps the pages around whose entries are none, and gives all of them back.
    mutating func mapAround(of fault: VMFault, leaf: UInt32) {
        guard !tasks[fault.task.index].aroundBatch.isEmpty else { return }
        let bits = entryBits(of: currentArea(fault.area), forWrite: false)
        for folio in tasks[fault.task.index].aroundBatch {
            let page = fault.page + (Int(frames[folio].index) - fault.index.value)
            if tables.entry(leaf, page).isNone { mapFrame(folio, bits, at: page, in: fault.map, leaf: leaf) }
        }
        dropAround(of: fault)
    }

    /// Each position is a place of its own, so that the fingerprint tells which page is which.
    static func aroundPlace(_ task: TaskID, _ position: Int) -> UInt64 {
        Mixing.stackPlace(task, 0x200 + UInt64(position))
    }
}

/// Fault-around one page after the other, as first posted in February 2014: when the page is mapped, its neighbours are
/// faulted in by the same handler, in turn.
///
/// They are faulted in without `ALLOW_RETRY`, so that whatever is not cached is read, and waited for, with the fault lock
/// held; their errors are nobody's business. The posting itself is lost: the window is that of ``FaultAround``, and the
/// neighbours' waits can't be killed.
///
/// The call's words: 0 is the page of the fault, 1 the next neighbour, 2 the last one, 3 result and flags of the fault; 5 is
/// 1 from the first neighbour on.
enum FaultAroundOneByOne {
    /// Saves the fault, whose page is mapped.
    static func begin(_ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine) {
        let area = machine.area(of: fault)
        let (first, last) = FaultAround.window(
            around: fault.page, at: fault.index, of: area, pages: machine.settings.faultAroundPages, machine.geometry)
        call.words.0 = fault.page.rawValue
        call.words.1 = (fault.page + (first - fault.index)).rawValue
        call.words.2 = (fault.page + (last - fault.index)).rawValue
        call.words.3 = UInt64(fault.result.rawValue) | UInt64(fault.flags.rawValue) << 32
        call.words.5 = 1
    }

    /// Faults the next neighbour in that has no entry, or ends the attempt.
    static func next(
        _ call: inout Activation, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<PageFault.Stage> {
        let leaf = machine.leafTable(fault.map, PageNumber(call.words.0))
        while call.words.1 <= call.words.2 {
            let page = PageNumber(call.words.1)
            call.words.1 += 1
            guard leaf == 0 || machine.tables.entry(leaf, page).isNone else { continue }
            move(&fault, to: page)
            fault.flags = fault.flags.intersection([.user, .vmaLock])
            fault.result = []
            return .call(Call(.handlerFault, owner: machine.area(of: fault).operations), then: .aroundReturned)
        }
        move(&fault, to: PageNumber(call.words.0))
        fault.flags = FaultFlags(rawValue: UInt32(truncatingIfNeeded: call.words.3 >> 32))
        fault.result = FaultResult(rawValue: UInt32(truncatingIfNeeded: call.words.3))
        return PageFault.end(fault.result, &fault, &machine)
    }

    /// The handler has answered for a neighbour.
    static func returned(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step<PageFault.Stage> {
        if result.isError || !result.isDisjoint(with: [.noPage, .retry, .doneCow]) { return .next(.aroundNext) }
        if result.contains(.locked) { return .next(.aroundLocked) }
        return .call(machine.locking(fault.folio), then: .aroundLocked)
    }

    /// The neighbour's page is locked: maps it, if nobody has meanwhile.
    static func locked(_ fault: inout VMFault, _ machine: inout Machine) -> Step<PageFault.Stage> {
        fault.folioLocked = true
        let leaf = machine.leafTable(fault.map, fault.page)
        guard leaf != 0, machine.tables.entry(leaf, fault.page).isNone else {
            machine.releaseFolio(of: &fault)
            return .next(.aroundNext)
        }
        let bits = machine.entryBits(of: machine.area(of: fault), forWrite: false)
        machine.mapHeld(
            fault.folio, bits, at: fault.page, in: fault.map, leaf: leaf, heldBy: fault.task, in: .faultFolio)
        machine.unlock(fault.folio)
        fault.folioLocked = false
        fault.folio = .none
        return .next(.aroundNext)
    }

    private static func move(_ fault: inout VMFault, to page: PageNumber) {
        fault.index = fault.index + (page - fault.page)
        fault.page = page
    }
}
