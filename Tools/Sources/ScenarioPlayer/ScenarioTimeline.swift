public import FaultSimulator
public import ScenarioFormat

/// Plays a scenario to be looked at.
public enum ScenarioTimeline {
    /// The timeline of a whole scenario, with its names of threads, files and areas. What was recorded is not looked at.
    ///
    /// - Throws: `PlayError` where the scenario can't be played.
    public static func play(_ scenario: Scenario, on kernel: KernelName) throws(PlayError) -> Timeline {
        var runner = try SimulatorRunner(scenario, as: PlayOptions(kernel: kernel))
        runner.world.recordsTimeline = true
        for line in scenario.lines { _ = try runner.play(line) }
        return runner.world.timeline("\(scenario.name), \(kernel)", names: runner.timelineNames)
    }
}

extension SimulatorRunner {
    /// What the scenario calls its threads, files and areas.
    var timelineNames: TimelineNames {
        var names = TimelineNames()
        for thread in threads { names.name(thread.task, thread.id.isEmpty ? "first thread" : thread.id) }
        for file in files { names.name(file.file, file.name) }
        for process in processes {
            // Those that are gone by now keep the name of the place.
            for name in places.keys.sorted() {
                guard let area = process.areas[name] ?? places[name] else { continue }
                names.name(process.map, from: area.start, pages: area.mostPages, name)
            }
        }
        return names
    }
}
