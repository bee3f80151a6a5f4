@testable import FaultFilemap
import FaultSimulator

@testable import FaultCore

/// Pages that are held beyond a call.
extension Behaviour {
    static let pins: [Behaviour] = [
        Behaviour("pinTracking", name: "whether a pinned page looks pinned") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.world.pin(area, in: play.task)
            return play.world.machine.isMaybePinned(play.frame(of: 0, in: area)) ? "pinned" : "referenced"
        },
        Behaviour("readPins", name: "a page that a fork has shared is pinned for reading") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            _ = try play.world.fork(play.task)
            let shared = play.frame(of: 0, in: area)
            let pin = try play.world.pin(area, .pin, in: play.task)
            let isCopied = play.frame(of: 0, in: area) != shared
            let stamp = try play.perform(.write(area)).outcome.stamp
            let sees = play.world.stamps(of: pin) == [stamp] ? "sees later stores" : "does not see later stores"
            return "\(isCopied ? "copied" : "shared"), \(sees)"
        },
        Behaviour("directPins", name: "a fork and a store during a direct read") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            try play.start(.directRead(file, into: area))
            let isPinned = play.world.machine.isMaybePinned(play.frame(of: 0, in: area))
            try play.start(.fork, in: play.thread)
            try play.start(.write(area), in: play.thread)
            try play.settle()
            let data = Machine.initialStamp(of: file, at: 0)
            let stamp = try play.perform(.read(area)).outcome.stamp
            return "\(isPinned ? "pinned" : "referenced"), data \(stamp == data ? "arrives" : "is lost")"
        },
        Behaviour("longTermFilePins", name: "shared memory of a file is pinned for writing and for long") { model in
            var play = try Play(model)
            let area = try play.world.map(
                try play.world.file(pages: 2, resident: .all), .readWrite, .shared, in: play.task)
            let report = try play.perform(.pinUserPages(area[0], pages: 2, [.pin, .write, .longTerm]))
            return "\(play.world.pins.count) pins, \(report.errno.map { "\($0)" } ?? "done")"
        },
        Behaviour("longTermReadPins", name: "private memory of a file is pinned for reading and for long, then written")
        {
            model in
            var play = try Play(model)
            let file = try play.world.file(pages: 2, resident: .all)
            let area = try play.world.map(file, in: play.task)
            let pin = try play.world.pin(area, [.pin, .longTerm], in: play.task)
            let isOfFile =
                play.world.machine.pagePin(pin)?.frames.first == play.world.machine.cachedFolio(at: 0, of: file)
            let stamp = try play.perform(.write(area)).outcome.stamp
            return "the pin has \(isOfFile ? "the file's page" : "a copy"), and "
                + (play.world.stamps(of: pin).first == stamp ? "sees the store" : "does not see the store")
        },
        Behaviour("pinnedFork", name: "a fork of a process with pinned pages, of memory and of a file") { model in
            var play = try Play(model)
            let memory = try play.world.map(anonymousPages: 1, in: play.task)
            let mapped = try play.world.map(try play.world.file(pages: 2, resident: .all), in: play.task)
            try play.perform(.write(mapped, page: 1))  // else fork leaves the area to faults
            try play.perform(.read(mapped))
            try play.world.pin(memory, in: play.task)
            try play.world.pin(mapped, pages: 1, .pin, in: play.task)
            let child = try play.world.fork(play.task)
            let frame = play.world.machine.entry(of: memory[0], in: play.world.map(of: child)).frame
            let isCopied = frame != play.frame(of: 0, in: memory)
            return "memory \(isCopied ? "copied" : "shared"), file pages \(play.world.rss(of: child).file)"
        },
        Behaviour("pinnedReclaim", name: "MADV_PAGEOUT of pinned memory") { model in
            var play = try Play(model) { $0.swapReadaheadPages = 1 }
            try play.swap(held: false)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.world.pin(area, in: play.task)
            try play.perform(.madvise(area, .pageOut))
            return "\(play.world.presentPages(of: area).isEmpty ? "unmapped" : "stays mapped"), "
                + "\(play.world.machine.swapCachedPages) with a slot"
        },
        Behaviour("pinnedReclaim", name: "MADV_PAGEOUT of a pinned page of tmpfs") { model in
            var play = try Play(model) {
                $0.swapReadaheadPages = 1
                $0.frameLimit = 64
            }
            try play.swap(held: false)
            let file = try play.world.file(pages: 1, on: .tmpfs)
            let area = try play.world.map(file, .readWrite, .shared, in: play.task)
            try play.world.pin(area, in: play.task)
            let frame = play.frame(of: 0, in: area)
            try play.perform(.madvise(area, .pageOut))
            try play.perform(.madvise(area, .pageOut))
            let flags = play.world.machine.flags(of: frame)
            return "\(play.world.presentPages(of: area)), \(flags.contains(.active) ? "active" : "inactive")"
        },
    ]
}
