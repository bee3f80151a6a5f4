import ScenarioFormat
import Testing

@testable import ScenarioPlayer

/// What the lines of a scenario cost, in the units of which a whole scenario may take only so many.
@Suite("The work of a scenario", .timeLimit(.minutes(60)))
struct WorkTests {
    /// The work of the last line, after all before it.
    private func work(
        _ settings: String = "{}", ofLastOf lines: [String], watching: SimulatorRunner.Watching = []
    ) throws -> Int {
        let header = #"{"scenario":"s","settings":\#(settings)}"#
        let text = ([header] + lines).joined(separator: "\n")
        let scenario = try Scenario(text: text, path: "s.jsonl")
        var runner = try SimulatorRunner(scenario, as: PlayOptions(), watching: watching)
        for line in scenario.lines.dropLast() { _ = try runner.play(line) }
        let before = runner.work
        _ = try runner.play(try #require(scenario.lines.last))
        return runner.work - before
    }

    @Test("a mincore counts its pages, mapped or not, since each is looked up")
    func mincore() throws {
        let area = #"{"op":"mmap","id":"a","pages":65536,"prot":"r","flags":["private"]}"#
        let few = try work(ofLastOf: [area, #"{"op":"mincore","area":"a","page":0,"pages":8}"#])
        let many = try work(ofLastOf: [area, #"{"op":"mincore","area":"a","page":0,"pages":65536}"#])
        #expect(few < 128)
        #expect(many >= few + 65536 / 8 - 8)
    }

    @Test("a long file counts its length at each line, since its page cache is looked through")
    func longFile() throws {
        let mapped = #"{"op":"mmap","id":"a","pages":1,"prot":"r","flags":["private"]}"#
        let read = #"{"op":"read","area":"a","page":0}"#
        func file(_ pages: Int) -> String { #"{"op":"file","id":"f","pages":\#(pages),"fs":"ext4","resident":"none"}"# }
        let short = try work(ofLastOf: [file(1), mapped, read])
        let long = try work(ofLastOf: [file(1 << 24), mapped, read])
        #expect(long == short + 256)
        // Cutting it leaves what was reserved for its pages.
        let cut = #"{"op":"truncate","file":"f","pages":0}"#
        #expect(try work(ofLastOf: [file(1 << 24), cut, mapped, read]) == long)
    }

    @Test("each pair of waiting threads counts, since each may wait behind every other")
    func waitingThreads() throws {
        func waiting(_ count: Int) throws -> Int {
            var lines = [
                #"{"op":"file","id":"f","pages":64,"fs":"ext4","resident":"none"}"#,
                #"{"op":"mmap","id":"a","file":"f","pages":64,"prot":"r","flags":["private"]}"#,
                #"{"op":"hold","on":"device"}"#,
            ]
            for thread in 0..<count { lines.append(#"{"op":"thread","id":"t\#(thread)"}"#) }
            for thread in 0..<count {
                lines.append(#"{"op":"read","in":"t\#(thread)","area":"a","page":\#(thread),"start":true}"#)
            }
            return try work(ofLastOf: lines + [#"{"op":"brk","pages":0}"#])
        }
        let (few, many) = (try waiting(8), try waiting(40))
        #expect(many - few >= (40 * 40 - 8 * 8) / 8)
    }

    @Test("pages on a swap device count at each line, since the slot of each is looked up")
    func swappedPages() throws {
        let settings = #"{"swap":{"pages":8192},"memory_max":8192}"#
        func lines(_ advice: String) -> [String] {
            [
                #"{"op":"mmap","id":"a","pages":4096,"prot":"rw","flags":["private"]}"#,
                #"{"op":"write","area":"a","page":0,"pages":4096}"#,
                #"{"op":"madvise","area":"a","page":0,"pages":4096,"advice":"\#(advice)"}"#,
                #"{"op":"brk","pages":0}"#,
            ]
        }
        let (resident, swapped) = (
            try work(settings, ofLastOf: lines("normal")), try work(settings, ofLastOf: lines("pageout"))
        )
        #expect(swapped >= resident + 4096 / 4 - 4096 / 64)
    }

    @Test("with dirty_bytes a step counts more if many pages are cached, since the first dirty one is searched for")
    func dirtyBytes() throws {
        func reading(_ settings: String) throws -> Int {
            try work(
                settings,
                ofLastOf: [
                    #"{"op":"file","id":"f","pages":8192,"fs":"ext4","resident":"all"}"#,
                    #"{"op":"pread","file":"f","page":0,"pages":64}"#,
                ])
        }
        #expect(try reading(#"{"dirty_bytes":65536}"#) >= reading("{}") * 2)
    }

    @Test("checked laws count memory in use eight times, since each entry is looked at")
    func checkedLaws() throws {
        let lines = [
            #"{"op":"mmap","id":"a","pages":262144,"prot":"rw","flags":["private"]}"#,
            #"{"op":"write","area":"a","page":0,"pages":512,"stride":512}"#, #"{"op":"brk","pages":0}"#,
        ]
        let observed = try work(ofLastOf: lines)
        let memory = 512 * 512 / 64
        #expect(observed >= memory)
        #expect(try work(ofLastOf: lines, watching: .laws) >= observed + 7 * memory)
    }

    @Test("a step counts more if there are many processes, since each may have mapped a page")
    func manyProcesses() throws {
        func writing(_ children: Int, thenExit: Bool = false) throws -> Int {
            var lines = [#"{"op":"mmap","id":"a","pages":64,"prot":"rw","flags":["private"]}"#]
            for child in 0..<children { lines.append(#"{"op":"fork","id":"c\#(child)"}"#) }
            if thenExit { for child in 0..<children { lines.append(#"{"op":"exit","in":"c\#(child)"}"#) } }
            return try work(ofLastOf: lines + [#"{"op":"write","area":"a","page":0,"pages":64}"#])
        }
        #expect(try writing(192) >= writing(62) * 2)
        #expect(try writing(192, thenExit: true) < writing(62) * 2)
    }

    @Test("pages that reclaim looks at count, since one step may look at many")
    func scans() throws {
        func writing(_ pages: Int) throws -> Int {
            try work(
                #"{"swap":{"pages":8192},"memory_max":256}"#,
                ofLastOf: [
                    #"{"op":"mmap","id":"a","pages":4096,"prot":"rw","flags":["private"]}"#,
                    #"{"op":"write","area":"a","page":0,"pages":\#(pages)}"#,
                ])
        }
        // Each page beyond the limit takes the place of one that reclaim has looked at, and swapped out.
        #expect(try writing(1_200) - writing(200) > 6 * 900)
    }

    @Test("the work of other orders of a scenario counts towards the limit")
    func otherOrders() throws {
        let text = #"{"scenario":"s"}"# + "\n" + #"{"op":"brk","pages":1}"#
        let scenario = try Scenario(text: text, path: "s.jsonl")
        var fresh = try OrderExplorer(scenario, as: PlayOptions())
        #expect(try fresh.play(scenario.lines[0]).ends.count == 1)
        #expect(fresh.work > 0)
        var late = try OrderExplorer(scenario, as: PlayOptions(), workDone: ScenarioLimits.work)
        #expect(throws: PlayError.self) { _ = try late.play(scenario.lines[0]) }
        #expect(late.work > ScenarioLimits.work)
    }

    @Test("runs of bad blocks count at each step, since every request is compared with them")
    func badBlocks() throws {
        func reading(afterBad count: Int) throws -> Int {
            var lines = [#"{"op":"file","id":"f","pages":8192,"fs":"ext4","resident":"none"}"#]
            for run in 0..<count { lines.append(#"{"op":"bad","file":"f","page":\#(4096 + 2 * run),"pages":1}"#) }
            return try work(ofLastOf: lines + [#"{"op":"pread","file":"f","page":0,"pages":64}"#])
        }
        #expect(try reading(afterBad: 128) >= 2 * reading(afterBad: 1))
    }
}
