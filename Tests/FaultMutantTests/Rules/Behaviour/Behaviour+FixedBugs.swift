import FaultSimulator
import FaultUserfaultfd

/// Bugs that kernels had and fixed: a small world each, of which all schedules are gone through.
extension Behaviour {
    static let fixedBugs: [Behaviour] = [
        Behaviour("forcedWrites", name: "a write to /proc/self/mem beside MADV_DONTNEED, where a file may only be read")
        {
            model in
            var world = try World(model)
            let file = try world.file(pages: 1, resident: .all)
            let task = world.task()
            let area = try world.map(file, .read, in: task)
            let content = world.machine.cachedFolio(at: 0, of: file).map { world.machine.stamp(of: $0) }
            world.start(.writeProcMem(area), in: task)
            world.start(.madvise(area, .dontNeed), in: world.thread(of: task))
            return found(
                in: world,
                .finally("the file is written") { machine in
                    machine.cachedFolio(at: 0, of: file).map { machine.stamp(of: $0) } == content
                })
        },
        Behaviour("swapCacheBypass", name: "a swap-in past the swap cache beside a store that is swapped out again") {
            model in
            var settings = MachineSettings()
            settings.swapReadaheadPages = 1
            var world = try World(model, settings: settings)
            _ = try world.addSwap(pages: 1, held: false, isSynchronous: true)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            try world.perform(.write(area), in: task)
            let old = world.report(of: task).outcome.stamp
            try world.perform(.madvise(area, .pageOut), in: task)
            world.evictSwapCache()
            let thread = world.thread(of: task)
            world.start(.read(area), in: task)
            world.start([.write(area), .madvise(area, .pageOut), .read(area)], in: thread)
            return found(in: world, .finally("a store is lost") { $0.report(of: thread).outcome.stamp != old })
        },
        Behaviour("areaNodes", name: "a stack that grows beside a read of /proc/PID/maps") { model in
            var world = try World(model)
            let task = world.task()
            let stack = try world.map(
                MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .fixed(PageNumber(0x40000))),
                in: task)
            world.start(.write(stack.start - 1), in: task)
            world.start(.readProcMaps(stack.map), in: world.task())
            return found(in: world, .laws)
        },
        Behaviour("areaLockCheck", name: "a first store beside mremap(2) that leaves its area") { model in
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 2, in: task)
            try world.perform(.write(area), in: task)
            world.start(.write(area, page: 1), in: task)
            world.start(.mremap(area, newPages: 2, .leaving), in: world.thread(of: task))
            return found(in: world, .laws)
        },
        Behaviour("forkAreaLocks", name: "a first store beside fork(2)") { model in
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 2, in: task)
            try world.perform(.write(area), in: task)
            world.start(.write(area, page: 1), in: task)
            world.start(.fork, in: world.thread(of: task))
            return found(in: world, .laws)
        },
        Behaviour("fixupRetries", name: "fixup_user_fault() beside a monitor that wakes it twice for nothing") {
            model in
            guard model.userfaults != .none else { return "no monitor" }
            var world = try World(model)
            let task = world.task()
            let area = try world.map(anonymousPages: 1, in: task)
            let descriptor = try world.userfaultfd(in: task)
            try world.register(area, with: descriptor, for: .missing, by: task)
            world.start(.faultIn(FaultRequest(.fixupUnlockable, .write, area[0])), in: task)
            let wake = TaskOperation.wake(descriptor, area)
            world.start([wake, wake, .copy(descriptor, area, page: 0)], in: world.thread(of: task))
            return found(
                in: world,
                .always("a missing page is said to be there") { machine in
                    machine.isBusy(task) || machine.report(of: task).errno != nil
                        || machine.entry(of: area[0], in: area.map).isPresent
                })
        },
        Behaviour("killedLookup", name: "what a lookup returns if it is killed while it waits for the disk") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 1), .read, in: play.task)
            try play.start(.getUserPages(area, .unlockable))
            play.world.kill(play.task)
            try play.settle()
            let report = play.world.report(of: play.task)
            return report.errnoWhenKilled.map { "\($0)" } ?? "\(report.outcome.value)"
        },
    ]

    /// What a check of all schedules finds, in a word or two.
    private static func found(in world: World, _ property: Property) -> String {
        let verdict = world.checkSchedules(.exhaustive, for: [property]) {
            $0.tellsCountsApart = false
            $0.limits.states = 20_000
        }
        switch verdict {
        case .holds: return "nothing"
        case .notExhaustive(let stop, _): return "\(stop)"
        case .violated(let found, _):
            switch found.kind {
            case .law(let violation): return "breaks \(violation.law)"
            case .predicate(let name): return name
            case .deadlock: return "a deadlock"
            case .livelock: return "a livelock"
            default: return "something else"
            }
        }
    }
}
