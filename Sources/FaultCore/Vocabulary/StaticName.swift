/// A name that is known at compile time. It can be written as a string literal:
///
///     var name: StaticName { "remote pages" }
public struct StaticName: Equatable, BitwiseCopyable, Sendable, CustomStringConvertible {
    private let text: StaticString

    /// Makes a name.
    public init(_ text: StaticString) { self.text = text }

    /// The name.
    public var description: String { text.description }

    /// Whether the names read the same.
    public static func == (a: Self, b: Self) -> Bool { a.description == b.description }
}

extension StaticName: ExpressibleByStringLiteral {
    /// Makes a name of a literal.
    public init(stringLiteral text: StaticString) { self.init(text) }
}
