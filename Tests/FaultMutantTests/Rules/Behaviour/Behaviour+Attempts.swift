import FaultSimulator

/// What is tried again, how a wait is ended, and how it counts.
extension Behaviour {
    static let attempts: [Behaviour] = [
        Behaviour(
            "faultRetry", "lockDroppingWaits", "fileFault", "retryAccounting", "pgfaultCounting",
            name: "a cold read of a process with two threads"
        ) { model in
            var (play, _) = try coldRead(model)
            let lock = play.lock
            try play.settle()
            return "\(lock), \(play.results()), \(play.counts()), pgfault \(play.world.machine.events.pgfault), "
                + "\(play.world.report(of: play.task).counters.exceptions) exceptions"
        },
        Behaviour("faultRetry", "keptPage", name: "what the attempts of a cold read may do") { model in
            var (play, _) = try coldRead(model)
            try play.settle()
            return play.world.report(of: play.task).attempts.map { "\($0.flags)" }.joined(separator: ", ")
        },
        Behaviour("soleUser", name: "the kernel reads a page that another process reads, for a process with one thread")
        {
            model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4)
            let task = play.world.task()
            let area = try play.world.map(file, .read, in: task)
            try play.start(.read(file, page: 0), in: play.task)
            try play.start(.kernelTouch(.read, area[0], .kernelWithFixup), in: task)
            return play.world.mmapLock(of: task).isFree ? "lock free" : "lock held"
        },
        Behaviour("lockDroppingWaits", "singlePageWait", name: "SIGKILL during the read of a single page that is there")
        {
            model in
            var play = try Play(model)
            // A page whose read has failed is in the cache, and is read by itself.
            let file = try play.world.file(pages: 4)
            let area = try play.world.map(file, .read, in: play.task)
            play.world.machine.breakBlocks(of: file, PageRun(0, 0))
            try play.perform(.read(file, page: 0), in: play.thread)
            play.world.machine.repairBlocks(of: file)
            try play.start(.read(area))
            let lock = play.lock
            play.world.kill(play.task)
            try play.go()
            return "\(lock), \(play.state())"
        },
        Behaviour("lockDroppingWaits", "fileFault", name: "a cold read under random advice") { model in
            var (play, _) = try coldRead(model, advice: .random)
            let lock = play.lock
            try play.settle()
            return "\(lock), \(play.results())"
        },
        Behaviour("lockDroppingWaits", name: "a cold read whose submission sleeps") { model in
            var play = try Play(model)
            let disk = play.world.addDisk(Disk(readLatencyNanoseconds: 1_000, throttleNanoseconds: 100))
            let area = try play.world.map(try play.world.file(pages: 8, device: disk), .read, in: play.task)
            play.world.start(.read(area), in: play.task)
            play.step(play.task) { $0.wait(of: $1) == nil }
            return play.lock
        },
        Behaviour("retryAccounting", "fileFault", name: "a read of a page that another task reads") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 1)
            let area = try play.world.map(file, .read, in: play.task)
            try play.start(.read(file, page: 0), in: play.world.task())
            try play.start(.read(area))
            let lock = play.lock
            try play.settle()
            return "\(lock), \(play.results()), \(play.counts())"
        },
        Behaviour("retryAccounting", name: "a cold read whose page is cut off before the second attempt") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 64)
            let area = try play.world.map(file, .read, in: play.task)
            let cutter = play.world.task()
            play.world.start(.read(area, page: 3), in: play.task)
            for _ in 0..<2 {
                play.step(play.task) { $0.report(of: $1).attempts.isEmpty }
                if play.world.report(of: play.task).attempts.isEmpty { play.world.completeReads() }
            }
            play.world.start(.truncate(file, pages: 0), in: cutter)
            play.step(cutter)
            play.world.completeReads()
            play.step(cutter)
            try play.settle()
            return "\(play.world.report(of: play.task).end), \(play.counts())"
        },
        Behaviour("faultRetry", "fileFault", name: "a cold read whose page is dropped before the second attempt") {
            model in
            var (play, file) = try coldRead(model)
            play.world.machine.finishHeld(on: play.world.disk)
            let other = play.world.task()
            play.step(play.task) { $0.backtrace(of: $1).contains { $0.routine == "pageFault" } }
            play.world.start(.dropCache(file), in: other)
            play.step(other)
            try play.go()
            let lock = play.lock
            try play.settle()
            return "\(lock), \(play.results())"
        },
        Behaviour(
            "fileFault", "faultRetry", "retryAccounting", "pgfaultCounting",
            name: "a cold read, with another thread mapping memory meanwhile"
        ) { model in
            var (play, _) = try coldRead(model)
            try play.start(.mmap(MapRequest(pages: 1, access: .readWrite)), in: play.thread)
            let state = play.state(of: play.thread)
            try play.settle()
            return "\(state), \(play.results()), \(play.counts()), pgfault \(play.world.machine.events.pgfault)"
                + flagsText(play)
        },
        Behaviour("pinRetry", "retryAccounting", "pgfaultCounting", name: "get_user_pages of a cold page") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 64), .read, in: play.task)
            try play.start(.getUserPages(area, .unlockable, page: 3, pages: 1))
            let lock = play.lock
            try play.settle()
            return "\(lock), \(play.results()), \(play.counts())"
        },
        Behaviour("pageWait", "retrySignals", name: "SIGKILL during a cold read") { model in
            var (play, _) = try coldRead(model)
            play.world.kill(play.task)
            try play.go()
            let state = play.state()
            try play.settle()
            return "\(state), pgfault \(play.world.machine.events.pgfault)"
        },
        Behaviour("retrySignals", "pageWait", name: "SIGKILL during a cold read by the kernel") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 4), .read, in: play.task)
            try play.start(.kernelTouch(.read, area[0], .kernelWithFixup))
            play.world.kill(play.task)
            try play.go()
            let state = play.state()
            try play.settle()
            return "\(state), pgfault \(play.world.machine.events.pgfault)"
        },
        Behaviour("pageWait", "retrySignals", name: "a handled signal during a cold read") { model in
            var (play, _) = try coldRead(model)
            play.world.send(.user1, to: play.task)
            try play.go()
            let early = play.world.report(of: play.task).counters.handledSignals
            let lock = play.lock
            try play.settle()
            let counters = play.world.report(of: play.task).counters
            return "\(lock), \(early) handled during the wait, \(counters.exceptions) exceptions, \(play.results())"
        },
        Behaviour("retrySignals", name: "whether a signal is handled before the page is mapped") { model in
            var (play, _) = try coldRead(model)
            let task = play.task
            play.world.send(.user1, to: task)
            play.world.completeReads()
            try play.go(until: .predicate { $0.counters(of: task).handledSignals == 1 })
            return play.world.machine.rss(of: play.world.map(of: task)).file > 0 ? "mapped" : "not mapped"
        },
        Behaviour("retrySignals", name: "a handled signal during a read of a page that another process reads") {
            model in
            var play = try Play(model)
            let file = try play.world.file(pages: 1)
            let area = try play.world.map(file, .read, in: play.task)
            try play.start(.read(file, page: 0), in: play.world.task())
            try play.start(.read(area))
            play.world.send(.user1, to: play.task)
            try play.settle()
            return "\(play.world.report(of: play.task).counters.exceptions) exceptions, \(play.results())"
        },
        Behaviour("retryLock", name: "a retry of the kernel that finds the mmap lock taken") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 1)
            let area = try play.world.map(file, .read, in: play.task)
            try play.start(.read(file, page: 0), in: play.world.task())
            try play.start(.kernelTouch(.read, area[0], .kernelWithFixup))
            try play.hold(.write)
            try play.settle()
            play.release()
            try play.settle()
            return "\(play.world.report(of: play.task).counters.mmapTrylockFailures) failed trylocks"
        },
        Behaviour("keptPage", name: "whether the page can be dropped between the attempts") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 1)
            let area = try play.world.map(file, .read, in: play.task)
            try play.start(.read(file, page: 0), in: play.world.task())
            try play.start(.read(area))
            try play.hold(.write)
            play.world.completeReads()
            try play.go()
            try play.perform(.dropCache(file), in: play.world.task())
            let pages = play.world.residentPages(of: file)
            play.release()
            try play.settle()
            return "resident \(pages)"
        },
        Behaviour("throttledSharedWrite", name: "a shared store that is throttled") { model in
            var play = try Play(model) { $0.dirtyLimitPages = 0 }
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.start(.write(area))
            let lock = play.lock
            play.world.kill(play.task)
            try play.settle()
            return "\(lock), \(play.results())"
        },
        Behaviour("throttledSharedWrite", name: "a shared store to tmpfs") { model in
            var play = try Play(model)
            let area = try play.world.map(
                try play.world.file(pages: 1, on: .tmpfs), .readWrite, .shared, in: play.task)
            try play.perform(.write(area))
            return "\(play.results()), \(play.counts())"
        },
        Behaviour("mkwriteProtocol", "keptPage", name: "the first store to a page of btrfs") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .btrfs, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.read(area))
            try play.start(.write(area))
            let lock = play.lock
            return "\(lock), \(try play.settle()) requests, \(play.results())"
        },
        Behaviour("mkwriteProtocol", name: "a store to a page of ext4") { model in
            var play = try Play(model)
            let area = try play.world.map(
                try play.world.file(pages: 4, resident: .all), .readWrite, .shared, in: play.task)
            try play.perform(.write(area))
            return play.results()
        },
        Behaviour("writeResult", name: "a store to the zero page") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.read(area))
            try play.perform(.write(area))
            return play.results()
        },
    ]

    /// A process with a cold file of 64 pages, one of whose threads reads page 3 and sleeps.
    static func coldRead(_ model: KernelModel, advice: Advice = .normal) throws -> (Play, FileID) {
        var play = try Play(model)
        let file = try play.world.file(pages: 64)
        let area = try play.world.map(file, .read, in: play.task)
        if advice != .normal { try play.perform(.madvise(area, advice)) }
        try play.start(.read(area, page: 3))
        return (play, file)
    }
}
