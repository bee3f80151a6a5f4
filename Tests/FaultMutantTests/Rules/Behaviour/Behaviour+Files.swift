import FaultSimulator

@testable import FaultCore

/// What is read of files, and mapped.
extension Behaviour {
    static let files: [Behaviour] = [
        Behaviour("faultAround", name: "a read of a cached page") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 64, resident: .all), .read, in: play.task)
            try play.perform(.read(area, page: 40))
            return "\(play.results()), \(play.world.presentPages(of: area).count) mapped"
        },
        Behaviour("faultAround", name: "a read of a cold page under random advice") { model in
            var (play, file) = try coldRead(model, advice: .random)
            try play.settle()
            return "\(play.world.residentPages(of: file).count) read"
        },
        Behaviour("faultAround", name: "the hits of a fault on a page whose neighbours are mapped") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 64, resident: .pages([0...3]))
            let area = try play.world.map(file, .read, in: play.task)
            try play.perform(.read(area))
            try play.perform(.madvise(area, .dontNeed, page: 0, pages: 1))
            play.world.machine[readaheadOf: file].mmapMiss = 50
            try play.perform(.read(area, page: 0))
            return "\(50 - play.world.machine[readaheadOf: file].mmapMiss) hits"
        },
        Behaviour("faultAroundTable", name: "the first read of a file's only page") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 1, resident: .all), .read, in: play.task)
            try play.perform(.read(area))
            return play.results()
        },
        Behaviour("aroundHits", name: "the hits of a read around 16 pages, five of which came back") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 64, resident: .all)
            let area = try play.world.map(file, .read, in: play.task)
            for page in [3, 4, 5, 9, 15] {
                if let folio = play.world.machine.cachedFolio(at: PageIndex(page), of: file) {
                    play.world.machine.setFlags(of: folio, adding: .workingset)
                }
            }
            play.world.machine[readaheadOf: file].mmapMiss = 50
            try play.perform(.read(area))
            return "\(50 - play.world.machine[readaheadOf: file].mmapMiss) hits"
        },
        Behaviour("lockedPageHit", name: "the hits of a fault on a page that another task reads") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 1)
            let area = try play.world.map(file, .read, in: play.task)
            play.world.machine[readaheadOf: file].mmapMiss = 50
            try play.start(.read(file, page: 0), in: play.world.task())
            try play.start(.read(area))
            return "\(50 - play.world.machine[readaheadOf: file].mmapMiss) hits"
        },
        Behaviour("codeReadahead", name: "a miss of a program's code") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 64)
            let area = try play.world.map(file, .readExecute, in: play.task)
            try play.perform(.execute(area, page: 40))
            return spans(play.world.residentPages(of: file))
        },
        Behaviour(
            "mmapReadahead", "fileFault",
            name: "mapped reads of a page, of where a mark would be, and of the last page read and the next"
        ) { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 256)
            let area = try play.world.map(file, .read, in: play.task)
            try play.perform(.read(area, page: 100))
            let marks = play.world.residentPages(of: file).filter { page in
                play.world.machine.cachedFolio(at: PageIndex(page), of: file).map {
                    play.world.machine.flags(of: $0).contains(.readahead)
                } ?? false
            }
            for page in [108, 115, 116] { try play.perform(.read(area, page: page)) }
            return "\(spans(play.world.residentPages(of: file))), marked \(marks)"
        },
        Behaviour("readaheadPlanning", name: "a first window that is needed whole") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 256)
            try play.perform(.read(file, pages: 32))
            let state = play.world.machine[readaheadOf: file]
            return
                "\(spans(play.world.residentPages(of: file))), window from \(state.start.value) of \(state.size), the "
                + "next with \(state.asyncSize) left"
        },
        Behaviour("readaheadPlanning", name: "a missing page where the next window was expected, not read in order") {
            model in
            var play = try Play(model)
            let file = try play.world.file(pages: 256)
            try play.perform(.read(file, pages: 4))
            let state = play.world.machine[readaheadOf: file]
            try play.perform(.dropCache(file))
            try play.perform(.read(file, page: 200))
            try play.perform(.read(file, page: (state.start + state.size).value))
            return spans(play.world.residentPages(of: file))
        },
        Behaviour("missingPageSearch", name: "a marked page behind which nothing is missing") { model in
            var play = try Play(model) { $0.readaheadPages = 8 }
            let file = try play.world.file(pages: 64, resident: .pages([2...40]))
            try play.perform(.read(file, page: 0))
            play.world.machine[readaheadOf: file].start = 50
            try play.perform(.read(file, page: 1))
            let state = play.world.machine[readaheadOf: file]
            return "window from \(state.start.value) of \(state.size), \(spans(play.world.residentPages(of: file)))"
        },
        Behaviour("readPositionNote", name: "reads of page 3 and of page 5") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 64)
            try play.perform(.read(file, page: 3))
            try play.perform(.read(file, page: 5))
            return spans(play.world.residentPages(of: file))
        },
        Behaviour("readPositionNote", name: "a position that is set back during a read") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 64, resident: .all)
            play.world.start(.read(file, page: 3, pages: 3), in: play.task)
            var seen: [Int64] = []
            play.step(play.task) { machine, task in
                let position = machine[readaheadOf: file].previousPosition >> 12
                if seen.last != position { seen.append(position) }
                return machine.isBusy(task)
            }
            return "\(seen)"
        },
        Behaviour("missRecheck", name: "a copy is mapped in a locked area, and its file's page dropped, during a miss")
        {
            model in
            var play = try Play(model) { $0.faultAroundPages = 1 }
            let file = try play.world.file(pages: 2, resident: .all)
            let area = try play.world.map(file, in: play.task)
            try play.perform(.mlock(area))
            try play.perform(.madvise(area, .dontNeedLocked, page: 0, pages: 1))
            let task = play.task
            play.world.start(.read(area), in: task)
            play.step(task) { $0.backtrace(of: $1).last?.description != "handlerFault.findFolio" }
            for operation in [TaskOperation.write(area), .dropCache(file)] {
                play.world.start(operation, in: play.thread)
                play.step(play.thread)
            }
            try play.settle()
            return play.results()
        },
        Behaviour("populatePages", name: "MADV_POPULATE_READ of a cold file") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 2), .read, in: play.task)
            try play.perform(.madvise(area, .populateRead))
            return play.results()
        },
        Behaviour("populatePages", name: "MADV_POPULATE_READ over a hole") { model in
            var play = try Play(model)
            let area = try play.map(0x1000, pages: 6)
            try play.perform(.munmap(area, page: 2, pages: 2))
            let end = try play.perform(.madvise(area, .populateRead)).end
            return "\(end), \(play.world.presentPages(of: area))"
        },
        Behaviour("folioBatch", name: "how long a read of 64 cached pages takes, a nanosecond a stage") { model in
            var costs = CostModel()
            costs.systemCallStageNanoseconds = 1
            var play = try Play(model, costs: costs)
            let file = try play.world.file(pages: 64, resident: .all)
            let before = play.world.clock
            try play.perform(.read(file, pages: 64))
            return "\(play.world.clock - before) ns"
        },
        Behaviour("removableMemory", name: "MADV_REMOVE of shared memory that may only be read") { model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 4, resident: .all), .read, .shared, in: play.task)
            return try play.perform(.madvise(area, .remove)).end
        },
    ]

    /// Numbers in rising order, as spans.
    static func spans(_ numbers: [Int]) -> String {
        var spans: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = spans.last, last.upperBound + 1 == number {
                spans[spans.count - 1] = last.lowerBound...number
            } else {
                spans.append(number...number)
            }
        }
        return spans.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: " ")
    }
}
