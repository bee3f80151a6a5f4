import FaultSimulator
import Testing

/// Which error a request to a descriptor fails with (fs/userfaultfd.c, mm/userfaultfd.c).
@Suite("Errors of requests to a descriptor", .timeLimit(.minutes(60)))
struct UserfaultErrnoTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    private func errno(_ call: UserfaultCall, _ test: inout MonitorWorld) throws -> Errno? {
        try test.answer(.userfault(test.descriptor, call)).errno
    }

    @Test("No modes, no pages, and pages past user memory are EINVAL", arguments: models)
    func arguments(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, for: [.missing, .writeProtect])
        let (page, limit) = (test.area[0], test.world.machine.geometry.userLimit)
        #expect(try errno(.register(page, pages: 1, []), &test) == .invalid)
        for (page, pages) in [(page, 0), (page, -1), (limit, 1), (limit - 1, 2)] {
            for call in [
                UserfaultCall.register(page, pages: pages, .missing), .unregister(page, pages: pages),
                .wake(page, pages: pages), .zeropage(page, pages: pages, []),
                .writeProtect(page, pages: pages, protects: true, []),
            ] { #expect(try errno(call, &test) == .invalid, "\(call)") }
        }
        #expect(try errno(.read(most: 0), &test) == .invalid)
        #expect(try errno(.read(most: 1), &test) == .tryAgain)
    }

    @Test("Options that a request does not have are EINVAL", arguments: models)
    func options(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, for: [.missing, .writeProtect])
        let page = test.area[0]
        #expect(try errno(.zeropage(page, pages: 1, .writeProtect), &test) == .invalid)
        #expect(try errno(.writeProtect(page, pages: 1, protects: true, .dontWake), &test) == .invalid)
        #expect(try errno(.writeProtect(page, pages: 1, protects: false, .writeProtect), &test) == .invalid)
        #expect(try errno(.writeProtect(page, pages: 1, protects: false, .dontWake), &test) == nil)
        var missing = try MonitorWorld(model)
        #expect(try errno(.copy(missing.area[0], pages: 1, from: nil, .writeProtect), &missing) == .invalid)
    }

    @Test("Where no area ends above the range it is ENOMEM until Linux 6.3; else, and in a hole, EINVAL")
    func nothingThere() throws {
        for (model, last) in [(KernelModel.linux6_1, Errno.noMemory), (.linux6_12, .invalid)] {
            var test = try MonitorWorld(model)
            let top = test.world.machine.geometry.userLimit - 4
            #expect(try errno(.register(top, pages: 2, .missing), &test) == last, "\(model.name)")
            #expect(try errno(.unregister(top, pages: 2), &test) == last, "\(model.name)")
            let hole = test.area[0] - 4
            #expect(try errno(.register(hole, pages: 2, .missing), &test) == .invalid)
            #expect(try errno(.unregister(hole, pages: 2), &test) == .invalid)
        }
    }

    @Test("Memory of an ext4 file is EINVAL, and what another descriptor handles EBUSY", arguments: models)
    func wrongMemory(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        let file = try test.world.map(try test.world.file(pages: 2), .readWrite, .shared, in: test.task)
        #expect(try errno(.register(file[0], pages: 2, .missing), &test) == .invalid)
        #expect(try errno(.unregister(file[0], pages: 2), &test) == .invalid)
        let other = try test.world.userfaultfd(in: test.task)
        let call = UserfaultCall.register(test.area[0], pages: 1, .missing)
        #expect(try test.answer(.userfault(other, call)).errno == .busy)
        #expect(try errno(call, &test) == nil)
    }

    @Test("A registration, or its end, that splits one area too many is ENOMEM", arguments: models)
    func areasBeyondLimit(_ model: KernelModel) throws {
        var settings = MachineSettings()
        settings.mapCountLimit = 1
        var world = try World(model, settings: settings)
        let task = world.task()
        let area = try world.map(anonymousPages: 4, in: task)
        let descriptor = try world.userfaultfd(in: task)
        func errno(_ call: UserfaultCall) throws -> Errno? {
            try world.perform(.userfault(descriptor, call), in: task).errno
        }
        #expect(try errno(.register(area[0], pages: 2, .missing)) == .noMemory)
        #expect(try errno(.register(area[0], pages: 4, .missing)) == nil)
        #expect(try errno(.unregister(area[0], pages: 2)) == .noMemory)
    }

    @Test("Pages that are not registered for it can't be protected: ENOENT (mwriteprotect_range())", arguments: models)
    func protectElsewhere(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, for: [.missing, .writeProtect])
        let other = try test.world.map(anonymousPages: 2, in: test.task)
        let top = test.world.machine.geometry.userLimit - 4
        for (page, pages) in [(other[0], 1), (top, 1)] {
            #expect(try errno(.writeProtect(page, pages: pages, protects: true, []), &test) == .noEntry)
        }
        var missing = try MonitorWorld(model)
        #expect(try errno(.writeProtect(missing.area[0], pages: 1, protects: true, []), &missing) == .noEntry)
    }

    @Test("While memory is being discarded every change of it is EAGAIN (mmap_changing)")
    func changing() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, for: [.missing, .writeProtect], features: .eventRemove, touching: 0..<1)
            test.start(.madvise(test.area, .dontNeed, pages: 1))
            #expect(test.waits() == .userfaultEvent)
            let page = test.area[1]
            #expect(try errno(.zeropage(page, pages: 1, []), &test) == .tryAgain)
            #expect(try errno(.writeProtect(page, pages: 1, protects: true, []), &test) == .tryAgain)
            let move = try errno(.move(page, pages: 1, from: test.area[4], []), &test)
            #expect(move == (model == .linux6_1 ? .invalid : .tryAgain))
        }
    }

    @Test("A descriptor whose process is gone: ESRCH to fill and protect, ENOMEM to register, EINVAL to move")
    func processGone() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, for: [.missing, .writeProtect])
            let child = try test.world.fork(test.task)
            try test.world.perform(.exitGroup, in: test.task)
            let page = test.area[0]
            func errno(_ call: UserfaultCall) throws -> Errno? {
                try test.world.perform(.userfault(test.descriptor, call), in: child).errno
            }
            #expect(try errno(.copy(page, pages: 1, from: nil, [])) == .noSuchProcess, "\(model.name)")
            #expect(try errno(.writeProtect(page, pages: 1, protects: true, [])) == .noSuchProcess, "\(model.name)")
            #expect(try errno(.register(page, pages: 1, .missing)) == .noMemory, "\(model.name)")
            #expect(try errno(.unregister(page, pages: 1)) == .noMemory, "\(model.name)")
            #expect(try errno(.move(page, pages: 1, from: test.area[4], [])) == .invalid, "\(model.name)")
        }
    }

    @Test("UFFDIO_CONTINUE: private memory and pages past the end are EINVAL, a hole EFAULT", arguments: models)
    func continueWithoutPage(_ model: KernelModel) throws {
        var test = try MonitorWorld(model)
        #expect(try errno(.continue(test.area[0], pages: 1, []), &test) == .invalid)
        var shared = try MonitorWorld(model, file: 4, resident: .pages([0...0]), for: .minor)
        let file = shared.world.machine.area(containing: shared.area[0], in: shared.area.map)!.file
        #expect(try errno(.continue(shared.area[1], pages: 1, []), &shared) == .badAddress)
        try shared.world.perform(.truncate(file, to: .pages(2)), in: shared.monitor)
        #expect(try errno(.continue(shared.area[3], pages: 1, []), &shared) == .invalid)
    }

    @Test("A kernel refuses requests and modes that later kernels have: EINVAL")
    func unknownRequests() throws {
        var test = try MonitorWorld(.linux5_5)
        #expect(try errno(.writeProtect(test.area[0], pages: 1, protects: true, []), &test) == .invalid)
        #expect(try errno(.continue(test.area[0], pages: 1, []), &test) == .invalid)
        #expect(try errno(.register(test.area[0], pages: 1, .writeProtect), &test) == .invalid)
        #expect(try errno(.register(test.area[0], pages: 1, .minor), &test) == .invalid)
    }

    @Test("tmpfs that is full has no page to fill: ENOMEM (shmem_mfill_atomic_pte())", arguments: models)
    func fullTmpfs(_ model: KernelModel) throws {
        var settings = MachineSettings()
        settings.tmpfsPages = 1
        var world = try World(model, settings: settings)
        let task = world.task()
        let file = try world.file(pages: 4, on: .tmpfs, resident: .pages([0...0]))
        let area = try world.map(file, .readWrite, .shared, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .missing, by: task)
        for call in [UserfaultCall.copy(area[1], pages: 1, from: nil, []), .zeropage(area[1], pages: 1, [])] {
            #expect(try world.perform(.userfault(descriptor, call), in: task).errno == .noMemory, "\(call)")
        }
    }

    @Test("Without memory for the area's anon_vma nothing is filled or moved: ENOMEM (anon_vma_prepare())")
    func noAnonVMA() throws {
        for model in Self.models {
            var test = try MonitorWorld(model)
            test.world.machine.failAllocation(at: .anonVMA)
            #expect(try errno(.copy(test.area[0], pages: 1, from: nil, []), &test) == .noMemory, "\(model.name)")
        }
        var test = try MonitorWorld(.linux6_12)
        let source = try test.world.map(anonymousPages: 1, in: test.task)
        try test.world.perform(.write(source), in: test.task)
        test.world.machine.failAllocation(at: .anonVMA)
        #expect(try errno(.move(test.area[0], pages: 1, from: source[0], []), &test) == .noMemory)
        #expect(try errno(.move(test.area[0], pages: 1, from: source[0], []), &test) == nil)
    }

    @Test("A move: no pages, options of fills, another descriptor's target EINVAL; no target or source area ENOENT")
    func moves() throws {
        var test = try MonitorWorld(.linux6_12)
        let source = try test.world.map(anonymousPages: 2, in: test.task)
        try test.world.perform(.write(source), in: test.task)
        let (page, top) = (test.area[0], test.world.machine.geometry.userLimit - 4)
        #expect(try errno(.move(page, pages: 0, from: source[0], []), &test) == .invalid)
        #expect(try errno(.move(page, pages: 1, from: source[0], .writeProtect), &test) == .invalid)
        #expect(try errno(.move(source[1], pages: 1, from: source[0], []), &test) == .invalid)
        #expect(try errno(.move(top, pages: 1, from: source[0], []), &test) == .noEntry)
        #expect(try errno(.move(page, pages: 1, from: top, []), &test) == .noEntry)
        #expect(try errno(.move(page, pages: 1, from: source[0], []), &test) == nil)
    }

    @Test("A move to where no page table is needs memory for one: else ENOMEM (move_pages())")
    func moveWithoutTable() throws {
        var test = try MonitorWorld(.linux6_12, touching: 7..<8)
        let request = MapRequest(pages: 1, access: .readWrite, placement: .fixed(PageNumber(0x90000)))
        let source = try test.world.map(request, in: test.task)
        try test.world.perform(.write(source), in: test.task)
        let far = MapRequest(pages: 1, access: .readWrite, placement: .fixed(PageNumber(0xA0000)))
        let target = try test.world.map(far, in: test.task)
        try test.world.register(target, with: test.descriptor, for: .missing, by: test.task)
        test.world.machine.failAllocation(at: .pageTable)
        #expect(try errno(.move(target[0], pages: 1, from: source[0], []), &test) == .noMemory)
        #expect(try errno(.move(target[0], pages: 1, from: source[0], []), &test) == nil)
    }

    @Test("A kernel without userfaultfd(2) says ENOSYS: Linux up to 4.2")
    func noSystemCall() throws {
        for (model, errno) in [(KernelModel.linux3_19, Errno.noSystemCall), (.linux4_8, nil)] {
            var world = try World(model)
            let task = world.task()
            #expect(try world.perform(.userfaultfd([], []), in: task).errno == errno, "\(model.name)")
        }
    }

    @Test("Linux 4.8 handles private anonymous memory only: to register tmpfs is EINVAL up to 4.10")
    func onlyAnonymous() throws {
        for (model, errno) in [(KernelModel.linux4_8, Errno.invalid), (.linux4_11, nil)] {
            var world = try World(model)
            let task = world.task()
            let descriptor = try world.userfaultfd(in: task)
            let file = try world.file(pages: 4, on: .tmpfs)
            let shared = try world.map(file, .readWrite, .shared, in: task)
            let memory = try world.map(anonymousPages: 4, in: task)
            let call = { (area: Area) in
                TaskOperation.userfault(descriptor, .register(area[0], pages: 4, .missing))
            }
            #expect(try world.perform(call(shared), in: task).errno == errno, "\(model.name)")
            #expect(try world.perform(call(memory), in: task).errno == nil, "\(model.name)")
        }
    }

    @Test("UFFDIO_UNREGISTER passes over memory that is not registered, between and beside what is")
    func unregistersParts() throws {
        var test = try MonitorWorld(.linux6_12)
        try test.world.perform(.userfault(test.descriptor, .unregister(test.area[2], pages: 3)), in: test.task)
        let registered = { (world: World) in
            world.machine.areas(of: test.area.map).filter { $0.flags.contains(.userfaultMissing) }.map(\.pages)
        }
        #expect(registered(test.world) == [2, 3])
        let all = UserfaultCall.unregister(test.area[0], pages: 8)
        #expect(try test.world.perform(.userfault(test.descriptor, all), in: test.task).errno == nil)
        #expect(registered(test.world).isEmpty && test.world.machine.areas(of: test.area.map).count == 1)
        test.check()
    }

    @Test("fork(2) is ENOMEM if the child can't have a descriptor of its own (dup_userfaultfd()), and undone")
    func noDescriptorForChild() throws {
        var test = try MonitorWorld(.linux6_12, features: .eventFork)
        let plain = try test.world.map(anonymousPages: 1, in: test.task)
        try test.world.perform(.write(plain), in: test.task)
        for _ in 1..<4095 { _ = try test.world.userfaultfd(in: test.task) }
        let tasks = test.world.machine.taskCount
        #expect(try test.world.perform(.fork, in: test.task).errno == .noMemory)
        #expect(test.world.machine.taskCount == tasks && test.world.machine.heldLocks(of: test.task).isEmpty)
        #expect(test.world.machine.mappings(of: test.world.machine.entry(of: plain[0], in: plain.map).frame) == 1)
        #expect(!test.world.machine.hasMessage(test.descriptor))
        test.check()
        // Without the area of that descriptor there is nothing to tell of.
        try test.world.perform(.munmap(test.area), in: test.task)
        #expect(try test.world.perform(.fork, in: test.task).errno == nil)
        test.check()
    }

    @Test("A world has 4095 descriptors, closed ones included; one more is ENOMEM")
    func tooMany() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        for _ in 0..<4095 { _ = try world.userfaultfd(in: task) }
        #expect(try world.perform(.userfaultfd([], []), in: task).errno == .noMemory)
    }
}
