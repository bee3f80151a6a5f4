import Workloads

/// What the command line asks for.
struct Options {
    static let usage = """
        usage: gate [--enforce] [--samples N] [--only NAME]... [--only-scale NAME]... [--only-memory NAME]...
                    [--end small|large] [--no-host] [--no-exploration] [--documentation FOLDER]
          --enforce     exit with 1 if a gate is missed
          --samples N   how many runs the medians are of; by default 11
          --only NAME   run only this workload: \(Workload.allCases.map(\.rawValue).joined(separator: ", "))
          --only-scale NAME  run only this workload of two sizes: \
        \(ScaleWorkload.allCases.map(\.rawValue).joined(separator: ", "))
          --only-memory NAME  run only this measurement of memory: \
        \(MemoryWorkload.allCases.map(\.rawValue).joined(separator: ", "))
          --end small|large  run only one of two sizes
          --documentation FOLDER  write the table into FOLDER/Performance.md, and a picture of it into FOLDER/Pictures
          --no-host     leave out the host's own operations
          --no-exploration  leave out how many states are explored a second
        """

    var enforces = false
    var samples = 11
    var only: [Workload] = []
    /// The workloads of two sizes.
    var scales: [ScaleWorkload] = []
    /// The measurements of memory.
    var memories: [MemoryWorkload] = []
    /// Which of two sizes; `nil` for both.
    var end: ScaleEnd?
    /// Where to write the table to.
    var folder: String?
    var measuresHost = true
    var explores = true

    /// Reads the command line; `nil` if it says something else.
    init?(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--enforce": enforces = true
            case "--no-host": measuresHost = false
            case "--no-exploration": explores = false
            case "--samples":
                guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else { return nil }
                samples = number
            case "--only":
                guard let workload = rest.popFirst().flatMap({ Workload(rawValue: $0) }) else { return nil }
                only.append(workload)
            case "--only-scale":
                guard let scale = rest.popFirst().flatMap({ ScaleWorkload(rawValue: $0) }) else { return nil }
                scales.append(scale)
            case "--only-memory":
                guard let memory = rest.popFirst().flatMap({ MemoryWorkload(rawValue: $0) }) else { return nil }
                memories.append(memory)
            case "--end":
                guard let end = rest.popFirst().flatMap({ ScaleEnd(rawValue: $0) }) else { return nil }
                self.end = end
            case "--documentation":
                guard let folder = rest.popFirst() else { return nil }
                self.folder = folder
            default: return nil
            }
        }
        if only.isEmpty, scales.isEmpty, memories.isEmpty {
            only = Workload.allCases
            scales = ScaleWorkload.allCases
            memories = MemoryWorkload.allCases
        } else {
            explores = false
        }
    }
}
