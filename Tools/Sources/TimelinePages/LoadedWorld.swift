import FaultSimulator

/// Processes of up to 20 threads, which fault in a file and in memory of their own while one of them maps, unmaps and
/// drops what the others fault in.
struct LoadedWorld {
    /// The number of tasks.
    let tasks: Int
    /// The number of operations of each task.
    let operations: Int

    private static let threadsOfProcess = 20

    /// The timeline of the run.
    func timeline() throws -> Timeline {
        var random = SplitMix64(seed: 1)
        var costs = CostModel()
        costs.faultStageNanoseconds = 50
        costs.systemCallStageNanoseconds = 70
        costs.touchNanoseconds = 10
        costs.exceptionNanoseconds = 300
        costs.pageCopyNanoseconds = 500
        var settings = MachineSettings()
        settings.processors = 4
        settings.timeSliceNanoseconds = 20_000
        var world = try World(.linux6_1, disk: .latency(nanoseconds: 100_000), settings: settings, costs: costs)
        world.recordsTimeline = true
        let file = try world.file("log", pages: 4096)
        var process = TaskID.none
        var (log, heap): (Area?, Area?)
        for number in 0..<tasks {
            let place = number % Self.threadsOfProcess
            let task: TaskID
            if place == 0 {
                process = world.task("process \(number / Self.threadsOfProcess)")
                task = process
                log = try world.map(file, .readWrite, .shared, named: "log \(number / Self.threadsOfProcess)", in: task)
                heap = try world.map(anonymousPages: 128, named: "heap \(number / Self.threadsOfProcess)", in: task)
            } else {
                task = world.thread("worker \(number / Self.threadsOfProcess).\(place)", of: process)
            }
            guard let log, let heap else { continue }
            let work = (0..<operations).map { _ in Self.operation(place, file, log, heap, &random) }
            world.start(work, in: task)
        }
        world.run()
        return world.timeline("\(tasks) tasks")
    }

    private static func operation(
        _ place: Int, _ file: FileID, _ log: Area, _ heap: Area, _ random: inout SplitMix64
    ) -> TaskOperation {
        switch (place % 3, random.below(4)) {
        case (0, 0): .madvise(heap, .dontNeed)
        case (0, 1): .mmap(MapRequest(pages: 4, access: .readWrite))
        case (0, _): .mprotect(heap[random.below(64)], pages: 4, .readWrite)
        case (1, 0), (1, 1): .write(log, page: random.below(4096))
        case (1, 2): .dropCache(file)
        case (2, 0): .compute(nanoseconds: UInt64(random.below(5_000)))
        case (2, 1): .sleep(nanoseconds: UInt64(random.below(5_000)))
        default: .write(heap, page: random.below(128))
        }
    }
}
