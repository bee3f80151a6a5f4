import FaultSimulator
import Testing

@testable import FaultCore
@testable import FaultFilemap

/// Small parts of the machine, each by itself.
@Suite("Parts of the machine by themselves", .timeLimit(.minutes(60)))
struct PartRuleTests {
    @Test("a difference of resident pages is one of each kind")
    func residentPages() {
        var now = ResidentPages()
        var before = ResidentPages()
        (now.anonymous, now.file, now.shmem, now.swapEntries) = (10, 20, 30, 40)
        (before.anonymous, before.file, before.shmem, before.swapEntries) = (1, 2, 3, 4)
        let difference = now - before
        #expect(difference.anonymous == 9 && difference.file == 18)
        #expect(difference.shmem == 27 && difference.swapEntries == 36)
    }

    @Test("tasks that are exchanged read each other's areas, which the writer still waits for")
    func exchangedReaders() {
        var locks = AreaLocks()
        let (first, second, third) = (TaskID(1), TaskID(2), TaskID(3))
        locks.addReader(first, of: PageNumber(0x10))
        locks.addReader(third, of: PageNumber(0x30))
        locks.addReader(third, of: PageNumber(0x20))
        let isAwaited = locks.awaitReaders(of: PageNumber(0x30))
        #expect(isAwaited)
        locks.exchange(first, third)
        #expect(locks.readers.map(\.task) == [first, first, third])
        #expect(locks.readers.map(\.area.rawValue) == [0x30, 0x20, 0x10])
        #expect(locks.readers.map(\.isAwaited) == [true, false, false])
        locks.exchange(third, second)
        #expect(locks.area(readBy: second) == PageNumber(0x10) && locks.area(readBy: third) == nil)
    }

    @Test("a wait for messages of one descriptor is no wait for those of another, unless poll(2) asked for both")
    func polledDescriptors() {
        for orOther in [false, true] {
            let wait = TaskWait.userfaultMessage(UserfaultID(1), orOther: orOther, until: 100)
            #expect(wait.polls(UserfaultID(1)) && wait.polls(UserfaultID(2)) == orOther)
        }
    }

    @Test("a file system that is registered is found by its number")
    func registered() throws {
        var machine = try Play(.linux6_1).world.machine
        let known = machine.configuration.fileOperations
        let number = machine.register(known[0])
        #expect(number == known.count && machine.configuration.fileOperations[number].name == known[0].name)
    }

    @Test("mappings of files are told by their file system's function")
    func namesOfMappings() {
        #expect("\(FileVMOperations(fileSystem: .ext4).name)" == "filemap")
        #expect("\(FileVMOperations(fileSystem: .btrfs).name)" == "btrfs")
    }

    @Test("an attempt that has dropped its lock can't drop it again, nor one that must not retry")
    func droppedOnce() throws {
        let machine = try Play(.linux6_1).world.machine
        var fault = VMFault()
        fault.flags = .default
        #expect(fault.mayDropLock)
        fault.lockDropped = true
        #expect(!fault.mayDropLock)
        machine.setFaultLock(.mmap, of: &fault)
        #expect(fault.lock == .mmap)
    }

    @Test("nobody waits for a page any more once all are woken, however many tasks there are")
    func waitersOfPage() throws {
        for tasks in [2, 80] {
            var play = try Play(.linux6_1) { $0.faultAroundPages = 1 }
            let file = try play.world.file(pages: 1, resident: .all)
            let area = try play.world.map(file, .read, in: play.task)
            let readers = (0..<tasks).map { _ in play.world.thread(of: play.task) }
            let folio = try #require(play.world.machine.cachedFolio(at: 0, of: file))
            play.world.machine.isChecking = false  // no law lets an idle thread lock a page
            let isLocked = play.world.machine.tryLock(folio, by: play.thread)
            try #require(isLocked)
            for reader in readers { play.world.start(.read(area), in: reader) }
            play.world.run()
            #expect(play.world.machine.flags(of: folio).contains(.waiters))
            play.world.machine.unlock(folio)
            play.world.run()
            #expect(!play.world.machine.flags(of: folio).contains(.waiters), "\(tasks) tasks")
        }
    }

    @Test("a held lock is told from another by its name and by how it is held")
    func heldLocks() {
        let lock = HeldLock(.mmap(MapID(0)), .read)
        #expect(lock == HeldLock(.mmap(MapID(0)), .read))
        #expect("\(lock)" == "\(lock.lock) (read)" && "\(HeldLock(.none, .read))" == "no lock")
        #expect(lock != HeldLock(.mmap(MapID(0)), .write) && lock != HeldLock(.mmap(MapID(1)), .read))
    }

    @Test("what is cut off a page of zeroes leaves zeroes")
    func cutZeroes() {
        #expect(Machine.stamp(of: 0, cutTo: 100) == 0 && Machine.stamp(of: 7, cutTo: 100) != 7)
    }

    @Test("a processor's walk names the table of each level, and ends with the page's entry")
    func hardwareWalk() throws {
        var play = try Play(.linux6_1)
        let area = try play.world.map(anonymousPages: 1, in: play.task)
        try play.perform(.write(area))
        let walk = play.world.machine.hardwareWalk(of: area.start, in: area.map)
        let tables = play.world.machine.tablesOnWalk(to: area.start, in: area.map)
        #expect(walk.count == 4 && tables.count == 4 && Set(walk).count == 4)
        // The types are spelled out: without them the compiler needs 9 seconds for the comparison.
        let named: [UInt64] = walk.dropLast().map { (entry: UInt64) -> UInt64 in (entry >> 12) & 0xFFFF_FFFF }
        let lowerTables: [UInt64] = tables.dropFirst().map { UInt64($0) }
        #expect(named == lowerTables)
    }
}
