import FaultSimulator
import Testing

@Suite("Waits by cause", .timeLimit(.minutes(60)))
struct WaitTotalsTests {
    @Test("a timed run tells how long each task waited for each cause, and the longest chain")
    func totals() throws {
        var model = KernelModel.linux6_1
        model.lockDroppingWaits = .none
        var world = try World(model, disk: .latency(nanoseconds: 1000))
        world.machine.recordsWaits = true
        let file = try world.file(pages: 1)
        let reader = world.task()
        let area = try world.map(file, .read, in: reader)
        let other = try world.map(anonymousPages: 1, in: reader)
        let (writer, monitor) = (world.thread(of: reader), world.task())
        world.start(.read(area), in: reader)
        world.run(until: .asleep(reader))
        world.start(.munmap(other), in: writer)
        world.run(until: .asleep(writer))
        world.start(.readProcMaps(area.map), in: monitor)
        #expect(world.run() == .finished)
        #expect(
            world.machine.waitTotals.map(\.description) == [
                "task 0 waited 1 times for I/O on file 0: 1000 ns in all, 1000 ns at most",
                "task 1 waited 1 times for mmap lock of map 0 (write): 1000 ns in all, 1000 ns at most",
                "task 2 waited 1 times for mmap lock of map 0 (read): 1000 ns in all, 1000 ns at most",
            ])
        #expect(world.machine.longestChain.map(\.task) == [monitor, writer, reader])
    }
}
