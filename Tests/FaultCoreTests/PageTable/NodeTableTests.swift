import Testing

@testable import FaultCore

@Suite("The nodes of page tables", .timeLimit(.minutes(60)))
struct NodeTableTests {
    /// A table of that many nodes, each with its number in its first entry.
    private static func table(of count: Int) -> NodeTable {
        var table = NodeTable()
        for number in 0..<count { table.append([UInt64(number), 0]) }
        return table
    }

    @Test("are found by number, in the first array and in every group", arguments: [0, 1, 63, 64, 65, 128, 129, 1_000])
    func areFound(count: Int) {
        var table = Self.table(of: count)
        #expect(table.count == count)
        for number in 0..<count {
            #expect(table[number] == [UInt64(number), 0])
            table[number, 1] = UInt64(2 * number)
        }
        for number in 0..<count { #expect(table[number, 0] == number && table[number, 1] == 2 * number) }
    }

    @Test("are given away and put back", arguments: [0, 63, 64, 200])
    func areTaken(number: Int) {
        var table = Self.table(of: 201)
        var entries = table.take(number)
        #expect(entries == [UInt64(number), 0] && table[number].isEmpty)
        entries[1] = 7
        table.put(entries, back: number)
        #expect(table[number] == [UInt64(number), 7])
    }

    @Test("of a copy are its own, and what differs is told by number", arguments: 1...20 as ClosedRange<UInt64>)
    func areCopied(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let before = Self.table(of: random.below(400))
        var now = before
        var changed: Set<Int> = []
        for _ in 0..<random.below(30) where before.count > 0 {
            let number = random.below(before.count)
            now[number, 1] += 1
            changed.insert(number)
        }
        for _ in 0..<random.below(100) {
            changed.insert(now.count)
            now.append([UInt64(now.count), 0])
        }
        var told: [Int] = []
        now.forEachChange(since: before) { told.append($0) }
        #expect(told == changed.sorted())
        for number in 0..<before.count { #expect(before[number] == [UInt64(number), 0]) }
        var untold = true
        now.forEachChange(since: now) { _ in untold = false }
        #expect(untold)
    }
}
