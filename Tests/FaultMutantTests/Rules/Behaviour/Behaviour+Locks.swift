import FaultSimulator

/// Which task gets the mmap lock, how tasks wait for it, and what they take it for.
extension Behaviour {
    static let locks: [Behaviour] = [
        Behaviour("lockWake", name: "a reader, a writer and a reader wait for a lock that becomes free") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.hold(.write)
            for operation in [
                TaskOperation.kernelTouch(.read, area[0], .kernelWithFixup),
                .mmap(MapRequest(pages: 1, access: .readWrite)),
                .kernelTouch(.read, area[1], .kernelWithFixup),
            ] { try play.start(operation, in: play.world.thread(of: play.task)) }
            play.release()
            return "\(play.world.mmapLock(of: play.task).readers.count) readers"
        },
        Behaviour("lockHandover", name: "a writer waits for a lock that becomes free") { model in
            var play = try Play(model)
            try play.hold(.write)
            try play.start(.mmap(MapRequest(pages: 1, access: .readWrite)))
            play.release()
            return play.lock
        },
        Behaviour("lockWaits", name: "SIGKILL for a fault and a call that wait for the lock") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 4, in: play.task)
            try play.hold(.write)
            let caller = play.world.thread(of: play.task)
            try play.start(.kernelTouch(.read, area[0], .kernelWithFixup))
            try play.start(.munmap(area), in: caller)
            play.world.kill(play.task)
            play.world.kill(caller)
            try play.go()
            // A killed task may wait for the lock once more, to free its memory.
            let waits = [play.task, caller].map { task in
                play.world.machine.backtrace(of: task).first?.routine == "exit" ? "ends" : "waits"
            }
            play.release()
            return "fault \(waits[0]), call \(waits[1])"
        },
        Behaviour("pinLockWait", name: "SIGKILL for a pin that waits for the lock") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.hold(.write)
            try play.start(.pinUserPages(area))
            play.world.kill(play.task)
            try play.go()
            let isEnding = play.world.machine.backtrace(of: play.task).first?.routine == "exit"
            play.release()
            return isEnding ? "ends" : "waits"
        },
        Behaviour("unmapDowngrade", name: "munmap below a stack, and elsewhere") { model in
            var play = try Play(model)
            let alone = try play.map(0x50000, pages: 4)
            let below = try play.map(0x30000, pages: 4)
            _ = try play.stack()
            let holds = try [below, alone].map { try play.perform(.munmap($0)).counters.mmapReadLocks }
            return "downgrades \(holds[0]) and \(holds[1])"
        },
        Behaviour("stackGrowth", name: "a stack grows while another thread reads the map") { model in
            var play = try Play(model)
            let stack = try play.stack()
            try play.hold(.read)
            try play.start(.write(stack, page: -3))
            let state = play.state()
            play.release()
            try play.settle()
            return "\(state), then \(play.world.report(of: play.task).end)"
        },
        Behaviour("errorUnlock", name: "for how long an access of the kernel beyond the end of a file has the lock") {
            model in
            var costs = CostModel()
            costs.faultStageNanoseconds = 10
            var play = try Play(model, costs: costs)
            let file = try play.world.file(pages: 1, resident: .all)
            let area = try play.world.map(file, pages: 4, .read, in: play.task)
            try play.perform(.kernelTouch(.read, area[2], .kernelWithFixup))
            let holds = play.world.machine.lockStatistics(of: area.map).readHolds
            return "\(play.world.report(of: play.task).end), \(holds.total) ns"
        },
        Behaviour("invalidateLock", name: "a cold read of the kernel behind a truncation that waits") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 8)
            let area = try play.world.map(file, .read, in: play.task)
            try play.start(.read(file, page: 0), in: play.world.task())
            try play.start(.truncate(file, pages: 2), in: play.world.task())
            try play.start(.kernelTouch(.read, area[0], .kernelWithFixup))
            let lock = play.lock
            try play.settle()
            return lock
        },
        Behaviour("holePunching", name: "a hole is punched into a dirty file") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4, resident: .all)
            try play.perform(.write(file, page: 1))
            try play.start(.punchHole(file, 0, pages: 4))
            return "\(play.world.machine.requestsUnderWay.count) writes first"
        },
        Behaviour("writeThrottle", name: "write(2) of one page too many") { model in
            var play = try Play(model) { $0.dirtyLimitPages = 0 }
            let file = try play.world.file(pages: 4, resident: .all)
            try play.start(.write(file, page: 1))
            return play.state()
        },
    ]
}
