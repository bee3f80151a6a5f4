import FaultSimulator
import Testing

@testable import FaultCore

/// Rules of single answers, and of what protection goes along with.
@Suite("Rules of single answers", .timeLimit(.minutes(60)))
struct AnswerRuleTests {
    private static let models = [KernelModel.linux6_1, .linux6_12]

    @Test(
        "a child whose descriptor is told of fork(2) keeps protection and markers, another child none (dup_userfaultfd())"
    )
    func protectionOfChild() throws {
        for model in Self.models {
            for isTold in [true, false] {
                var test = try MonitorWorld(
                    model, file: 4, resident: .pages([0...0]), for: .writeProtect,
                    features: isTold ? .eventFork : [])
                test.start(.read(test.area))
                try test.answer(.writeProtect(test.descriptor, test.area, pages: 2))
                #expect(test.entry(1).isMarker && test.protected == [0, 1])
                test.start(.fork)
                if isTold { #expect(try test.messages.count == 1) }
                test.world.run()
                let map = test.world.map(of: TaskID(test.world.report(of: test.task).value))
                let child = (0..<2).map { test.world.machine.entry(of: test.area[$0], in: map) }
                #expect(child.map { $0.bits.contains(.userfaultProtected) } == [isTold, isTold], "\(model.name)")
                #expect(child[1].isMarker == isTold, "\(model.name)")
                test.check()
            }
        }
    }

    @Test("memory of a child whose descriptor is not told of fork(2) is not protected (copy_present_pte())")
    func protectionOfUntold() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<2)
            try test.answer(.writeProtect(test.descriptor, test.area))
            let child = try test.world.fork(test.task)
            let entries = (0..<2).map { test.world.machine.entry(of: test.area[$0], in: test.world.map(of: child)) }
            #expect(entries.allSatisfy { $0.isPresent && !$0.bits.contains(.userfaultProtected) }, "\(model.name)")
            #expect(test.protected == [0, 1])
            test.check()
        }
    }

    @Test("mremap(2) that is told of waits for a fill of other memory (mremap_userfaultfd_prep())")
    func movingBesideFill() throws {
        var test = try MonitorWorld(.linux6_12, file: 2, resident: .all, for: .minor, features: .eventRemap)
        let folio = try #require(test.world.machine.cachedFolio(at: 0, of: FileID(0)))
        let holder = test.world.task()
        test.start(.sleep(nanoseconds: .max), in: holder)
        let isLocked = test.world.machine.tryLock(folio, by: holder)
        #expect(isLocked)
        let other = try test.world.map(anonymousPages: 2, in: test.task)
        try test.world.register(other, with: test.descriptor, for: .missing, by: test.task)
        test.start(.continue(test.descriptor, test.area, page: 0), in: test.monitor)
        #expect(test.waits(test.monitor) == .folio)
        test.start(.mremap(other, newPages: 64))
        let cause = test.world.machine.waitLinks.first { $0.task == test.task }?.cause
        #expect(cause == .lock(.mapChanging(test.descriptor), .write))
        test.world.machine.unlock(folio)
        test.world.run()
        #expect(test.waits() == .userfaultEvent)
        #expect(try test.messages.count == 1)
        test.world.run()
        #expect(test.world.report(of: test.task).isDone && test.world.report(of: test.task).errno == nil)
        test.check()
    }

    @Test("a pinned page that fork(2) copies is protected in the child, too (copy_present_page())")
    func protectionOfCopy() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, for: .writeProtect, features: .eventFork, touching: 0..<2)
            try test.world.pin(test.area, pages: 2, in: test.task)
            try test.answer(.writeProtect(test.descriptor, test.area, pages: 1))
            test.start(.fork)
            #expect(try test.messages.count == 1)
            test.world.run()
            let map = test.world.map(of: TaskID(test.world.report(of: test.task).value))
            let child = (0..<2).map { test.world.machine.entry(of: test.area[$0], in: map) }
            #expect(child[0].frame != test.entry(0).frame && child[1].frame != test.entry(1).frame)
            #expect(child.map { $0.bits.contains(.userfaultProtected) } == [true, false], "\(model.name)")
            #expect(child.map(\.isWritable) == [false, true], "\(model.name)")
            test.check()
        }
    }

    @Test("a page that a pin copies for itself stays protected (wp_page_copy(): unshare)")
    func protectionOfUnshared() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, for: .writeProtect, touching: 0..<2)
            try test.answer(.writeProtect(test.descriptor, test.area, pages: 1))
            _ = try test.world.fork(test.task)
            let before = (0..<2).map { test.entry($0).frame }
            try test.world.pin(test.area, pages: 2, .pin, in: test.task)
            #expect((0..<2).allSatisfy { test.entry($0).frame != before[$0] }, "\(model.name)")
            #expect(test.protected == [0], "\(model.name)")
            test.check()
        }
    }

    @Test("a marker of memory that nobody handles any more is cleared by the next access (pte_marker_clear())")
    func leftMarker() throws {
        for model in Self.models {
            var world = try World(model)
            let task = world.task()
            let file = try world.file(pages: 1, on: .tmpfs, resident: .all)
            let area = try world.map(file, .readWrite, .shared, in: task)
            let made = world.machine.makeLeafTable(area.map, area[0], for: task)
            let leaf = try #require(made)
            world.machine.setSpecialEntry(.marker, at: area[0], in: area.map, leaf: leaf)
            world.stageLimit = 10_000
            let report = try world.perform(.read(area), in: task)
            #expect(report.isDone && report.attempts.count == 2, "\(model.name)")
            #expect(world.presentPages(of: area) == [0])
        }
    }

    @Test("an answer for pages behind the area, or the end of user memory, is refused (validate_range(), ENOENT)")
    func rangesOfAnswers() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, pages: 4)
            let limit = test.world.machine.geometry.userLimit
            #expect(try test.answer(.copy(test.descriptor, test.area, page: 2, pages: 3)).errno == .noEntry)
            #expect(try test.answer(.userfault(test.descriptor, .wake(limit - 1, pages: 2))).errno == .invalid)
            #expect(try test.answer(.userfault(test.descriptor, .wake(limit - 1, pages: 1))).errno == nil)
            #expect(try test.answer(.userfault(test.descriptor, .wake(test.area[0], pages: 0))).errno == .invalid)
            let copy = UserfaultCall.copy(limit - 1, pages: 2, from: nil, [])
            #expect(try test.answer(.userfault(test.descriptor, copy)).errno == .invalid)
            #expect(try test.answer(.copy(test.descriptor, test.area, page: 2, pages: 2)).errno == nil)
            #expect(test.world.presentPages(of: test.area) == [2, 3])
            test.check()
        }
    }

    @Test("an answer that fills some of its pages wakes who waits for those, and is EAGAIN (mfill_atomic())")
    func partlyFilled() throws {
        for model in Self.models {
            var test = try MonitorWorld(model)
            let others = (0..<2).map { _ in test.world.thread(of: test.task) }
            try test.answer(.copy(test.descriptor, test.area, page: 2))
            for (page, task) in [(0, others[0]), (3, others[1])] {
                test.start(.read(test.area, page: page), in: task)
                #expect(test.waits(task) == .userfault)
            }
            let report = try test.answer(.copy(test.descriptor, test.area, page: 0, pages: 4))
            #expect(report.errno == .tryAgain, "\(model.name)")
            #expect(test.world.presentPages(of: test.area) == [0, 1, 2])
            #expect(test.waits(others[0]) == nil && test.waits(others[1]) == .userfault)
            #expect(test.world.report(of: others[1]).counters.attempts == 1, "who waits for page 3 was not woken")
            test.check()
        }
    }

    @Test("an answer can protect only memory that is registered for it (UFFDIO_COPY_MODE_WP: EINVAL)")
    func protectingAnswer() throws {
        for model in Self.models {
            var test = try MonitorWorld(model)
            #expect(try test.answer(.copy(test.descriptor, test.area, page: 0, .writeProtect)).errno == .invalid)
            var other = try MonitorWorld(model, for: [.missing, .writeProtect])
            #expect(try other.answer(.copy(other.descriptor, other.area, page: 0, .writeProtect)).errno == nil)
            #expect(other.protected == [0])
        }
    }

    @Test("an answer that is killed fills no more pages (mfill_atomic(): fatal_signal_pending())")
    func killedAnswer() throws {
        for model in Self.models {
            var test = try MonitorWorld(model)
            test.world.start(.copy(test.descriptor, test.area, page: 0, pages: 4), in: test.monitor)
            while test.world.presentPages(of: test.area).isEmpty, test.world.machine.step(test.monitor) {}
            test.world.kill(test.monitor)
            test.world.run()
            // The signal is looked for behind each page.
            #expect(test.world.presentPages(of: test.area) == [0, 1], "\(model.name)")
            test.check()
        }
    }

    @Test("memory that a descriptor is unregistered from lets go who waits there (userfaultfd_unregister())")
    func unregistered() throws {
        for model in Self.models {
            var test = try MonitorWorld(model)
            test.start(.read(test.area, page: 1))
            #expect(test.waits() == .userfault)
            try test.answer(.userfault(test.descriptor, .unregister(test.area[0], pages: 2)))
            #expect(test.waits() == nil && test.world.report(of: test.task).isDone, "\(model.name)")
            test.check()
        }
    }

    @Test("pin_user_pages() with NOWAIT does not wait for an answer, and leaves no message (FAULT_FLAG_RETRY_NOWAIT)")
    func noWait() throws {
        for model in Self.models {
            var test = try MonitorWorld(model)
            test.start(.getUserPages(test.area, [.unlockable, .noWait], pages: 1))
            #expect(test.waits() == nil && test.world.report(of: test.task).attempts.map(\.result) == [.retry])
            #expect(try test.messages.isEmpty, "\(model.name)")
            // Who may not drop the lock gets SIGBUS instead.
            test.start(.getUserPages(test.area, [], pages: 1))
            #expect(test.waits() == nil || test.world.report(of: test.task).attempts.map(\.result) == [.sigbus])
            test.check()
        }
    }

    @Test("read(2) of a blocking descriptor ends with EINTR by any signal (userfaultfd_ctx_read())")
    func interruptedRead() throws {
        for model in Self.models {
            var test = try MonitorWorld(model, .blocking)
            test.start(.userfault(test.descriptor, .read(most: 1)), in: test.monitor)
            #expect(test.waits(test.monitor) == .userfaultMessage)
            test.world.send(.user1, to: test.monitor)
            test.world.run()
            #expect(test.world.report(of: test.monitor).errno == .interrupted, "\(model.name)")
        }
    }

    @Test("UFFDIO_MOVE that is killed does not count the page that it has moved last (move_pages())")
    func killedMove() throws {
        var test = try MonitorWorld(.linux6_12)
        let source = try test.world.map(anonymousPages: 4, in: test.monitor)
        try test.world.perform(.write(source, pages: 4), in: test.monitor)
        let move = UserfaultCall.move(test.area[0], pages: 4, from: source[0], [])
        let other = test.world.thread(of: test.task)
        test.start(.read(test.area), in: other)
        test.world.start(.userfault(test.descriptor, move), in: test.monitor)
        try test.world.machine.step(test.monitor, toStage: "movePage")
        test.world.kill(test.monitor)
        test.world.run()
        #expect(
            test.world.presentPages(of: test.area) == [0]
                && test.world.report(of: test.monitor).errnoWhenKilled == .interrupted)
        #expect(test.world.report(of: other).counters.attempts == 1)
        #expect(test.waits(other) == .userfault, "nobody was woken")
    }
}
