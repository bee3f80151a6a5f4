public import FaultCore

/// One decision of an explorer: what happens next. A list of choices is a schedule; `Machine.replay(_:injections:)`
/// runs a machine along it.
///
/// It names the event by its task and its object, so it still means the same if earlier choices are left out.
///
/// It prints as text such as `step 1`, and can be made from this text.
public enum Choice: Equatable, BitwiseCopyable, Sendable {
    /// A runnable task takes its next stage.
    case step(TaskID)
    /// A task runs until it sleeps or its operation ends, as on one processor without preemption.
    case run(TaskID)
    /// A device finishes this request.
    case finish(RequestName)
    /// The timer of a sleeping task expires.
    case expire(TaskID)
    /// The injection with this number in the list of the exploration happens.
    case inject(Int)
}

extension Choice: LosslessStringConvertible {
    /// Such as `step 1`.
    public var description: String {
        switch self {
        case .step(let task): "step \(task.rawValue)"
        case .run(let task): "run \(task.rawValue)"
        case .finish(let request): "finish \(request)"
        case .expire(let task): "expire \(task.rawValue)"
        case .inject(let number): "inject \(number)"
        }
    }

    /// Parses a ``description``; `nil` for any other text.
    public init?(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2 else { return nil }
        if words[0] == "finish" {
            guard let name = RequestName(String(words[1])) else { return nil }
            self = .finish(name)
            return
        }
        guard words[1].allSatisfy({ ("0"..."9").contains($0) }), let number = Int32(words[1]) else { return nil }
        switch words[0] {
        case "step": self = .step(TaskID(rawValue: number))
        case "run": self = .run(TaskID(rawValue: number))
        case "expire": self = .expire(TaskID(rawValue: number))
        case "inject": self = .inject(Int(number))
        default: return nil
        }
    }
}

extension [Choice] {
    /// The choices as text, separated by commas. Equal choices in a row are written once:
    /// `3 x step 1, finish read d0 f0 p0 t1`.
    public var text: String {
        var parts: [String] = []
        var index = startIndex
        while index < endIndex {
            var end = index + 1
            while end < endIndex, self[end] == self[index] { end += 1 }
            parts.append(end - index == 1 ? self[index].description : "\(end - index) x \(self[index])")
            index = end
        }
        return parts.joined(separator: ", ")
    }

    /// Parses a ``text``; `nil` for any other text.
    public init?(text: String) {
        self = []
        if text.isEmpty { return }
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            var words = part.split(separator: " ")
            var count = 1
            if words.count >= 4, words[1] == "x", let times = Int(words[0]), (1...1_000_000).contains(times) {
                count = times
                words.removeFirst(2)
            }
            guard let choice = Choice(words.joined(separator: " ")) else { return nil }
            append(contentsOf: repeatElement(choice, count: count))
        }
    }
}
