/// What is still there at the end that was not there at the beginning.
///
///     let before = world
///     …
///     #expect(world.leaks(since: before).isEmpty)
///
/// Pages of page caches are no leak: a cache keeps what was read. What a law says about references is the checker's
/// matter; a broken one counts here, too.
public struct Leaks: Equatable, Sendable {
    /// A line for each thing that is left.
    public let lines: [String]

    /// Whether nothing is left.
    public var isEmpty: Bool { lines.isEmpty }

    /// What `now` has beyond `before`.
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
    /// A line for each thing that is left; `nothing is left`.
    public var description: String {
        if lines.isEmpty { return "nothing is left" }
        return FieldText.lines(lines.map { FieldText.cut($0) }, atMost: ScreenText.height - 1, of: "things").joined(
            separator: "\n")
    }
}

extension World {
    /// What is here that `before` did not have, beside page caches: see ``Leaks``.
    public func leaks(since before: World) -> Leaks { Leaks(in: self, since: before) }

    /// Pages in use that are in no page cache of a file.
    fileprivate var privatePages: Int {
        machine.size.pages - (0..<machine.fileCount).reduce(0) { $0 + machine.cachedPages(of: FileID($1)) }
    }
}
