@testable import FaultCore
import Testing

@Suite("The locks of a map's areas", .timeLimit(.minutes(60)))
struct AreaLocksTests {
    private func range(_ first: UInt64, _ behind: UInt64) -> Range<PageNumber> {
        PageNumber(first)..<PageNumber(behind)
    }

    @Test("marks are the pages that were marked, whatever the order, and are written once")
    func marks() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<300 {
            var locks = AreaLocks()
            var marked = [Bool](repeating: false, count: 80)
            for _ in 0..<12 {
                let first = 1 + random.below(60 as UInt64)
                let behind = first + 1 + random.below(12)
                locks.mark(range(first, behind))
                for page in first..<behind { marked[Int(page)] = true }
            }
            for page in marked.indices { #expect(locks.isMarked(PageNumber(UInt64(page))) == marked[page]) }
            for (mark, next) in zip(locks.marks, locks.marks.dropFirst()) { #expect(mark.upperBound < next.lowerBound) }
        }
    }

    @Test("the end of the write lock takes all marks away at once")
    func removeMarks() {
        var locks = AreaLocks()
        locks.mark(range(10, 20))
        locks.mark(range(30, 40))
        #expect(locks.isMarked(PageNumber(10)) && locks.isMarked(PageNumber(39)) && !locks.isMarked(PageNumber(20)))
        locks.removeMarks()
        #expect(locks.marks.isEmpty && !locks.isMarked(PageNumber(10)))
    }

    @Test("the last reader that is waited for says so; others don't matter")
    func readers() {
        var locks = AreaLocks()
        locks.addReader(TaskID(2), of: PageNumber(10))
        locks.addReader(TaskID(0), of: PageNumber(10))
        locks.addReader(TaskID(1), of: PageNumber(50))
        #expect(locks.readers.map(\.task) == [TaskID(0), TaskID(1), TaskID(2)])
        #expect(locks.area(readBy: TaskID(1)) == PageNumber(50) && locks.area(readBy: TaskID(3)) == nil)
        let found = [locks.awaitReaders(of: PageNumber(20)), locks.awaitReaders(of: PageNumber(10))]
        #expect(found == [false, true] && locks.isAwaited)
        let others = [locks.removeReader(TaskID(1)), locks.removeReader(TaskID(0))]
        #expect(others == [false, false] && locks.isRead(PageNumber(10)))
        let last = [locks.removeReader(TaskID(2)), locks.removeReader(TaskID(2))]
        #expect(last == [true, false] && !locks.isAwaited && !locks.isRead(PageNumber(10)))
    }
}
