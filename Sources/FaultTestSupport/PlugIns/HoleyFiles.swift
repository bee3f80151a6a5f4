/// A file system with holes, for files of up to 64 pages. A hole reads as zeroes without the disk; any other page is
/// read from the disk each time.
///
///     let holey = world.register(HoleyFiles(), mappedBy: HoleyMemory(on: world.disk))
///     let file = try world.file(pages: 8, on: holey)
///     try world.perform(.punchHole(file, 4, pages: 2), in: task)
///
/// It has no page cache. It supports `O_DIRECT` reads, punching holes, and syncing. Writing and truncating fail.
public struct HoleyFiles: FileOperations {
    /// The stages of a call.
    public enum Stage: UInt8, RoutineStage { case begin, read }

    /// What it remembers of a file.
    public struct InodeState: PluginState {
        /// A bit for each page that is a hole.
        public var holes: UInt64 = 0

        /// No holes.
        public init() {}

        /// Shows the bits.
        public func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("holes", holes) }

        /// Whether a page is a hole.
        public func isHole(_ page: PageIndex) -> Bool { page.value < 64 && holes >> UInt64(page.value) & 1 == 1 }
    }

    /// Makes the file system.
    public init() {}

    /// Its name.
    public var name: StaticName { "holey files" }

    /// Does a call on a file, without waiting or with a request.
    public func step(
        _ stage: Stage, _ frame: inout FileRequest, _ resumed: Resumption, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        var state = machine.state(of: frame.file, of: Self.self)
        switch (frame.call, stage) {
        case (.readDirect(_, let pages, _), .read):
            return resumed.wasInterrupted ? .failed(.interrupted) : .done(.pages(pages))
        case (.readDirect(let first, let pages, _), .begin):
            guard (0..<pages).contains(where: { !state.isHole(first + $0) }) else { return .done(.pages(pages)) }
            let request = IORequest(
                .direct, on: machine.device(of: frame.file), index: first, pages: pages, by: machine.currentTask)
            return .sleep(.request(machine.submit(request), .killable), then: .read)
        case (.punchHole(let first, let pages), _):
            for page in first.value..<min(64, first.value + pages) { state.holes |= 1 << UInt64(page) }
            machine.setState(state, of: frame.file, of: Self.self)
            return .done
        case (.read, _): return .done(.ready(ReadyPages(count: 0, reachesEnd: true)))
        case (.write, _), (.writeBegin, _), (.truncate, _): return .failed(.invalid)
        default: return .done
        }
    }

    /// Does nothing, because the caller sleeps for its own request.
    public func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
}
