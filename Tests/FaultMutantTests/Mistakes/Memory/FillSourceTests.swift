import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Where the content of a filled page comes from.
@Suite("Contents of filled pages", .timeLimit(.minutes(60)))
struct FillSourceTests {
    /// A process with a page that a descriptor handles.
    private func handled(_ model: KernelModel) throws -> (Play, Area, UserfaultID) {
        var play = try Play(model)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(area, with: descriptor, for: .missing, by: play.task)
        return (play, area, descriptor)
    }

    @Test("UFFDIO_COPY from memory that is not mapped is EFAULT (copy_from_user())")
    func unmappedSource() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var (play, area, descriptor) = try handled(model)
            let source = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.munmap(source))
            let call = UserfaultCall.copy(area.start, pages: 1, from: source.start, [])
            try play.start(.userfault(descriptor, call), in: play.thread)
            #expect(play.world.report(of: play.thread).errno == .badAddress, "\(model.name)")
            #expect(play.lock == "lock free" && play.world.presentPages(of: area).isEmpty)
        }
    }

    @Test("a source that goes once more is read once more, and never written to (copy_from_user())")
    func sourceGoesTwice() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var (play, area, descriptor) = try handled(model)
            let source = try play.world.map(anonymousPages: 1, .read, in: play.task)
            let call = UserfaultCall.copy(area.start, pages: 1, from: source.start, [])
            play.world.start(.userfault(descriptor, call), in: play.thread)
            try play.step(play.thread, to: "sourceRead")
            play.world.start(.madvise(source, .dontNeed), in: play.task)
            play.step(play.task)
            try play.settle()
            #expect(play.world.report(of: play.thread).errno == nil, "\(model.name)")
            #expect(play.world.presentPages(of: area) == [0])
            #expect(play.world.report(of: play.thread).counters.attempts == 2)
        }
    }

    @Test("what was read from the source is filled, whatever is stored there meanwhile (mfill_atomic())")
    func sourceChanges() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var (play, area, descriptor) = try handled(model)
            let file = try play.world.file(pages: 1, resident: .all)
            let source = try play.world.map(file, .readWrite, .shared, in: play.task)
            let stamp = Machine.initialStamp(of: file, at: 0)
            let call = UserfaultCall.copy(area.start, pages: 1, from: source.start, [])
            play.world.start(.userfault(descriptor, call), in: play.thread)
            try play.step(play.thread, to: "sourceRead")
            play.step(play.thread, most: 1)
            play.world.start(.write(source), in: play.task)
            play.step(play.task)
            try play.settle()
            #expect(play.world.machine.stamp(of: play.frame(of: 0, in: source)) != stamp)
            #expect(play.world.machine.stamp(of: play.frame(of: 0, in: area)) == stamp, "\(model.name)")
        }
    }

    @Test("a page of tmpfs that another task brings back from swap is filled all the same (shmem_get_folio())")
    func broughtBackByAnother() throws {
        var play = try Play(.linux6_1)
        try play.swap()
        let file = try play.world.file(pages: 1, on: .tmpfs)
        let area = try play.world.map(file, .readWrite, .shared, in: play.task)
        try play.swapOut(area)
        let descriptor = try play.world.userfaultfd(in: play.task, features: .minorShmem)
        try play.world.register(area, with: descriptor, for: .minor, by: play.task)
        try play.start(.read(file, page: 0))
        try play.start(.continue(descriptor, area, page: 0), in: play.thread)
        #expect(play.state() == "waits" && play.state(of: play.thread) == "waits")
        try play.settle()
        #expect(play.world.report(of: play.task).value == 1 && play.world.report(of: play.thread).errno == nil)
        #expect(play.world.presentPages(of: area) == [0])
    }

    @Test("of two reads of a page of tmpfs that is swapped, the second finds it back (shmem_swapin_folio(): EEXIST)")
    func twoReads() throws {
        for model in [KernelModel.linux5_1, .linux6_1, .linux6_12] {
            var play = try Play(model)
            try play.swap()
            let file = try play.world.file(pages: 1, on: .tmpfs)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.swapOut(area)
            for task in [play.task, play.thread] { try play.start(.read(file, page: 0), in: task) }
            #expect(play.state() == "waits" && play.state(of: play.thread) == "waits")
            try play.settle()
            for task in [play.task, play.thread] { #expect(play.world.report(of: task).value == 1, "\(model.name)") }
        }
    }
}
