import FaultSimulator

@testable import FaultCore

/// The stored properties of a type that a machine is made of, and where each is looked after.
struct StoredState: Sendable, CustomStringConvertible {
    /// Why a property may decide what happens next, or can't.
    enum Place: Sendable {
        /// In the key: the field, as ``KeyField`` has it.
        case key(String)
        /// Looked into by itself: another line of this table.
        case parts
        /// It follows from what is in the key.
        case follows
        /// The same in all states of an exploration.
        case fixed
        /// A time, or the order of turns, which a driver of the machine chooses.
        case time
        /// A number that names something, and which one it is tells nobody anything.
        case number
        /// Set and done with within a stage.
        case withinStage
        /// Counted, traced or remembered for who looks on; no stage reads it.
        case record
    }

    struct Property: Sendable {
        let name: String
        let place: Place
    }

    let description: String
    let properties: [Property]
    let value: @Sendable () throws -> Any

    /// - Parameters:
    ///   - fields: The properties in the key, with the field that changes them.
    ///   - others: The other properties, by why they are not.
    init(
        _ description: String, _ value: @escaping @Sendable () throws -> Any, key fields: [String: String] = [:],
        _ others: [(Place, String)] = []
    ) {
        self.description = description
        self.value = value
        properties =
            fields.sorted { $0.key < $1.key }.map { Property(name: $0.key, place: .key($0.value)) }
            + others.flatMap { place, names in
                names.split(separator: " ").map { Property(name: String($0), place: place) }
            }
    }

    /// A machine that has one of each.
    static func machine() throws -> Machine { try KeyField.memoryMachine(.linux6_12) }

    /// The stored property of a value, which may be private.
    static func child(_ name: String, of value: Any) throws -> Any {
        guard let child = Mirror(reflecting: value).children.first(where: { $0.label == name }) else {
            throw Play.Failure(description: "there is no \(name)")
        }
        return child.value
    }

    /// The first of the elements that a stored property has.
    static func element(_ name: String, of value: Any) throws -> Any {
        guard let first = Mirror(reflecting: try child(name, of: value)).children.first else {
            throw Play.Failure(description: "there is nothing in \(name)")
        }
        return first.value
    }

    static let all: [StoredState] = machines + tasks + maps + files + swap + groups + laws
}
