import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

@Suite("Advice on files: posix_fadvise(2)", .timeLimit(.minutes(60)))
struct FileAdviceTests {
    // MARK: POSIX_FADV_DONTNEED

    @Test("dropping the cache starts writing what is dirty, and drops it the next time")
    func startsWriting() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let area = world.map(file, 8)
        world.run(.write(area, pages: 4))
        world.run(.madvise(area + 6, pages: 1, .dontNeed))
        world.machine.hold(world.device)
        #expect(world.run(.dropCache(file)).value == 0)
        #expect(world.machine.requestsUnderWay.map(\.pages) == [4])
        #expect(world.cached(file, with: .writeback) == [0, 1, 2, 3] && world.cached(file) == [0, 1, 2, 3])
        #expect((0..<4).allSatisfy { !world.entry(area + $0).isWritable })
        #expect(world.run(.write(area, pages: 4)).counters.exceptions == 4)
        world.machine.release(world.device)
        world.run()
        #expect(world.cached(file, with: .dirty) == [0, 1, 2, 3])
        #expect(world.isClean(file))
    }

    @Test("what was written with write(2) is gone after the second call, and not before")
    func dropsWritten() {
        var world = BareMachine()
        let file = world.file(8)
        world.run(.write(file, 2, pages: 4, from: nil))
        world.run(.dropCache(file))
        #expect(world.cached(file) == [2, 3, 4, 5] && world.cached(file, with: .dirty).isEmpty)
        world.run(.dropCache(file))
        #expect(world.cached(file).isEmpty)
        #expect(world.machine.storedStamp(of: file, at: 2) != FileIO.initialStamp(file, 2))
    }

    @Test("it writes what was dirtied while an fsync before it waited, and does not wait for that")
    func dirtiedMeanwhile() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let other = world.machine.addTask()
        world.run(.write(file, 0, pages: 1, from: nil))
        world.machine.hold(world.device)
        world.machine.start([.fsync(file), .dropCache(file)], in: world.task)
        world.run()
        world.run(.write(file, 5, pages: 1, from: nil), in: other)
        // The page, and then the journal.
        for _ in 0..<2 {
            world.machine.finishHeld(on: world.device)
            world.run()
        }
        #expect(world.machine.report(of: world.task).isDone)
        #expect(world.cached(file) == [5] && world.cached(file, with: .writeback) == [5])
    }

    @Test("what is being written can not be dropped and is marked to go: a fault finds the mark, and drops its lock")
    func marksWhatStays() {
        var world = BareMachine()
        let file = world.file(8)
        let area = world.map(file, 8, [.read])
        world.run(.write(file, 2, pages: 2, from: nil))
        world.machine.hold(world.device)
        world.run(.dropCache(file))
        #expect(world.cached(file, with: .readahead) == [2, 3] && world.cached(file, with: .writeback) == [2, 3])
        let fault = world.run(.read(area + 2))
        #expect(fault.attempts.map(\.result) == [.retry, .locked] && fault.counters.majorFaults == 1)
        #expect(world.cached(file, with: .readahead) == [2, 3], "not under writeback")
        world.machine.release(world.device)
        world.run()
        #expect(world.cached(file, with: .readahead).isEmpty)
        #expect(world.run(.read(area + 3)).attempts.map(\.result) == [.noPage])
    }

    @Test("a page that is mapped is in use: it is not marked, be it dirty")
    func leavesMapped() {
        var world = BareMachine()
        let file = world.file(8, resident: [PageRun(0, 7)])
        let area = world.map(file, 8)
        world.run(.write(area, pages: 2))
        world.machine.hold(world.device)
        world.run(.dropCache(file))
        #expect(world.cached(file, with: .writeback) == [0, 1] && world.cached(file, with: .readahead).isEmpty)
    }

    @Test("what reclaim has taken of the file is forgotten: its pages are not back when they are read again")
    func forgetsEvictions() {
        for drops in [false, true] {
            var world = BareMachine()
            let file = world.file(8, resident: [PageRun(0, 7)])
            let area = world.map(file, 8, [.read])
            world.run(.read(area, pages: 4))
            world.run(.madvise(area, pages: 4, .pageOut))
            #expect(world.cached(file) == [4, 5, 6, 7])
            if drops { world.run(.dropCache(file)) }
            world.run(.read(area, pages: 4))
            #expect(world.machine.events.workingsetRefaultFile == (drops ? 0 : 4))
        }
    }

    // MARK: How a file will be read

    @Test("random advice makes read(2) read just what is missing, without a mark")
    func random() {
        var world = BareMachine()
        let file = world.file(200)
        world.run(.adviseFile(file, .random))
        #expect(world.run(.read(file, 0, pages: 3, into: nil)).value == 3)
        #expect(world.cached(file) == [0, 1, 2] && world.cached(file, with: .readahead).isEmpty)
        #expect(world.run(.read(file, 3, pages: 40, into: nil)).value == 40)
        #expect(world.cached(file) == Array(0..<43))
        world.run(.adviseFile(file, .normal))
        world.run(.read(file, 100, pages: 1, into: nil))
        world.run(.read(file, 101, pages: 1, into: nil))
        #expect(world.cached(file).count > 45, "readahead reads on again")
    }

    @Test("random advice does not change what a fault reads around itself")
    func randomFault() {
        var world = BareMachine()
        let file = world.file(200)
        let area = world.map(file, 200, [.read])
        world.run(.adviseFile(file, .random))
        world.run(.read(area + 100))
        #expect(world.cached(file) == Array(84..<116))
    }

    @Test("sequential advice doubles the window, normal advice sets it back, also after read errors")
    func sequential() {
        var world = BareMachine()
        let file = world.file(200)
        let area = world.map(file, 200, [.read])
        world.run(.adviseFile(file, .sequential))
        #expect(world.machine[readaheadOf: file].maximum == 64)
        world.run(.read(area + 100))
        #expect(world.cached(file) == Array(68..<132))
        world.machine[readaheadOf: file].maximum = 2
        world.run(.adviseFile(file, .normal))
        #expect(world.machine[readaheadOf: file].maximum == 32)
    }

    @Test("readahead(2) starts reading those pages and waits for nothing")
    func readAhead() {
        var world = BareMachine()
        let file = world.file(64)
        world.machine.hold(world.device)
        #expect(world.run(.readAhead(file, 8, pages: 4)).isDone)
        #expect(world.cached(file, with: .underRead) == [8, 9, 10, 11])
        #expect(world.run(.readAhead(file, 64, pages: 4)).value == 0)
    }

    @Test("tmpfs ignores all of it")
    func shmem() {
        var world = BareMachine()
        let file = world.shmem(8)
        world.run(.write(file, 0, pages: 2, from: nil))
        let before = world.machine[readaheadOf: file]
        for advice in FileAdvice.allCases { #expect(world.run(.adviseFile(file, advice)).value == 0) }
        world.run(.readAhead(file, 4, pages: 2))
        world.run(.dropCache(file))
        #expect(world.cached(file) == [0, 1] && world.machine[readaheadOf: file] == before)
        #expect(!world.machine.isReadRandomly(file))
    }
}
