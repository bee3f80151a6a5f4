import FaultSimulator
import Testing

/// For each pair of neighbouring models something that programs can see, not only a count.
@Suite("What each kernel does that its neighbour does not: 2006 to 2.6.37", .timeLimit(.minutes(60)))
struct EraTo2_6_37Tests {
    @Test(
        "2006: a fault that returns to the program drops the lock again for a page that is gone; one that retries in the kernel keeps it"
    )
    func userModeRetry() throws {
        for (model, keepsLock) in [(KernelModel.herrenschmidt2006, false), (.waychison2006, true)] {
            var read = try ColdRead(model)
            #expect(!read.holdsLock)
            read.world.machine.finishHeld(on: read.world.disk)
            // The page goes after the attempt that has waited for it, and before there is another.
            while read.world.machine.backtrace(of: read.reader).contains(where: { $0.routine == "pageFault" }) {
                read.world.machine.step(read.reader)
            }
            let evictor = read.world.task()
            read.world.start(.dropCache(read.file), in: evictor)
            while read.world.machine.isBusy(evictor), read.world.machine.step(evictor) {}
            read.world.run()
            #expect(read.world.machine.isBusy(read.reader), "it waits for a second read: \(model.name)")
            #expect(read.holdsLock == keepsLock, "\(model.name)")
            _ = read.finish()
        }
    }

    @Test("2006: with a program's every exception a first attempt, the second waits without the lock, too")
    func everyExceptionIsFirst() throws {
        for (model, exceptions, attempts) in [(KernelModel.herrenschmidt2006, 2, 2), (.waychison2006, 1, 2)] {
            var read = try ColdRead(model)
            let report = read.finish()
            #expect(report.counters.exceptions == exceptions && report.attempts.count == attempts, "\(model.name)")
        }
    }

    @Test("2006: a process with one thread keeps its lock over the read, if a sole user need not drop it")
    func soleUser() throws {
        for (model, keepsLock) in [
            (KernelModel.waychison2006, false), (.mortonSoleUser2006, true), (.mortonSequence2006, false),
        ] {
            var world = try World(model)
            let file = try world.file(pages: 4)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            world.start(.read(area), in: task)
            world.run()
            #expect(!world.mmapLock(of: task).isFree == keepsLock, "\(model.name)")
            let read = try ColdRead(model)
            #expect(!read.holdsLock, "with two threads nobody keeps it: \(model.name)")
        }
    }

    @Test("2006: with a sequence a fault goes on where it was, unless somebody has had the lock for writing meanwhile")
    func sequence() throws {
        var undisturbed = try ColdRead(.mortonSequence2006)
        #expect(undisturbed.finish().attempts.map(\.result) == [[.major, .locked]])
        var disturbed = try ColdRead(.mortonSequence2006)
        try disturbed.world.perform(.mmap(MapRequest(pages: 1, access: .readWrite)), in: disturbed.other)
        #expect(disturbed.finish().attempts.map(\.result) == [[.major, .retry], .locked])
        var unmapped = try ColdRead(.mortonSequence2006)
        try unmapped.world.perform(.munmap(unmapped.area), in: unmapped.other)
        #expect(unmapped.finish().signal == .segv(.notMapped))
    }

    @Test("2006: with pagefault_args a signal's handler runs while the page is still being read")
    func signalDuringWait() throws {
        for (model, runs) in [(KernelModel.mortonSequence2006, 0), (.pagefaultArgs2006, 1), (.waychison2006, 0)] {
            var read = try ColdRead(model)
            read.world.send(.user1, to: read.reader)
            read.world.run()
            #expect(read.world.report(of: read.reader).counters.handledSignals == runs, "\(model.name)")
            #expect(read.finish().isDone)
        }
    }

    @Test("another thread can map memory while a page is read, from 2.6.37 on, and with the patches of 2006")
    func mapsMeanwhile() throws {
        for (model, succeeds) in [
            (KernelModel.pagefaultArgs2006, true), (.linux2_6_36, false), (.linux2_6_37, true), (.linux3_19, true),
            (.linux4_19, true), (.bacik2018, false), (.kara2018, false), (.linux5_1, true),
        ] {
            var read = try ColdRead(model)
            read.world.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: read.other)
            read.world.run()
            #expect(read.world.report(of: read.other).isDone == succeeds, "\(model.name)")
            #expect(read.finish().signal == nil)
            #expect(read.world.report(of: read.other).isDone)
        }
    }
}
