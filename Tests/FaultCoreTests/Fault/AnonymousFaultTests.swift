import BareMachine
import Testing

@testable import FaultCore

@Suite("First accesses to anonymous memory", .timeLimit(.minutes(60)))
struct AnonymousFaultTests {
    @Test("a store whose memory the OOM reaper takes before its page is mapped is SIGBUS, and its page is freed")
    func reapedBeforeInstall() {
        var world = BareMachine()
        world.area(at: 0x100, pages: 2)
        world.start(.write(PageNumber(0x100)))
        #expect(world.run(until: .stage(world.task, "pageFault.anonymousInstall")) == .conditionMet)
        let used = world.machine.framesInUse
        world.machine.maps[world.map.index].isReaped = true
        world.machine.noteInterference()
        world.run()
        let report = world.machine.report(of: world.task)
        #expect(report.results == [.sigbus] && report.signal == .bus(.noSuchAddress))
        #expect(world.rss().anonymous == 0 && !world.entry(0x100).isPresent)
        #expect(world.machine.framesInUse == used - 1)
    }

    @Test("shared anonymous memory is not lost to the OOM reaper")
    func sharedIsNotReaped() {
        var world = BareMachine()
        world.mmap(0x100, 2, [.read, .write, .shared])
        world.machine.maps[world.map.index].isReaped = true
        world.machine.noteInterference()
        #expect(world.finish(.write(PageNumber(0x100))).signal == nil && world.entry(0x100).isPresent)
    }
}
