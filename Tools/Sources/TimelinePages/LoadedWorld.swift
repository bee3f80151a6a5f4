import FaultFuzzing
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
        var settings = MachineSettings()
        settings.processors = 4
        settings.timeSliceNanoseconds = 20_000
        var world = try World(
            .linux6_1, disk: .latency(nanoseconds: 100_000), settings: settings, costs: ThreadMix.costs)
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
            let work = ThreadMix.operations(
                operations, ofThread: place, file: file, log: log, heap: heap, &random)
            world.start(work, in: task)
        }
        world.run()
        return world.timeline("\(tasks) tasks")
    }
}
