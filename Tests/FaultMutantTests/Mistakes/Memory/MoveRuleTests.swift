import FaultSimulator
import Testing

@testable import FaultCore

/// UFFDIO_MOVE of what can't be moved.
@Suite("What UFFDIO_MOVE refuses", .timeLimit(.minutes(60)))
struct MoveRuleTests {
    /// Two areas of a process, the first of which a descriptor handles.
    private func moving(hasKeys: Bool = false) throws -> (Play, to: Area, from: Area, UserfaultID) {
        var play = try Play(.linux6_12, entry: X86FaultEntry(hasProtectionKeys: hasKeys))
        let areas = try (0..<2).map { _ in try play.world.map(anonymousPages: 2, in: play.task) }
        let descriptor = try play.world.userfaultfd(in: play.task)
        try play.world.register(areas[0], with: descriptor, for: .missing, by: play.task)
        return (play, areas[0], areas[1], descriptor)
    }

    @Test("a swapped page that a child has, too, is EBUSY (move_pages_pte(): pte_swp_exclusive())")
    func sharedSwapEntry() throws {
        for isShared in [false, true] {
            var (play, target, source, descriptor) = try moving()
            try play.swap(held: false)
            try play.swapOut(source)
            if isShared { _ = try play.world.fork(play.task) }
            let call = UserfaultCall.move(target.start, pages: 1, from: source.start, [])
            let report = try play.perform(.userfault(descriptor, call), in: play.thread)
            #expect(report.errno == (isShared ? .busy : nil))
        }
    }

    @Test("memory that goes while the call waits for the mmap lock is ENOENT (uffd_move_lock())")
    func vanishedTarget() throws {
        for moves in [true, false] {
            var (play, target, source, descriptor) = try moving()
            try play.perform(.write(source))
            play.world.start(.munmap(target), in: play.thread)
            try play.step(play.thread, to: "tearDown")
            let other = play.world.thread(of: play.task)
            let call =
                moves
                ? UserfaultCall.move(target.start, pages: 1, from: source.start, [])
                : .zeropage(target.start, pages: 1, [])
            play.world.start(.userfault(descriptor, call), in: other)
            play.step(other)
            try play.settle()
            #expect(play.world.report(of: other).errno == .noEntry && play.state(of: play.thread) == "done")
        }
    }

    @Test("a move that can't get an anon_vma for its target is ENOMEM, and moves nothing (anon_vma_prepare())")
    func noAnonVMA() throws {
        for model in KernelModel.presets where model.userfaults.rawValue >= KernelModel.Userfaults.move.rawValue {
            var play = try Play(model)
            let areas = try (0..<2).map { _ in try play.world.map(anonymousPages: 2, in: play.task) }
            let descriptor = try play.world.userfaultfd(in: play.task)
            try play.world.register(areas[0], with: descriptor, for: .missing, by: play.task)
            try play.perform(.write(areas[1]))
            play.world.machine.failAllocation(at: .anonVMA)
            let call = UserfaultCall.move(areas[0].start, pages: 1, from: areas[1].start, [])
            let report = try play.perform(.userfault(descriptor, call), in: play.thread)
            #expect(report.errno == .noMemory && play.world.presentPages(of: areas[1]) == [0], "\(model.name)")
        }
    }

    @Test("memory is moved only between areas that are alike, writable, private and anonymous (validate_move_areas())")
    func unlikeAreas() throws {
        typealias Change = (inout Play, _ to: Area, _ from: Area) throws -> Void
        let changes: [(String, Errno?, Change)] = [
            ("nothing", nil, { _, _, _ in }),
            ("a protection", .invalid, { play, to, _ in try play.perform(.mprotect(to, .read)) }),
            ("the other protection", .invalid, { play, _, from in try play.perform(.mprotect(from, .read)) }),
            (
                "both protections", .invalid,
                { play, to, from in for area in [to, from] { try play.perform(.mprotect(area, .read)) } }
            ),
            ("a key", .invalid, { play, to, _ in try play.perform(.mprotectWithKey(to, .readWrite, key: 1)) }),
            (
                "the other key", .invalid,
                { play, _, from in try play.perform(.mprotectWithKey(from, .readWrite, key: 1)) }
            ),
            ("a lock", .invalid, { play, to, _ in try play.perform(.mlock2(to.start, pages: 2, .onFault)) }),
            (
                "the other lock", .invalid,
                { play, _, from in try play.perform(.mlock2(from.start, pages: 2, .onFault)) }
            ),
        ]
        for (name, errno, change) in changes {
            var (play, target, source, descriptor) = try moving(hasKeys: true)
            try play.perform(.write(source, pages: 2))
            try change(&play, target, source)
            let call = UserfaultCall.move(target.start, pages: 1, from: source.start, [])
            let report = try play.perform(.userfault(descriptor, call), in: play.thread)
            #expect(report.errno == errno, "of \(name)")
            #expect(play.world.presentPages(of: source) == (errno == nil ? [1] : [0, 1]), "\(name)")
        }
    }

    @Test("memory is moved to areas of the descriptor itself, and only anonymous memory (validate_move_areas())")
    func areasOfOthers() throws {
        for isOwn in [true, false] {
            for (toFile, fromFile) in [(false, false), (true, false), (false, true)] {
                var play = try Play(.linux6_12)
                func area(ofFile: Bool) throws -> Area {
                    guard ofFile else { return try play.world.map(anonymousPages: 2, in: play.task) }
                    let file = try play.world.file(pages: 2, on: .tmpfs, resident: .all)
                    return try play.world.map(file, .readWrite, .private, in: play.task)
                }
                let (target, source) = (try area(ofFile: toFile), try area(ofFile: fromFile))
                let descriptors = try (0..<2).map { _ in try play.world.userfaultfd(in: play.task) }
                try play.world.register(target, with: descriptors[isOwn ? 0 : 1], for: .missing, by: play.task)
                try play.perform(.write(source))
                let call = UserfaultCall.move(target.start, pages: 1, from: source.start, [])
                let report = try play.perform(.userfault(descriptors[0], call), in: play.thread)
                let isFine = isOwn && !toFile && !fromFile
                #expect(report.errno == (isFine ? nil : .invalid), "\(isOwn), \(toFile), \(fromFile)")
            }
        }
    }
}
