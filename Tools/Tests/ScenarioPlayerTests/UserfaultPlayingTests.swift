import FaultSimulator
import ScenarioFormat
import Testing

@testable import ScenarioPlayer

@Suite("Playing userfaultfd", .timeLimit(.minutes(60)))
struct UserfaultPlayingTests {
    private static let area = #"{"op":"mmap","id":"a","pages":8,"prot":"rw","flags":["private"]}"#
    private static let threads = [#"{"op":"thread","id":"t1"}"#, #"{"op":"thread","id":"t2"}"#]
    private static let register = #"{"op":"uffd_register","uffd":"u","area":"a","page":0,"pages":8,"mode":["missing"]}"#

    private func play(_ operations: [String], _ kernel: KernelName = .linux6_1) throws -> [Saw] {
        let text = ([#"{"scenario":"s"}"#] + operations).joined(separator: "\n")
        let scenario = try Scenario(text: text, path: "s.jsonl")
        var runner = try SimulatorRunner(scenario, as: PlayOptions(kernel: kernel), watching: .laws)
        return try scenario.lines.map { try runner.play($0) }
    }

    @Test("a close under a read(2) releases nothing, and then there is no fdinfo to look into")
    func closeUnderRead() throws {
        let saws = try play(
            [Self.area] + Self.threads + [
                #"{"op":"uffd","id":"u","blocking":true}"#, Self.register,
                #"{"op":"read","in":"t2","area":"a","page":1,"start":true}"#,
                #"{"op":"uffd_read","in":"t1","uffd":"u"}"#,
                #"{"op":"uffd_read","in":"t1","uffd":"u","start":true}"#, #"{"op":"uffd_close","uffd":"u"}"#,
                #"{"op":"signal","to":"t1","signal":"SIGUSR1"}"#, #"{"op":"wait","in":"t1"}"#,
            ])
        #expect(saws[7].waitsFor == .uffdMessage && saws[7].queue == ["u": Saw.QueueCounts(pending: 0, total: 1)])
        #expect(saws[8].others?.keys.sorted() == ["t1", "t2"] && saws[8].queue == nil)
        #expect(saws[9].finished == ["t1", "t2"])
        #expect(saws[10].errno == "EINTR" && saws[10].mmapLock == Saw.LockCounts(read: 0, write: 1))
    }

    @Test("messages of an area that has moved meanwhile name its pages as they were")
    func movedArea() throws {
        let saws = try play(
            [Self.area] + Self.threads + [
                #"{"op":"uffd","id":"u","features":["event_remap"]}"#, Self.register,
                #"{"op":"read","in":"t2","area":"a","page":1,"start":true}"#,
                #"{"op":"mremap","in":"t1","area":"a","pages":8,"move":true,"start":true}"#,
                #"{"op":"uffd_read","uffd":"u"}"#, #"{"op":"wait","in":"t2"}"#,
            ])
        let page = AreaPage(area: "a", page: 1)
        #expect(
            saws[7].messages == [
                .pageFault(Saw.Message.Fault(page: page)), .remap(AreaPart(area: "a", page: 0, pages: 8)),
            ])
        #expect(saws[8].area == "a" && saws[8].page == 1 && saws[8].reason == .missing)
    }

    @Test("an operation that has spun has no counts of attempts, also when it has ended")
    func spin() throws {
        let saws = try play(
            [#"{"op":"file","id":"g","pages":4,"fs":"tmpfs","resident":"all"}"#, Self.area] + Self.threads + [
                #"{"op":"uffd","id":"u"}"#, Self.register,
                #"{"op":"copy_in","in":"t1","file":"g","page":0,"pages":1,"area":"a","to":3,"start":true}"#,
                #"{"op":"signal","to":"t1","signal":"SIGUSR1"}"#,
                #"{"op":"uffd_copy","uffd":"u","area":"a","page":3,"pages":1}"#, #"{"op":"wait","in":"t1"}"#,
            ])
        #expect(saws[7].others?["t1"]?.waitsFor == .spin && saws[7].others?["t1"]?.page == 3)
        #expect(saws[8].finished == ["t1"])
        #expect(saws[9].state == .done && saws[9].attempts == nil && saws[9].mmapLock == nil)
        #expect(saws[9].faults == 1 && saws[9].handled == 1)
    }

    @Test("above the last area is the program's stack: a call on a hole there names a bad range, not an empty memory")
    func holeAboveTheLastArea() throws {
        for kernel in [KernelName.linux6_1, KernelName(.linux6_12)] {
            let saws = try play(
                [
                    Self.area, #"{"op":"uffd","id":"u"}"#, #"{"op":"munmap","area":"a","page":6,"pages":2}"#,
                    #"{"op":"uffd_register","uffd":"u","area":"a","page":6,"pages":1,"mode":["missing"]}"#,
                    #"{"op":"uffd_unregister","uffd":"u","area":"a","page":7,"pages":1}"#,
                ], kernel)
            #expect(saws[3].errno == "EINVAL" && saws[4].errno == "EINVAL")
        }
    }

    @Test("a read of a descriptor that its process has closed shows no messages of an earlier read")
    func readAfterClose() throws {
        let saws = try play(
            [Self.area] + Self.threads + [
                #"{"op":"uffd","id":"u"}"#, #"{"op":"fork","id":"m"}"#, Self.register,
                #"{"op":"read","in":"t1","area":"a","page":4,"start":true}"#,
                #"{"op":"uffd_read","in":"m","uffd":"u"}"#, #"{"op":"uffd_close","in":"m","uffd":"u"}"#,
                #"{"op":"uffd_read","in":"m","uffd":"u"}"#,
            ])
        #expect(saws[7].messages == [.pageFault(Saw.Message.Fault(page: AreaPage(area: "a", page: 4)))])
        #expect(saws[9].errno == "EBADF" && saws[9].messages == nil)
    }

    @Test("what a process that is gone had is looked for in the process that asks")
    func goneProcess() throws {
        let saws = try play(
            [Self.area, #"{"op":"write","area":"a","page":0}"#] + Self.threads + [
                #"{"op":"uffd","id":"u"}"#, #"{"op":"fork","id":"m"}"#, Self.register,
                #"{"op":"exit","in":"t1","start":true}"#,
                #"{"op":"uffd_copy","in":"m","uffd":"u","area":"a","page":3,"pages":1}"#,
            ])
        #expect(saws[7].state == .gone && saws[7].gone?.keys.sorted() == ["", "t1", "t2"])
        #expect(saws[8].errno == "ESRCH" && saws[8].present == ["a": [0...0]])
    }

    @Test("a descriptor that was never made is an error, by line")
    func missingDescriptor() throws {
        #expect {
            try play([
                Self.area, #"{"op":"uffd","id":"u","features":["move"]}"#,
                #"{"op":"uffd_wake","uffd":"u","area":"a","page":0,"pages":1}"#,
            ])
        } throws: { error in
            guard case PlayError.stuck(line: 4, op: "uffd_wake", reason: _) = error else { return false }
            return true
        }
    }
}
