import FaultSimulator

/// What goes on under the lock of an area.
extension Behaviour {
    static let areaLocks: [Behaviour] = [
        Behaviour(
            "areaLocks", "areaLockRefusal", "adviceLock", "procMapsLock",
            name: "what goes on beside a thread that has the mmap lock for writing"
        ) { model in
            var goOn: [String] = []
            for what in ["anonymous", "cached", "miss", "refusal", "advice", "maps"] {
                var play = try Play(model)
                let memory = try play.world.map(anonymousPages: 4, in: play.task)
                try play.perform(.write(memory))
                let cached = try play.world.map(try play.world.file(pages: 32, resident: .all), .read, in: play.task)
                let cold = try play.world.map(try play.world.file(pages: 32), .read, in: play.task)
                if what == "refusal" { try play.perform(.mprotect(memory, .read)) }
                try play.hold(.write)
                let operation: TaskOperation =
                    switch what {
                    case "anonymous": .write(memory, page: 1)
                    case "cached": .read(cached, page: 5)
                    case "miss": .read(cold, page: 5)
                    case "refusal": .write(memory)
                    case "advice": .madvise(memory, .dontNeed)
                    default: .readProcMaps(memory.map)
                    }
                try play.start(operation)
                let reads = !play.world.machine.requestsUnderWay.isEmpty
                if what == "miss" ? reads : play.state() == "done" { goOn.append(what) }
                play.release()
                try play.settle()
            }
            return goOn.isEmpty ? "nothing" : goOn.joined(separator: ", ")
        },
        Behaviour(
            "areaLocks", "areaLockRelease", "areaRetry", "areaLockRetry", name: "a swapped page under its area's lock"
        ) { model in
            var play = try Play(model)
            try play.swap()
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.swapOut(area)
            try play.perform(.read(area))
            return areaLockText(play) + flagsText(play)
        },
        Behaviour("areaLockAnonVMA", name: "the first store to an area") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.perform(.write(area))
            return areaLockText(play)
        },
        Behaviour("areaLockAnonVMA", "areaLockRelease", name: "the first private store to a mapped file") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 4, resident: .all), in: play.task)
            try play.perform(.write(area))
            return areaLockText(play)
        },
        Behaviour("areaLockRetry", "areaRetry", name: "the attempts of a cold read") { model in
            var (play, _) = try coldRead(model)
            try play.settle()
            return areaLockText(play) + flagsText(play)
        },
        Behaviour("areaRetry", name: "an mmap beside a cold read") { model in
            var (play, file) = try coldRead(model)
            try play.start(.munmap(try play.world.map(file, .read, in: play.thread)), in: play.thread)
            let areas = play.world.machine.areas(of: play.world.map(of: play.task))
            try play.start(.munmap(areas[0].start, pages: 64), in: play.thread)
            let state = play.state(of: play.thread)
            try play.settle()
            return "\(state), \(play.world.report(of: play.task).end)"
        },
    ]

    /// What the attempts of the last operation were told.
    static func flagsText(_ play: Play) -> String {
        ": " + play.world.report(of: play.task).attempts.map { "\($0.flags)" }.joined(separator: ", ")
    }

    static func areaLockText(_ play: Play) -> String {
        let counters = play.world.report(of: play.task).counters
        let events = play.world.machine.events
        return "\(play.results()); \(counters.attempts) attempts, \(counters.areaLockAttempts) under the area's lock, "
            + "\(counters.mmapReadLocks) mmap locks; success \(events.vmaLockSuccess), abort \(events.vmaLockAbort), "
            + "retry \(events.vmaLockRetry), miss \(events.vmaLockMiss)"
    }
}
