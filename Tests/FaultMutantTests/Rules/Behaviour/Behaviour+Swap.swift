import FaultSimulator

/// Swapping out and in.
extension Behaviour {
    static let swap: [Behaviour] = [
        Behaviour("swapInWait", "retryAccounting", "areaRetry", name: "a swap-in of several pages") { model in
            var (play, area) = try swapped(model, pages: 4, isRotational: true)
            try play.start(.read(area))
            let lock = play.lock
            try play.settle()
            return "\(lock), \(play.results()), \(play.counts())"
        },
        Behaviour("pageWait", "retrySignals", name: "SIGKILL during a swap-in") { model in
            var (play, area) = try swapped(model, pages: 4, isRotational: true)
            try play.start(.read(area))
            play.world.kill(play.task)
            try play.go()
            return play.state()
        },
        Behaviour("singleSwapRead", name: "a swap-in of one page, without readahead") { model in
            var (play, area) = try swapped(model, pages: 1) { $0.swapReadaheadPages = 1 }
            try play.start(.read(area))
            let lock = play.lock
            play.world.kill(play.task)
            try play.go()
            return "\(lock), \(play.state())"
        },
        Behaviour("swapInMapping", name: "a store to a page that was swapped in for a load") { model in
            var (play, area) = try swapped(model, pages: 1)
            try play.perform(.read(area))
            return "\(try play.perform(.write(area)).counters.exceptions) exceptions"
        },
        Behaviour("swapSlots", name: "which slots pages get when the clusters are used up") { model in
            var play = try Play(model)
            try play.swap(pages: 700, held: false)
            play.world.machine.isChecking = false  // it is many pages
            let area = try play.world.map(anonymousPages: 720, in: play.task)
            try play.swapOut(area)
            let slots = (0..<720).compactMap { page in
                play.world.machine.swapSlot(of: play.world.machine.entry(of: area[page], in: area.map))
            }
            // Gives some back, and asks for as many again.
            try play.perform(.madvise(area, .dontNeed, page: 100, pages: 80))
            try play.perform(.write(area, page: 100, pages: 10))
            try play.perform(.madvise(area, .pageOut, page: 100, pages: 10))
            let again = (100..<110).compactMap { page in
                play.world.machine.swapSlot(of: play.world.machine.entry(of: area[page], in: area.map))
            }
            return "\(slots.count) from \(slots[0]), the last is \(slots[slots.count - 1]), then \(again)"
        },
        Behaviour("swapZeroPages", name: "a page of zeroes that is swapped out") { model in
            var play = try Play(model)
            try play.swap()
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.madvise(area, .populateWrite))
            try play.perform(.madvise(area, .pageOut))
            return "\(play.world.machine.events.pswpout) written, \(play.world.machine.events.swapZeroOut) noted"
        },
        Behaviour("lostPage", name: "a page that could not be read when its swap area went") { model in
            var play = try Play(model) { $0.swapReadaheadPages = 1 }
            try play.swap(isRotational: true)
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.swapOut(area)
            play.world.machine.breakSwapSlots(1...1)
            try play.perform(.swapOff(0))
            return try play.perform(.read(area)).end
        },
        Behaviour("pageOutReferences", name: "MADV_PAGEOUT of a page that a file's reader has used") { model in
            var play = try Play(model)
            try play.swap()
            let file = try play.world.file(pages: 2, resident: .all)
            let area = try play.world.map(file, .read, .shared, in: play.task)
            try play.perform(.read(area))
            for _ in 0..<3 { try play.perform(.read(file, page: 0), in: play.thread) }
            try play.perform(.madvise(area, .pageOut))
            return "mapped \(play.world.presentPages(of: area)), resident \(play.world.residentPages(of: file))"
        },
        Behaviour("pageOutReferences", name: "whether MADV_PAGEOUT of a page that it can't take clears its use") {
            model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            try play.perform(.madvise(area, .pageOut))
            let isYoung = play.world.machine.entry(of: area[0], in: area.map).bits.contains(.young)
            return isYoung ? "young" : "not young"
        },
        Behaviour("sharedWillNeed", name: "MADV_WILLNEED of two swapped pages of tmpfs") { model in
            var play = try Play(model) { $0.swapReadaheadPages = 1 }
            try play.swap(held: false)
            let file = try play.world.file(pages: 8, on: .tmpfs)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.swapOut(area)
            let before = play.world.machine.events.pswpin
            try play.perform(.madvise(area, .willNeed, page: 2, pages: 2))
            return "\(play.world.machine.events.pswpin - before) pages"
        },
    ]

    /// A process whose memory is swapped out.
    static func swapped(
        _ model: KernelModel, pages: Int, isRotational: Bool = false,
        _ change: (inout MachineSettings) -> Void = { _ in }
    ) throws -> (Play, Area) {
        var play = try Play(model, change)
        try play.swap(isRotational: isRotational)
        let area = try play.world.map(anonymousPages: pages, in: play.task)
        try play.swapOut(area)
        return (play, area)
    }
}
