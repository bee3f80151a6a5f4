import BareMachine
import FaultArchX86
import Testing

@testable import FaultCore

@Suite("Contexts, kernel addresses, oopses, the vsyscall page, five levels", .timeLimit(.minutes(60)))
struct ContextTests {
    private let page = PageNumber(0x100)

    private func process(_ entry: X86FaultEntry = X86FaultEntry(), _ model: KernelModel = .linux6_1) -> BareMachine {
        var process = BareMachine(entry, model)
        process.area(at: 0x100, pages: 0x10, [.read, .write, .execute])
        return process
    }

    // MARK: SMAP, SMEP

    @Test("with SMAP the kernel dies of a copy that has not opened user memory, present or not; without, it works")
    func smap() {
        for isPresent in [false, true] {
            var process = process(X86FaultEntry(hasSMAP: true))
            if isPresent { process.run(.write(page)) }
            let report = process.run(.kernelTouch(.read, page, .kernelUnopened))
            #expect(report.outcome.oops)
            #expect(report.counters.exceptions == 1)
            #expect(report.counters.mmapReadLocks == 2)  // those of its exit
        }
        var open = process()
        #expect(open.run(.kernelTouch(.read, page, .kernelUnopened)).errno == nil)
    }

    @Test("where SMAP is a bad area, the exception table ends the copy")
    func smapFixup() {
        var model = KernelModel.linux6_1
        model.kernelViolation = .isBadArea
        var process = process(X86FaultEntry(hasSMAP: true), model)
        let report = process.run(.kernelTouch(.read, page, .kernelUnopened))
        #expect(report.errno == .badAddress)
        #expect(!report.outcome.oops)
        #expect(!report.isGone)
    }

    @Test("with SMEP the kernel can't execute a page even if it is there")
    func smep() {
        var guarded = process(X86FaultEntry(hasSMEP: true))
        guarded.run(.execute(page))
        #expect(guarded.run(.kernelTouch(.execute, page, .kernelWithoutFixup)).outcome.oops)
        var open = process()
        open.run(.execute(page))
        #expect(!open.run(.kernelTouch(.execute, page, .kernelWithoutFixup)).outcome.oops)
    }

    // MARK: Oopses

    @Test("the task of which the kernel dies ends, and gives back its memory; its process lives on")
    func oopsKills() {
        var process = process()
        let other = process.machine.addTask(in: process.map)
        let report = process.run(.kernelTouch(.write, PageNumber(0x200), .kernelWithoutFixup))
        #expect(report.outcome.oops)
        #expect(report.isGone)
        #expect(report.signal == nil)
        #expect(process.run(.write(page), in: other).isDone)
        #expect(!process.machine.hasExited(other))
        #expect(process.machine.violations.isEmpty)
    }

    @Test("a damaged page table kills whoever uses it, program or kernel, without a look at the map")
    func damagedEntry() {
        for mode in [nil, FaultException.Mode.kernelWithFixup] {
            var process = process()
            process.run(.write(page))
            let isDamaged = process.machine.damageEntry(of: page, in: process.map)
            #expect(isDamaged)
            let hardware = X86PTE(process.entry(0x100))
            #expect(hardware.decoded == process.entry(0x100))
            let report = process.run(mode.map { .kernelTouch(.read, page, $0) } ?? .read(page))
            #expect(report.outcome.oops)
            #expect(report.isGone)
            #expect(report.counters.mmapReadLocks == 2)  // those of its exit
            #expect(process.machine.violations.isEmpty)
        }
        var process = process()
        let isDamaged = process.machine.damageEntry(of: page, in: process.map)
        #expect(!isDamaged)
    }

    // MARK: No memory map

    @Test("a thread of the kernel has no map: a copy fails at once, an access without a fixup is an oops")
    func kernelThread() {
        var process = process()
        let thread = process.machine.addKernelThread()
        let copy = process.run(.kernelTouch(.read, page, .kernelWithFixup), in: thread)
        #expect(copy.errno == .badAddress)
        #expect(copy.counters.mmapReadLocks == 0)
        #expect(process.run(.read(page), in: thread).errno == .invalid)
        #expect(process.run(.mmap(MapRequest(pages: 1, access: .read)), in: thread).errno == .invalid)
        #expect(process.run(.fork, in: thread).errno == .invalid)
        #expect(process.run(.sleep(nanoseconds: 5), in: thread).errno == nil)
        let stray = process.run(.kernelTouch(.read, page, .kernelWithoutFixup), in: thread)
        #expect(stray.outcome.oops)
        #expect(stray.isGone)
    }

    // MARK: Kernel addresses

    @Test(
        "a program that touches the kernel gets MAPERR with PROT in the code, and no lock is taken",
        arguments: [X86FaultEntry.Paging.fourLevel, .fiveLevel])
    func kernelAddress(_ paging: X86FaultEntry.Paging) {
        let entry = X86FaultEntry(paging: paging)
        var process = BareMachine(entry)
        let address = entry.geometry.userLimit
        let report = process.run(.write(address))
        #expect(report.signal == .segv(.notMapped))
        #expect(report.signalDetail?.errorCode == [.protection, .write, .user])
        #expect(report.signalDetail?.cr2 == address.rawValue << 12)
        #expect(report.signalDetail?.trap == 14)
        #expect(report.counters.mmapReadLocks == 0)
        let below = process.run(.write(address - 1))
        #expect(below.signalDetail?.errorCode == [.write, .user])
        #expect(below.counters.mmapReadLocks == 1)
    }

    @Test("the kernel at a bad kernel address: its fixup runs, or it dies; no lock is taken")
    func kernelAtKernelAddress() {
        var process = process()
        let address = process.machine.geometry.userLimit
        let copy = process.run(.kernelTouch(.read, address, .kernelWithFixup))
        #expect(copy.errno == .badAddress)
        #expect(copy.counters.mmapReadLocks == 0)
        #expect(process.run(.kernelTouch(.read, address, .kernelWithoutFixup)).outcome.oops)
    }

    @Test("what a signal told is forgotten when the next operation begins")
    func detailIsOfOneOperation() {
        var process = process()
        #expect(process.run(.read(PageNumber(0x300))).signalDetail?.page == PageNumber(0x300))
        #expect(process.run(.read(page)).signalDetail == nil)
    }

    // MARK: vsyscall

    @Test("jumps to the three entry points are emulated, other jumps and stores are SIGSEGV")
    func vsyscall() {
        for mode in [X86FaultEntry.VsyscallMode.executeOnly, .emulate] {
            var process = BareMachine(X86FaultEntry(vsyscall: mode))
            for call in X86Vsyscall.allCases {
                let report = process.run(.vsyscall(call))
                #expect(report.vsyscall == call)
                #expect(report.signal == nil)
                #expect(report.counters.exceptions == 1)
                #expect(report.counters.mmapReadLocks == 0)
            }
            for offset in [1, 0xC00] as [UInt16] {
                let report = process.run(.jump(X86FaultEntry.vsyscallPage, offset: offset))
                #expect(report.signal == .segv(.notMapped))
                #expect(report.vsyscall == nil)
                #expect(report.counters.mmapReadLocks == 0)
            }
            let store = process.run(.write(X86FaultEntry.vsyscallPage))
            #expect(store.signal == .segv(.notMapped))
            #expect(store.counters.mmapReadLocks == 1)
        }
    }

    @Test("the page can be read in mode emulate alone, and then without an exception")
    func vsyscallRead() {
        for mode in [X86FaultEntry.VsyscallMode.none, .executeOnly, .emulate] {
            var process = BareMachine(X86FaultEntry(vsyscall: mode))
            let report = process.run(.read(X86FaultEntry.vsyscallPage))
            #expect((report.signal == nil) == (mode == .emulate))
            #expect(report.counters.exceptions == (mode == .emulate ? 0 : 1))
        }
        var none = BareMachine(X86FaultEntry(vsyscall: .none))
        #expect(none.run(.vsyscall(.time)).signal == .segv(.notMapped))
    }

    // MARK: Page tables

    @Test(
        "a walk reads one entry a level, the last of them the page's own",
        arguments: [X86FaultEntry.Paging.fourLevel, .fiveLevel])
    func walk(_ paging: X86FaultEntry.Paging) {
        var process = process(X86FaultEntry(paging: paging))
        #expect(process.machine.hardwareWalk(of: page, in: process.map) == [0])
        process.run(.write(page))
        let walk = process.machine.hardwareWalk(of: page, in: process.map)
        #expect(walk.count == Int(paging.rawValue))
        #expect(walk.dropLast().allSatisfy { $0 & 0xFFF == 0x67 })
        #expect(Set(walk.dropLast().map { $0 >> 12 }).count == walk.count - 1)
        #expect(walk.last == X86PTE(process.entry(0x100)).rawValue)
        #expect(process.machine.hardwareWalk(of: page + 1, in: process.map).last == 0)
        // Another 2 MiB, the same upper tables.
        let far = process.machine.hardwareWalk(of: page + 512, in: process.map)
        #expect(far == walk.dropLast(2) + [0])
    }
}
