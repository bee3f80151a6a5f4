@testable import FaultCore
import FaultSimulator
import Testing

/// What a check of all schedules finds although only the laws are asked for: each kind under a handler that makes it. Deadlock,
/// lost wake-up, livelock and starvation are in ``ScheduleCheckTests``.
@Suite("What is found without asking", .timeLimit(.minutes(60)))
struct UnaskedTests {
    /// The law that a check reports as broken.
    private func brokenLaw(_ world: World) -> Law? {
        let verdict = world.checkSchedules(.exhaustive, for: [.laws])
        guard let found = verdict.counterexample, case .law(let violation) = found.kind else { return nil }
        // The schedule leads there again.
        let again = world.checkSchedules(.replay(found.token), for: [.laws])
        #expect(again.counterexample?.kind == found.kind)
        return violation.law
    }

    @Test("broken contracts and double accounting of a handler, beside another fault")
    func handlers() throws {
        for (mischief, law) in [
            (Mischief.retriesWithLock, Law.faultLockReleasedOnce), (.returnsWithoutLock, .faultLockReleasedOnce),
            (.returnsErrorWithRetry, .legalResult), (.completesWithRetry, .legalResult),
            (.releasesInsteadOfDropping, .voluntaryDrop), (.looksAtStaleArea, .staleArea), (.keepsPage, .leftovers),
            (.countsFault, .accountedOnce), (.returnsMajor, .eventCounts), (.mapsNothing, .progress),
        ] {
            var test = try MischiefWorld(mischief)
            test.world.start(.read(test.area), in: test.task)
            test.world.start(.read(test.area, page: 1), in: test.world.thread(of: test.task))
            #expect(brokenLaw(test.world) == law, "\(mischief)")
        }
        var test = try MischiefWorld(.none)
        test.world.start(.read(test.area), in: test.task)
        test.world.start(.read(test.area, page: 1), in: test.world.thread(of: test.task))
        #expect(test.world.checkSchedules(.exhaustive, for: [.laws]).holds)
    }

    /// A shared area of a file, whose handler does something to the file's second page, and a write(2) to that page.
    private func world(_ slip: Slip) throws -> World {
        var world = try World(.linux6_1)
        let file = try world.file(pages: 2, resident: .all)
        let task = world.task()
        let handler = world.machine.register(SlippingHandler(slip: slip))
        let area = try world.map(
            MapRequest(pages: 2, access: .read, flags: .shared, file: file, operations: handler), in: task)
        world.start(.read(area), in: task)
        world.start(.write(file, page: 1, pages: 1), in: world.task())
        return world
    }

    @Test("a reference that a handler keeps is leaked")
    func leakedReference() throws {
        #expect(brokenLaw(try world(.keepsReference)) == .referenceBalance)
    }

    @Test("a store is lost if a handler makes its page clean, which only some orders show")
    func lostStore() throws {
        let world = try world(.cleansPage)
        #expect(brokenLaw(world) == .lostStore)
        var alone = world
        alone.run()
        let outcome = alone.machine.violations + alone.machine.checkInvariants()
        #expect(outcome.isEmpty, "the machine's own order faults before it writes: \(outcome)")
    }

    @Test("the same handler that does nothing wrong breaks no law")
    func correct() throws {
        let verdict = try world(.none).checkSchedules(.exhaustive, for: [.laws])
        #expect(verdict.holds, "\(verdict)")
    }
}

/// What a handler does to a page that is not its own.
private enum Slip: UInt8, BitwiseCopyable, Sendable {
    case none, keepsReference, cleansPage
}

private struct SlippingHandler: VMOperations {
    let slip: Slip

    var name: StaticName { StaticName("slipping") }

    func fault(
        _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
        _ machine: inout Machine
    ) -> RoutineStep<OnlyStage, FaultResult> {
        if let other = machine.cachedFolio(at: 1, of: fault.file) {
            switch slip {
            case .none: break
            case .keepsReference: machine.updateFrame(other) { $0.references += 1 }
            case .cleansPage: machine.clearDirty(other)
            }
        }
        return .done(machine.giveNewPage(stamp: 5, to: &fault) ? [] : .oom)
    }
}
