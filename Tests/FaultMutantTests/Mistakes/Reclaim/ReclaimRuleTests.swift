import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// What reclaim leaves in place, and what it notes there.
@Suite("What reclaim leaves in place", .timeLimit(.minutes(60)))
struct ReclaimRuleTests {
    @Test("a page that is being written goes as soon as it is written: reclaim marks it (folio_set_reclaim())")
    func pageUnderWriteback() throws {
        var play = try Play(.linux6_1) { $0.frameLimit = 64 }
        let file = try play.world.file(pages: 1, resident: .all)
        try play.perform(.write(file, page: 0))
        try play.start(.fsync(file))
        let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
        #expect(!play.world.machine.flags(of: folio).contains(.readahead))
        let outcome = play.world.machine.reclaimPage(folio, by: play.thread)
        #expect(outcome == .kept && play.world.machine.flags(of: folio).contains(.readahead))
    }

    @Test("pages of programs that are in use stay active, pages of other mapped files do not (shrink_active_list())")
    func programsInUse() throws {
        var play = try Play(.linux6_1) {
            $0.frameLimit = 24
            $0.readaheadPages = 0
            $0.faultAroundPages = 1
        }
        let accesses = [Protection.all, .readWrite]
        let files = try accesses.map { _ in try play.world.file(pages: 6) }
        for (file, access) in zip(files, accesses) {
            let area = try play.world.map(file, access, in: play.task)
            for _ in 0..<2 { try play.perform(.read(file, page: 0, pages: 6)) }
            try play.perform(.read(area, pages: 6))
        }
        #expect(play.world.machine.lruPages.activeFile == 12)
        let memory = try play.world.map(anonymousPages: 13, in: play.task)
        try play.perform(.write(memory, pages: 13))
        let aged = files.map { file in
            (0..<6).compactMap { play.world.machine.cachedFolio(at: PageIndex($0), of: file) }
                .filter { play.world.machine.flags(of: $0).contains(.workingset) }.count
        }
        #expect(aged[0] == 0 && aged[1] > 0, "\(aged)")
    }

    @Test("a window whose first page would have its mark has the next one joined to it (readit:)")
    func joinedWindows() {
        for (index, size, joined) in [(10, 4, [12, 8]), (11, 4, [4, 4]), (10, 16, [32, 16])] {
            var state = ReadaheadState(maximum: 32)
            state.start = 10
            state.size = size
            state.asyncSize = size
            state.mergeIfMarkedAtOnce(at: PageIndex(index), maximum: 32)
            #expect([state.size, state.asyncSize] == joined, "from \(index), \(size) pages")
        }
    }

    @Test("a page that fadvise(2) could not drop goes next, or when it is written (lru_deactivate_file_fn())")
    func undroppedPage() throws {
        for (isDirty, hasGroup) in [(true, false), (false, false), (true, true), (false, true)] {
            var play = try Play(.linux6_1) { if !hasGroup { $0.frameLimit = 64 } }
            if hasGroup { try play.world.addMemoryGroup(limit: 64) }
            let file = try play.world.file(pages: 3)
            for page in [0, 1, 2, 1, 0, 2, 1] { try play.perform(.read(file, page: page)) }
            if isDirty { try play.perform(.write(file, page: 1)) }
            play.world.machine.drainPageBatches()
            let folio = try #require(play.world.machine.cachedFolio(at: 1, of: file))
            #expect(play.world.machine.flags(of: folio).contains(.active))
            play.world.machine.deactivateFilePage(folio)
            let flags = play.world.machine.flags(of: folio)
            #expect(flags.isDisjoint(with: [.active, .referenced]) && flags.contains(.readahead) == isDirty)
            guard !hasGroup else { continue }
            let other = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            play.world.machine.deactivate(other)
            play.world.machine.deactivateFilePage(folio)
            let pages = play.world.machine.lists.pages(of: .inactiveFile)
            #expect(pages == (isDirty ? [folio, other] : [other, folio]))
        }
    }

    @Test("MADV_WILLNEED makes room for what it brings from swap (swap_cluster_readahead())")
    func neededWithoutRoom() throws {
        for isFile in [false, true] {
            var play = try Play(.linux6_1) {
                $0.frameLimit = 24
                $0.swapReadaheadPages = 1
            }
            try play.swap(held: false)
            let file = try play.world.file(pages: 4, on: .tmpfs)
            let area =
                isFile
                ? try play.world.map(file, .readWrite, .shared, in: play.task)
                : try play.world.map(anonymousPages: 4, in: play.task)
            try play.swapOut(area)
            try play.perform(.write(try play.world.map(anonymousPages: 24, in: play.task), pages: 24))
            let before = play.world.machine.events.pswpin
            try play.perform(.madvise(area, .willNeed))
            #expect(play.world.machine.events.pswpin - before == 4, "file: \(isFile)")
        }
    }

    @Test("a page that MADV_PAGEOUT can't take becomes active (reclaim_pages(): putback)")
    func untakenPage() throws {
        for hasSwap in [false, true] {
            var play = try Play(.linux6_1) { $0.frameLimit = 24 }
            if hasSwap { try play.swap(held: false) }
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            try play.perform(.write(area))
            let folio = play.frame(of: 0, in: area)
            try play.perform(.madvise(area, .pageOut))
            #expect(play.world.presentPages(of: area) == (hasSwap ? [] : [0]))
            if !hasSwap { #expect(play.world.machine.flags(of: folio).contains(.active)) }
        }
    }

    @Test("a random reader's request is as long as the device takes, whatever the window (force_page_cache_ra())")
    func randomRequest() throws {
        for (request, pages) in [(64, 48), (16, 32)] {
            var play = try Play(.linux6_1) {
                $0.readaheadPages = 32
                $0.largestRequestPages = request
            }
            let file = try play.world.file(pages: 64)
            try play.perform(.adviseFile(file, .random))
            try play.start(.read(file, page: 0, pages: 48))
            #expect(play.world.machine.requestsUnderWay.map(\.pages).reduce(0, +) == pages)
        }
    }
}
