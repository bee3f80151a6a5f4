/// An error in a scenario, with its place: the scenario can't be read, or breaks a rule of the format.
public struct ScenarioError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, as it was named.
    public let path: String
    /// The line, from 1.
    public let line: Int
    /// The field, with the fields around it: `pages`, `settings.cpus`, `saw.present.a0`. If the error is not in a
    /// field: `file`, `line`, or the byte of the line, `column 17`.
    public let field: String
    /// What is wrong, and how to correct it.
    public let message: String

    /// Makes an error; the arguments are the properties of the same names.
    public init(path: String, line: Int, field: String, message: String) {
        self.path = path
        self.line = line
        self.field = field
        self.message = message
    }

    /// The error as exactly one line: `file:line: field: message`.
    public var description: String {
        oneLine("\(path):\(line): \(field): \(message)")
    }
}
