import BareMachine
import Testing

@testable import FaultCore

/// Why a stack can't grow: `expand_downwards()` and `acct_stack_growth()` (mm/mmap.c, Linux 6.1).
@Suite("Why a stack can't grow", .timeLimit(.minutes(60)))
struct StackGrowthErrnoTests {
    /// What a stack of two pages at 5000 is told that wants to grow down to `page`.
    private func refusal(
        of page: UInt64, flags: VMAFlags = [.read, .write, .growsDown], settings: MachineSettings? = nil,
        below: UInt64? = nil, hasMemory: Bool = true
    ) -> Errno? {
        var settings = settings ?? MachineSettings()
        settings.stackGuardPages = 4
        var world = BareMachine(settings: settings)
        world.mmap(5000, 2, flags)
        if let below { world.mmap(below, 10) }
        if !hasMemory { world.machine.failAllocation(at: .anonVMA) }
        world.hold(.mmap(world.map), .write, by: world.task)
        var fault = VMFault()
        fault.task = world.task
        fault.map = world.map
        fault.page = PageNumber(page)
        fault.lock = .mmap
        return world.machine.expandStack(of: &fault)
    }

    private func settings(_ limit: WritableKeyPath<MachineSettings, Int>, _ pages: Int) -> MachineSettings {
        var settings = MachineSettings()
        settings[keyPath: limit] = pages
        return settings
    }

    @Test("a stack that may grow grows")
    func grows() {
        #expect(refusal(of: 4990) == nil)
        #expect(refusal(of: 5001) == nil)
    }

    @Test("where no area ends above the page, or the next one does not grow, it is EFAULT")
    func noStack() {
        #expect(refusal(of: 5002) == .badAddress)
        #expect(refusal(of: 4990, flags: [.read, .write]) == .badAddress)
    }

    @Test("below the lowest page that user memory may have it is EPERM (mmap_min_addr)")
    func belowLowest() {
        let settings = settings(\.stackLimitPages, .max)
        #expect(refusal(of: 15, settings: settings) == .notPermitted)
        #expect(refusal(of: 16, settings: settings) == nil)
    }

    @Test("nearer to the area below than stack_guard_gap it is ENOMEM")
    func tooNear() {
        #expect(refusal(of: 4013, below: 4000) == .noMemory)
        #expect(refusal(of: 4014, below: 4000) == nil)
    }

    @Test("without memory for an anon_vma it is ENOMEM (anon_vma_prepare())")
    func noAnonVMA() {
        #expect(refusal(of: 4990, hasMemory: false) == .noMemory)
    }

    @Test("past the limits of stacks, of the address space and of locked memory it is ENOMEM (acct_stack_growth())")
    func limits() {
        let locked: VMAFlags = [.read, .write, .growsDown, .locked]
        for (limit, errno) in [(11, Errno.noMemory), (12, nil)] {
            #expect(refusal(of: 4990, settings: settings(\.stackLimitPages, limit)) == errno)
            #expect(refusal(of: 4990, settings: settings(\.addressSpaceLimitPages, limit)) == errno)
            #expect(refusal(of: 4990, flags: locked, settings: settings(\.lockedLimitPages, limit)) == errno)
        }
    }
}
