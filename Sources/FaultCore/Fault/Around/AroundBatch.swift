/// Fault-around inside the handler, as proposed in February 2014.
///
/// The pages around a page are found, referenced and locked together with it, and mapped when it is.
///
/// Differs from the mail: what the mail forgot to release is released, and the page itself is unlocked once.
extension Machine {
    /// How many pages a handler fills at most, aligned by address: `FAULT_AROUND_PAGES`.
    package static var aroundPages: Int { 32 }

    /// Adds a page of the fault's file to the pages that its handler has found, and locks it, if it can be mapped at
    /// once.
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

    /// Unlocks and drops the surrounding pages: `unlock_and_put_secondary_pages()`.
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

    /// Maps the surrounding pages whose entries are none, and drops all of them.
    mutating func mapAround(of fault: VMFault, leaf: UInt32) {
        guard !tasks[fault.task.index].aroundBatch.isEmpty else { return }
        let bits = entryBits(of: currentArea(fault.area), forWrite: false)
        for folio in tasks[fault.task.index].aroundBatch {
            let page = fault.page + (Int(frames[folio].index) - fault.index.value)
            if tables.entry(leaf, page).isNone { mapFrame(folio, bits, at: page, in: fault.map, leaf: leaf) }
        }
        dropAround(of: fault)
    }

    /// The place of each position, so that the fingerprint tells the pages apart.
    static func aroundPlace(_ task: TaskID, _ position: Int) -> UInt64 {
        Mixing.stackPlace(task, aroundSlot(position))
    }

    /// The slot of each position among what a task holds.
    static func aroundSlot(_ position: Int) -> UInt64 { 0x200 + UInt64(position) }
}

/// Fault-around one page after the other, as first posted in February 2014.
///
/// When the page is mapped, its neighbours are faulted in by the same handler, one at a time.
///
/// They are faulted in without `ALLOW_RETRY`. So a page that is not cached is read, and waited for, with the fault lock
/// held. Errors of neighbours are ignored. The posting itself is lost, so two details are assumptions: the window is
/// that of ``FaultAround``, and the neighbours' waits can't be killed.
enum FaultAroundOneByOne {
    /// How far the faults on neighbours have come, and the fault that they follow.
    struct Neighbours: FieldList {
        /// The page of the fault.
        var page: PageNumber
        /// The next neighbour.
        var next: PageNumber
        /// The last neighbour.
        var last: PageNumber
        /// The fault's result.
        var result: FaultResult
        /// The fault's flags.
        var flags: FaultFlags

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("page", page)
            visitor.visit("next", next)
            visitor.visit("last", last)
            visitor.visit("result", result)
            visitor.visit("flags", flags)
        }
    }

    /// Saves the fault, whose page is mapped.
    static func begin(_ frame: inout PageFault.Frame, _ fault: inout VMFault, _ machine: inout Machine) {
        let area = machine.area(of: fault)
        let (first, last) = FaultAround.window(
            around: fault.page, at: fault.index, of: area, pages: machine.settings.faultAroundPages, machine.geometry)
        frame.neighbours = Neighbours(
            page: fault.page, next: fault.page + (first - fault.index), last: fault.page + (last - fault.index),
            result: fault.result, flags: fault.flags)
    }

    /// Faults in the next neighbour that has no entry, or ends the attempt.
    static func next(
        _ frame: inout PageFault.Frame, _ fault: inout VMFault, _ machine: inout Machine
    ) -> PageFault.Step {
        guard var neighbours = frame.neighbours else { misuse("PageFault: no neighbours to fault in") }
        let leaf = machine.leafTable(fault.map, neighbours.page)
        while neighbours.next <= neighbours.last {
            let page = neighbours.next
            neighbours.next = page + 1
            guard leaf == 0 || machine.tables.entry(leaf, page).isNone else { continue }
            frame.neighbours = neighbours
            move(&fault, to: page)
            fault.flags = fault.flags.intersection([.user, .vmaLock])
            fault.result = []
            return .call(machine.callingHandler(.fault, of: fault), then: .aroundReturned)
        }
        frame.neighbours = neighbours
        move(&fault, to: neighbours.page)
        fault.flags = neighbours.flags
        fault.result = neighbours.result
        return PageFault.end(fault.result, &fault, &machine)
    }

    /// Continues when the handler has returned for a neighbour.
    static func returned(
        _ result: FaultResult, _ fault: inout VMFault, _ machine: inout Machine
    ) -> PageFault.Step {
        if result.isError || !result.isDisjoint(with: [.noPage, .retry, .doneCow]) { return .next(.aroundNext) }
        if result.contains(.locked) { return .next(.aroundLocked) }
        return .call(machine.locking(fault.folio), then: .aroundLocked)
    }

    /// The neighbour's page is locked: maps it, if no other task has done so meanwhile.
    static func locked(_ fault: inout VMFault, _ machine: inout Machine) -> PageFault.Step {
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
