import FaultSimulator
import Testing

/// For each pair of neighbouring models something that programs can see, not only a count.
@Suite("What each kernel does that its neighbour does not: 6.1 to 6.19", .timeLimit(.minutes(60)))
struct Era6Tests {
    @Test("which faults go on while another thread of the process has the mmap lock for writing")
    func faultsBesideWriter() throws {
        let reach: [(KernelModel, Set<String>)] = [
            (.linux6_1, []), (.linux6_4, ["anonymous"]), (.linux6_6, ["anonymous", "cached"]),
            (.linux6_8, ["anonymous", "cached", "miss"]), (.linux6_12, ["anonymous", "cached", "miss", "refusal"]),
            (.linux6_19, ["anonymous", "cached", "miss", "refusal", "advice"]),
        ]
        for (model, goOn) in reach {
            for what in ["anonymous", "cached", "miss", "refusal", "advice"] {
                var world = try World(model)
                let task = world.task()
                let writer = world.thread(of: task)
                let memory = try world.map(anonymousPages: 4, in: task)
                try world.perform(.write(memory), in: task)  // so that it has its anon_vma
                let cached = try world.map(try world.file(pages: 32, resident: .all), .read, in: task)
                let cold = try world.map(try world.file(pages: 32), .read, in: task)
                let isFree = world.hold(.write, by: writer)
                #expect(isFree)
                let operation: TaskOperation =
                    switch what {
                    case "anonymous": .write(memory, page: 1)
                    case "cached": .read(cached, page: 5)
                    case "miss": .read(cold, page: 5)
                    case "refusal": .write(cached, page: 5)
                    default: .madvise(memory, .dontNeed)
                    }
                world.start(operation, in: task)
                world.run()
                // A miss that waits for its page, and not for the lock, has begun to read it.
                let hasGoneOn =
                    what == "miss" ? !world.machine.requestsUnderWay.isEmpty : !world.machine.isBusy(task)
                #expect(hasGoneOn == goOn.contains(what), "\(what) under \(model.name)")
                world.machine.unlock(.mmap(world.machine.map(of: writer)), by: writer)
                repeat { world.run() } while world.completeReads() > 0
                #expect(!world.machine.isBusy(task))
                #expect(world.report(of: task).signal == (what == "refusal" ? .segv(.accessDenied) : nil))
            }
        }
    }
}
