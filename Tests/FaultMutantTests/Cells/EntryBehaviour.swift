import FaultArchitectures
import FaultSimulator

@testable import FaultCore

/// Something that an architecture's entry does, told in a line: what the cells of its row are seen by.
struct EntryBehaviour: Sendable, CustomStringConvertible {
    /// What happens.
    let description: String
    /// The columns that it is there to tell.
    let cells: [String]
    private let play: @Sendable (Architecture) throws -> String

    init(for cells: String..., does description: String, _ play: @escaping @Sendable (Architecture) throws -> String) {
        self.description = description
        self.cells = cells
        self.play = play
    }

    /// What happens with this row. A broken law and a run without end are told too.
    func text(of row: Architecture) -> String {
        do { return try play(row) } catch { return "\(error)" }
    }

    /// All of them.
    static let all: [EntryBehaviour] = [
        EntryBehaviour(
            for: "first page beyond", does: "where user memory ends"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let limit = row.geometry.userLimit
            return try [limit - 1, limit].map { page in
                try play.perform(
                    .mmap(MapRequest(pages: 1, access: .readWrite, placement: .fixed(page)))
                ).errno == nil ? "mapped up to \(page)" : "not mapped at \(page)"
            }.joined(separator: ", ")
        },
        EntryBehaviour(
            for: "lowest page", does: "where user memory begins"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let lowest = (0..<64).first { page in
                let request = MapRequest(pages: 1, access: .readWrite, placement: .fixed(PageNumber(UInt64(page))))
                return (try? play.perform(.mmap(request)).errno) == .some(nil)
            }
            return "page \(lowest ?? -1)"
        },
        EntryBehaviour(
            for: "page shift", does: "how long a page is, by the position of a read"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let file = try play.world.file(pages: 4, resident: .all)
            try play.perform(.read(file))
            return "\(play.world.machine[readaheadOf: file].previousPosition) bytes"
        },
        EntryBehaviour(
            for: "levels", does: "how many page tables a first store makes"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            try play.perform(.write(try play.world.map(anonymousPages: 1, in: play.task)))
            return "\(play.world.machine.tables.nodesInUse)"
        },
        EntryBehaviour(
            for: "bits a level", does: "how many pages a page table maps"
        ) { row in
            let bits = try (4..<14).first { bits in
                var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
                let area = try play.map(0x4000, pages: 1 << 13 + 1)
                try play.perform(.write(area))
                play.world.machine.failAllocation(at: .pageTable)
                try play.perform(.kernelTouch(.write, area[1 << bits], .kernelWithFixup))
                return play.world.report(of: play.task).errno != nil
            }
            return "\(1 << (bits ?? 0))"
        },
        EntryBehaviour(
            for: "load needs", does: "what loads, stores and fetches areas allow, with a translation and without"
        ) { row in
            try [Protection.read, .write, .execute, []].map { flags in
                var allowed: [String] = []
                for (name, operation) in [
                    ("load", { TaskOperation.read($0, page: 0) }), ("store", { .write($0, page: 0) }),
                    ("fetch", { .execute($0, page: 0) }),
                ] as [(String, (Area) -> TaskOperation)] {
                    var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
                    let area = try play.map(0x4000, pages: 1, flags)
                    if try play.perform(operation(area)).signal == nil { allowed.append(name) }
                }
                return "\(VMAFlags(flags)): \(allowed.joined(separator: " "))"
            }.joined(separator: ", ")
        },
        EntryBehaviour(
            for: "fetch checked",
            does: "a fetch where only loads, or stores, are allowed: at first, and when there is a translation"
        ) {
            row in
            try [Protection.read, .write].map { flags in
                var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
                let area = try play.map(0x4000, pages: 1, flags)
                let early = try play.perform(.execute(area)).counters.attempts
                var late = try Play(.linux6_1, entry: ArchFaultEntry(row))
                let same = try late.map(0x4000, pages: 1, flags)
                try late.perform(.touch(flags == .read ? .read : .write, same[0], pages: 1, stride: 1))
                return "\(early) attempts, \(try late.perform(.execute(same)).end)"
            }.joined(separator: ", ")
        },
        EntryBehaviour(
            for: "fetch marked", "store loses flags", does: "how the core is told of accesses"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let file = try play.world.file(pages: 4, resident: .all)
            let area = try play.world.map(file, .all, in: play.task)
            return try [TaskOperation.execute(area, page: 3), .write(area, page: 2)].map { operation in
                try play.perform(operation).attempts.map { "\($0.flags)" }.joined(separator: ", ")
            }.joined(separator: "; ")
        },
        EntryBehaviour(
            for: "lock", does: "how the mmap lock is waited for: by a stray access, and by one that is killed"
        ) { row in
            let ends = try [FaultException.Mode.kernelWithoutFixup, .kernelWithFixup].map { mode in
                var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
                let area = try play.world.map(anonymousPages: 1, in: play.task)
                try play.hold(.write)
                try play.start(.kernelTouch(.write, area[0], mode))
                play.world.kill(play.task)
                try play.go()
                let waits = play.world.machine.backtrace(of: play.task).contains { $0.routine == "faultEntry" }
                let failures = play.world.report(of: play.task).counters.mmapTrylockFailures
                play.release()
                try play.settle()
                return "\(waits ? "waits" : "gives up") after \(failures) trylocks"
            }
            return ends.joined(separator: ", ")
        },
        EntryBehaviour(
            for: "lock", "tests", does: "how the lock is taken for a retry"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let area = try play.world.map(try play.world.file(pages: 64), .read, in: play.task)
            try play.start(.read(area, page: 3))
            try play.hold(.write)
            try play.settle()
            play.release()
            try play.settle()
            return "\(play.world.report(of: play.task).counters.mmapTrylockFailures) failed trylocks, \(play.results())"
        },
        EntryBehaviour(
            for: "heeds signals", "tests", does: "a signal, and SIGKILL, during a cold read"
        ) { row in
            try [TaskSignal.user1, .kill].map { signal in
                var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
                let area = try play.world.map(try play.world.file(pages: 64), .read, in: play.task)
                try play.start(.read(area, page: 3))
                play.world.send(signal, to: play.task)
                try play.settle()
                return "\(play.world.machine.counters(of: play.task).exceptions) exceptions, \(play.state())"
            }.joined(separator: "; ")
        },
        EntryBehaviour(
            for: "tests", does: "a cold read, and a read beyond the end"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let area = try play.world.map(try play.world.file(pages: 64), pages: 70, .read, in: play.task)
            try play.perform(.read(area, page: 3))
            let cold = play.results()
            return "\(cold); \(try play.perform(.read(area, page: 66)).end)"
        },
        EntryBehaviour(
            for: "COMPLETED", "store loses flags", "tests",
            does: "a store that completes, and how often the lock is taken for it"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let area = try play.world.map(
                try play.world.file(pages: 4, on: .tmpfs), .readWrite, .shared, in: play.task)
            let report = try play.perform(.write(area))
            return "\(play.results()), \(report.counters.mmapReadLocks) locks"
        },
        EntryBehaviour(
            for: "COMPLETED", "end", "tests", does: "the same by a guest"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let area = try play.world.map(
                try play.world.file(pages: 4, on: .tmpfs), .readWrite, .shared, in: play.task)
            try play.perform(.setArchWords(S390Guest(hasPseudoFaults: false).words))
            let report = try play.perform(.write(area))
            let isLinked = play.world.machine.archWords(of: play.task) != S390Guest(hasPseudoFaults: false).words
            return "\(play.results()), \(report.counters.mmapReadLocks) locks, \(isLinked ? "linked" : "not linked")"
        },
        EntryBehaviour(
            for: "end", does: "what a guest's read of a cached page links"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            let area = try play.world.map(try play.world.file(pages: 4, resident: .all), .read, in: play.task)
            try play.perform(.setArchWords(S390Guest(hasPseudoFaults: false).words))
            try play.perform(.read(area))
            let isLinked = play.world.machine.archWords(of: play.task) != S390Guest(hasPseudoFaults: false).words
            return isLinked ? "linked" : "not linked"
        },
        EntryBehaviour(
            for: "end", does: "what is left in the task's words by a major fault"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            try play.perform(.read(try play.world.map(try play.world.file(pages: 4), .read, in: play.task)))
            return "\(play.world.machine.archWords(of: play.task))"
        },
        EntryBehaviour(
            for: "end", "COMPLETED", "tests",
            does: "what is left in the task's words by 384 pages, a store that completes, and another"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            play.world.machine.isChecking = false  // it is many pages
            let memory = try play.world.map(anonymousPages: 385, in: play.task)
            let shared = try play.world.map(
                try play.world.file(pages: 1, on: .tmpfs), .readWrite, .shared, in: play.task)
            return try [TaskOperation.write(memory, pages: 384), .write(shared), .write(memory, page: 384)].map {
                try play.perform($0)
                return "\(play.world.machine.archWords(of: play.task))"
            }.joined(separator: "; ")
        },
        EntryBehaviour(
            for: "end", "COMPLETED", does: "a handler that maps its page the third time"
        ) { row in
            var play = try Play(.linux6_1, entry: ArchFaultEntry(row))
            play.world.machine.isChecking = false  // the handler claims success and maps nothing
            let area = try play.world.map(play.world.register(Reluctant()), pages: 1, in: play.task)
            let report = try play.perform(.read(area))
            return "\(report.counters.attempts) attempts in \(report.counters.exceptions) exceptions"
        },
        EntryBehaviour(
            for: "area lock", does: "whether an area lock is tried, in Linux 6.12"
        ) { row in
            var play = try Play(.linux6_12, entry: ArchFaultEntry(row))
            let area = try play.world.map(anonymousPages: 2, in: play.task)
            try play.perform(.write(area))
            let report = try play.perform(.write(area, page: 1))
            return "\(report.counters.areaLockAttempts) attempts under it"
        },
    ]

    /// Answers `NOPAGE` twice without mapping anything, as after a lost race, then gives a page.
    private struct Reluctant: VMOperations {
        var name: StaticName { StaticName("reluctant") }
        func fault(
            _ stage: OnlyStage, _ frame: inout EmptyFrame, _ resumed: Resumption, _ fault: inout VMFault,
            _ machine: inout Machine
        ) -> RoutineStep<OnlyStage, FaultResult> {
            if machine.counters(of: fault.task).attempts % 3 != 0 { return .done(.noPage) }
            return .done(machine.giveNewPage(stamp: 7, to: &fault) ? [] : .oom)
        }
    }
}

extension EntryBehaviour {
    /// What should happen with an architecture's row.
    func expected(of row: Architecture) -> String? {
        Self.expectations[description]?.first { line in
            line.rows.split(separator: " ").contains { $0 == row.name.description }
        }?.text
    }
}
