import FaultSimulator
import Foundation
import Testing

/// What a world keeps does not depend on how long it has run.
@Suite("A long run keeps no more than a short one", .timeLimit(.minutes(60)))
struct ManyAccessTests {
    /// Bytes that the process has in memory; nil where that can't be read.
    static func residentBytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return pages.map { $0 * 4096 }
    }

    @Test("10^8 accesses, or fewer in the quick tests, faults and reclaim among them, don't grow memory")
    func memory() async {
        // A process of its own, as other tests of this one allocate meanwhile.
        await #expect(processExitsWith: .success) {
            var world = try World(.linux6_12, disk: .latency(nanoseconds: 100))
            try world.addSwap(pages: 1024, held: false)
            try world.addMemoryGroup(limit: 900)
            let task = world.task()
            let file = try world.file(pages: 512)
            let mapped = try world.map(file, .readWrite, .shared, in: task)
            let area = try world.map(anonymousPages: 512, in: task)
            #if DEBUG
            let few = 100_000
            #else
            let few = 1_000_000
            #endif
            let accesses = isWhole ? 100_000_000 : few
            var done = 0
            var rounds = 0
            var early: Int?
            while done < accesses {
                world.start(
                    [TaskOperation](repeating: .write(area, pages: 512), count: 8)
                        + [.read(mapped, pages: 512), .write(mapped, page: rounds % 512, pages: 1)], in: task)
                guard world.run() == .finished else { fatalError("it does not end") }
                done += 9 * 512 + 1
                rounds += 1
                if rounds % 16 == 0 { try world.perform(.madvise(area, .dontNeed), in: task) }
                if early == nil, done > accesses / 4 { early = ManyAccessTests.residentBytes() }
            }
            guard let early, let late = ManyAccessTests.residentBytes() else { return }
            let grown = late - early
            if grown > 2 << 20 {
                fatalError("\(grown) bytes more are in memory after \(done) accesses than after a quarter")
            }
        }
    }
}
