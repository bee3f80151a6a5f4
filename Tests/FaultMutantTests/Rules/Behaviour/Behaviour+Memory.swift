import FaultSimulator

@testable import FaultCore

/// Private memory: areas, copies, protection, stacks, memory that is short.
extension Behaviour {
    static let memory: [Behaviour] = [
        Behaviour("anonymousReuse", name: "a store to a page that the swap cache refers to") { model in
            var play = try Play(model)
            try play.swap(isRotational: true)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.swapOut(area)
            try play.perform(.read(area))
            let before = play.frame(of: 0, in: area)
            try play.perform(.write(area))
            return before == play.frame(of: 0, in: area) ? "in place" : "copied"
        },
        Behaviour("anonymousReuse", name: "a store through a read-only entry of a page that is held") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            let pin = try play.world.pin(area, [.get, .write], in: play.task)
            let bits = play.world.machine.entry(of: area[0], in: area.map).bits
            play.world.machine.changeEntry(of: area[0], in: area.map, to: bits.subtracting(.writable))
            let stamp = try play.perform(.write(area)).outcome.stamp
            return play.world.stamps(of: pin) == [stamp] ? "in place" : "copied"
        },
        Behaviour("anonymousReuse", name: "a store to a page that a child has let go, but holds") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let child = try play.world.fork(play.task)
            let pin = try play.world.pin(area, .get, in: child)
            try play.perform(.munmap(area), in: child)
            let stamp = try play.perform(.write(area)).outcome.stamp
            return play.world.stamps(of: pin) == [stamp] ? "in place" : "copied"
        },
        Behaviour("copyAllocation", name: "a private store to a cold file without memory for the copy") { model in
            var play = try Play(model)
            let file = try play.world.file(pages: 4)
            let area = try play.world.map(file, in: play.task)
            play.world.machine.failAllocation(at: .copyPage)
            try play.start(.write(area))
            return "\(play.results()), \(play.world.machine.requestsUnderWay.count) reads"
        },
        Behaviour("copyAllocation", name: "a private store to a file's cached page without memory for the copy") {
            model in
            var play = try Play(model)
            let area = try play.world.map(try play.world.file(pages: 4), in: play.task)
            play.world.machine.failAllocation(at: .copyPage)
            try play.perform(.write(area))
            return play.results()
        },
        Behaviour("faultOutOfMemory", "kernelOutOfMemory", name: "no memory for a page table, twice, for the kernel") {
            model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            for _ in 0..<2 { play.world.machine.failAllocation(at: .pageTable) }
            let report = try play.perform(.kernelTouch(.write, area[0], .kernelWithFixup))
            return "\(report.end), \(play.world.machine.events.oomKill) killed"
        },
        Behaviour("faultOutOfMemory", name: "no memory for a page table, for a program") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            play.world.machine.failAllocation(at: .pageTable)
            let report = try play.perform(.write(area))
            return "\(report.end), \(play.world.machine.events.oomKill) killed"
        },
        Behaviour(
            "victimMemory", "victimDelay",
            name: "when memory comes free of a process that was killed and waits for the inode lock"
        ) {
            model in
            var play = try Play(model) { $0.frameLimit = 12 }
            let victim = play.world.task()
            let area = try play.world.map(anonymousPages: 8, in: victim)
            try play.perform(.write(area, pages: 8), in: victim)
            let file = try play.world.file(pages: 8, on: .tmpfs)
            play.world.start(.write(file, pages: 6), in: play.task)
            try play.go(until: .stage(play.task, "reclaim.begin"))
            play.world.start(.truncate(file, pages: 0), in: victim)
            play.step(victim)
            let before = play.world.machine.clock
            try play.go()
            guard !play.world.machine.isBusy(play.task) else { return "never" }
            return play.world.machine.clock - before < 2_000_000_000 ? "at once" : "after two seconds"
        },
        Behaviour("stackPointerTest", name: "a store far below the stack pointer") { model in
            var play = try Play(model)
            let stack = try play.stack()
            play.world.machine.setStackPointer(of: play.task, to: PageNumber(0x40001).rawValue << 12)
            let near = try play.perform(.write(stack, page: -3)).end
            return "\(near), and further \(try play.perform(.write(stack, page: -40)).end)"
        },
        Behaviour("stackGuard", name: "a store to the lowest page of a stack above an area") { model in
            var play = try Play(model)
            _ = try play.map(0x3FFFF, pages: 1)
            return try play.perform(.write(try play.stack())).end
        },
        Behaviour("newAreaMerge", name: "memory between two areas that can't become one") { model in
            var play = try Play(model)
            for page: UInt64 in [0x1000, 0x1006] { try play.perform(.write(try play.map(page, pages: 4))) }
            let between = try play.map(0x1004, pages: 2)
            return play.world.machine.areas(of: between.map).map { "\($0.start)" }.joined(separator: ", ")
        },
        Behaviour("writeCharge", name: "untouched memory that becomes read-only, beside memory that always was") {
            model in
            var play = try Play(model)
            let area = try play.map(0x1000, pages: 4)
            _ = try play.map(0x1004, pages: 4, .read)
            try play.perform(.mprotect(area, .read))
            return "\(play.world.machine.areas(of: area.map).count) areas"
        },
        Behaviour("writableEntries", name: "faults after mprotect to read and back: a written page, and one swapped in")
        {
            model in
            var play = try Play(model)
            try play.swap()
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.swapOut(area)
            try play.perform(.write(area))
            try play.perform(.read(area, page: 1))
            try play.perform(.mprotect(area, .read))
            try play.perform(.mprotect(area, .readWrite))
            return try (0..<2).map { "\(try play.perform(.write(area, page: $0)).counters.exceptions)" }
                .joined(separator: ", ")
        },
        Behaviour("lockOnFault", name: "mlock2 with MLOCK_ONFAULT") { model in
            var play = try Play(model)
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            return try play.perform(.mlock2(area, .onFault)).end
        },
        Behaviour("recency", name: "misses of pages that are read at random all the time, under pressure") { model in
            var play = try Play(model) {
                $0.frameLimit = 16
                $0.readaheadPages = 0
                $0.faultAroundPages = 1
            }
            let hot = try play.world.file(pages: 2)
            let cold = try play.world.file(pages: 40)
            let area = try play.world.map(hot, .read, .shared, in: play.task)
            try play.perform(.madvise(area, .random))
            try play.perform(.read(area, pages: 2))
            play.world.machine.isChecking = false  // it is many operations
            var misses = 0
            for page in 0..<40 {
                try play.perform(.read(cold, page: page))
                misses += try play.perform(.read(area, pages: 2)).counters.pgmajfault
            }
            return misses == 0 ? "none" : "some"
        },
        Behaviour("refaultTest", name: "what the page beyond a group's limit pushes to swap") { model in
            var play = try Play(model)
            try play.swap(pages: 1024, held: false)
            try play.world.addMemoryGroup(limit: 64)
            let area = try play.world.map(anonymousPages: 160, in: play.task)
            try play.perform(.write(area, pages: 64))
            play.world.machine.drainPageBatches()
            try play.perform(.write(area, page: 64))
            return "\(play.world.machine.events.pswpout) pages"
        },
        Behaviour("readaheadShortage", name: "readahead in a group that finds no room for one page of many") { model in
            var play = try Play(model)
            try play.world.addMemoryGroup(limit: 1000)
            let file = try play.world.file(pages: 64)
            let mapped = try play.world.map(file, .read, in: play.task)
            play.world.machine.failAllocation(at: .cachePage, skipping: 10)
            try play.start(.read(mapped, page: 20))
            return spans((0..<64).filter { play.world.machine.cachedFolio(at: PageIndex($0), of: file) != nil })
        },
    ]
}
