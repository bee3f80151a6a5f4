import FaultSimulator
import Testing

/// A world with room to swap, whose disks are done at once.
private func pinWorld(_ model: KernelModel, swap: Int = 16) throws -> World {
    var settings = MachineSettings()
    settings.swapReadaheadPages = 1
    var world = try World(model, disk: .latency(nanoseconds: 1000), settings: settings)
    if swap > 0 { try world.addSwap(pages: swap, held: false) }
    return world
}

@Suite("Pins outlive the call that took them", .timeLimit(.minutes(60)))
struct PinTests {
    @Test("a pin is a value that is listed, printed, counted, and given back", arguments: [GUPFlags.pin, .get])
    func lifeOfPin(_ kind: GUPFlags) throws {
        var world = try pinWorld(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        let id = try world.pin(area, page: 1, pages: 2, [kind, .write], in: task)
        #expect(id == PinID(0, of: task) && world.pins.map(\.id) == [id])
        let pin = try #require(world.machine.pagePin(id))
        #expect(pin.kind == (kind == .pin ? .pin : .get) && pin.isForWriting && pin.pages == 2 && pin.page == area[1])
        #expect(pin.frames == [1, 2].map { world.machine.entry(of: area[$0], in: area.map).frame })
        #expect(pin.frames.allSatisfy { world.machine.isMaybePinned($0) == (kind == .pin) })
        let word = kind == .pin ? "pinned" : "referenced"
        #expect("\(pin)" == "pin 0 of task 0: 2 pages from \(area[1]) of map 0, \(word) for writing")
        #expect("\(world)".contains("pin 0 of task 0: 2 pages"))
        let before = world
        try world.perform(.unpin(id), in: task)
        #expect(world.pins.isEmpty && world.machine.pagePin(id) == nil)
        #expect(!pin.frames.contains { world.machine.isMaybePinned($0) })
        #expect(world.differences(from: before).contains("\(pin) -> none"))
        #expect(try world.perform(.unpin(id), in: task).errno == .invalid, "it is gone")
        #expect(try world.pin(area, in: task) == PinID(1, of: task), "no name is used again")
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("pages that are there are had without a lock, others under the mmap lock; zero pages count for nothing")
    func takes() throws {
        var world = try pinWorld(.linux6_12)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let present = try world.perform(.pinUserPages(area, pages: 2), in: task)
        #expect(present.counters.mmapReadLocks == 0 && present.counters.attempts == 0)
        let mixed = try world.perform(.pinUserPages(area), in: task)
        #expect(mixed.counters.mmapReadLocks == 1 && mixed.counters.attempts == 2)
        #expect(mixed.value == 1, "the second of its task")
        let other = try world.map(anonymousPages: 1, in: task)
        let zero = try world.pin(other, .pin, in: task)
        #expect(world.machine.pagePin(zero)?.frames == [.none] && world.stamps(of: zero) == [0])
        try world.perform(.write(other), in: task)
        #expect(world.stamps(of: zero) == [0], "the pin keeps the zero page")
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "what can't be had in whole is given back, and the call fails; so does one that asks for both kinds or nothing")
    func refusals() throws {
        var world = try pinWorld(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        try world.perform(.munmap(area, page: 2, pages: 1), in: task)
        let inUse = world.machine.framesInUse
        #expect(try world.perform(.pinUserPages(area), in: task).errno == .badAddress)
        #expect(world.machine.framesInUse == inUse + 2 && world.pins.isEmpty)
        for flags in [[.get, .pin], [.get, .pin, .write]] as [GUPFlags] {
            #expect(try world.perform(.pinUserPages(area, pages: 1, flags), in: task).errno == .invalid)
            #expect(try world.perform(.getUserPages(area[0], pages: 1, flags), in: task).errno == .invalid)
        }
        #expect(try world.perform(.pinUserPages(area[0], pages: 0, .pin), in: task).errno == .invalid)
        #expect(try world.perform(.pinUserPages(PageNumber(.max), pages: 2, .pin), in: task).errno == .badAddress)
        #expect(try world.perform(.unpin(PinID(7, of: task)), in: task).errno == .invalid)
        let thread = world.kernelThread()
        #expect(try world.perform(.pinUserPages(area), in: thread).errno == .invalid)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "get_user_pages with FOLL_GET or FOLL_PIN holds pages while it runs, and none after",
        arguments: [GUPFlags.get, .pin])
    func getUserPages(_ kind: GUPFlags) throws {
        var world = try World(.linux6_12)
        let file = try world.file(pages: 4, resident: .pages([0...0]))
        let task = world.task()
        let area = try world.map(file, .readWrite, .shared, in: task)
        world.start(.getUserPages(area[0], pages: 2, [kind, .unlockable]), in: task)
        #expect(world.run() == .blocked)
        let folio = try #require(world.machine.cachedFolio(at: 0, of: file))
        #expect(world.machine.isMaybePinned(folio) == (kind == .pin))
        try world.perform(.munmap(area), in: world.thread(of: task))
        world.completeReads()
        #expect(world.run() == .finished && world.report(of: task).value == 1, "its second page is unmapped")
        #expect(!world.machine.isMaybePinned(folio) && world.machine.checkInvariants().isEmpty)
    }

    @Test(
        "munmap and the exit of the process leave the page to the holder of the pin", arguments: [GUPFlags.pin, .get])
    func outlivesMapping(_ kind: GUPFlags) throws {
        var world = try pinWorld(.linux6_1)
        let task = world.task()
        let device = world.kernelThread()
        let area = try world.map(anonymousPages: 2, in: task)
        let stamp = try world.perform(.write(area, pages: 2), in: task).outcome.stamp
        let id = try world.pin(area, [kind, .write], in: task)
        let inUse = world.machine.framesInUse
        try world.perform(.munmap(area), in: task)
        #expect(world.machine.framesInUse == inUse && world.stamps(of: id)[1] == stamp)
        #expect(world.rss(of: task).anonymous == 0 && world.machine.leakedPins.isEmpty)
        try world.perform(.exit, in: task)
        #expect(world.machine.leakedPins.map(\.id) == [id] && world.stamps(of: id)[1] == stamp)
        #expect("\(world)".contains("for writing; its task has ended"))
        #expect(world.machine.checkInvariants().isEmpty, "a leak is no broken law")
        world.machine.writeByDevice(77, to: id, page: 0)
        #expect(world.stamps(of: id)[0] == 77)
        try world.perform(.unpin(id), in: device)
        #expect(world.machine.framesInUse == 0 && world.machine.checkInvariants().isEmpty)
    }

    @Test("a truncated page leaves its file and stays with the pin; a page of the same place is another")
    func truncated() throws {
        var world = try pinWorld(.linux6_12)
        let task = world.task()
        let file = try world.file(pages: 4, resident: .all)
        let area = try world.map(file, .readWrite, .shared, in: task)
        let id = try world.pin(area, page: 2, pages: 1, in: task)
        let stamp = world.stamps(of: id)
        try world.perform(.truncate(file, pages: 2), in: task)
        #expect(world.machine.cachedFolio(at: 2, of: file) == nil && world.stamps(of: id) == stamp)
        try world.perform(.truncate(file, pages: 4), in: task)
        #expect(try world.perform(.read(area, page: 2), in: task).outcome.stamp == 0)
        #expect(world.stamps(of: id) == stamp && world.machine.cachedFolio(at: 2, of: file) != nil)
        let inUse = world.machine.framesInUse
        try world.perform(.unpin(id, makesDirty: true), in: task)
        #expect(world.machine.framesInUse == inUse - 1 && world.machine.checkInvariants().isEmpty)
    }

    @Test("what a device wrote to a page of a file stays if the pin is given back with it, and is lost if not")
    func makesDirty() throws {
        for makesDirty in [true, false] {
            var world = try pinWorld(.linux6_12)
            let task = world.task()
            let file = try world.file(pages: 1, resident: .all)
            let area = try world.map(file, .readWrite, .shared, in: task)
            let id = try world.pin(area, in: task)
            let stamp = world.stamps(of: id)[0]
            try world.perform(.fsync(file), in: task)
            world.machine.writeByDevice(99, to: id, page: 0)
            try world.perform(.dropCache(file), in: task)
            #expect(world.machine.cachedPages(of: file) == 1, "a page that is held is not dropped")
            try world.perform(.unpin(id, makesDirty: makesDirty), in: task)
            try world.perform(.munmap(area), in: task)
            try world.perform(.fsync(file), in: task)
            try world.perform(.dropCache(file), in: task)
            #expect(world.machine.cachedPages(of: file) == 0)
            #expect(try world.perform(.read(file), in: task).outcome.stamp == (makesDirty ? 99 : stamp))
            #expect(world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("1,024 references are taken for a pin, as they are by kernels")
    func falsePositive() throws {
        var world = try pinWorld(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        for number in 0..<1023 {
            #expect(try world.pin(area, [.get, .write], in: task).number == number)
            let folio = world.machine.entry(of: area[0], in: area.map).frame
            #expect(world.machine.isMaybePinned(folio) == (number == 1022))
        }
    }

    @Test("pins are state: a fork of the world has them, and equality, fingerprint and replay see them")
    func isState() throws {
        var world = try pinWorld(.linux6_12)
        let task = world.task()
        let area = try world.map(anonymousPages: 2, in: task)
        try world.perform(.write(area, pages: 2), in: task)
        let bare = world
        let id = try world.pin(area, in: task)
        var same = bare
        #expect(try same.pin(area, in: task) == id)
        #expect(same.machine == world.machine && same.machine.fingerprint == world.machine.fingerprint)
        #expect(same.machine.stateKey == world.machine.stateKey)
        #expect(bare.machine != world.machine && bare.machine.stateKey != world.machine.stateKey)
        var reference = bare
        _ = try reference.pin(area, [.get, .write], in: task)
        #expect(reference.machine != world.machine)
        try same.perform(.unpin(id), in: task)
        #expect(same.machine != bare.machine, "the map has been pinned, and the next pin has another name")
        #expect(world.pins.map(\.id) == [id])
        #expect(world.machine.fingerprint == world.machine.fingerprintFromScratch)
    }
}
