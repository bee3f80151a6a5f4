import FaultSimulator

/// Faults that a program resolves.
extension Behaviour {
    static let userfaults: [Behaviour] = [
        Behaviour("userfaults", name: "what a descriptor can be asked for") { model in
            var known: [String] = []
            let features: [(String, UserfaultFeatures)] = [
                ("plain", []), ("fork", .eventFork), ("sigbus", .sigbus), ("protect", .pagefaultFlagWP),
                ("minor", .minorShmem), ("exact", .exactAddress), ("unpopulated", .wpUnpopulated),
                ("poison", .poison), ("async", .wpAsync), ("move", .move),
            ]
            for (name, feature) in features {
                var play = try Play(model)
                if try play.perform(.userfaultfd(feature, [])).end == "done" { known.append(name) }
            }
            var play = try Play(model)
            if try play.perform(.userfaultfd([], .userModeOnly)).end == "done" { known.append("user mode") }
            return known.isEmpty ? "nothing" : known.joined(separator: ", ")
        },
        Behaviour("userfaults", name: "a page of a registered area is poisoned, or moved in") { model in
            try monitored(model) { play, area, descriptor in
                let source = try play.world.map(anonymousPages: 1, in: play.thread)
                try play.perform(.write(source), in: play.thread)
                let calls: [UserfaultCall] = [
                    .poison(area[0], pages: 1, []), .move(area[1], pages: 1, from: source.start, []),
                ]
                return try calls.map { try play.perform(.userfault(descriptor, $0), in: play.thread).end }
                    .joined(separator: ", ")
            }
        },
        Behaviour("faultRetry", name: "a page that is woken twice without being there") { model in
            try monitored(model) { play, area, descriptor in
                try play.start(.read(area))
                for _ in 0..<2 { try play.start(.wake(descriptor, area), in: play.thread) }
                let state = play.state()
                try play.start(.copy(descriptor, area, page: 0), in: play.thread)
                return "\(state), \(play.results())"
            }
        },
        Behaviour("userfaultSignal", name: "a handled signal while a page is waited for, which comes then") { model in
            try monitored(model) { play, area, descriptor in
                try play.start(.read(area))
                play.world.send(.user1, to: play.task)
                try play.go()
                try play.start(.copy(descriptor, area, page: 0), in: play.thread)
                return play.results()
            }
        },
        Behaviour("userfaultCount", name: "a page that is waited for, twice where that is allowed") { model in
            try monitored(model) { play, area, descriptor in
                try play.start(.read(area))
                if model.faultRetry == .anyNumber { try play.start(.wake(descriptor, area), in: play.thread) }
                try play.start(.copy(descriptor, area, page: 0), in: play.thread)
                return "\(play.results()), \(play.counts())"
            }
        },
        Behaviour("noWaitRetry", name: "a lookup that may not wait, and a writer of the mmap lock after it") { model in
            try monitored(model) { play, area, descriptor in
                try play.start(.getUserPages(area, [.noWait, .unlockable, .write], pages: 1))
                try play.start(.mmap(MapRequest(pages: 1, access: .read)), in: play.thread)
                return "\(play.state()), \(play.state(of: play.thread))"
            }
        },
        Behaviour("noWaitRetry", name: "a lookup that may not wait for a page of a file, and a writer of the mmap lock")
        {
            model in
            var play = try Play(model) { $0.readaheadPages = 0 }
            let area = try play.world.map(try play.world.file(pages: 1), .read, in: play.task)
            play.world.machine.hold(play.world.disk)
            try play.start(.getUserPages(area, [.noWait, .unlockable], pages: 1))
            let end = play.state()
            try play.settle()
            try play.start(.mmap(MapRequest(pages: 1, access: .read)), in: play.thread)
            return "\(end), \(play.state(of: play.thread))"
        },
        Behaviour("fillLock", name: "a copy beside a writer of the mmap lock") { model in
            try monitored(model) { play, area, descriptor in
                try play.perform(.write(area, page: 1), in: play.thread)  // for its anon_vma, if it could
                let filler = play.world.thread(of: play.task)
                try play.hold(.write)
                try play.start(.copy(descriptor, area, page: 0), in: filler)
                let state = play.state(of: filler)
                play.release()
                return state
            }
        },
        Behaviour("releasedUserfault", name: "a fault that is handed over to a descriptor that is being released") {
            model in
            try monitored(model, isSlow: true) { play, area, descriptor in
                let closer = play.world.thread(of: play.task)
                play.world.start(.read(area), in: play.task)
                play.step(play.task) { !($0.backtrace(of: $1).last?.description.contains("serfault") ?? true) }
                play.world.start(.userfault(descriptor, .close), in: closer)
                play.step(closer)
                play.step(play.task, most: 40) { $0.report(of: $1).attempts.isEmpty }
                let result = play.results()
                try play.settle()
                return "\(result), then \(play.world.report(of: play.task).end)"
            }
        },
        Behaviour("changingFills", name: "a copy while unmapping is not told of yet") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 8, in: play.task)
            guard let descriptor = try open(&play, area, .missing, .eventUnmap) else { return "unknown" }
            try play.start(.munmap(area, page: 7))
            let end = try play.perform(.copy(descriptor, area, page: 0), in: play.thread).end
            try play.perform(.userfault(descriptor, .read(most: 1)), in: play.thread)
            try play.settle()
            return end
        },
        Behaviour("sharedFill", name: "a private area of tmpfs is filled with a page, and with zeroes") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .tmpfs)
            let area = try play.world.map(file, .readWrite, .private, in: play.task)
            guard let descriptor = try open(&play, area, .missing) else { return "unknown" }
            let copy = try play.perform(.copy(descriptor, area, page: 0), in: play.thread).end
            let zero = try play.perform(.zeropage(descriptor, area, page: 1), in: play.thread).end
            return "\(copy), \(zero), in the file \(play.world.residentPages(of: file))"
        },
        Behaviour("goneMemory", name: "a copy into memory whose process has exited") { model in
            try monitored(model) { play, area, descriptor in
                let other = try play.world.fork(play.task)
                for task in [play.task, play.thread] { play.world.start(.exit, in: task) }
                try play.settle()
                return try play.perform(.copy(descriptor, area, page: 0), in: other).end
            }
        },
        Behaviour("minorFaultLock", name: "a fault on a page of the cache that somebody has locked") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .tmpfs, resident: .all)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            guard let descriptor = try open(&play, area, .minor) else { return "unknown" }
            let holder = play.world.task()
            try play.start(.sleep(nanoseconds: .max), in: holder)
            guard let folio = play.world.machine.cachedFolio(at: 0, of: file),
                play.world.machine.tryLock(folio, by: holder)
            else { return "no page" }
            try play.start(.read(area))
            let wait = play.world.machine.wait(of: play.task)?.kind
            play.world.machine.unlock(folio)
            try play.start(.userfault(descriptor, .close), in: play.thread)
            return wait == .folio ? "waits for the page" : "waits for the monitor"
        },
        Behaviour("liftedProtection", name: "stores after protection was lifted, of private and shared memory") {
            model in
            let isPrivate = try monitored(model, for: .writeProtect) { play, area, descriptor in
                try lift(&play, area, descriptor)
            }
            var play = try Play(model)
            let file = try play.world.file(pages: 4, on: .tmpfs)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.perform(.write(area))
            guard let descriptor = try open(&play, area, .writeProtect) else { return "\(isPrivate), no shared" }
            return "\(isPrivate), shared \(try lift(&play, area, descriptor))"
        },
        Behaviour("protectedRange", name: "protection over two areas") { model in
            try monitored(model, for: .writeProtect) { play, area, descriptor in
                try play.perform(.madvise(area, .random, page: 4, pages: 4))
                return try play.perform(.writeProtect(descriptor, area), in: play.thread).end
            }
        },
        Behaviour("protectedSwapIn", name: "a store to a page that was protected and swapped out") { model in
            try monitored(model, for: .writeProtect) { play, area, descriptor in
                try play.swap(held: false, isSynchronous: true)
                try play.perform(.write(area))
                try play.perform(.writeProtect(descriptor, area), in: play.thread)
                try play.perform(.madvise(area, .pageOut), in: play.thread)
                play.world.evictSwapCache()
                try play.start(.write(area))
                try play.perform(.writeProtect(descriptor, area, protects: false), in: play.thread)
                return play.results()
            }
        },
        Behaviour("emptyRegistration", name: "registering above all areas") { model in
            try monitored(model) { play, area, descriptor in
                let last = play.world.machine.areas(of: area.map).map(\.end).max() ?? area.start
                let call = UserfaultCall.register(last + 8, pages: 1, .missing)
                return try play.perform(.userfault(descriptor, call)).end
            }
        },
        Behaviour("failedFork", name: "a fork that fails for want of memory") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 8, in: play.task)
            try play.perform(.write(area))
            guard try play.perform(.userfaultfd(.eventFork, [])).errno == nil else { return "unknown" }
            let descriptor = UserfaultID(play.world.report(of: play.task).value)
            try play.perform(.userfault(descriptor, .register(area.start, pages: 8, .missing)))
            play.world.machine.failAllocation(at: .pageTable)
            try play.start(.fork)
            let state = play.state()
            play.world.kill(play.task)
            try play.settle()
            return state
        },
    ]

    /// A process that has registered its memory, and whose other thread answers.
    private static func monitored(
        _ model: KernelModel, for modes: UserfaultModes = .missing, isSlow: Bool = false,
        _ play: (inout Play, Area, UserfaultID) throws -> String
    ) throws -> String {
        // If nothing takes time, a task that loops never gives up its processor.
        var costs = CostModel()
        if isSlow { costs.faultStageNanoseconds = 1_000 }
        var world = try Play(model, costs: costs) { $0.timeSliceNanoseconds = 50_000 }
        let area = try world.world.map(anonymousPages: 8, in: world.task)
        if modes == .writeProtect { try world.perform(.write(area)) }
        guard let descriptor = try open(&world, area, modes) else { return "unknown" }
        let text = try play(&world, area, descriptor)
        guard !world.world.report(of: world.task).isGone else { return text }
        try world.start(.userfault(descriptor, .close), in: world.world.thread(of: world.task))
        return text
    }

    private static func open(
        _ play: inout Play, _ area: Area, _ modes: UserfaultModes, _ features: UserfaultFeatures = []
    ) throws -> UserfaultID? {
        let report = try play.perform(.userfaultfd(features, []))
        guard report.errno == nil else { return nil }
        let descriptor = UserfaultID(report.value)
        let call = UserfaultCall.register(area.start, pages: area.pages, modes)
        return try play.perform(.userfault(descriptor, call)).errno == nil ? descriptor : nil
    }

    private static func lift(_ play: inout Play, _ area: Area, _ descriptor: UserfaultID) throws -> String {
        try play.perform(.writeProtect(descriptor, area), in: play.thread)
        try play.perform(.writeProtect(descriptor, area, protects: false), in: play.thread)
        return "\(try play.perform(.write(area)).counters.exceptions) exceptions"
    }
}
