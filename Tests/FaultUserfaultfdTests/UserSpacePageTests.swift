import FaultSimulator
import Foundation
import Testing

/// `Documentation/FaultsInUserSpace.md` and `Userfaultfd.md`: their pieces of code run, and their numbers come of it.
@Suite("Faults in user space, the pages", .timeLimit(.minutes(60)))
struct UserSpacePageTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test("the page's first example")
    func example() throws {
        // begin
        var world = try World(.linux6_12)
        let task = world.task()
        let area = try world.map(anonymousPages: 8, in: task)
        let descriptor = try world.userfaultfd(in: task)
        try world.register(area, with: descriptor, for: .missing, by: task)

        let monitor = world.thread(of: task)
        world.start(.write(area, page: 3), in: task)
        print(world.run())  // blocked: task 0 waits for userfaultfd 0 to answer ...
        #expect(world.mmapLock(of: task).isFree)  // a task that waits for the monitor holds no lock
        #expect(try world.messages(of: descriptor, by: monitor).count == 1)

        try world.perform(.copy(descriptor, area, page: 3), in: monitor)
        #expect(world.run() == .finished)
        #expect(world.report(of: task).attempts.map(\.result) == [.retry, []])
        // end
    }

    @Test("the page's example with a monitor")
    func monitored() throws {
        // begin
        var world = try World(.linux6_12)
        let guest = world.task()
        let memory = try world.map(anonymousPages: 8, in: guest)
        let descriptor = try world.userfaultfd(in: guest)
        try world.register(memory, with: descriptor, for: .missing, by: guest)
        world.startMonitor(.postCopy(latency: .microseconds(200)), of: descriptor)
        try world.perform(.write(memory, page: 3), in: guest)
        #expect(world.elapsed == .microseconds(200))
        // end
    }

    @Test("what the page shows is what runs here")
    func snippets() throws {
        let page = try Self.text("Documentation/FaultsInUserSpace.md")
        let shown = page.components(separatedBy: "```swift\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        let source = try Self.text("Tests/FaultUserfaultfdTests/UserSpacePageTests.swift")
        let run = source.components(separatedBy: "        // begin\n").dropFirst()
            .compactMap { $0.components(separatedBy: "        // end\n").first }
            .map { piece in
                piece.split(separator: "\n", omittingEmptySubsequences: false)
                    .map { $0.hasPrefix("        ") ? $0.dropFirst(8) : $0 }.joined(separator: "\n")
            }
        #expect(shown.count == 2 && shown == run)
    }

    @Test("the numbers of states are those of the races")
    func states() throws {
        let page = try Self.text("Documentation/FaultsInUserSpace.md")
        let races: [(String, (KernelModel) throws -> UserfaultRace)] = [
            ("a fault against its fill", UserfaultRace.fill), ("two faults, one fill", UserfaultRace.twoFaults),
            ("a waking without a fill", UserfaultRace.wakeWithoutFill),
            ("munmap(2), then a waking", UserfaultRace.munmap),
            ("mremap(2), then a waking", UserfaultRace.mremap), ("the last close(2)", UserfaultRace.close),
            ("unregistering", UserfaultRace.unregister), ("exit_group(2) of another thread", UserfaultRace.exitGroup),
            ("SIGKILL to both threads, from outside", UserfaultRace.killed),
            ("a handled signal against the fill", UserfaultRace.signal),
            ("lifting write protection", UserfaultRace.unprotect),
            ("a guest that looks up without waiting first", UserfaultRace.guest),
        ]
        for (name, race) in races {
            let counts = try [KernelModel.linux6_1, .linux6_12].map { number(try race($0).explore().states) }
            let row = "| \(name) | \(counts[0]) | \(counts[1]) |"
            #expect(page.contains(row), "the page should have the row \(row)")
        }
    }

    private func number(_ value: Int) -> String {
        value < 1000 ? "\(value)" : "\(value / 1000)," + String("\(1000 + value % 1000)".dropFirst())
    }
}
