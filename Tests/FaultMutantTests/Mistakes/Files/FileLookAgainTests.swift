@testable import FaultFilemap
import FaultSimulator
import Testing

@testable import FaultCore

/// Where the paths of files look a second time, or wait for somebody: what would come of one look too few.
@Suite("What is looked at again in files", .timeLimit(.minutes(60)))
struct FileLookAgainTests {
    @Test("a page of a handler that does not lock it is looked for after page_mkwrite (do_page_mkwrite())")
    func mkwriteWithoutLock() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, resident: .all)
            let handler = play.world.machine.register(SleepyMkwrite())
            let area = try play.world.map(
                MapRequest(pages: 4, access: .readWrite, flags: .shared, file: file, operations: handler), in: play.task
            )
            play.world.start(.write(area, page: 2), in: play.task)
            play.step(play.task)
            #expect(play.state() == "waits", "\(model.name)")
            play.world.start(.truncate(file, pages: 1), in: play.thread)
            play.step(play.thread)
            try play.settle()
            #expect(!play.world.presentPages(of: area).contains(2), "\(model.name)")
            #expect(play.world.report(of: play.task).end == "SIGBUS/ADRERR")
        }
    }

    @Test("who waits for a page with the lock held does not map it over one that was mapped (finish_fault())")
    func mappedMeanwhile() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model) { $0.faultAroundPages = 1 }
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, in: play.task)
            play.world.start(.read(area, page: 1), in: play.task)
            try play.step(play.task, to: "finish")
            play.world.start(.getUserPages(area, page: 1, pages: 1), in: play.thread)
            play.step(play.thread)
            #expect(play.state(of: play.thread) == "waits", "\(model.name)")
            try play.settle()
            #expect(play.world.rss(of: play.task).file == 1)
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("of two first stores to a page the second finds the page of the first (do_anonymous_page())")
    func twoFirstStores() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            for task in [play.task, play.thread] {
                play.world.start(.write(area), in: task)
                try play.step(task, to: "anonymousInstall")
            }
            play.step(play.task)
            play.step(play.thread)
            let both = Machine.stamp(
                after: Machine.stamp(after: 0, writtenBy: play.task), writtenBy: play.thread)
            #expect(play.world.machine.stamp(of: play.frame(of: 0, in: area)) == both, "\(model.name)")
            #expect(play.world.rss(of: play.task).anonymous == 1 && play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("who has gone on after a wait waits for the next with the lock held (2006)")
    func secondWait() throws {
        var play = try Play(.mortonSequence2006)
        let file = try play.world.file(pages: 4)
        let area = try play.world.map(file, in: play.task)
        try play.start(.read(area, page: 1))
        #expect(play.lock == "lock free")
        let folio = try #require(play.world.machine.cachedFolio(at: 1, of: file))
        play.world.completeReads()
        _ = play.world.machine.tryLock(folio, by: play.thread)
        play.step(play.task)
        #expect(play.state() == "waits" && play.lock == "lock held")
    }

    @Test("a fault around a page ends with its page table, wherever the area begins (do_fault_around())")
    func endOfTable() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 16, resident: .all)
            let area = try play.world.map(
                MapRequest(pages: 16, access: .read, file: file, placement: .fixed(PageNumber(0x41FC))), in: play.task)
            try play.perform(.read(area))
            #expect(play.world.presentPages(of: area) == [0, 1, 2, 3], "\(model.name)")
        }
    }

    @Test("a fault that gets no page table is OOM before any page is looked for (do_fault_around())")
    func noTable() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 4, resident: .all), in: play.task)
            play.world.machine.failAllocation(at: .pageTable)
            try play.perform(.read(area))
            #expect(play.results().hasPrefix("OOM"), "\(model.name)")
        }
    }

    @Test("a page that was cut off, and whose file has grown again, is looked for anew (lock_page(), mapping)")
    func cutAndGrown() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model) { $0.faultAroundPages = 1 }
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, in: play.task)
            play.world.start(.read(area, page: 1), in: play.task)
            try play.step(play.task, to: "lockFolio")
            for size in [0, 4] {
                play.world.start(.truncate(file, pages: size), in: play.thread)
                play.step(play.thread)
            }
            try play.settle()
            #expect(play.world.report(of: play.task).outcome.stamp == 0, "\(model.name): it is a hole now")
            #expect(play.world.machine.checkInvariants().isEmpty)
        }
    }

    @Test("a large read(2) is read in one, as far as the device takes it (page_cache_sync_ra())")
    func largeRead() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model) {
                $0.readaheadPages = 8
                $0.largestRequestPages = 32
            }
            let file = try play.world.file(pages: 64)
            try play.start(.read(file, page: 0, pages: 16))
            #expect(play.world.machine.requestsUnderWay.map(\.pages).reduce(0, +) == 16, "\(model.name)")
        }
    }

    @Test("fsync(2) waits for a dirty page that somebody has locked (write_cache_pages())")
    func lockedDirtyPage() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, resident: .all)
            try play.perform(.write(file, page: 1, pages: 1))
            let folio = try #require(play.world.machine.cachedFolio(at: 1, of: file))
            play.world.machine.isChecking = false  // an idle thread has a page locked
            _ = play.world.machine.tryLock(folio, by: play.thread)
            play.world.start(.fsync(file), in: play.task)
            play.step(play.task)
            #expect(play.state() == "waits" && play.world.machine.requestsUnderWay.isEmpty, "\(model.name)")
            play.world.machine.unlock(folio)
            try play.settle()
            #expect(play.state() == "done" && !play.world.machine.flags(of: folio).contains(.dirty))
        }
    }

    @Test("a private copy that was made while the file was cut is unmapped, too (truncate_pagecache())")
    func copyBesideTruncation() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, .readWrite, .private, in: play.task)
            play.world.start(.write(area, page: 2), in: play.task)
            try play.step(play.task, to: "finish")
            play.world.start(.truncate(file, pages: 1), in: play.thread)
            play.step(play.thread)
            try play.settle()
            #expect(!play.world.presentPages(of: area).contains(2), "\(model.name)")
        }
    }

    @Test("read(2) returns the pages before one that can't be read (filemap_read())")
    func pagesBeforeError() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model) { $0.readaheadPages = 0 }
            let file = try play.world.file(pages: 4, resident: .pages([0...0]))
            play.world.machine.breakBlocks(of: file, PageRun(1, 1))
            let report = try play.perform(.read(file, page: 0, pages: 2))
            #expect(report.value == 1 && report.errno == nil, "\(model.name)")
            // A page that is cached, but not uptodate, ends the batch as well.
            let again = try play.perform(.read(file, page: 0, pages: 2))
            #expect(again.value == 1 && again.errno == nil, "\(model.name)")
        }
    }

    @Test("a write that ends well keeps what was written, not what was stored in the page since")
    func storedMeanwhile() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 4, resident: .all)
        let stored = play.world.machine.storedStamp(of: file, at: 1)
        try play.perform(.write(file, page: 1, pages: 1))
        play.world.machine.breakBlocks(of: file, PageRun(1, 1))
        play.world.start(.fsync(file), in: play.task)
        play.step(play.task)
        #expect(play.state() == "waits")
        play.world.machine.repairBlocks(of: file)
        play.world.start(.write(file, page: 1, pages: 1), in: play.thread)
        play.step(play.thread)
        #expect(play.state(of: play.thread) == "done")
        play.world.completeWrites()
        #expect(play.world.machine.storedStamp(of: file, at: 1) == stored)
    }

    @Test("who has taken the wait for a slow submission has taken it for all")
    func submissionWait() throws {
        var play = try Play(.linux6_1)
        let device = play.world.machine.addDevice(operations: play.world.machine.register(SlowTaker()), held: false)
        play.world.machine.submit(IORequest(.read, on: device, file: .none, index: 0, pages: 1, by: play.task))
        #expect(play.world.machine.takeSubmissionWait()?.value == 100)
        #expect(play.world.machine.takeSubmissionWait() == nil)
    }

    @Test("a kernel access that nothing catches does not wait for the mmap lock (do_user_addr_fault())")
    func strayKernelAccess() throws {
        for model in [KernelModel.linux2_6_37, .linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.hold(.write)
            try play.start(.kernelTouch(.read, area[0], .kernelWithoutFixup))
            #expect(play.world.report(of: play.task).outcome.oops, "\(model.name)")
            play.release()
        }
    }
}

/// A handler that gives pages of the page cache, sleeps in page_mkwrite, and leaves the lock of the page to others.
struct SleepyMkwrite: VMOperations {
    enum MkwriteStage: UInt8, RoutineStage { case begin, woken }
    typealias Stage = OnlyStage

    var name: StaticName { StaticName("sleepy page_mkwrite") }
    var provides: VMOperationSet { .pageMkwrite }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        guard let folio = machine.cachedFolio(at: fault.index, of: fault.file) else { return .done(.sigbus) }
        machine.give(folio, to: &fault)
        return .done([])
    }

    func pageMkwrite(
        _ stage: MkwriteStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<MkwriteStage, FaultResult> {
        switch stage {
        case .begin: .sleep(TaskWait(.timer, .uninterruptible, value: machine.clock + 100), then: .woken)
        case .woken: .done([])
        }
    }
}

/// A device that makes who submits wait.
private struct SlowTaker: BlockDevice {
    var name: StaticName { StaticName("slow taker") }

    func completion(of request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 { now + 1000 }
    func throttle(_ request: IORequest, now: UInt64, _ state: inout NoState) -> UInt64 { now + 100 }
}
