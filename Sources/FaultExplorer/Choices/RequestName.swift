public import FaultCore

/// The name of a request that is under way on a device. It is made of what the request does, so it means the same
/// request in every order of earlier events.
///
/// It prints as text such as `read d0 f0 p3 t1`, and can be made from this text.
public struct RequestName: Equatable, BitwiseCopyable, Sendable {
    /// What the device does.
    public var kind: IORequest.Kind
    /// The device.
    public var device: DeviceID
    /// The file; none for a request without a file, such as those of swap.
    public var file: FileID
    /// The first page.
    public var page: PageIndex
    /// The task that submitted it.
    public var task: TaskID
    /// How many earlier requests under way have the same name: 0 unless a task has several requests for one page.
    public var number: Int32

    /// Names a request.
    public init(
        _ kind: IORequest.Kind, of page: PageIndex, of file: FileID, on device: DeviceID, by task: TaskID,
        number: Int32 = 0
    ) {
        self.kind = kind
        self.device = device
        self.file = file
        self.page = page
        self.task = task
        self.number = number
    }

    /// Whether `request` has this name, apart from ``number``.
    func fits(_ request: IORequest) -> Bool {
        request.kind == kind && request.device == device && request.file == file && request.index == page
            && request.task == task
    }
}

extension RequestName: LosslessStringConvertible {
    private static let kinds: [(IORequest.Kind, String)] = [
        (.read, "read"), (.write, "write"), (.direct, "direct"), (.commit, "commit"),
    ]

    /// Such as `read d0 f0 p3 t1`: device, file if there is one, page, task; and a number if there are several.
    public var description: String {
        let name = Self.kinds.first { $0.0 == kind }?.1 ?? ""
        var parts = [name, "d\(device.rawValue)"]
        if file != .none { parts.append("f\(file.rawValue)") }
        parts += ["p\(page.rawValue)", "t\(task.rawValue)"]
        if number > 0 { parts.append("n\(number)") }
        return parts.joined(separator: " ")
    }

    /// Parses a ``description``; `nil` for any other text.
    public init?(_ text: String) {
        var words = text.split(separator: " ", omittingEmptySubsequences: false)[...]
        guard let name = words.popFirst(), let kind = Self.kinds.first(where: { $0.1 == name })?.0,
            let device = Self.number("d", &words)
        else { return nil }
        let file = words.first?.first == "f" ? Self.number("f", &words) : -1
        guard let file, let page = Self.number("p", &words), let task = Self.number("t", &words) else { return nil }
        let number = words.isEmpty ? 0 : Self.number("n", &words)
        guard let number, words.isEmpty else { return nil }
        self.init(
            kind, of: PageIndex(Int(page)), of: file < 0 ? .none : FileID(rawValue: file),
            on: DeviceID(rawValue: device), by: TaskID(rawValue: task), number: number)
    }

    private static func number(_ letter: Character, _ words: inout ArraySlice<Substring>) -> Int32? {
        guard let word = words.popFirst(), word.first == letter else { return nil }
        let digits = word.dropFirst()
        guard digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
        return Int32(digits)
    }
}

extension Machine {
    /// The name of the request at an index of ``requestsUnderWay``.
    func name(ofRequest place: Int, _ requests: [IORequest]) -> RequestName {
        let request = requests[place]
        var name = RequestName(
            request.kind, of: request.index, of: request.file, on: request.device, by: request.task)
        for earlier in requests[..<place] where name.fits(earlier) { name.number += 1 }
        return name
    }

    /// The index in ``requestsUnderWay`` of the request with a name; `nil` if it is not under way.
    func place(of name: RequestName) -> Int? {
        var left = name.number
        for (place, request) in requestsUnderWay.enumerated() where name.fits(request) {
            if left == 0 { return place }
            left -= 1
        }
        return nil
    }
}
