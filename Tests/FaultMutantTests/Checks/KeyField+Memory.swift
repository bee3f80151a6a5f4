import FaultSimulator

@testable import FaultCore

/// Fields of swap areas, pins, descriptors and the memory group.
extension KeyField {
    /// A machine with a memory group, some of whose pages are swapped out; a pin; and a descriptor with a fault that was read,
    /// one that was not, and an event.
    static func memoryMachine(_ model: KernelModel) throws -> Machine {
        var play = try Play(model)
        try play.swap(pages: 1200, held: false)
        let area = try play.world.map(anonymousPages: 8, in: play.task)
        try play.perform(.write(area, pages: 8))
        try play.perform(.madvise(area, .pageOut, page: 6, pages: 2))
        try play.world.addMemoryGroup(limit: 40)
        let charged = try play.world.map(anonymousPages: 8, in: play.task)
        try play.perform(.write(charged, pages: 8))
        play.world.machine.drainPageBatches()
        try play.perform(.madvise(charged, .pageOut, page: 7, pages: 1))
        play.world.evictSwapCache()
        try play.world.pin(area, pages: 1, in: play.task)
        let other = try play.world.map(anonymousPages: 4, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(other, with: descriptor, for: .missing, by: play.task)
        for page in 0..<2 { try play.start(.read(other, page: page), in: play.world.thread(of: play.task)) }
        try play.perform(.userfault(descriptor, .read(most: 1)))
        play.world.machine.userfaults[0].events = [
            UserfaultContext.Event(message: .unmap(other[3], pages: 1), task: play.thread)
        ]
        return play.world.machine
    }

    static let memory: [KeyField] = swap + pins + descriptors + lists + generations

    // MARK: Swap

    private static func swapArea(
        _ name: String, _ base: Base = .lists, _ change: @escaping @Sendable (inout SwapArea) -> Void
    ) -> KeyField {
        KeyField("swapArea.\(name)", base) { $0.swap.updateArea(0, change) }
    }

    private static func slot(_ name: String, _ change: @escaping @Sendable (inout SwapSlot) -> Void) -> KeyField {
        KeyField("swapSlot.\(name)", .lists) { machine in
            let slot = machine.swap.firstInUse(after: 0, through: 1200) ?? 1
            machine.updateSlot(slot, change)
        }
    }

    private static let swap: [KeyField] = [
        swapArea("isWritable") { $0.isWritable.toggle() }, swapArea("isInUse") { $0.isInUse.toggle() },
        swapArea("badSlots") { $0.badSlots = [PageRun(3, 3)] }, swapArea("searchStart") { $0.searchStart += 1 },
        swapArea("first") { $0.first += 1 }, swapArea("leftInRun") { $0.leftInRun += 1 },
        swapArea("lowest") { area in
            let lowest = area.lowest
            _ = area.take(lowest)
        },
        swapArea("highest") { area in
            let highest = area.highest
            _ = area.take(highest)
        },
        swapArea("clusters.current") { $0.clusters.current = $0.clusters.current.map { $0 + 1 } ?? 0 },
        swapArea("clusters.next") { $0.clusters.next += 1 },
        swapArea("clusters.free") { $0.clusters.move(1, to: $0.clusters.kinds[1] == .free ? .inUse : .free) },
        swapArea("clusters.partlyUsed", .generations) { $0.clusters.move(0, to: .fragmented) },
        slot("count") { $0.count += 1 }, slot("stamp") { $0.stamp += 1 }, slot("isReserved") { $0.isReserved.toggle() },
        slot("isZero") { $0.isZero.toggle() },
        slot("shadow") { $0.shadow.wasWorkingset.toggle() },
        KeyField("slotCache.isEnabled", .lists) { $0.swap.slotCache.isEnabled.toggle() },
        KeyField("slotCache.isActive", .lists) { $0.swap.slotCache.isActive.toggle() },
        KeyField("slotCache.stock", .lists) { $0.swap.slotCache.stock.append(7) },
        KeyField("slotCache.returned", .lists) { $0.swap.slotCache.returned.append(7) },
        KeyField("area.swapReadahead", .lists) { machine in
            let position = machine.maps[0].areas.firstPosition(endingAfter: PageNumber(0))
            let state = SwapReadaheadState(page: PageNumber(5), window: 3, hits: 2)
            if let position { machine.setSwapReadahead(state, at: position, in: MapID(0)) }
        },
    ]

    // MARK: Pins

    /// The same pin with another field; it is as if the task had taken the next one, but for the number.
    private static func pin(
        _ name: String, _ change: @escaping @Sendable (PagePin) -> PagePin
    ) -> KeyField {
        KeyField("pin.\(name)", .lists) { machine in
            let id = PinID(0, of: TaskID(0))
            guard let pin = machine.pins[id] else { return }
            var pins = PinTable()
            pins.add(change(pin))
            machine.pins = pins
        }
    }

    private static let pins: [KeyField] = [
        pin("id") { pin in
            PagePin(
                id: PinID(1, of: pin.id.task), kind: pin.kind, isForWriting: pin.isForWriting, map: pin.map,
                page: pin.page, frames: pin.frames)
        },
        pin("kind") { pin in
            PagePin(
                id: pin.id, kind: .get, isForWriting: pin.isForWriting, map: pin.map, page: pin.page,
                frames: pin.frames)
        },
        pin("isForWriting") { pin in
            PagePin(
                id: pin.id, kind: pin.kind, isForWriting: !pin.isForWriting, map: pin.map, page: pin.page,
                frames: pin.frames)
        },
        pin("map") { pin in
            PagePin(
                id: pin.id, kind: pin.kind, isForWriting: pin.isForWriting, map: MapID(1), page: pin.page,
                frames: pin.frames)
        },
        pin("page") { pin in
            PagePin(
                id: pin.id, kind: pin.kind, isForWriting: pin.isForWriting, map: pin.map, page: pin.page + 1,
                frames: pin.frames)
        },
        pin("frames") { pin in
            PagePin(
                id: pin.id, kind: pin.kind, isForWriting: pin.isForWriting, map: pin.map, page: pin.page,
                frames: [.none])
        },
        KeyField("pins.taken", .lists) { machine in
            guard let pin = machine.pins.pins.first else { return }
            var pins = machine.pins
            pins.add(
                PagePin(
                    id: PinID(1, of: pin.id.task), kind: .get, isForWriting: false, map: pin.map, page: pin.page,
                    frames: []))
            _ = pins.remove(PinID(1, of: pin.id.task))
            machine.pins = pins
        },
    ]

    // MARK: Descriptors

    private static func descriptor(
        _ name: String, _ change: @escaping @Sendable (inout UserfaultContext) -> Void
    ) -> KeyField {
        KeyField("descriptor.\(name)", .lists) { change(&$0.userfaults[0]) }
    }

    /// A context like the one at hand, opened otherwise.
    private static func other(
        than old: UserfaultContext, map: MapID? = nil, opening: UserfaultOpening? = nil,
        features: UserfaultFeatures? = nil
    ) -> UserfaultContext {
        var new = UserfaultContext(
            map ?? old.map, opening ?? old.opening, features ?? old.features, holders: old.holders)
        new.pending = old.pending
        new.delivered = old.delivered
        new.events = old.events
        return new
    }

    private static let descriptors: [KeyField] = [
        descriptor("map") { $0 = other(than: $0, map: MapID(1)) },
        descriptor("opening") { $0 = other(than: $0, opening: .userModeOnly) },
        descriptor("features") { $0 = other(than: $0, features: .threadID) },
        descriptor("holders") { $0.holders.append(MapID(1)) }, descriptor("calls") { $0.calls += 1 },
        descriptor("isReleased") { $0.isReleased.toggle() }, descriptor("changes") { $0.changes += 1 },
        descriptor("pending") { $0.pending.removeLast() }, descriptor("delivered") { $0.delivered.removeLast() },
        descriptor("pending.page") { $0.pending[0].fault.page = PageNumber(3) },
        descriptor("pending.reason") { $0.pending[0].fault.reason = .minor },
        descriptor("pending.isWrite") { $0.pending[0].fault.isWrite.toggle() },
        descriptor("pending.thread") { $0.pending[0].fault.thread = TaskID(0) },
        descriptor("delivered, not pending") { context in
            context.delivered.append(context.pending.removeLast())
        },
        descriptor("events") { $0.events = [] },
        descriptor("event.message") { $0.events[0].message = .remove(PageNumber(3), pages: 1) },
        descriptor("event.task") { $0.events[0].task = TaskID(0) },
        KeyField("task.userfaultEvents", .lists) { machine in
            machine.tasks[1].userfaultEvents = [
                CausedUserfaultEvent(descriptor: UserfaultID(0), message: .unmap(PageNumber(3), pages: 1))
            ]
        },
    ]

    // MARK: The group

    private static func group(
        _ name: String, _ base: Base = .lists, _ change: @escaping @Sendable (inout GroupState) -> Void
    ) -> KeyField {
        KeyField("group.\(name)", base) { machine in
            guard var group = machine.group else { return }
            change(&group)
            machine.group = group
        }
    }

    private static let lists: [KeyField] = [
        group("limit") { $0.limit += 1 }, group("swapLimit") { $0.swapLimit = 7 }, group("usage") { $0.usage += 1 },
        group("stock") { $0.stock += 1 }, group("swapUsage") { $0.swapUsage += 1 },
        group("chargedSlots") { $0.setCharged(slot: 5, true) },
        group("cost.anonymous") { $0.cost.anonymous += 1 }, group("cost.file") { $0.cost.file += 1 },
        group("activations.anonymous") { $0.activations.anonymous += 1 },
        group("activations.file") { $0.activations.file += 1 },
        group("activationsBefore") { $0.activationsBefore.file -= 1 },
        group("statistics.inactive") { $0.statistics.inactive.file += 1 },
        group("statistics.active") { $0.statistics.active.anonymous += 1 },
        group("statistics.activations") { $0.statistics.activations.file -= 1 },
        group("statistics.changes") { $0.statistics.changes += 1 },
        group("statistics.reports") { $0.statistics.reports += 1 }, group("refused") { $0.refused.append(TaskID(1)) },
        group("workersPreempt") { $0.workersPreempt.toggle() },
        group("batches.added") { $0.batches.added.append($0.batches.added.first ?? FrameNumber(1)) },
        group("batches.activated") { $0.batches.activated.append(FrameNumber(1)) },
        group("batches.rotated") { $0.batches.rotated.append(FrameNumber(1)) },
        group("batches.deactivated") { $0.batches.deactivated.append(FrameNumber(1)) },
        group("batches.lazilyFreed") { $0.batches.lazilyFreed.append(FrameNumber(1)) },
    ]

    private static let generations: [KeyField] = [
        group("generations.newest", .generations) { $0.generations.newest += 1 },
        group("generations.oldest.anonymous", .generations) { $0.generations.oldest.anonymous -= 1 },
        group("generations.oldest.file", .generations) { $0.generations.oldest.file -= 1 },
        group("generations.walked", .generations) { $0.generations.walked -= 1 },
        // As many generations as there are places later, so that only what was evicted before tells.
        group("generations.shadows", .generations) { group in
            group.generations.newest += Generations.most
            group.generations.oldest.anonymous += Generations.most
            group.generations.oldest.file += Generations.most
            group.generations.walked += Generations.most
        },
        group("generations.filters", .generations) { $0.generations.filters[0] = TableFilter() },
        group("generations.knownMaps", .generations) { $0.generations.knownMaps += 1 },
        group("generations.usedMaps", .generations) { group in
            if group.generations.usedMaps.isEmpty {
                group.generations.usedMaps = [MapID(0)]
            } else {
                group.generations.usedMaps = []
            }
        },
    ]
}
