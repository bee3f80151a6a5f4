/// Stories of a world.
extension World {
    /// What has happened since ``recordsTimeline`` was set: see ``WorldStory``.
    public var story: WorldStory { WorldStory(self) }

    /// What happened to `task`: see ``TaskStory``.
    public func story(of task: TaskID) -> TaskStory { TaskStory(task, in: story) }

    /// The story of what `body` does. This discards earlier recordings, and recording goes on afterwards.
    ///
    ///     let story = world.story { $0.run() }
    public mutating func story(_ body: (inout World) throws -> Void) rethrows -> WorldStory {
        recordAnew()
        try body(&self)
        return story
    }

    /// Discards what was recorded, and begins a new record with what is under way.
    mutating func recordAnew() {
        recordsTimeline = false
        _ = machine.takeTrace()
        recordsTimeline = true
    }

    /// The pages of `area` that have a present entry, as a set that prints and reads well.
    public func present(in area: Area) -> PageSet { PageSet(presentPages(of: area), of: area.pages) }

    /// The pages of `file` that are in the page cache with their data, as a set that prints and reads well.
    public func resident(of file: FileID) -> PageSet { PageSet(residentPages(of: file), of: machine.pages(of: file)) }
}

extension WorldStory {
    /// What happened to `task`.
    public func story(of task: TaskID) -> TaskStory { TaskStory(task, in: self) }
}
