/// What has happened in a world, to be looked at.
extension World {
    /// Whether everything is kept that ``timeline(_:names:)`` shows. Off at first; set it before what is to be seen.
    public var recordsTimeline: Bool {
        get { machine.recordsTimeline }
        set { machine.recordsTimeline = newValue }
    }

    /// The timeline of what has happened since ``recordsTimeline`` was set.
    ///
    /// - Parameters:
    ///   - title: What it shows; by default the kernel.
    ///   - names: What tasks, files, areas and devices are called, if otherwise than in the world.
    public func timeline(_ title: String? = nil, names: TimelineNames = TimelineNames()) -> Timeline {
        machine.timeline(title, names: names)
    }

    /// The timeline of what `body` does.
    ///
    ///     print(world.timeline { $0.run() }.attribution)
    ///
    /// What was recorded before is gone. A world is a value: of a copy kept from before, a test that has failed can be
    /// run again and looked at.
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
    /// Calls `area` so.
    public mutating func name(_ area: Area, _ name: String) {
        self.name(area.map, from: area.start, pages: area.pages, name)
    }
}
