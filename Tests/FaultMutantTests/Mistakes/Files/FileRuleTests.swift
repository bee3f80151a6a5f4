@testable import FaultArchX86
import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Rules of files, of the journal, and of the x86 entry that nothing else looks at.
@Suite("Rules of files and entries", .timeLimit(.minutes(60)))
struct FileRuleTests {
    /// A file of 3 pages with content, of which the middle one is punched out.
    private func punched() throws -> (Play, FileID) {
        var play = try Play(.linux6_1) { $0.readaheadPages = 0 }
        let file = try play.world.file(pages: 3)
        try play.perform(.punchHole(file, 1, pages: 1))
        return (play, file)
    }

    @Test("a hole takes the blocks of its pages, and not the one behind it (ext4_ext_remove_space())")
    func blocksOfHole() throws {
        var (play, file) = try punched()
        #expect(play.world.machine[blocksOf: file] == [PageRun(0, 0), PageRun(2, 2)])
        for (page, isThere) in [(0, true), (1, false), (2, true)] {
            try play.perform(.read(file, page: page))
            let folio = try #require(play.world.machine.cachedFolio(at: PageIndex(page), of: file))
            #expect((play.world.machine.stamp(of: folio) != 0) == isThere, "page \(page)")
        }
    }

    @Test("a block that fills a hole joins those before and behind it")
    func filledHole() throws {
        var (play, file) = try punched()
        try play.perform(.write(file, page: 1))
        #expect(play.world.machine[blocksOf: file] == [PageRun(0, 2)])
    }

    @Test("a hole of no pages is EINVAL, one behind the end of the file is nothing (vfs_fallocate())")
    func emptyHoles() throws {
        for system in [World.FileSystem.ext4, .tmpfs] {
            var play = try Play(.linux6_1)
            let file = try play.world.file(pages: 2, on: system, resident: .all)
            #expect(try play.perform(.punchHole(file, 0, pages: 0)).errno == .invalid)
            #expect(try play.perform(.punchHole(file, 5, pages: 1)).errno == nil)
            #expect(play.world.residentPages(of: file) == [0, 1])
        }
    }

    @Test("a file can be as long as the page cache numbers pages, and no longer (inode_newsize_ok())")
    func longestFile() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 1)
        #expect(try play.perform(.truncate(file, pages: Machine.mostPagesOfFile)).errno == nil)
        #expect(try play.perform(.truncate(file, pages: Machine.mostPagesOfFile + 1)).errno == .fileTooBig)
    }

    @Test("a read that fails makes read(2) read less ahead (filemap_read_folio(): shrink_readahead_size_eio())")
    func readError() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 4)
        let before = play.world.machine[readaheadOf: file].maximum
        play.world.machine.breakBlocks(of: file, PageRun(0, 3))
        #expect(try play.perform(.read(file, page: 0)).errno == .inputOutput)
        #expect(play.world.machine[readaheadOf: file].maximum < before)
    }

    @Test("reading a page on where the last read(2) ended is no second use of it (filemap_read(): ra->prev_pos)")
    func secondUse() throws {
        for (pages, active) in [([0, 0, 0], 0), ([0, 1, 0, 1], 2)] {
            var play = try Play(.linux6_1) {
                $0.frameLimit = 64
                $0.readaheadPages = 0
            }
            let file = try play.world.file(pages: 2, resident: .all)
            for page in pages { try play.perform(.read(file, page: page)) }
            #expect(play.world.machine.lruPages.activeFile == active, "\(pages)")
        }
    }

    // MARK: The journal

    /// A world with this many files, of which the first is being committed.
    private func committing(_ files: Int) throws -> (Play, [FileID]) {
        var play = try Play(.linux6_1)
        let all = try (0..<files).map { _ in try play.world.file(pages: 1, resident: .all) }
        try play.perform(.write(all[0], page: 0))
        try play.start(.fsync(all[0]))
        play.world.completeWrites()
        // The page is written, and the commit is under way.
        for _ in 0..<3 where !play.world.machine.requestsUnderWay.contains(where: { $0.kind == .commit }) {
            play.world.run()
        }
        #expect(play.world.machine.requestsUnderWay.map(\.kind) == [.commit])
        return (play, all)
    }

    @Test("a change of an inode waits for a commit only if their block is one: 16 inodes share one (jbd2)")
    func sharedBlocks() throws {
        for (file, waits) in [(1, true), (15, true), (16, false)] {
            var (play, files) = try committing(17)
            try play.start(.truncate(files[file], pages: 0), in: play.thread)
            #expect((play.state(of: play.thread) == "waits") == waits, "file \(file)")
            try play.settle()
        }
    }

    @Test("fsync(2) of what is being committed waits for that commit, of what has changed since for another")
    func secondSync() throws {
        var (play, files) = try committing(17)
        try play.start(.fsync(files[0]), in: play.thread)
        #expect(play.state(of: play.thread) == "waits")
        #expect(play.world.machine.requestsUnderWay.count == 1, "no second commit beside the first")
        let other = play.world.task()
        try play.start(.truncate(files[16], pages: 0), in: other)
        try #require(play.state(of: other) == "done")
        try play.start(.fsync(files[16]), in: other)
        #expect(play.state(of: other) == "waits" && play.world.machine.requestsUnderWay.count == 1)
        play.world.completeWrites()
        try play.go()
        #expect(play.state() == "done" && play.state(of: play.thread) == "done")
        #expect(play.state(of: other) == "waits", "its own commit follows")
        try play.settle()
        #expect(play.state(of: other) == "done")
    }

    // MARK: x86

    @Test("an instruction is fetched whatever the rights of its page's key say (access_error(): foreign keys)")
    func executedWithKey() throws {
        var play = try Play(.linux6_1, entry: X86FaultEntry(hasProtectionKeys: true))
        let area = try play.world.map(try play.world.file(pages: 2, resident: .all), .all, in: play.task)
        try play.perform(.mprotectWithKey(area, .all, key: 3))
        try play.perform(.setKeyRights(.initial.denyingAccess(3)))
        try play.perform(.execute(area))
        #expect(play.world.report(of: play.task).end == "done")
        try play.perform(.read(area, page: 1))
        #expect(play.world.report(of: play.task).end == "SIGSEGV/PKUERR")
    }

    @Test("writes that a key denies leave loads allowed")
    func deniedWrites() {
        let rights = X86KeyRights.all.denyingWrites(3)
        #expect(rights.allows(.read, key: 3) && !rights.allows(.write, key: 3) && rights.allows(.write, key: 2))
        #expect(!X86KeyRights.all.denyingAccess(3).allows(.read, key: 3))
    }

    @Test("of a page behind user memory a program is told that it is protected (set_signal_archinfo())")
    func firstKernelPage() throws {
        for behind in [0, 1] {
            var play = try Play(.linux6_1)
            try play.perform(.read(play.world.machine.geometry.userLimit + behind))
            let code = play.world.report(of: play.task).signalDetail?.errorCode
            #expect(code == [.protection, .user], "\(behind) pages behind the limit")
        }
        let limit = try Play(.linux6_1).world.machine.geometry.userLimit
        #expect(try Play(.linux6_1).world.machine.hardwareWalk(of: limit, in: MapID(0)).isEmpty)
    }

    @Test("a vsyscall begins at a multiple of 1024, and nowhere else (addr_to_vsyscall_nr())")
    func vsyscalls() {
        for (offset, call) in [(0, X86Vsyscall.getTimeOfDay), (1024, .time), (2048, .getCPU)] {
            #expect(X86Vsyscall(offset: UInt16(offset)) == call)
        }
        for offset in [1, 256, 512, 1536, 3072] { #expect(X86Vsyscall(offset: UInt16(offset)) == nil, "\(offset)") }
    }
}
