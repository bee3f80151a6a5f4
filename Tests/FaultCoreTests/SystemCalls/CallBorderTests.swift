import BareMachine
import Testing

@testable import FaultCore

/// Where calls on memory draw the line: the last that they accept, and the first that they refuse.
@Suite("The last that a call accepts, and the first that it refuses", .timeLimit(.minutes(60)))
struct CallBorderTests {
    private func remap(_ page: UInt64, _ old: Int, _ new: Int, _ target: RemapTarget) -> TaskOperation {
        .mremap(PageNumber(page), pages: old, newPages: new, target)
    }

    /// A world whose process has this many areas that don't merge, of two pages each, from page 1000 on.
    private func world(areas: Int, limit: Int) -> BareMachine {
        var settings = MachineSettings()
        settings.mapCountLimit = limit
        var world = BareMachine(settings: settings)
        for area in 0..<areas { world.mmap(1000 + UInt64(area) * 10, 2) }
        return world
    }

    @Test("memory can be moved to where it ends, and to right before it, but not over a page of itself (mremap_to())")
    func movesBesideItself() {
        for (target, isAllowed) in [(1002, true), (1001, false), (998, true), (999, false)] {
            var world = BareMachine()
            world.mmap(1000, 2)
            let report = world.run(remap(1000, 2, 2, .fixed(PageNumber(UInt64(target)))))
            #expect(report.errno == (isAllowed ? nil : .invalid), "to \(target)")
            #expect(world.bounds == (isAllowed ? [[UInt64(target), UInt64(target) + 2]] : [[1000, 1002]]))
        }
    }

    @Test("memory is moved to a place only if three more areas would still fit (mremap_to(): map_count)")
    func areasOfMoved() {
        for (areas, isAllowed) in [(4, true), (5, false)] {
            var moved = world(areas: areas, limit: 10)
            let target = RemapTarget.fixed(PageNumber(3000))
            #expect(moved.run(remap(1000, 2, 2, target)).errno == (isAllowed ? nil : .noMemory), "\(areas) areas")
            var left = world(areas: areas, limit: 10)
            #expect(left.run(remap(1000, 2, 2, .leaving)).errno == (isAllowed ? nil : .noMemory), "\(areas) areas")
        }
    }

    @Test("memory that is left behind counts for the limit of the address space (mremap_to(): may_expand_vm())")
    func limitOfLeft() {
        for (limit, isAllowed) in [(4, true), (3, false)] {
            var settings = MachineSettings()
            settings.addressSpaceLimitPages = limit
            var world = BareMachine(settings: settings)
            world.mmap(1000, 2)
            #expect(world.run(remap(1000, 2, 2, .leaving)).errno == (isAllowed ? nil : .noMemory), "\(limit) pages")
        }
    }

    @Test("memory can be moved and grown to the last page of user memory (vma_expandable(), mremap_to())")
    func lastPages() {
        let limit: UInt64 = 1 << 18
        var world = BareMachine()
        world.mmap(1000, 2)
        #expect(world.run(remap(1000, 2, 2, .fixed(PageNumber(limit - 1)))).errno == .invalid)
        #expect(world.run(remap(1000, 2, 2, .fixed(PageNumber(limit - 2)))).errno == nil)
        #expect(world.bounds == [[limit - 2, limit]])
        world.mmap(limit - 6, 2)
        world.run(.munmap(PageNumber(limit - 2), pages: 2))
        #expect(world.run(remap(limit - 6, 2, 6, .inPlace)).errno == nil)
        #expect(world.bounds == [[limit - 6, limit]])
    }

    @Test("munmap(2) takes the last page of user memory, refuses what lies behind it, and no pages (do_vmi_munmap())")
    func unmapping() {
        let limit: UInt64 = 1 << 18
        var world = BareMachine()
        world.mmap(limit - 2, 2)
        #expect(world.run(.munmap(PageNumber(limit - 1), pages: 2)).errno == .invalid)
        #expect(world.run(.munmap(PageNumber(limit - 1), pages: 0)).errno == .invalid)
        #expect(world.run(.munmap(PageNumber(limit - 1), pages: 1)).errno == nil)
        #expect(world.bounds == [[limit - 2, limit - 1]])
    }

    @Test("mmap(2) and brk(2) make an area while there are no more than the limit (do_mmap(), do_brk_flags())")
    func areasThatAreMade() {
        for (areas, isAllowed) in [(5, true), (6, false)] {
            var mapped = world(areas: areas, limit: 5)
            #expect(mapped.mmap(3000, 1).errno == (isAllowed ? nil : .noMemory), "\(areas) areas")
            var grown = world(areas: areas, limit: 5)
            let end = Int(grown.machine.maps[0].heapEnd.rawValue)
            #expect(grown.run(.brk(1)).value == end + (isAllowed ? 1 : 0), "\(areas) areas")
        }
    }

    @Test("the heap grows to the limit of data, and no further (check_data_rlimit())")
    func dataOfHeap() {
        var settings = MachineSettings()
        settings.dataLimitPages = 4
        var world = BareMachine(settings: settings)
        let start = Int(world.machine.maps[0].heapStart.rawValue)
        #expect(world.run(.brk(5)).value == start)
        #expect(world.run(.brk(4)).value == start + 4)
        #expect(world.run(.brk(1)).value == start + 4)
    }

    @Test("mlock(2) of a length that wraps fails as too much, if it is more than may be locked (do_mlock())")
    func wrappingLock() {
        var settings = MachineSettings()
        settings.lockedLimitPages = 4
        var world = BareMachine(settings: settings)
        let last = PageNumber(UInt64.max >> 12)
        #expect(world.run(.mlock(PageNumber(1000), pages: -1)).errno == .noMemory)
        #expect(world.run(.mlock(last, pages: 5)).errno == .noMemory)
        #expect(world.run(.mlock(last, pages: 4)).errno == .invalid)
        #expect(world.run(.munlock(last, pages: 5)).errno == .invalid)
    }

    @Test("locked memory can't be made cold or paged out, nor can it be dropped from its file (madvise_vma_behavior())")
    func adviceForLocked() {
        for advice in [Advice.cold, .pageOut, .dontNeed] {
            var world = BareMachine()
            world.mmap(1000, 2, [.read, .write])
            #expect(world.run(.madvise(PageNumber(1000), pages: 2, advice)).errno == nil, "\(advice)")
            world.run(.mlock(PageNumber(1000), pages: 2))
            #expect(world.run(.madvise(PageNumber(1000), pages: 2, advice)).errno == .invalid, "\(advice)")
        }
    }
}
