import FaultSimulator

@testable import FaultCore

/// Frames, page caches, memory groups, and what is counted of them.
extension Damage {
    static let pages: [Damage] = [
        .rest("a mapped page is given back", says: "is free, but mapped, cached or pinned") { machine, rest in
            machine.frames[rest.mapped(rest.memory)].flags.remove(.inUse)
        },
        .rest("a page of a file is exclusive", says: "is exclusive, but has") { machine, rest in
            machine.frames[rest.cached(1)].flags.insert(.anonExclusive)
        },
        .rest("a pinned page may be another's", says: "is pinned, and may be shared") { machine, rest in
            machine.addToBatch(rest.mapped(rest.memory), of: rest.play.task, as: .pin)
            _ = machine.keepBatch(of: rest.play.task, from: rest.memory[0], in: rest.map, isForWriting: true)
            machine.frames[rest.mapped(rest.memory)].flags.remove(.anonExclusive)
        },
        .rest("a cached page becomes anonymous", says: "is anonymous and in a page cache") { machine, rest in
            machine.frames[rest.cached(1)].flags.insert(.anonymous)
        },
        .rest("the zero page is written to", says: "the zero page has the content 5") { machine, _ in
            machine.frames[.none].stamp = 5
        },
        .rest("a clean page has a content that was not written", says: "is clean and has a content that was") {
            machine, rest in
            machine.frames[rest.cached(1)].stamp += 1
        },
        .rest("a page counts one mapping too many", says: "counts 2 mappings, and 1 entries map it") { machine, rest in
            machine.frames[rest.mapped(rest.memory)].mappings += 1
        },
        .rest("a page counts one reference too few", says: "counts 2 references, and 3 places refer to it") {
            machine, rest in
            machine.frames[rest.cached(1)].references -= 1
        },
        .rest("a page counts one reference too many", says: "has 1 references more than entries") { machine, rest in
            machine.frames[rest.cached(1)].references += 1
        },
        .rest("a page is locked by nobody", says: "is locked and has 0 owners") { machine, rest in
            machine.frames[rest.cached(1)].flags.insert(.locked)
        },
        .sleeping("a page under a read is unlocked", says: "is not locked, but owned") { machine, _, folio in
            machine.frames[folio].flags.remove(.locked)
        },
        .sleeping("a page under a read is a task's, too", says: "beside the read under way") { machine, task, folio in
            machine.scheduler.pageLocks.append(PageLock(folio: folio, task: task))
        },
        .sleeping("the read that a page waits for is lost", says: "waits for a read that is not under way") {
            machine, _, _ in machine.scheduler.requests = RequestQueue()
        },
        .rest("a cached page says that it is elsewhere", says: "is a page of another place") { machine, rest in
            machine.frames[rest.cached(1)].index = 6
        },
        .rest("a file is pinned by nobody", says: "has 1 pins, and tasks hold 0") { machine, rest in
            machine.files[rest.file.index].pins += 1
        },
        .rest("a file ends that is no shared memory", says: "files of shared memory are counted, of which") {
            machine, rest in
            machine.unnamedFiles.add(rest.file)
        },
        .rest("a file counts one mapping too many", says: "counts 3 mappings, and has 2") { machine, rest in
            machine.files[rest.file.index].mappings += 1
        },
        .rest("a map counts one page too many", says: "locked, 2 users; it has") { machine, rest in
            machine.maps[rest.map.index].totalPages += 1
        },
        .rest("a map counts one locked page too many", says: "1 locked, 2 users; it has") { machine, rest in
            machine.maps[rest.map.index].lockedPages += 1
        },
        .rest("a map counts one user too many", says: "0 locked, 3 users; it has") { machine, rest in
            machine.maps[rest.map.index].users += 1
        },
        .rest("one dirty page too many is counted", says: "2 pages are counted as dirty, and 1 are") { machine, _ in
            machine.dirtyPages += 1
        },
        .rest("a page goes without being counted", says: "frames are counted as in use, and") { machine, rest in
            machine.frames[rest.cached(1)].flags.remove(.inUse)
        },
        .group("a charged page is free", says: "is free and charged") { machine, folio in
            machine.frames[folio].flags.remove(.inUse)
        },
        .group("one page too many is charged", says: "in stock, and 4 are in use") { machine, _ in
            machine.group?.usage += 1
        },
        .group("one slot too many is charged", says: "1 slots are counted as charged, and 0 are") { machine, _ in
            machine.group?.swapUsage += 1
        },
    ]
}
