import FaultSimulator
import Testing

@testable import FaultCore

/// A process that has written to private memory and to a file, and now does nothing.
struct RestingWorld {
    var world: World
    let task: TaskID
    let memory: Area
    let shared: Area
    let file: FileID

    init() throws {
        world = try World(.linux6_1)
        task = world.task()
        memory = try world.map(anonymousPages: 4, in: task)
        file = try world.file(pages: 8, resident: .pages([0...3]))
        shared = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(memory, pages: 2), in: task)
        try world.perform(.write(shared), in: task)
        try world.perform(.read(shared, page: 3), in: task)
    }

    var map: MapID { world.machine.map(of: task) }

    /// The page of the page cache at `index`.
    func cached(_ index: Int) -> FrameNumber { world.machine.cachedFolio(at: PageIndex(index), of: file)! }

    /// The page that is mapped at a page of `area`.
    func mapped(_ area: Area, page: Int = 0) -> FrameNumber { world.machine.entry(of: area[page], in: map).frame }
}

/// A process that sleeps for a page that a disk reads.
struct SleepingWorld {
    var world: World
    let task: TaskID
    let file: FileID

    init() throws {
        world = try World(.linux6_1)
        task = world.task()
        file = try world.file(pages: 1)
        world.start(.read(try world.map(file, in: task)), in: task)
        #expect(world.run() == .blocked)
    }
}

extension BrokenLaw {
    /// The machine of a world at rest, after something was done to it past the engine.
    private static func rest(
        _ law: Law, _ how: String, _ damage: @escaping @Sendable (inout Machine, RestingWorld) -> Void
    ) -> Self {
        Self(law, how) {
            let rest = try RestingWorld()
            var machine = rest.world.machine
            damage(&machine, rest)
            return machine
        }
    }

    /// What a scan of the state notices.
    static let inState: [BrokenLaw] = [
        .rest(.leftovers, "a task that does nothing owns a page lock") { machine, rest in
            _ = machine.tryLock(rest.cached(1), by: rest.task)
        },
        .rest(.leftovers, "a task that does nothing holds its mmap lock") { machine, rest in
            _ = machine.tryLock(.mmap(rest.map), .read, for: rest.task)
        },
        .rest(.referenceBalance, "nobody has a reference that a page counts") { machine, rest in
            machine.updateFrame(rest.cached(1)) { $0.references += 1 }
        },
        .rest(.referenceBalance, "a page counts one mapping too many") { machine, rest in
            machine.updateFrame(rest.mapped(rest.shared)) { $0.mappings += 1 }
        },
        .rest(.referenceBalance, "a pin holds a page that knows nothing of it") { machine, rest in
            machine.pins.add(
                PagePin(
                    id: PinID(0, of: rest.task), kind: .pin, isForWriting: true, map: rest.map, page: rest.memory[0],
                    frames: [rest.mapped(rest.memory)]))
        },
        .rest(.referenceBalance, "a pin is forgotten, and its page is not") { machine, rest in
            machine.addToBatch(rest.mapped(rest.memory), of: rest.task, as: .pin)
            let id = machine.keepBatch(of: rest.task, from: rest.memory[0], in: rest.map, isForWriting: true)
            _ = machine.pins.remove(id)
        },
        .rest(.pinnedExclusive, "a pinned page may be another's, too") { machine, rest in
            machine.addToBatch(rest.mapped(rest.memory), of: rest.task, as: .pin)
            _ = machine.keepBatch(of: rest.task, from: rest.memory[0], in: rest.map, isForWriting: true)
            let bits = machine.entry(of: rest.memory[0], in: rest.map).bits.subtracting(.writable)
            machine.changeEntry(of: rest.memory[0], in: rest.map, to: bits)
            machine.setFlags(of: rest.mapped(rest.memory), removing: .anonExclusive)
        },
        .rest(.residentPages, "rss is one page too high") { machine, rest in
            machine.maps[rest.map.index].rss.add(1, .anonymous)
        },
        .rest(.filePins, "a file is pinned, and nobody has pinned it") { machine, rest in
            machine.files[rest.file.index].pins += 1
        },
        .rest(.cachePosition, "a cached page says that it is elsewhere in its file") { machine, rest in
            machine.updateFrame(rest.cached(1)) { $0.index = 6 }
        },
        .rest(.cachePosition, "a page leaves its cache and stays mapped") { machine, rest in
            machine.removeFromCache(rest.mapped(rest.shared, page: 3))
        },
        .rest(.beyondEndOfFile, "a file is cut and its mapped pages are forgotten") { machine, rest in
            machine.setSize(of: rest.file, .pages(3))
        },
        .rest(.pageLockOwner, "a page is locked by nobody") { machine, rest in
            machine.setFlags(of: rest.cached(1), adding: .locked)
        },
        .rest(.pageLockOwner, "a page is unlocked that is not locked") { machine, rest in
            machine.unlock(rest.cached(1))
        },
        .rest(.mappedUptodate, "a mapped page was never read") { machine, rest in
            machine.setFlags(of: rest.mapped(rest.shared, page: 3), removing: .uptodate)
        },
        .rest(.anonymousExclusive, "a writable page may be another's, too") { machine, rest in
            machine.setFlags(of: rest.mapped(rest.memory), removing: .anonExclusive)
        },
        .rest(.writableIsDirty, "a page becomes clean, and its entry stays writable") { machine, rest in
            machine.clearDirty(rest.mapped(rest.shared))
        },
        .rest(.contents, "the zero page has a content") { machine, _ in machine.frames[.none].stamp = 5 },
        .rest(.lostStore, "a page is clean that was not written") { machine, rest in
            machine.setStamp(of: rest.cached(1), machine.stamp(of: rest.cached(1)) + 1)
        },
        .rest(.strayEntry, "an area goes, and its entries stay") { machine, rest in
            let areas = machine.maps[rest.map.index].areas
            machine.removeArea(at: areas.firstPosition(endingAfter: rest.memory[0])!, in: rest.map)
        },
        .rest(.lockHolders, "a lock counts a reader that does not know of it") { machine, rest in
            _ = machine.maps[rest.map.index].lock.tryLock(.read, for: rest.task)
        },
        .rest(.bookkeeping, "one dirty page too many is counted") { machine, _ in machine.dirtyPages += 1 },
        .rest(.fingerprint, "a page changes past the setters") { machine, rest in
            machine.frames[rest.mapped(rest.memory)].stamp += 1
        },
        BrokenLaw(.lostWakeup, "a page is unlocked, and who waits for it sleeps on") {
            let sleeping = try SleepingWorld()
            var machine = sleeping.world.machine
            let folio = try #require(machine.cachedFolio(at: 0, of: sleeping.file))
            machine.setFlags(of: folio, removing: [.locked, .underRead])
            return machine
        },
        BrokenLaw(.lostWakeup, "a signal comes, and a sleep that it ends goes on") {
            let sleeping = try SleepingWorld()
            var machine = sleeping.world.machine
            machine.tasks[sleeping.task.index].pendingSignals.insert(.kill)
            return machine
        },
    ]
}
