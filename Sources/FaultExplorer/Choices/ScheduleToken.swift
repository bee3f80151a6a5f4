public import FaultCore

/// A schedule as one short word, to copy from a report into a test or a command line: `fs1.5c0a.a12:r0.0ab3`.
///
/// It has a version, a checksum that shows whether a world is the explored one, and the choices: for each run of stages
/// of a task, a letter for the task and the number of stages.
public struct ScheduleToken: Equatable, Sendable {
    /// The version of the format.
    static let version = "fs1"

    /// How many choices the text of a token may have: a few characters could stand for as many as memory has room for.
    static let mostChoices = 1 << 22

    /// Sixteen bits of the key of the state in which the schedule begins.
    package let check: UInt16
    /// The choices.
    public let schedule: [Choice]

    /// Makes the token of a schedule that begins at `start`.
    public init(_ schedule: [Choice], from start: Machine) {
        check = Self.check(of: start)
        self.schedule = schedule
    }

    /// Whether the schedule was found from this state. It may be possible from another one, too.
    public func isFrom(_ start: Machine) -> Bool { Self.check(of: start) == check }

    private static func check(of start: Machine) -> UInt16 {
        var copy = start
        var own: [UInt64] = []
        let key = copy.stateKey(of: [.memory, .running], keepsDigests: false, &own)
        return UInt16(truncatingIfNeeded: key.word >> 24)
    }
}

extension ScheduleToken: LosslessStringConvertible {
    /// The word: letters, digits, and `. : _ + ~ -`.
    public var description: String {
        let hex = String(check, radix: 16)
        var text = Self.version + "." + String(repeating: "0", count: 4 - hex.count) + hex + "."
        var place = schedule.startIndex
        while place < schedule.endIndex {
            var end = place + 1
            while end < schedule.endIndex, schedule[end] == schedule[place] { end += 1 }
            text += Self.text(of: schedule[place])
            if end - place > 1 { text += "\(end - place)" }
            place = end
        }
        return text
    }

    /// Parses a word; `nil` if it is no token, has another version, or has more than 4,194,304 choices.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.version, parts[1].count == 4, let check = UInt16(parts[1], radix: 16)
        else { return nil }
        var reader = TokenReader(rest: parts[2][...])
        var schedule: [Choice] = []
        while !reader.rest.isEmpty {
            guard let choice = reader.choice(), let times = reader.times(), schedule.count + times <= Self.mostChoices
            else { return nil }
            schedule += repeatElement(choice, count: times)
        }
        self.check = check
        self.schedule = schedule
    }

    private static func text(of choice: Choice) -> String {
        switch choice {
        case .step(let task): letter(of: task)
        case .run(let task): "-" + letter(of: task)
        case .expire(let task): "~" + letter(of: task)
        case .inject(let number): "+\(number)_"
        case .finish(let name): text(of: name)
        }
    }

    /// `a` to `z`, and then `A27_`.
    private static func letter(of task: TaskID) -> String {
        guard (0..<26).contains(task.index) else { return "A\(task.rawValue)_" }
        return String(UnicodeScalar(UInt8(97 + task.index)))
    }

    private static func text(of name: RequestName) -> String {
        let kind =
            switch name.kind {
            case .read: "r"
            case .write: "w"
            case .direct: "d"
            case .commit: "c"
            }
        var text = ":" + kind
        if name.device.rawValue != 0 { text += "\(name.device.rawValue)-" }
        if name.file != .none { text += "\(name.file.rawValue)." }
        text += "\(name.page.rawValue)" + letter(of: name.task)
        if name.number > 0 { text += "-\(name.number)_" }
        return text
    }
}

/// A parser of tokens.
private struct TokenReader {
    var rest: Substring

    private mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { ("0"..."9").contains($0) }
        guard let number = Int(digits), number <= Int(Int32.max) else { return nil }
        rest = rest.dropFirst(digits.count)
        return number
    }

    private mutating func task() -> TaskID? {
        if take("A") {
            guard let number = number(), take("_") else { return nil }
            return TaskID(number)
        }
        guard let letter = rest.first?.asciiValue, (97...122).contains(letter) else { return nil }
        rest.removeFirst()
        return TaskID(Int(letter) - 97)
    }

    mutating func choice() -> Choice? {
        if take("-") { return task().map { .run($0) } }
        if take("~") { return task().map { .expire($0) } }
        if take("+") {
            guard let number = number(), take("_") else { return nil }
            return .inject(number)
        }
        guard take(":") else { return task().map { .step($0) } }
        return request().map { .finish($0) }
    }

    private mutating func request() -> RequestName? {
        let kinds: [(Character, IORequest.Kind)] = [("r", .read), ("w", .write), ("d", .direct), ("c", .commit)]
        guard let kind = kinds.first(where: { $0.0 == rest.first })?.1 else { return nil }
        rest.removeFirst()
        guard var page = number() else { return nil }
        var device = 0
        var file = FileID.none
        if take("-") {
            guard let next = number() else { return nil }
            (device, page) = (page, next)
        }
        if take(".") {
            guard let next = number() else { return nil }
            (file, page) = (FileID(page), next)
        }
        guard let task = task() else { return nil }
        var name = RequestName(kind, of: PageIndex(page), of: file, on: DeviceID(device), by: task)
        // The sign distinguishes a number of its own from the number of stages of the next task.
        if rest.first == "-", rest.dropFirst().first?.isNumber == true {
            rest.removeFirst()
            guard let number = number(), take("_") else { return nil }
            name.number = Int32(number)
        }
        return name
    }

    /// The number of repetitions; 1 if there is none.
    mutating func times() -> Int? {
        guard let first = rest.first, ("0"..."9").contains(first) else { return 1 }
        guard let times = number(), (1...1_000_000).contains(times) else { return nil }
        return times
    }
}
