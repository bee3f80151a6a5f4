import FaultSimulator
import Testing

@testable import FaultCore

/// What is kept, counted or handed on a step later: what one forgotten step would change.
@Suite("What is kept, and what is told", .timeLimit(.minutes(60)))
struct KeptStateTests {
    @Test("a reader's wait for a lock is counted from when it began")
    func readerWait() throws {
        var play = try Play(.linux6_1)
        let other = play.world.task()
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.hold(.write)
        play.world.start(.kernelTouch(.read, area[0], .kernelWithFixup), in: play.task)
        play.world.start(.sleep(nanoseconds: 700), in: other)
        try play.go()
        play.release()
        try play.settle()
        let statistics = play.world.machine.lockStatistics(of: play.world.map(of: play.task))
        #expect(statistics.readWaits.total == 700 && statistics.writeHolds.total == 700)
    }

    @Test("a pause lets a writer dirty as many pages again")
    func pauses() throws {
        var play = try Play(.linux6_1) {
            $0.dirtyLimitPages = 1
            $0.dirtyPausePages = 4
        }
        play.world.machine.isTracing = true
        let file = try play.world.file(pages: 16, resident: .all)
        try play.perform(.write(file, page: 0, pages: 12))
        let pauses = play.world.machine.trace.count {
            $0.kind == .slept && $0.a == UInt64(TaskWait.Kind.dirtyThrottle.rawValue)
        }
        #expect(pauses == 3)
    }

    @Test("the heap of a forked process is its parent's")
    func forkedHeap() throws {
        var play = try Play(.linux6_1)
        try play.perform(.brk(3))
        let end = try play.perform(.brk(0)).value
        let child = try play.world.fork(play.task)
        #expect(try play.perform(.brk(0), in: child).value == end)
        #expect(try play.perform(.brk(-3), in: child).value == end - 3)
    }

    @Test("mincore(2) tells no page that is still read")
    func pageUnderRead() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model) { $0.readaheadPages = 0 }
            let file = try play.world.file(pages: 4, resident: .pages([0...0]))
            let area = try play.world.map(file, in: play.task)
            try play.start(.read(area, page: 2))
            #expect(play.state() == "waits")
            try play.start(.mincore(area), in: play.thread)
            #expect(play.world.report(of: play.thread).value == 1, "\(model.name)")
            try play.settle()
            #expect(try play.perform(.mincore(area)).value == 2)
        }
    }

    @Test("msync(2) keeps no file open")
    func syncedFile() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.write(area))
            #expect(try play.perform(.msync(area)).errno == nil)
            #expect(play.world.machine.files[file.index].pins == 0 && play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a process that has ended is none of those that swapoff(2) looks through")
    func swappedMaps() throws {
        var (play, area) = try Behaviour.swapped(.linux6_1, pages: 2)
        #expect(play.world.machine.swap.maps == [area.map])
        try play.perform(.exit, in: play.thread)
        try play.perform(.exit)
        #expect(play.world.machine.swap.maps.isEmpty)
    }

    @Test("unmapping takes the dirty bit of an entry along (zap_pte_range())")
    func dirtyEntry() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 2, on: .tmpfs, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.read(area))
            let folio = play.frame(of: 0, in: area)
            play.world.machine.clearDirty(folio)
            try play.perform(.write(area))
            #expect(play.world.machine.entry(of: area[0], in: area.map).isDirty)
            #expect(!play.world.machine.flags(of: folio).contains(.dirty))
            try play.perform(.munmap(area))
            #expect(play.world.machine.flags(of: folio).contains(.dirty), "\(model.name)")
        }
    }
}
