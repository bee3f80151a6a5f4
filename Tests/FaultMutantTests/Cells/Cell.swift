import FaultArchitectures
import FaultSimulator

/// A column of the table of architectures: what stands in its cells, and what could stand there instead.
struct Cell: Sendable {
    let name: String
    /// How `Documentation/Architectures.md` writes the cell of a row.
    let text: @Sendable (Architecture) -> String
    /// The row with another value in this column, for each that there is.
    let others: @Sendable (Architecture) -> [Architecture]

    init(
        _ name: String, _ text: @escaping @Sendable (Architecture) -> String,
        others: @escaping @Sendable (Architecture) -> [Architecture]
    ) {
        self.name = name
        self.text = text
        self.others = others
    }

    private init<Value: Equatable & Sendable>(
        _ name: String, _ path: any WritableKeyPath<Architecture, Value> & Sendable, _ values: [Value],
        _ text: @escaping @Sendable (Value) -> String
    ) {
        self.init(name, { text($0[keyPath: path]) }) { row in
            values.filter { $0 != row[keyPath: path] }.map { value in
                var other = row
                other[keyPath: path] = value
                return other
            }
        }
    }

    private init(_ name: String, _ path: any WritableKeyPath<Architecture, Bool> & Sendable) {
        self.init(name, path, [false, true]) { $0 ? "yes" : "" }
    }

    private init(_ name: String, number path: any WritableKeyPath<Architecture, UInt8> & Sendable) {
        self.init(name, { "\($0[keyPath: path])" }) { row in
            [row[keyPath: path] - 1, row[keyPath: path] + 1].map { value in
                var other = row
                other[keyPath: path] = value
                return other
            }
        }
    }

    private init(_ name: String, page path: any WritableKeyPath<Architecture, PageNumber> & Sendable) {
        self.init(name, { String($0[keyPath: path].rawValue, radix: 16) }) { row in
            var other = row
            other[keyPath: path] = row[keyPath: path] + 1
            return [other]
        }
    }

    /// In the order of the documented table, behind the name.
    static let all: [Cell] = [
        Cell("page shift", number: \.geometry.pageShift),
        Cell("levels", number: \.geometry.levels),
        Cell("bits a level", number: \.geometry.bitsPerLevel),
        Cell("first page beyond", page: \.geometry.userLimit),
        Cell("lowest page", page: \.geometry.lowestUserPage),
        Cell("lock", \.lookUp, Architecture.LookUp.allCases) { "\($0)" },
        Cell("tests", \.checks, orders) { $0.all.map { "\($0)" }.joined(separator: " ") },
        Cell("COMPLETED", \.completion, Architecture.Completion.allCases) { "\($0)" },
        Cell("end", \.tail, Architecture.Tail.allCases) { $0 == .none ? "" : "\($0)" },
        Cell("load needs", \.loadNeeds, (1...7).map { needs(UInt8($0)) }) { flags in
            [(VMAFlags.read, "R"), (.write, "W"), (.execute, "X")].filter { flags.contains($0.0) }.map(\.1).joined()
        },
        Cell("fetch checked", \.checksFetch),
        Cell("fetch marked", \.marksFetch),
        Cell("store loses flags", \.storeLosesFlags),
        Cell("retry if allowed", \.retriesIfAllowed),
        Cell("heeds signals", \.heedsSignals),
        Cell("area lock", \.triesAreaLock),
    ]

    private static func needs(_ bits: UInt8) -> VMAFlags {
        let named: [(UInt8, VMAFlags)] = [(1, .read), (2, .write), (4, .execute)]
        return named.reduce(into: []) { flags, bit in
            if bits & bit.0 != 0 { flags.insert(bit.1) }
        }
    }

    /// All four tests in their two orders and others, and without each of them.
    private static let orders: [Architecture.CheckOrder] = [
        [.signal, .completed, .error, .retry], [.signal, .completed, .retry, .error],
        [.signal, .error, .completed, .retry], [.completed, .error, .retry, .signal], [.completed, .error, .retry],
        [.signal, .error, .retry], [.signal, .completed, .retry], [.signal, .completed, .error],
    ]
}

/// A row of the table of architectures with another value in one cell.
struct CellMutant: Sendable, CustomStringConvertible {
    let row: Architecture
    let cell: Cell
    let other: Architecture

    /// Such as `riscv.lock: lockAndFind -> lock`.
    var description: String { "\(row.name).\(cell.name): \(cell.text(row)) -> \(cell.text(other))" }

    /// Whether the row does something else with it.
    var isNoticed: Bool {
        EntryBehaviour.all.contains { $0.cells.contains(cell.name) && $0.text(of: other) != $0.expected(of: row) }
    }

    /// Why it can't matter, if it can't.
    var excuse: String? {
        if cell.name == "tests", other.checks.all.count == row.checks.all.count,
            other.checks.all.first == row.checks.all.first
        {
            return "no answer has two of the bits that the last three tests look for"
        }
        if cell.name == "retry if allowed" {
            return "RETRY comes without ALLOW_RETRY only if a wait was killed, and signals are tested first"
        }
        if cell.name == "COMPLETED", row.storeLosesFlags { return "no store of it completes" }
        if cell.name == "COMPLETED", other.completion != .unknown, row.tail == .none {
            return "there is nothing to do in the end"
        }
        if cell.name == "COMPLETED", other.completion == .locksForTail, row.completion == .returns {
            return "the lock is taken for a guest alone"
        }
        if cell.name == "COMPLETED", row.tail == .accounting, other.completion != .unknown {
            return "what is completed is not major, so that nothing is counted"
        }
        if cell.name == "tests", other.checks.all.count == 3, !other.checks.all.contains(.completed),
            row.completion == .runsTail || row.tail == .none
        {
            return "who does not look for COMPLETED goes to the end, too"
        }
        return nil
    }

    /// All of them, row by row.
    static let all: [CellMutant] = Architecture.all.flatMap { row in
        Cell.all.flatMap { cell in cell.others(row).map { CellMutant(row: row, cell: cell, other: $0) } }
    }
}
