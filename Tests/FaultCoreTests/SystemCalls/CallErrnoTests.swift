import BareMachine
import Testing

@testable import FaultCore

/// Which error a call returns where another one would be as plausible.
@Suite("Errors of calls on memory", .timeLimit(.minutes(60)))
struct CallErrnoTests {
    /// As many areas as there may be, of two pages each, at pages 1000, 1010 and so on.
    private func fullWorld(model: KernelModel = .linux6_1) -> BareMachine {
        var settings = MachineSettings()
        settings.mapCountLimit = 4
        var world = BareMachine(model, settings: settings)
        for area in 0..<4 { world.mmap(1000 + UInt64(area) * 10, 2) }
        return world
    }

    /// A world whose mmap lock is held for writing by somebody who does nothing.
    private func lockedWorld(_ model: KernelModel) -> BareMachine {
        var world = BareMachine(model)
        world.area(at: 100, pages: 2)
        _ = world.addHolder()
        return world
    }

    /// The error of a call that is killed while it waits.
    private func errnoWhenKilled(_ operation: TaskOperation, _ world: inout BareMachine) -> Errno? {
        world.machine.start(operation, in: world.task)
        #expect(world.run() == .blocked)
        world.machine.send(.kill, to: world.task)
        world.run()
        return world.machine.report(of: world.task).errnoWhenKilled
    }

    @Test(
        "mlock(2) of a range that reaches past the last area is ENOMEM, and locks what there is (apply_vma_lock_flags())"
    )
    func lockPastLast() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        #expect(world.finish(.mlock(PageNumber(100), pages: 8)).errno == .noMemory)
        #expect(world.machine.maps[0].lockedPages == 4)
    }

    @Test("mlock(2) whose pages find no memory is EAGAIN, and locks the area (__mlock_posix_error_return())")
    func lockWithoutMemory() {
        var world = BareMachine()
        world.area(at: 100, pages: 4)
        world.machine.failAllocation(at: .anonymousPage)
        #expect(world.finish(.mlock(PageNumber(100), pages: 4)).errno == .tryAgain)
        #expect(world.machine.maps[0].lockedPages == 4)
    }

    @Test("a split that is one area too many is ENOMEM to mlock(2) and mprotect(2), and EAGAIN to madvise(2)")
    func splitBeyondLimit() {
        for (operation, errno) in [
            (TaskOperation.mlock(PageNumber(1000), pages: 1), Errno.noMemory),
            (.mprotect(PageNumber(1000), pages: 1, .read), .noMemory),
            (.madvise(PageNumber(1000), pages: 1, .dontFork), .tryAgain),
        ] {
            var world = fullWorld()
            #expect(world.run(operation).errno == errno, "\(operation)")
            #expect(world.bounds.count == 4)
        }
    }

    @Test("mmap(2) in the middle of an area, which would make one area too many, is ENOMEM (mmap_region())")
    func splitByMapping() {
        var settings = MachineSettings()
        settings.mapCountLimit = 1
        var world = BareMachine(settings: settings)
        world.mmap(1000, 4)
        #expect(world.mmap(1001, 1).errno == .noMemory)
        #expect(world.bounds == [[1000, 1004]])
    }

    @Test("a hole past the largest file is EFBIG, and one without pages EINVAL (vfs_fallocate())")
    func holePastEnd() {
        var world = BareMachine()
        let file = world.file()
        let most = Machine.mostPagesOfFile
        #expect(world.run(.punchHole(file, PageIndex(most), pages: 1)).errno == .fileTooBig)
        #expect(world.run(.punchHole(file, PageIndex(most - 1), pages: 2)).errno == .fileTooBig)
        #expect(world.run(.punchHole(file, 0, pages: 0)).errno == .invalid)
    }

    @Test("a range that wraps around is EINVAL to madvise(2), and ENOMEM to msync(2), mprotect(2)")
    func wrappingRange() {
        var world = BareMachine()
        world.mmap(1000, 2)
        #expect(world.run(.madvise(PageNumber(1000), pages: -1, .normal)).errno == .invalid)
        #expect(world.run(.msync(PageNumber(1000), pages: -1)).errno == .noMemory)
        #expect(world.run(.mprotect(PageNumber(1000), pages: -1, .read)).errno == .noMemory)
    }

    @Test("advice for a range that ends in a hole is ENOMEM, whether an area follows or not (madvise_walk_vmas())")
    func adviceIntoHole() {
        for hasNext in [true, false] {
            var world = BareMachine()
            world.mmap(1000, 2)
            if hasNext { world.mmap(1010, 2) }
            #expect(world.run(.madvise(PageNumber(1000), pages: 4, .dontFork)).errno == .noMemory)
            #expect(world.areas[0].flags.contains(.dontCopy))
        }
    }

    @Test("a read ahead of fewer than no pages is EINVAL (generic_fadvise())")
    func readAheadBackwards() {
        var world = BareMachine()
        let file = world.file()
        #expect(world.run(.readAhead(file, 0, pages: -1)).errno == .invalid)
    }

    @Test("/proc/PID/mem past the last position is EOVERFLOW, and a negative length EINVAL (rw_verify_area())")
    func memoryPastEnd() {
        var world = BareMachine()
        let last = PageNumber(UInt64.max >> 12)
        #expect(world.run(.readProcMem(world.map, last, pages: 2)).errno == .overflow)
        #expect(world.run(.writeProcMem(world.map, last, pages: 2)).errno == .overflow)
        #expect(world.run(.readProcMem(world.map, PageNumber(1000), pages: -1)).errno == .invalid)
        #expect(world.run(.readRemoteMemory(world.map, PageNumber(1000), pages: -1)).errno == .invalid)
    }

    @Test("mremap(2) with an old length that no map can have is EINVAL, after it has unmapped the target (mremap_to())")
    func tailPastEnd() {
        var world = BareMachine()
        world.mmap(500, 2)
        world.mmap(1000, 2)
        let call = TaskOperation.mremap(PageNumber(1000), pages: 1 << 18, newPages: 1, .fixed(PageNumber(500)))
        #expect(world.run(call).errno == .invalid)
        #expect(world.bounds == [[501, 502], [1000, 1002]])
    }

    @Test("mremap(2) that cuts off more than a map can have is EINVAL, and one area too many ENOMEM (do_vmi_munmap())")
    func tailInPlace() {
        var world = BareMachine()
        world.mmap(1000, 10)
        for target in [RemapTarget.inPlace, .mayMove] {
            #expect(world.run(.mremap(PageNumber(1000), pages: 1 << 18, newPages: 1, target)).errno == .invalid)
        }
        var settings = MachineSettings()
        settings.mapCountLimit = 1
        var full = BareMachine(settings: settings)
        full.mmap(1000, 10)
        #expect(full.run(.mremap(PageNumber(1000), pages: 5, newPages: 2, .inPlace)).errno == .noMemory)
        #expect(world.bounds == [[1000, 1010]] && full.bounds == [[1000, 1010]])
    }

    @Test(
        "mremap(2) of no old pages to the very place unmaps what it should copy: EFAULT (mremap_to(), vma_to_resize())")
    func ontoItself() {
        var world = BareMachine()
        world.mmap(1000, 4, [.read, .write, .shared], file: world.file())
        let call = TaskOperation.mremap(PageNumber(1000), pages: 0, newPages: 2, .fixed(PageNumber(1000)))
        #expect(world.run(call).errno == .badAddress)
        #expect(world.bounds == [[1002, 1004]])
    }

    @Test("a reader of /proc/PID/mem that is killed while it waits for the other's mmap lock has read nothing: EIO")
    func remoteKilled() {
        var world = lockedWorld(.linux6_1)
        let reader = world.machine.addTask()
        world.machine.start(.readProcMem(world.map, PageNumber(100), pages: 1), in: reader)
        #expect(world.run() == .blocked)
        world.machine.send(.kill, to: reader)
        world.run()
        #expect(world.machine.report(of: reader).errnoWhenKilled == .inputOutput)
    }

    @Test("a read or write at memory that no user has is EFAULT before the file is looked at (access_ok())")
    func buffersPastEnd() {
        var world = BareMachine()
        let file = world.file()
        let last = PageNumber(1 << 18) - 1
        for operation in [
            TaskOperation.read(file, 0, pages: 2, into: last), .write(file, 0, pages: 2, from: last),
            .directRead(file, 0, pages: 2, into: last), .read(file, 0, pages: -1, into: PageNumber(1000)),
        ] { #expect(world.run(operation).errno == .badAddress, "\(operation)") }
        #expect(world.run(.read(file, PageIndex(rawValue: 1 << 51), pages: 1, into: last + 1)).errno == .invalid)
    }

    @Test("mmap(2) finds no place where each gap is too small, or the length is: ENOMEM (vm_unmapped_area())")
    func noGap() {
        let limit = 1 << 18
        var world = BareMachine()
        world.mmap(UInt64(limit / 2), 2)
        func map(_ pages: Int) -> Errno? {
            world.run(.mmap(MapRequest(pages: pages, access: .readWrite, placement: .anywhere))).errno
        }
        #expect(map(limit / 2 + 100) == .noMemory)
        #expect(map(limit - 4) == .noMemory)
        #expect(map(limit / 4) == nil)
    }

    @Test("MADV_POPULATE_READ or _WRITE where the access is not allowed is EINVAL, get_user_pages() EFAULT")
    func populateWithoutAccess() {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var world = BareMachine(model)
            world.area(at: 100, pages: 2, .read)
            world.area(at: 200, pages: 2, [])
            #expect(
                world.finish(.madvise(PageNumber(100), pages: 2, .populateWrite)).errno == .invalid, "\(model.name)")
            #expect(world.finish(.madvise(PageNumber(200), pages: 2, .populateRead)).errno == .invalid, "\(model.name)")
            #expect(world.finish(.getUserPages(PageNumber(100), pages: 1, [.write])).errno == .badAddress)
        }
    }

    @Test("MADV_POPULATE_READ of what is unmapped while it waits is ENOMEM (madvise_populate())")
    func populateUnmapped() {
        for model in [KernelModel.linux6_1, .linux6_12] {
            var world = BareMachine(model)
            let file = world.file(pages: 2)
            world.area(at: 100, pages: 2, [.read, .shared], file: file)
            let other = world.machine.addTask(in: world.map)
            world.machine.start(.madvise(PageNumber(100), pages: 2, .populateRead), in: world.task)
            #expect(world.run() == .blocked)
            #expect(world.run(.munmap(PageNumber(100), pages: 2), in: other).errno == nil)
            #expect(world.goOn().errno == .noMemory, "\(model.name)")
        }
    }

    @Test("a call that is killed while it waits for the mmap lock fails with EINTR, but get_user_pages() with EAGAIN")
    func killedForLock() {
        for (operation, errno) in [
            (TaskOperation.madvise(PageNumber(100), pages: 2, .dontFork), Errno.interrupted),
            (.mprotect(PageNumber(100), pages: 2, .read), .interrupted),
            (.mlock(PageNumber(100), pages: 2), .interrupted),
            (.getUserPages(PageNumber(100), pages: 1, []), .tryAgain),
        ] {
            var world = lockedWorld(.linux6_12)
            #expect(errnoWhenKilled(operation, &world) == errno, "\(operation)")
        }
    }

    @Test("fork(2) that is killed between two areas fails with EINTR (dup_mmap())")
    func forkKilled() {
        var world = BareMachine()
        for area in 0..<4 { world.area(at: 100 + UInt64(area) * 10, pages: 2) }
        world.machine.start(.fork, in: world.task)
        let task = world.task
        world.step { $0.backtrace(of: task).last?.description.hasSuffix(".copyArea") != true }
        world.machine.send(.kill, to: world.task)
        world.run()
        #expect(world.machine.report(of: world.task).errnoWhenKilled == .interrupted)
    }
}
