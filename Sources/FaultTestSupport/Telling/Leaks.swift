/// What is left at the end of a test and was not there at the beginning.
///
///     let before = world
///     …
///     #expect(world.leaks(since: before).isEmpty)
///
/// Pages in page caches are no leaks, because a cache keeps what was read. The checker checks the references of pages
/// by its laws; a broken law counts as a leak here, too.
public struct Leaks: Equatable, Sendable {
    /// A line for each thing that is left.
    public let lines: [String]

    /// Whether nothing is left.
    public var isEmpty: Bool { lines.isEmpty }

    /// Compares `now` with `before`.
    ///
    /// - Complexity: O(tasks + files).
    public init(in now: World, since before: World) {
        var lines: [String] = []
        let machine = now.machine
        func more(_ count: (World) -> Int, _ noun: String) {
            let (old, new) = (count(before), count(now))
            if new > old { lines.append("\(FieldText.count(new - old, noun)) more than before: \(old) -> \(new)") }
        }
        more(\.privatePages, "page")
        more(\.machine.size.pageTables, "page table")
        more(\.machine.size.areas, "area")
        more(\.machine.pagePins.count, "pin")
        lines += machine.leakedPins.map { machine.named("\($0), of a task that has ended") }
        lines += machine.requestsUnderWay.map { machine.named("under way: \($0)") }
        for number in 0..<machine.taskCount {
            let task = TaskID(number)
            let held = machine.heldLocks(of: task)
            if machine.isBusy(task) {
                lines.append(machine.named("\(task) is not done: \(machine.report(of: task).operation)", for: task))
            } else if !held.isEmpty {
                lines.append(
                    machine.named("\(task) holds \(FieldText.list(held.map(\.description), atMost: 4))", for: task))
            }
        }
        self.lines = lines + machine.violations.map(\.summary)
    }
}

extension Leaks: CustomStringConvertible {
    /// A line for each thing that is left, or `nothing is left`.
    public var description: String {
        if lines.isEmpty { return "nothing is left" }
        return FieldText.lines(lines.map { FieldText.cut($0) }, atMost: ScreenText.height - 1, of: "things").joined(
            separator: "\n")
    }
}

extension World {
    /// What this world has and `before` did not have, except page caches: see ``Leaks``.
    public func leaks(since before: World) -> Leaks { Leaks(in: self, since: before) }

    /// Pages in use that are in no page cache of a file.
    fileprivate var privatePages: Int {
        machine.size.pages - (0..<machine.fileCount).reduce(0) { $0 + machine.cachedPages(of: FileID($1)) }
    }
}
