import BareMachine
import Testing

@testable import FaultCore

@Suite("Merging and splitting areas", .timeLimit(.minutes(60)))
struct AreaChangeTests {
    /// Areas of three pages each at 1000, 1003 and 1006, with these `anon_vma`s and chain lengths; the middle one is
    /// read-only.
    private func row(_ anonVMAs: [(number: UInt32, links: UInt16)]) -> BareMachine {
        var world = BareMachine()
        world.mmap(1000, 9)
        world.run(.mprotect(PageNumber(1003), pages: 3, .read))
        for _ in 0..<4 { _ = world.machine.anonVMAs.allocate() }
        for (slot, anonVMA) in anonVMAs.enumerated() where anonVMA.number != 0 {
            let page = PageNumber(1000 + 3 * UInt64(slot))
            let position = world.machine.maps[0].areas.firstPosition(endingAfter: page)!
            world.machine.setAnonVMA(anonVMA.number, links: anonVMA.links, at: position, in: world.map)
        }
        return world
    }

    @Test(
        "which neighbours a range joins, by anon_vma",
        arguments: [
            ([(0, 0), (0, 0), (0, 0)], [[1000, 1009]]),
            ([(1, 1), (1, 1), (1, 1)], [[1000, 1009]]),
            ([(1, 1), (0, 0), (0, 0)], [[1000, 1009]]),
            ([(0, 0), (0, 0), (1, 1)], [[1000, 1009]]),
            ([(1, 1), (0, 0), (2, 1)], [[1000, 1006], [1006, 1009]]),
            ([(0, 0), (1, 1), (0, 0)], [[1000, 1003], [1003, 1006], [1006, 1009]]),
            ([(1, 2), (0, 0), (0, 0)], [[1000, 1003], [1003, 1009]]),
            ([(1, 2), (1, 2), (2, 1)], [[1000, 1006], [1006, 1009]]),
            ([(1, 2), (0, 0), (2, 2)], [[1000, 1003], [1003, 1006], [1006, 1009]]),
            ([(2, 1), (1, 1), (1, 1)], [[1000, 1003], [1003, 1009]]),
        ] as [([(UInt32, UInt16)], [[UInt64]])])
    func anonVMAs(_ anonVMAs: [(UInt32, UInt16)], _ expected: [[UInt64]]) {
        var world = row(anonVMAs.map { (number: $0.0, links: $0.1) })
        world.run(.mprotect(PageNumber(1003), pages: 3, [.read, .write]))
        #expect(world.bounds == expected)
        let numbers = anonVMAs.map(\.0).filter { $0 != 0 }
        let kept = world.areas.map(\.anonVMA).filter { $0 != 0 }
        #expect(Set(kept) == Set(numbers), "what grows takes over the anon_vma of what it swallows")
    }

    @Test("mmap prefers the upper neighbour where its anon_vma keeps it from joining both")
    func mmapPrefersUpper() {
        var world = row([(0, 0), (0, 0), (1, 1)])
        world.run(.munmap(PageNumber(1003), pages: 3))
        world.mmap(1003, 3)
        #expect(world.bounds == [[1000, 1003], [1003, 1009]])
    }

    @Test("an anon_vma outlives the change of the only area that has it")
    func anonVMASurvives() {
        var world = BareMachine()
        world.mmap(1000, 4)
        world.run(.write(PageNumber(1000)))
        world.run(.mprotect(PageNumber(1000), pages: 4, .read))
        world.mmap(5000, 4)
        world.run(.write(PageNumber(5000)))
        let areas = world.areas
        #expect(areas[0].anonVMA != 0 && areas[0].anonVMA != areas[1].anonVMA)
    }

    @Test("random sequences of calls agree with a model of single pages", arguments: 1...40 as ClosedRange<UInt64>)
    func agreesWithPages(_ seed: UInt64) {
        var run = RandomAreaCalls(seed: seed, writes: seed % 2 == 0)
        for _ in 0..<150 {
            run.step()
            run.check()
        }
        run.unmapAll()
    }
}

/// Calls at random on a machine, and what each page should be.
private struct RandomAreaCalls {
    struct Page: Equatable {
        var flags: VMAFlags
        var file: FileID
        var index: PageIndex
        var content: UInt32?
    }

    var world = BareMachine()
    var pages: [UInt64: Page] = [:]
    var files: [FileID] = []
    var random: SplitMix64
    let seed: UInt64
    let writes: Bool
    let empty: UInt64
    static let base: UInt64 = 1000
    static let window = 160

    init(seed: UInt64, writes: Bool) {
        random = SplitMix64(seed: seed)
        self.seed = seed
        self.writes = writes
        files = [world.file(), world.file()]
        empty = world.machine.structuralHash
    }

    mutating func range() -> (UInt64, Int) {
        let pages = 1 + random.below(12)
        return (Self.base + UInt64(random.below(Self.window - 12)), pages)
    }

    mutating func step() {
        let (page, count) = range()
        switch random.below(writes ? 6 : 5) {
        case 0, 1: mmap(page, count)
        case 2: munmap(page, count)
        case 3: mprotect(page, count)
        case 4: mremap(page, count)
        default: write(page)
        }
    }

    mutating func mmap(_ page: UInt64, _ count: Int) {
        var flags: VMAFlags = [[.read], [.read, .write], [.read, .write], [.read, .write, .noReserve]][random.below(4)]
        let kind = random.below(5)
        if kind == 3 || kind == 4 { flags.insert(.shared) }
        var file = kind == 2 || kind == 3 ? files[random.below(2)] : FileID.none
        // Mostly such offsets that pages of neighbours go on.
        let offset =
            file == .none ? 0 : random.below(4) == 0 ? PageIndex(random.below(3)) : PageIndex(Int(page - Self.base))
        let report = world.mmap(page, count, flags, file: file, offset: offset)
        #expect(report.value == Int(page), "seed \(seed)")
        if kind == 4 { file = world.machine.area(containing: PageNumber(page), in: world.map)?.file ?? .none }
        if flags.contains(.write), flags.isDisjoint(with: [.shared, .noReserve]) { flags.insert(.account) }
        for number in 0..<UInt64(count) {
            let index = file == .none ? PageIndex(rawValue: page + number) : offset + Int(number)
            pages[page + number] = Page(flags: flags, file: file, index: index, content: nil)
        }
    }

    mutating func munmap(_ page: UInt64, _ count: Int) {
        #expect(world.run(.munmap(PageNumber(page), pages: count)).errno == nil, "seed \(seed)")
        clear(page, count)
    }

    mutating func clear(_ page: UInt64, _ count: Int) {
        for number in 0..<UInt64(max(0, count)) { pages[page + number] = nil }
    }

    mutating func mprotect(_ page: UInt64, _ count: Int) {
        let access: VMAFlags = [[.read], [.read, .write], []][random.below(3)]
        var errno: Errno?
        for number in page..<page + UInt64(count) {
            guard var changed = pages[number] else {
                errno = .noMemory
                break
            }
            let old = changed.flags
            changed.flags = old.subtracting(.access).union(access)
            if access.contains(.write), old.isDisjoint(with: [.account, .write, .shared, .noReserve]) {
                changed.flags.insert(.account)
            }
            pages[number] = changed
        }
        #expect(world.run(.mprotect(PageNumber(page), pages: count, access.protection)).errno == errno, "seed \(seed)")
    }

    mutating func write(_ page: UInt64) {
        guard var written = pages[page], written.file == .none, written.flags.contains(.write) else { return }
        #expect(world.run(.write(PageNumber(page))).signal == nil, "seed \(seed)")
        written.content = world.machine.stamp(of: world.entry(page).frame)
        pages[page] = written
    }

    /// The page behind the area of `page`, by the model; where `anon_vma`s keep areas apart, by the machine.
    func endOfArea(_ page: UInt64) -> UInt64 {
        if writes { return world.machine.area(containing: PageNumber(page), in: world.map)?.end.rawValue ?? page }
        var end = page
        while let this = pages[end], let next = pages[end + 1], this.flags == next.flags, this.file == next.file,
            this.index + 1 == next.index
        {
            end += 1
        }
        return end + 1
    }

    mutating func mremap(_ page: UInt64, _ count: Int) {
        let newCount = 1 + random.below(12)
        var (newPage, _) = range()
        let kind = random.below(3)
        let hasAnonVMA = (world.machine.area(containing: PageNumber(page), in: world.map)?.anonVMA ?? 0) != 0
        let before = self
        let target: RemapTarget = [.inPlace, .mayMove, .fixed(PageNumber(newPage))][kind]
        let report = world.run(.mremap(PageNumber(page), pages: count, newPages: newCount, target))
        func expect(_ errno: Errno?, _ value: UInt64 = 0) {
            #expect(report.errno == errno, "seed \(seed)")
            if errno == nil { #expect(report.value == Int(value), "seed \(seed)") }
        }
        guard pages[page] != nil else { return expect(.badAddress) }
        var count = count
        if kind == 2 {
            if page + UInt64(count) > newPage, newPage + UInt64(newCount) > page { return expect(.invalid) }
            clear(newPage, newCount)
            clear(page + UInt64(newCount), count - newCount)
            count = min(count, newCount)
            var end = before.endOfArea(page)
            // What the call itself unmapped may have cut the area.
            for number in page..<end where pages[number] == nil {
                end = number
                break
            }
            guard UInt64(count) <= end - page else { return expect(.badAddress) }
            move(page, count, to: newPage, newCount, hasAnonVMA)
            return expect(nil, newPage)
        }
        guard newCount > count else {
            clear(page + UInt64(newCount), count - newCount)
            return expect(nil, page)
        }
        let end = before.endOfArea(page)
        guard UInt64(count) <= end - page else { return expect(.badAddress) }
        let isFree = (end..<max(end, page + UInt64(newCount))).allSatisfy { pages[$0] == nil }
        if end == page + UInt64(count), isFree {
            let last = pages[end - 1]!
            for number in 0..<UInt64(newCount - count) {
                pages[end + number] = Page(
                    flags: last.flags, file: last.file, index: last.index + Int(number) + 1, content: nil)
            }
            return expect(nil, page)
        }
        guard kind == 1 else { return expect(.noMemory) }
        newPage = UInt64(max(0, report.value))
        for number in newPage..<newPage + UInt64(newCount) {
            #expect(pages[number] == nil, "seed \(seed): moved to what was free")
        }
        move(page, count, to: newPage, newCount, hasAnonVMA)
        expect(nil, newPage)
    }

    mutating func move(_ page: UInt64, _ count: Int, to new: UInt64, _ newCount: Int, _ hasAnonVMA: Bool) {
        let first = pages[page]!
        for number in 0..<UInt64(newCount) {
            let content = number < count ? pages[page + number]?.content : nil
            let renumbered = first.file == .none && !hasAnonVMA
            let index = renumbered ? PageIndex(rawValue: new + number) : first.index + Int(number)
            pages[new + number] = Page(flags: first.flags, file: first.file, index: index, content: content)
        }
        clear(page, count)
    }

    func check() {
        let machine = world.machine
        let areas = machine.areas(of: world.map)
        #expect(machine.maps[0].areas.brokenInvariant == nil, "seed \(seed)")
        var covered: [UInt64: Page] = [:]
        for area in areas {
            for number in area.start.rawValue..<area.end.rawValue {
                let entry = machine.entry(of: PageNumber(number), in: world.map)
                covered[number] = Page(
                    flags: area.flags, file: area.file, index: area.fileIndex(of: PageNumber(number)),
                    content: entry.isNone ? nil : machine.stamp(of: entry.frame))
            }
        }
        #expect(covered == pages, "seed \(seed)")
        #expect(machine.maps[0].totalPages == pages.count, "seed \(seed)")
        let contents = pages.values.filter { $0.content != nil }.count
        #expect(machine.rss(of: world.map).anonymous == contents, "seed \(seed)")
        for (low, high) in zip(areas, areas.dropFirst()) where low.anonVMA == 0 && high.anonVMA == 0 {
            let mergeable =
                low.end == high.start && low.flags == high.flags && low.file == high.file
                && low.startIndex + low.pages == high.startIndex
            #expect(writes || !mergeable, "seed \(seed): areas at \(low.end) should be one")
        }
        for heldLock in machine.heldLocks(of: world.task) { Issue.record("seed \(seed): \(heldLock.lock) is held") }
    }

    mutating func unmapAll() {
        #expect(world.run(.munmap(PageNumber(0), pages: 1 << 18)).errno == nil)
        #expect(world.machine.structuralHash == empty, "seed \(seed)")
        #expect(world.machine.tables.nodesInUse == 1 && world.machine.frames.inUse == 0, "seed \(seed)")
    }
}
