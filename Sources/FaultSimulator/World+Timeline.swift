/// Timelines of a world.
extension World {
    /// Whether the world records what ``timeline(_:names:)`` shows. Off by default; set it before the run.
    public var recordsTimeline: Bool {
        get { machine.recordsTimeline }
        set { machine.recordsTimeline = newValue }
    }

    /// The timeline of what has happened since ``recordsTimeline`` was set.
    ///
    /// - Parameters:
    ///   - title: The title; by default the name of the kernel.
    ///   - names: Names of tasks, files, areas and devices, if they differ from those in the world.
    public func timeline(_ title: String? = nil, names: TimelineNames = TimelineNames()) -> Timeline {
        machine.timeline(title, names: names)
    }

    /// The timeline of what `body` does.
    ///
    ///     print(world.timeline { $0.run() }.attribution)
    ///
    /// This discards earlier recordings. A world is a value: with a copy from before the run, a failed test can run it
    /// again and look at the timeline.
    public mutating func timeline(
        _ title: String? = nil, names: TimelineNames = TimelineNames(), of body: (inout World) throws -> Void
    ) rethrows -> Timeline {
        let (isRecording, isTracing) = (machine.recordsTimeline, machine.isTracing)
        _ = machine.takeTrace()
        machine.recordsTimeline = false
        machine.recordsTimeline = true
        defer {
            machine.recordsTimeline = isRecording
            machine.isTracing = isTracing
        }
        try body(&self)
        return timeline(title, names: names)
    }
}

extension TimelineNames {
    /// Sets the name of `area`.
    public mutating func name(_ area: Area, _ name: String) {
        self.name(area.map, from: area.start, pages: area.pages, name)
    }
}
