import FaultSimulator
import Testing

/// mremap(2) and brk(2) beside a fault that sleeps under its area's lock.
@Suite("Memory that moves or grows waits for the faults under its area's lock", .timeLimit(.minutes(60)))
struct AreaLockResizeTests {
    /// Starts `change` beside a fault on `page` that sleeps, sees that it waits for that with the mmap lock, and lets both
    /// end.
    private func waits(
        _ test: inout AreaLockWorld, page: Int, _ change: TaskOperation,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        test.begin(.write(test.sleepy, page: page), in: test.first)
        #expect(test.world.machine.areaRead(by: test.first) == test.sleepy.start, sourceLocation: sourceLocation)
        test.begin(change, in: test.second)
        #expect(test.cause(of: test.second) == .areaLock(test.sleepy.map), sourceLocation: sourceLocation)
        #expect(test.world.mmapLock(of: test.first).writer == test.second, sourceLocation: sourceLocation)
        #expect(test.wake() == .finished, sourceLocation: sourceLocation)
        #expect(test.world.report(of: test.second).errno == nil, sourceLocation: sourceLocation)
        #expect(test.world.report(of: test.first).minorFaults == 1, sourceLocation: sourceLocation)
        #expect(test.world.machine.violations.isEmpty, sourceLocation: sourceLocation)
    }

    @Test("mremap to a fixed place waits for the faults there, and then unmaps them")
    func fixedTarget() throws {
        var test = try AreaLockWorld()
        let memory = try test.world.map(anonymousPages: 8, in: test.first)
        try test.world.perform(.write(memory, page: 2), in: test.first)
        waits(&test, page: 5, .mremap(memory, newPages: 8, .fixed(test.sleepy.start)))
        #expect(test.world.presentPages(of: test.sleepy) == [2], "only what was moved there")
        #expect(test.world.rss(of: test.first).anonymous == 1)
    }

    @Test("mremap to a fixed place waits for the faults in the tail that it cuts off, and in what it moves")
    func cutTail() throws {
        for page in [1, 6] {
            var test = try AreaLockWorld()
            let target = test.sleepy.start - 0x1000
            waits(&test, page: page, .mremap(test.sleepy, newPages: 4, .fixed(target)))
            let moved = Area(map: test.sleepy.map, start: target, pages: 4)
            #expect(test.world.presentPages(of: moved) == (page < 4 ? [page] : []))
            #expect(test.world.presentPages(of: test.sleepy).isEmpty)
        }
    }

    @Test("mremap that grows an area in place waits for its faults")
    func growsInPlace() throws {
        var test = try AreaLockWorld()
        waits(&test, page: 3, .mremap(test.sleepy, newPages: 12, .inPlace))
        let grown = Area(map: test.sleepy.map, start: test.sleepy.start, pages: 12)
        #expect(test.world.presentPages(of: grown) == [3])
    }

    @Test(
        "brk waits for the faults in what lies at the end of the heap, which may be a mapping; shrinking for all in its way"
    )
    func heap() throws {
        for pages in [2, -2] {
            var test = try AreaLockWorld()
            try test.world.perform(.brk(4), in: test.first)
            let heap = try #require(
                test.world.machine.areas(of: test.sleepy.map).first { $0.start < test.sleepy.start })
            // The mapping with the sleepy handler takes the place of the last page of the heap.
            try test.world.perform(
                .mremap(test.sleepy.start, pages: 8, newPages: 1, .fixed(heap.end - 1)), in: test.first)
            let moved = Area(map: test.sleepy.map, start: heap.end - 1, pages: 1)
            test.begin(.write(moved), in: test.first)
            test.begin(.brk(pages), in: test.second)
            #expect(test.cause(of: test.second) == .areaLock(moved.map), "\(pages) pages")
            #expect(test.wake() == .finished)
            #expect(test.world.report(of: test.second).errno == nil)
            #expect(test.world.presentPages(of: moved) == (pages > 0 ? [0] : []))
            #expect(test.world.machine.checkInvariants().isEmpty)
        }
    }
}
