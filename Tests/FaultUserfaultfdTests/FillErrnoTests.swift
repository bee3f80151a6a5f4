import FaultSimulator
import Testing

/// Which error a fill returns, where the kernel has several (mm/userfaultfd.c, mm/shmem.c).
@Suite("Errors of fills", .timeLimit(.minutes(60)))
struct FillErrnoTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test("A fill without memory for its page or its page table is ENOMEM (mfill_atomic())", arguments: models)
    func noMemory(_ model: KernelModel) throws {
        let calls: [(AllocationPoint, (MonitorWorld) -> UserfaultCall)] = [
            (.pageTable, { .zeropage($0.area[0], pages: 1, []) }),
            (.pageTable, { .copy($0.area[0], pages: 1, from: nil, []) }),
            (.anonymousPage, { .copy($0.area[0], pages: 1, from: nil, []) }),
        ]
        for (point, call) in calls {
            var test = try MonitorWorld(model)
            test.world.machine.failAllocation(at: point)
            #expect(try test.answer(.userfault(test.descriptor, call(test))).errno == .noMemory, "\(point)")
            #expect(try test.answer(.userfault(test.descriptor, call(test))).errno == nil, "\(point)")
            test.check()
        }
    }

    @Test("Without memory for a page table a page is not poisoned: ENOMEM (mfill_atomic_pte_poison())")
    func poisonWithoutMemory() throws {
        var test = try MonitorWorld(.linux6_12)
        test.world.machine.failAllocation(at: .pageTable)
        let call = TaskOperation.userfault(test.descriptor, .poison(test.area[0], pages: 1, []))
        #expect(try test.answer(call).errno == .noMemory)
        #expect(test.entry(0).isNone)
        #expect(try test.answer(call).errno == nil)
    }

    @Test(
        "Into shared memory a fill without memory is ENOMEM, and of a page that its file has EEXIST", arguments: models)
    func shared(_ model: KernelModel) throws {
        for point in [AllocationPoint.pageTable, .shmemPage] {
            var test = try MonitorWorld(model, file: 4, resident: .pages([1...1]), for: .missing)
            test.world.machine.failAllocation(at: point)
            let call = UserfaultCall.copy(test.area[0], pages: 1, from: nil, [])
            #expect(try test.answer(.userfault(test.descriptor, call)).errno == .noMemory, "\(point)")
            let again = UserfaultCall.copy(test.area[1], pages: 1, from: nil, [])
            #expect(try test.answer(.userfault(test.descriptor, again)).errno == .exists)
            test.check()
        }
    }

    @Test(
        "A page of the file is mapped only with memory for a page table: else ENOMEM (UFFDIO_CONTINUE)",
        arguments: models)
    func continuing(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .all, for: .minor)
        test.world.machine.failAllocation(at: .pageTable)
        let call = TaskOperation.userfault(test.descriptor, .continue(test.area[0], pages: 1, []))
        #expect(try test.answer(call).errno == .noMemory)
        #expect(try test.answer(call).errno == nil)
        test.check()
    }

    @Test(
        "A page that can't be read from swap is EIO, the first time and later (UFFDIO_CONTINUE)", arguments: models)
    func unreadable(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .all, for: .minor)
        try test.world.addSwap(pages: 64, on: test.world.addDisk(held: false))
        let file = test.world.machine.area(containing: test.area[0], in: test.area.map)!.file
        let other = try test.world.map(file, .readWrite, .shared, in: test.monitor)
        try test.world.perform(.write(other, pages: 2), in: test.monitor)
        try test.world.perform(.madvise(other, .pageOut, pages: 2), in: test.monitor)
        test.world.run()
        test.world.evictSwapCache()
        test.world.machine.breakSwapSlots(2...2)
        func errno(_ page: Int) throws -> Errno? {
            try test.answer(.userfault(test.descriptor, .continue(test.area[page], pages: 1, []))).errno
        }
        for _ in 0..<2 { #expect(try errno(1) == .inputOutput) }
        #expect(try errno(0) == nil)
        test.check()
    }

    @Test("A page with a memory error is EIO, and is not mapped (mfill_atomic_pte_continue())", arguments: models)
    func memoryError(_ model: KernelModel) throws {
        var test = try MonitorWorld(model, file: 4, resident: .all, for: .minor)
        let file = test.world.machine.area(containing: test.area[0], in: test.area.map)!.file
        let folio = try #require(test.world.machine.cachedFolio(at: 1, of: file))
        test.world.machine.setFlags(of: folio, adding: .poisoned)
        let call = UserfaultCall.continue(test.area[1], pages: 1, [])
        #expect(try test.answer(.userfault(test.descriptor, call)).errno == .inputOutput)
        #expect(test.entry(1).isNone)
    }
}
