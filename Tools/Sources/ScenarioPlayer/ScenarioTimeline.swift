public import FaultSimulator
public import ScenarioFormat

/// A player that makes the timeline of a scenario.
public enum ScenarioTimeline {
    /// The timeline of a whole scenario, with its names of threads, files and areas. It ignores what was recorded.
    ///
    /// - Throws: `PlayError` if the scenario can't be played.
    public static func play(_ scenario: Scenario, on kernel: KernelName) throws(PlayError) -> Timeline {
        var runner = try SimulatorRunner(scenario, as: PlayOptions(kernel: kernel))
        runner.world.recordsTimeline = true
        for line in scenario.lines { _ = try runner.play(line) }
        return runner.world.timeline("\(scenario.name), \(kernel)", names: runner.timelineNames)
    }
}

extension SimulatorRunner {
    /// The scenario's names of threads, files and areas.
    var timelineNames: TimelineNames {
        var names = TimelineNames()
        for thread in threads { names.name(thread.task, thread.id.isEmpty ? "first thread" : thread.id) }
        for file in files { names.name(file.file, file.name) }
        for process in processes {
            // Areas that no longer exist keep the name of their place.
            for name in places.keys.sorted() {
                guard let area = process.areas[name] ?? places[name] else { continue }
                names.name(process.map, from: area.start, pages: area.mostPages, name)
            }
        }
        return names
    }
}
