import FaultSimulator
import Foundation
import ScenarioFormat
import Testing

@testable import ScenarioPlayer

@Suite("Recordings of Linux", .timeLimit(.minutes(60)))
struct RecordingTests {
    /// Every mismatch of a recording, by line; the laws are checked after each operation.
    private func mismatches(_ name: String) throws -> [String] {
        let scenario = try Recordings.scenario(name)
        // How far an operation that goes on forever has come when it is ended is told apart in ``everyOrder()``.
        if scenario.lines.contains(where: { $0.saw?.state == .running }) { return [] }
        let options = PlayOptions(kernel: try Recordings.kernel(of: scenario))
        var runner = try SimulatorRunnerFactory(watching: .laws).makeRunner(for: scenario, as: options)
        var found: [String] = []
        for line in scenario.lines {
            let saw = try runner.play(line)
            guard let recorded = line.saw else { continue }
            for mismatch in Saw.mismatches(recorded: recorded, simulated: saw) {
                found.append("\(name):\(line.number): \(line.operation.name) \(mismatch)")
            }
        }
        return found
    }

    @Test("the simulator agrees with every field of a recording, and breaks no law", arguments: Recordings.passing)
    func agrees(_ name: String) throws {
        #expect(try mismatches(name) == [])
    }

    @Test("the list of recordings that agree is complete, and names recordings that are there")
    func listIsComplete() throws {
        #expect(!Recordings.passing.isEmpty)
        #expect(Set(Recordings.passing).subtracting(Recordings.all) == [])
        let others = Recordings.all.filter { !Recordings.passing.contains($0) }
        let agreeing = others.filter { (try? mismatches($0)) == [] }
        #expect(agreeing == [], "add them to passing.txt")
    }

    @Test("every recording is of a kernel that has its folder")
    func kernels() throws {
        for name in Recordings.all {
            let kernel = try Recordings.kernel(of: Recordings.scenario(name)).description
            let folder = name.split(separator: "/")[0].split(separator: "-")[1]
            #expect(kernel == "linux\(folder)".replacing(".", with: "_"))
        }
    }

    @Test("in every order of their threads: each value of a field that varies comes out, and little else")
    func everyOrder() throws {
        let files = Recordings.all.filter { !$0.hasPrefix("linux-6.1/") && !$0.hasPrefix("linux-6.12/") }
            .map { Recordings.folder + $0 }
        #expect(!files.isEmpty)
        let replay = try Replay(files: files, explores: true, factory: SimulatorRunnerFactory())
        var lines: [String] = []
        let result = try replay.run(Replay.Output(line: { lines.append($0.replacing(Recordings.folder, with: "")) }))
        #expect(result == Replay.Result(passed: files.count, failed: 0))
        #expect(lines.dropLast() == Recordings.alsoPossible[...])
    }

    @Test("each case in which something else can come out is explained in the documentation, and no other")
    func explanations() throws {
        let file = Recordings.folder + "../../../../Documentation/AlsoPossible.md"
        var explained: [String] = []
        for row in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") where row.hasPrefix("| 6") {
            let cells = row.dropFirst(2).components(separatedBy: " | ").map { $0.replacing("\\|", with: "|") }
            try #require(cells.count == 6, "\(row)")
            for kernel in cells[0].components(separatedBy: ", ") {
                let (place, field, value) = (cells[1], cells[2], cells[3])
                explained.append("\(kernel) \(place) \(field) \(value)".replacing("`", with: ""))
            }
        }
        let line = /linux-([0-9.]+)-[a-z]+\/(.+)\.jsonl:(\d+): \w+ also possible: (\w+): .*, simulated (.*), with .*/
        let listed = try Recordings.alsoPossible.map { text in
            let parts = try #require(text.wholeMatch(of: line), "\(text)").output
            return "\(parts.1) \(parts.2):\(parts.3) \(parts.4) \(parts.5)"
        }
        #expect(!listed.isEmpty && explained.sorted() == listed.sorted())
    }

    @Test("a value that comes out in no order is found missing")
    func missingValue() throws {
        let name = "linux-6.1-threads/wait-same-page-read.jsonl"
        let scenario = try Recordings.scenario(name)
        let line = try #require(scenario.lines.first { $0.saw?.varies != nil })
        var explorer = try OrderExplorer(scenario, as: PlayOptions())
        for earlier in scenario.lines where earlier.number < line.number {
            explorer.follow(try explorer.play(earlier).ends)
        }
        let seen = try explorer.play(line).ends.map(\.saw)
        var recorded = try #require(line.saw)
        #expect(Saw.unseen(recorded: recorded, in: seen) == [])
        recorded.varies?[.returns]?.append(try Saw(jsonLine: #"{"returns":{"LOCKED":2}}"#))
        #expect(Saw.unseen(recorded: recorded, in: seen).map(\.recorded) == [#"{"LOCKED":2}"#])
    }

    @Test(
        "under another kernel a recording may come out otherwise, but breaks no law",
        arguments: KernelModel.presets.map(\.name.description))
    func underAnotherKernel(_ name: String) throws {
        let options = PlayOptions(kernel: try #require(KernelName(named: name)))
        // With many threads, what one kernel ends another may let wait, and the recording can't go on.
        for recording in Recordings.dozen where !recording.contains("threads") {
            let scenario = try Recordings.scenario(recording)
            var runner = try SimulatorRunnerFactory(watching: .laws).makeRunner(for: scenario, as: options)
            for line in scenario.lines { _ = try runner.play(line) }
        }
    }

    @Test(
        "stage by stage, with a copy that goes on and is thrown away at each, comes out the same",
        arguments: Recordings.dozen)
    func stageByStage(_ name: String) throws {
        let scenario = try Recordings.scenario(name)
        let options = PlayOptions(kernel: try Recordings.kernel(of: scenario))
        var atOnce = try SimulatorRunner(scenario, as: options)
        var byStages = try SimulatorRunner(scenario, as: options, watching: .stages)
        for line in scenario.lines {
            let expected = try atOnce.play(line)
            #expect(try byStages.play(line) == expected, "line \(line.number)")
            #expect(byStages.world.machine == atOnce.world.machine, "after line \(line.number)")
        }
    }
}

@Suite("Playing on the simulator", .timeLimit(.minutes(60)))
struct PlayingTests {
    private func play(_ operations: [String]) throws -> [Saw] {
        let text = ([#"{"scenario":"s"}"#] + operations).joined(separator: "\n")
        let scenario = try Scenario(text: text, path: "s.jsonl")
        var runner = try SimulatorRunner(scenario, as: PlayOptions(), watching: .laws)
        return try scenario.lines.map { try runner.play($0) }
    }

    @Test("a field that is wrong in a recording is found", arguments: ["minflt", "faults", "attempts"])
    func findsWrongField(_ field: String) throws {
        let saws = try play([
            #"{"op":"mmap","id":"a","pages":8,"prot":"rw","flags":["private"]}"#,
            #"{"op":"write","area":"a","page":0,"pages":2}"#,
        ])
        let json = #"{"minflt":2,"faults":2,"attempts":2,"returns":{"0":2}}"#
        let recorded = try Saw(jsonLine: json)
        #expect(Saw.mismatches(recorded: recorded, simulated: saws[1]) == [])
        let wrong = try Saw(jsonLine: json.replacing("\"\(field)\":2", with: "\"\(field)\":3"))
        #expect(Saw.mismatches(recorded: wrong, simulated: saws[1]).map(\.field) == [field])
    }

    @Test("an exit that is started may wait, for who holds its map's lock for writing")
    func startedExit() throws {
        let saws = try play([
            #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#,
            #"{"op":"mmap","id":"l","file":"f","pages":8,"prot":"r","flags":["private"]}"#,
            #"{"op":"fork","id":"c"}"#,
            #"{"op":"thread","id":"c2","in":"c"}"#,
            #"{"op":"mlock","in":"c","area":"l","page":0,"pages":1}"#,
            #"{"op":"madvise","in":"c","area":"l","page":0,"pages":1,"advice":"dontneed_locked"}"#,
            #"{"op":"evict","file":"f"}"#,
            #"{"op":"hold","on":"device"}"#,
            #"{"op":"mprotect","in":"c2","area":"l","page":0,"pages":1,"prot":"rw","start":true}"#,
            #"{"op":"exit","in":"c","start":true}"#,
            #"{"op":"release","on":"device"}"#,
        ])
        #expect(saws[9].state == .waiting && saws[9].waitsFor == .mmapRead)
        #expect(saws[10].gone.map { $0.keys.sorted() } == ["c", "c2"])
    }

    @Test("an operation without start that waits forever is an error, by line")
    func stuck() throws {
        #expect {
            try play([
                #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#,
                #"{"op":"hold","on":"device"}"#, #"{"op":"pread","file":"f","page":0,"pages":1}"#,
            ])
        } throws: { error in
            guard case PlayError.stuck(line: 4, op: "pread", reason: _) = error else { return false }
            return true
        }
    }

    @Test("mlock2 fills an area, or with onfault leaves that to its touches")
    func mlock2() throws {
        let area = #"{"op":"mmap","id":"a","pages":4,"prot":"rw","flags":["private"]}"#
        let lock = #"{"op":"mlock2","area":"a","page":0,"pages":4"#
        let saws = try play([area, lock + #","onfault":true}"#, #"{"op":"write","area":"a","page":1}"#, lock + "}"])
        #expect(saws[1].minflt == 0 && saws[1].present == ["a": []])
        #expect(saws[2].minflt == 1 && saws[2].present == ["a": [1...1]])
        #expect(saws[3].minflt == 3 && saws[3].present == ["a": [0...3]])
    }

    @Test("madvise with remove takes pages out of a file, and is EACCES where it is mapped privately")
    func remove() throws {
        let saws = try play([
            #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"all"}"#,
            #"{"op":"mmap","id":"a","file":"f","pages":8,"prot":"rw","flags":["shared"]}"#,
            #"{"op":"mmap","id":"b","file":"f","pages":8,"prot":"rw","flags":["private"]}"#,
            #"{"op":"madvise","area":"b","page":0,"pages":2,"advice":"remove"}"#,
            #"{"op":"madvise","area":"a","page":2,"pages":4,"advice":"remove"}"#,
        ])
        #expect(saws[3].errno == "EACCES" && saws[3].resident == ["f": [0...7]])
        #expect(saws[4].errno == nil && saws[4].resident == ["f": [0...1, 6...7]])
    }

    @Test("a direct copy reads past the page cache, another through it")
    func directRead() throws {
        let file = #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#
        let area = #"{"op":"mmap","id":"a","pages":8,"prot":"rw","flags":["private"]}"#
        let copy = #"{"op":"copy_in","file":"f","page":0,"pages":1,"area":"a","to":0"#
        let saws = try play([file, area, copy + #","direct":true}"#, copy + "}"])
        #expect(saws[2].resident == ["f": []] && saws[2].copied == nil && saws[2].kernelFaults == nil)
        #expect(saws[3].resident != ["f": []])
    }

    @Test("an fsync whose inode has changed waits for the journal, without a page, and then no more")
    func journal() throws {
        let fsync = #"{"op":"fsync","file":"f","start":true}"#
        let saws = try play([
            #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"all"}"#,
            #"{"op":"truncate","file":"f","pages":4}"#, #"{"op":"hold","on":"device","only":"writes"}"#, fsync,
            #"{"op":"release","on":"device"}"#, #"{"op":"hold","on":"device","only":"writes"}"#, fsync,
        ])
        #expect(saws[3].state == .waiting && saws[3].waitsFor == .io && saws[3].page == nil)
        #expect(saws[4].finished == [""] && saws[6].state == .done)
    }

    @Test("populating over a bad page goes on forever, until the page is mended or the process is killed")
    func endless() throws {
        let file = #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#
        let area = #"{"op":"mmap","id":"a","file":"f","pages":8,"prot":"r","flags":["private"]}"#
        let lock = #"{"op":"mlock","in":"t","area":"a","page":0,"pages":8,"start":true,"endless":true}"#
        let bad = #"{"op":"bad","file":"f","page":3,"pages":1}"#
        let mended = try play([file, area, #"{"op":"thread","id":"t"}"#, bad, lock, #"{"op":"mend"}"#])
        var running = Saw()
        running.state = .running
        #expect(mended[4] == running)
        #expect(mended[5].finished == ["t"] && mended[5].present == ["a": [0...7]])

        let kill = #"{"op":"signal","to":"t","signal":"SIGKILL"}"#
        let killed = try play([file, area, #"{"op":"thread","id":"t"}"#, bad, lock, kill])
        #expect(killed[5].gone == nil && killed[5].resident == ["f": [0...2]])
    }

    @Test("populating over a bad page without start is an error, by line")
    func endlessWithoutStart() throws {
        #expect {
            try play([
                #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#,
                #"{"op":"mmap","id":"a","file":"f","pages":8,"prot":"r","flags":["private"]}"#,
                #"{"op":"bad","file":"f","page":3,"pages":1}"#, #"{"op":"mlock","area":"a","page":0,"pages":8}"#,
            ])
        } throws: { error in
            guard case PlayError.stuck(line: 5, op: "mlock", reason: _) = error else { return false }
            return true
        }
    }

    @Test("a long operation beside a bad page is no endless one")
    func longOperation() throws {
        let saws = try play([
            #"{"op":"file","id":"f","pages":8,"fs":"ext4","resident":"none"}"#,
            #"{"op":"bad","file":"f","page":3,"pages":1}"#,
            #"{"op":"mmap","id":"a","pages":20000,"prot":"rw","flags":["private"]}"#,
            #"{"op":"mlock","area":"a","page":0,"pages":20000}"#,
        ])
        #expect(saws[3].minflt == 20000)
    }

    @Test("an area next to another lies so many pages above its end, or below its start, and is not seen in it")
    func nextTo() throws {
        let saws = try play([
            #"{"op":"mmap","id":"a","pages":4,"prot":"rw","flags":["private"]}"#,
            #"{"op":"mmap","id":"b","pages":4,"prot":"rw","flags":["private"],"next_to":{"area":"a","gap":0}}"#,
            #"{"op":"mmap","id":"c","pages":2,"prot":"rw","flags":["private","growsdown"],"next_to":{"area":"a","gap":-2}}"#,
            #"{"op":"write","area":"a","page":0,"pages":8}"#, #"{"op":"read","area":"a","page":8}"#,
        ])
        #expect(saws[3].present == ["a": [0...3], "b": [0...3], "c": []])
        #expect(saws[4].signal == .segvMapError)
    }

    @Test("mremap is told another old size than the area's")
    func oldSize() throws {
        let area = #"{"op":"mmap","id":"a","pages":4,"prot":"rw","flags":["private"]}"#
        let saws = try play([area, #"{"op":"mremap","area":"a","pages":8,"old":8,"move":true}"#])
        #expect(saws[1].errno == "EFAULT")
    }

    @Test("a write that finds a shared page copies it, one that finds none does not")
    func copies() throws {
        let saws = try play([
            #"{"op":"mmap","id":"a","pages":4,"prot":"rw","flags":["private"]}"#,
            #"{"op":"write","area":"a","page":0}"#, #"{"op":"read","area":"a","page":1}"#, #"{"op":"fork","id":"c"}"#,
            #"{"op":"write","area":"a","page":0,"pages":3}"#,
        ])
        #expect(saws[1].copies == nil && saws[4].copies == 2)
    }

    @Test("pages below a growsdown area are seen with negative numbers")
    func growsDown() throws {
        let saws = try play([
            #"{"op":"mmap","id":"g","pages":4,"prot":"rw","flags":["private","growsdown"]}"#,
            #"{"op":"write","area":"g","page":1,"pages":3,"stride":-1}"#,
        ])
        #expect(saws[1].present == ["g": [-1...1]])
        #expect(saws[1].anon == ["g": [-1...1]])
    }

    @Test("an area that one munmap removed whole is seen no more; one removed in parts is")
    func removedWhole() throws {
        let saws = try play([
            #"{"op":"mmap","id":"a","pages":4,"prot":"rw","flags":["private"]}"#,
            #"{"op":"mmap","id":"b","pages":4,"prot":"rw","flags":["private"]}"#,
            #"{"op":"munmap","area":"a","page":0,"pages":4}"#, #"{"op":"munmap","area":"b","page":0,"pages":2}"#,
            #"{"op":"munmap","area":"b","page":2,"pages":2}"#, #"{"op":"read","area":"a","page":0}"#,
        ])
        #expect(saws[4].present == ["b": []])
        #expect(saws[5].signal == .segvMapError)
    }
}
