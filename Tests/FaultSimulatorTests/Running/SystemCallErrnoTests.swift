import FaultSimulator
import Testing

/// Which error a call returns, for programs that use it at its limits.
@Suite("Errors of system calls", .timeLimit(.minutes(60)))
struct SystemCallErrnoTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    private func world(_ model: KernelModel = .linux6_1) throws -> (world: World, task: TaskID) {
        var world = try World(model, disk: .latency(nanoseconds: 1000))
        let task = world.task()
        return (world, task)
    }

    @Test("read(2) and write(2) that reach past the last file position, or are of a negative length, are EINVAL")
    func positions() throws {
        var (world, task) = try world()
        let file = try world.file(pages: 2)
        // A position in bytes has 63 bits.
        let last = PageIndex(rawValue: 1 << 51 - 1)
        for (first, pages) in [(last, 1), (last + 1, 0), (0, -1), (PageIndex(rawValue: 1 << 51 - 4), 5)] {
            let read = try world.perform(.read(file, first, pages: pages, into: nil), in: task)
            #expect(read.errno == .invalid, "\(first), \(pages)")
            let write = try world.perform(.write(file, first, pages: pages, from: nil), in: task)
            #expect(write.errno == .invalid, "\(first), \(pages)")
        }
        let before = try world.perform(.read(file, last, pages: 0, into: nil), in: task)
        #expect(before.errno == nil && before.value == 0)
        #expect(try world.perform(.read(file, last - 1, pages: 1, into: nil), in: task).errno == nil)
    }

    @Test("mmap(2) without memory for the area is ENOMEM, private and shared, and leaves no area", arguments: models)
    func mmap(_ model: KernelModel) throws {
        for flags in [[], MapFlags.shared] {
            var (world, task) = try world(model)
            let request = MapRequest(pages: 2, access: .readWrite, flags: flags)
            world.machine.failAllocation(at: .area)
            #expect(try world.perform(.mmap(request), in: task).errno == .noMemory)
            #expect(world.machine.areas(of: world.map(of: task)).isEmpty)
            #expect(try world.perform(.mmap(request), in: task).errno == nil)
        }
    }

    @Test("mremap(2) that is to leave the old area is EINVAL for more pages than user memory has (mremap_to())")
    func mremapLeaving() throws {
        var (world, task) = try world()
        let area = try world.map(anonymousPages: 2, in: task)
        let all = world.machine.geometry.userLimit - PageNumber(0)
        for (pages, errno) in [(all + 1, Errno.invalid), (all, .badAddress), (3, .badAddress), (2, nil)] {
            let call = TaskOperation.mremap(area[0], pages: pages, newPages: pages, .leaving)
            #expect(try world.perform(call, in: task).errno == errno, "\(pages)")
        }
    }

    @Test(
        "a pin that must not wait for its page is EFAULT, because it has found none (io_pin_pages())",
        arguments: models)
    func pinWithoutWait(_ model: KernelModel) throws {
        var world = try World(model)
        let task = world.task()
        let area = try world.map(try world.file(pages: 1), .read, .shared, in: task)
        world.start(.pinUserPages(area, [.pin, .noWait]), in: task)
        world.run()
        #expect(world.report(of: task).errno == .badAddress)
        // get_user_pages() returns 0 pages, without an error.
        let found = try world.perform(.getUserPages(area, [.get, .noWait, .unlockable]), in: task)
        #expect(found.errno == nil && found.value == 0)
        world.completeReads()
        #expect(try world.perform(.pinUserPages(area, [.pin, .noWait]), in: task).errno == nil)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("a pin is given back by a thread of the kernel, too, as by a driver's workqueue")
    func unpinByKernelThread() throws {
        var (world, task) = try world()
        let area = try world.map(anonymousPages: 2, in: task)
        let pin = try world.pin(area, in: task)
        let thread = world.kernelThread()
        #expect(try world.perform(.unpin(pin), in: thread).errno == nil)
        #expect(world.pins.isEmpty)
        #expect(try world.perform(.unpin(pin), in: thread).errno == .invalid)
        #expect(world.machine.checkInvariants().isEmpty)
    }

    @Test("hmm_range_fault() of memory that may not be read is EFAULT, and of memory that may only be read EPERM")
    func hmm() throws {
        var (world, task) = try world()
        let none = try world.map(MapRequest(pages: 1, access: []), in: task)
        let readable = try world.map(MapRequest(pages: 1, access: .read), in: task)
        func errno(_ access: FaultException.Access, _ area: Area) throws -> Errno? {
            try world.perform(.faultIn(FaultRequest(.hmm, access, area[0])), in: task).errno
        }
        #expect(try errno(.read, none) == .badAddress)
        #expect(try errno(.write, none) == .badAddress)
        #expect(try errno(.write, readable) == .notPermitted)
        #expect(try errno(.read, readable) == nil)
    }
}
