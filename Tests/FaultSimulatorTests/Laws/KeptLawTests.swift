import FaultArchX86
import FaultArchitectures
import FaultSimulator
import Testing

/// Faults that look as if they broke a law, and that happen in the kernel just so.
@Suite("The checker reports no fault that the kernel takes as well", .timeLimit(.minutes(60)))
struct KeptLawTests {
    @Test(
        "up to 5.11 the kernel maps a page that it fetches from, and dies of SMEP afterwards",
        arguments: KernelModel.presets.filter { $0.kernelViolation == .isBadArea })
    func fetchOfKernel(_ model: KernelModel) throws {
        var world = try World(model, entry: X86FaultEntry(hasSMEP: true))
        let task = world.task()
        let area = try world.map(MapRequest(pages: 1, access: .all), in: task)
        world.start(.kernelTouch(.execute, area[0], .kernelWithoutFixup), in: task)
        #expect(world.run() == .finished)
        // do_page_fault() refuses a fetch only if its error code has X86_PF_PROT, as when the page is there.
        let report = world.report(of: task)
        #expect(report.counters.exceptions == 2)
        #expect(report.attempts.count == 1)
        #expect(report.outcome.oops)
        #expect(world.machine.violations.isEmpty)
    }

    @Test("a program's fetch from memory that is not executable is refused at the second fault")
    func fetchOfProgram() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let area = try world.map(anonymousPages: 1, in: task)
        world.start(.execute(area), in: task)
        #expect(world.run() == .finished)
        let report = world.report(of: task)
        #expect(report.counters.exceptions == 2)
        #expect(report.signal == .segv(.accessDenied))
        #expect(world.machine.violations.isEmpty)
    }

    @Test("up to 3.18 a store of nios2 is counted neither as minor nor as major, and a load is")
    func storeWithoutRetry() throws {
        for (model, counted) in [
            (KernelModel.linux2_6_36, 1), (.linux2_6_37, 0), (.linux3_15, 0), (.linux3_19, 1), (.linux6_1, 1),
        ] {
            var world = try World(model, entry: ArchFaultEntry(.nios2))
            let task = world.task()
            let area = try world.map(anonymousPages: 2, in: task)
            world.start(.write(area[0]), in: task)
            #expect(world.run() == .finished)
            #expect(world.report(of: task).minorFaults == counted, "a store under \(model.name)")
            world.start(.read(area[1]), in: task)
            #expect(world.run() == .finished)
            #expect(world.report(of: task).minorFaults == 1, "a load under \(model.name)")
            #expect(world.machine.violations.isEmpty)
        }
    }
}
