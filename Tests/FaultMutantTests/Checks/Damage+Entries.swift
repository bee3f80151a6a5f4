import FaultSimulator

@testable import FaultCore

/// Page table entries against their pages and areas.
extension Damage {
    static let entries: [Damage] = [
        .rest("an area goes, and its entries stay", says: "entries outside of its areas") { machine, rest in
            let areas = machine.maps[rest.map.index].areas
            if let place = areas.firstPosition(endingAfter: rest.memory[0]) {
                machine.removeArea(at: place, in: rest.map)
            }
        },
        .rest("rss is one page too high", says: "counts 3 anon, 8 file, 0 shmem and maps") { machine, rest in
            machine.maps[rest.map.index].rss.add(1, .anonymous)
        },
        .rest("the zero page is mapped writable", says: "maps the zero page writable") { machine, rest in
            let bits = machine.entry(of: rest.memory[3], in: rest.map).bits
            machine.changeEntry(of: rest.memory[3], in: rest.map, to: bits.union(.writable))
        },
        .rest("a mapped page was never read", says: "maps a page that is not uptodate") { machine, rest in
            machine.frames[rest.mapped(rest.shared, page: 3)].flags.remove(.uptodate)
        },
        .rest("a page of a shared mapping is private memory", says: "of a shared mapping maps a private copy") {
            machine, rest in machine.frames[rest.mapped(rest.shared)].flags.insert(.anonymous)
        },
        .rest("a writable page may be another's", says: "is writable and maps a page that may be shared") {
            machine, rest in machine.frames[rest.mapped(rest.memory)].flags.remove(.anonExclusive)
        },
        .rest("a page leaves its cache and stays mapped", says: "maps a page that is in no page cache") {
            machine, rest in machine.removeFromCache(rest.mapped(rest.shared, page: 3))
        },
        .rest("a mapped page moves within its file", says: "maps page 6 of file 0, not 3 of") { machine, rest in
            machine.frames[rest.mapped(rest.shared, page: 3)].index = 6
        },
        .rest("a file is cut, and its mapped pages are forgotten", says: "which is beyond its end") { machine, rest in
            machine.setSize(of: rest.file, .pages(3))
        },
        .rest("a page of a file is writable through a private mapping", says: "of a private mapping is writable") {
            machine, rest in
            let bits = machine.entry(of: rest.own[3], in: rest.map).bits
            machine.changeEntry(of: rest.own[3], in: rest.map, to: bits.union(.writable))
        },
        .rest("a page becomes clean, and its entry stays writable", says: "which is clean") { machine, rest in
            machine.clearDirty(rest.mapped(rest.shared))
        },
        .rest("a page changes past the setters", says: "a change was made past the setters") { machine, rest in
            machine.frames[rest.mapped(rest.memory)].stamp += 1
        },
    ]
}
