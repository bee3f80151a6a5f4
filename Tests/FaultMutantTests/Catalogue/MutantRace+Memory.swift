import FaultExplorer
import FaultSimulator

@testable import FaultCore

/// Races over private memory, swap and areas.
extension MutantRace {
    private static func anonymous(
        _ description: String, _ model: KernelModel = .linux6_1, pages: Int = 1, touched: Bool = false,
        forked: Bool = false, _ operations: @escaping @Sendable (Area) -> (TaskOperation, TaskOperation)
    ) -> MutantRace {
        MutantRace(description, model) { scene in
            let area = try scene.world.map(anonymousPages: pages, in: scene.task)
            if touched || forked { try scene.world.perform(.write(area, pages: pages), in: scene.task) }
            if forked { _ = try scene.world.fork(scene.task) }
            let (first, second) = operations(area)
            scene.start(first, beside: second)
        }
    }

    static let firstStores = anonymous("two first stores to a page") { (.write($0), .write($0)) }
    static let loadBesideStore = anonymous("a first load beside a first store") { (.read($0), .write($0)) }
    static let copies = anonymous("two stores to a page that a child has, too", forked: true) {
        (.write($0), .write($0))
    }
    static let copyBesideDiscard = anonymous("a store to a child's page beside MADV_DONTNEED", forked: true) {
        (.write($0), .madvise($0, .dontNeed))
    }
    static let storeBesideFork = anonymous("a first store beside fork(2)", .linux6_12, pages: 2) {
        (.write($0), .fork)
    }
    static let copyBesideFork = anonymous("a store beside fork(2)", .linux6_12, touched: true, forked: true) {
        (.write($0), .fork)
    }
    static let storeBesideUnmap = MutantRace("a first store beside munmap(2) of its page", .linux6_12) { scene in
        let area = try scene.world.map(anonymousPages: 2, in: scene.task)
        try scene.world.perform(.write(area), in: scene.task)
        scene.start(.write(area, page: 1), beside: .munmap(area, page: 1))
    }
    static let storeBesideSplit = anonymous("a store beside mprotect(2) of a part", .linux6_12, pages: 4) {
        (.write($0), .mprotect($0, .read, page: 2))
    }
    static let discards = anonymous("MADV_DONTNEED beside munmap(2)", pages: 2, touched: true) {
        (.munmap($0, page: 1), .madvise($0, .dontNeed))
    }
    static let storeBesideMove = anonymous("a store beside mremap(2)", .linux6_12, pages: 2, touched: true) {
        (.write($0), .mremap($0, newPages: 2, .fixed($0.start + 16)))
    }
    static let unmapBesideLoad = anonymous("munmap(2) beside a load elsewhere", pages: 4) {
        (.munmap($0, page: 2), .read($0))
    }

    static let stackBesideLoad = MutantRace("a stack that grows beside a load of it", .linux6_12) { scene in
        let stack = try scene.world.map(
            MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
            in: scene.task)
        try scene.world.perform(.write(stack), in: scene.task)
        scene.start(.write(stack[0] - 1), beside: .write(stack, page: 1))
    }
    static let stackOfTwo = MutantRace("a stack that two threads grow", .linux6_1) { scene in
        let stack = try scene.world.map(
            MapRequest(pages: 1, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
            in: scene.task)
        try scene.world.perform(.write(stack), in: scene.task)
        scene.start(.write(stack[0] - 2), beside: .write(stack[0] - 1))
    }
    static let stackBesideMap = MutantRace("a stack that grows beside mmap(2) of the same page", .linux6_1) { scene in
        let stack = try scene.world.map(
            MapRequest(pages: 1, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
            in: scene.task)
        try scene.world.perform(.write(stack), in: scene.task)
        scene.start(
            .write(stack[0] - 1),
            beside: .mmap(MapRequest(pages: 1, access: .readWrite, placement: .fixed(stack[0] - 1))))
    }

    /// A page of the swap cache that a child is about to map, and so has locked.
    static let oldReuse = MutantRace("a store to a page that a child has locked, beside MADV_DONTNEED", .linux5_1) {
        scene in
        let area = try scene.swappedArea(pages: 1)
        let child = try scene.world.fork(scene.task)
        scene.world.start(.read(area), in: scene.thread)
        scene.settle()
        scene.world.start(.read(area[0]), in: child)
        scene.start(.write(area), beside: .madvise(area, .dontNeed))
    }

    // MARK: Swap

    private static func swapped(
        _ description: String, _ model: KernelModel = .linux6_1, isSynchronous: Bool = false, forked: Bool = false,
        pages: Int = 1,
        _ operations: @escaping @Sendable (Area) -> (TaskOperation, TaskOperation)
    ) -> MutantRace {
        MutantRace(description, model) { scene in
            let area = try scene.swappedArea(pages: pages, isSynchronous: isSynchronous)
            if forked { _ = try scene.world.fork(scene.task) }
            let (first, second) = operations(area)
            scene.start(first, beside: second)
        }
    }

    static let swapIns = swapped("two loads of a swapped page") { (.read($0), .read($0)) }
    static let sharedSwapIns = swapped("two loads of a swapped page that a child has, too", forked: true) {
        (.read($0), .read($0))
    }
    static let swapInBesideDiscard = swapped("a load of a swapped page beside MADV_DONTNEED") {
        (.read($0), .madvise($0, .dontNeed))
    }
    static let swapInBesidePageOut = swapped("a load of a swapped page beside MADV_PAGEOUT") {
        (.read($0), .madvise($0, .pageOut))
    }
    static let swapStores = swapped("two stores to a swapped page") { (.write($0), .write($0)) }
    static let synchronousSwapIns = swapped("two loads of a page in compressed memory", isSynchronous: true) {
        (.read($0), .read($0))
    }
    static let swapInBesideSwapOff = swapped("a load of a swapped page beside swapoff(2)") { (.read($0), .swapOff(0)) }
    static let discardBesideSwapOff = swapped("MADV_DONTNEED of a swapped page beside swapoff(2)") {
        (.madvise($0, .dontNeed), .swapOff(0))
    }
    static let killedSwapIn = MutantRace("a load of a swapped page that is killed") { scene in
        let area = try scene.swappedArea(pages: 1)
        scene.world.start(.getUserPages(area, pages: 1), in: scene.task)
        scene.world.start(.read(area), in: scene.thread)
        scene.injections = [Injection(.signal(.kill, scene.thread), .asleep(scene.thread))]
    }
    static let tmpfsSwapIns = MutantRace("two loads of a swapped page of tmpfs") { scene in
        let area = try scene.swappedSharedArea()
        scene.start(.read(area), beside: .read(area))
    }
    static let tmpfsSwapInBesideCut = MutantRace("a load of a swapped page of tmpfs beside a truncation") { scene in
        let area = try scene.swappedSharedArea()
        let file = scene.world.machine.areas(of: area.map)[0].file
        scene.start(.read(area), beside: .truncate(file, pages: 0))
    }
    static let tmpfsSwapInBesideSwapOff = MutantRace("a load of a swapped page of tmpfs beside swapoff(2)") { scene in
        let area = try scene.swappedSharedArea()
        scene.start(.read(area), beside: .swapOff(0))
    }
}

extension MutantRace.Scene {
    /// A page or more of private memory that is in a swap area.
    mutating func swappedArea(pages: Int, isSynchronous: Bool = false) throws -> Area {
        let swap = try world.addSwap(pages: 8, isSynchronous: isSynchronous)
        let area = try world.map(anonymousPages: pages, in: task)
        try world.perform(.write(area, pages: pages), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        world.machine.finishHeld(on: swap, reads: false)
        world.evictSwapCache()
        return area
    }

    /// A page of tmpfs, mapped and in a swap area.
    mutating func swappedSharedArea() throws -> Area {
        let swap = try world.addSwap(pages: 8)
        let file = try world.file(pages: 1, on: .tmpfs)
        let area = try world.map(file, .readWrite, .shared, in: task)
        try world.perform(.write(area), in: task)
        try world.perform(.madvise(area, .pageOut), in: task)
        world.machine.finishHeld(on: swap, reads: false)
        world.evictSwapCache()
        return area
    }
}
