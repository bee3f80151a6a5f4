import BareMachine
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// A file system whose files have one page, which is in the page cache from the first call on.
private struct OnePageFiles: FileOperations {
    enum Stage: UInt8, RoutineStage { case begin, locked }

    /// Whether a read answers as it should.
    let answersReads: Bool

    var name: StaticName { StaticName("one page files") }

    func step(
        _ stage: Stage, _ frame: inout FileRequest, _ resumed: Resumption, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        let task = machine.currentTask
        switch (stage, frame.call) {
        case (.begin, .read(let first, _)):
            guard answersReads else { return .done }
            guard first == 0, let folio = page(of: frame.file, &machine) else {
                return .done(.ready(ReadyPages(count: 0, reachesEnd: true)))
            }
            machine.addToBatch(folio, of: task)
            return .done(.ready(ReadyPages(count: 1, reachesEnd: true)))
        case (.begin, .write(let index)):
            guard index == 0 else { return .failed(.fileTooBig) }
            guard let folio = page(of: frame.file, &machine) else { return .failed(.noMemory) }
            return .call(machine.locking(folio), then: .locked)
        case (.locked, .write):
            guard let folio = machine.cachedFolio(at: 0, of: frame.file) else { return .failed(.noMemory) }
            machine.addToBatch(folio, of: task)
            return .done
        default: return .done
        }
    }

    private func page(of file: FileID, _ machine: inout Machine) -> FrameNumber? {
        machine.cachedFolio(at: 0, of: file)
            ?? machine.addToCache(of: file, at: 0, flags: .uptodate, stamp: 7, point: .cachePage, for: .none)
    }

    func complete(_ request: IORequest, failed: [PageRun], _ machine: inout Machine) {}
}

@Suite("read(2) and write(2) on a file system of one's own", .timeLimit(.minutes(60)))
struct OwnFileSystemTests {
    private static func world(
        answersReads: Bool = true, pageCache: PageCacheCode? = Filemap.pageCache
    ) -> (BareMachine, FileID) {
        let configuration = MachineConfiguration(
            model: .linux6_1, entry: BareEntry(), fileOperations: [OnePageFiles(answersReads: answersReads)],
            pageCache: pageCache)
        var world = BareMachine(configuration) { Issue.record("\($0)") }
        let file = world.file(pages: 1, vmOperations: 0)
        return (world, file)
    }

    @Test("a read copies the pages that the file system has made ready, up to the end that it tells")
    func read() {
        var (world, file) = Self.world()
        let report = world.run(.read(file, 0, pages: 2, into: nil))
        #expect(report.errno == nil && report.value == 1 && report.bytes == 4096 && report.outcome.stamp == 7)
    }

    @Test("a write copies into the pages that it has prepared, and ends with its error at the first that it refuses")
    func write() {
        var (world, file) = Self.world()
        let report = world.run(.write(file, 0, pages: 2, from: nil))
        #expect(report.value == 1 && report.errno == nil)
        #expect(world.stamp(file, 0) == Machine.stamp(after: 7, writtenBy: world.task))
        #expect(world.cached(file, with: .dirty) == [0] && world.cached(file, with: .locked).isEmpty)
        #expect(world.run(.write(file, 1, pages: 1, from: nil)).errno == .fileTooBig)
        #expect(world.machine.holders(of: .inode(file)).isEmpty)
    }

    @Test("its stages have names, and a run stops at them")
    func stages() {
        var (world, file) = Self.world()
        world.machine.start(.write(file, 0, pages: 1, from: nil), in: world.task)
        #expect(world.run(until: .stage(world.task, "fileTransfer.pagePrepared")) == .conditionMet)
        #expect(world.machine.backtrace(of: world.task).map(\.description) == ["fileTransfer.pagePrepared"])
    }

    @Test("a read that returns no pages at all is refused")
    func wrongAnswer() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var (world, file) = Self.world(answersReads: false)
            world.run(.read(file, 0, pages: 2, into: nil))
        }
        #expect(Self.text(result).contains("a read ends with .ready or .failed, not with .done or .pages"))
    }

    @Test("a machine without the code of the page cache says what it needs for a read and for a write")
    func missingCode() async {
        let read = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var (world, file) = Self.world(pageCache: nil)
            world.machine.start(.read(file, 0, pages: 1, into: nil), in: world.task)
        }
        #expect(Self.text(read).contains("need the code of the page cache"))
        let write = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var (world, file) = Self.world(pageCache: nil)
            world.machine.start(.write(file, 0, pages: 1, from: nil), in: world.task)
        }
        #expect(Self.text(write).contains("Filemap.pageCache"))
    }

    @Test("a machine without it does all other calls on files")
    func otherCalls() {
        var (world, file) = Self.world(pageCache: nil)
        let report = world.run(.fsync(file))
        #expect(report.isDone && report.errno == nil)
    }

    private static func text(_ result: ExitTest.Result?) -> String {
        String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
}
