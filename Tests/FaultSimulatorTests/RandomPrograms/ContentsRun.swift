import FaultFilemap
import FaultSimulator

/// One random program, of processes that do one operation at a time, and the second model beside it.
struct ContentsRun {
    /// What programs do beyond the ordinary.
    struct Features: OptionSet {
        var rawValue: Int

        /// Pages are pinned, too, and devices write to them.
        static let pins = Self(rawValue: 1)
        /// Memory is short, there is swap, and pages are taken and put out.
        static let swap = Self(rawValue: 2)
        /// Disks and swap areas fail.
        static let errors = Self(rawValue: 4)
    }

    var world: World
    var model: ContentsModel
    var random: SplitMix64
    let files: [FileID]
    let features: Features
    /// How often there was something to compare.
    private(set) var compared = 0
    /// Where the two disagree.
    private(set) var differences: [String] = []
    /// The last operations.
    private(set) var history: [String] = []
    /// Whether a process was killed for want of memory, after which the model knows no more what it was doing.
    private(set) var isKilled = false

    init(seed: UInt64, _ kernel: KernelModel = .linux6_1, _ features: Features = []) throws {
        random = SplitMix64(seed: seed)
        self.features = features
        model = ContentsModel(kernel)
        var settings = MachineSettings()
        var groupPages: Int?
        if features.contains(.swap) {
            settings.swapReadaheadPages = random.pick([1, 8])
            switch random.below(3) {
            case 0: settings.frameLimit = 60 + random.below(60)
            case 1: groupPages = 30 + random.below(40)
            default: break
            }
        }
        world = try World(kernel, disk: .latency(nanoseconds: 1000), settings: settings)
        world.machine.isTracing = false
        world.machine.isChecking = false  // the laws are another test's
        if features.contains(.swap) {
            if let groupPages { try world.addMemoryGroup(limit: groupPages) }
            let isSynchronous = random.below(3) == 0
            try world.addSwap(
                pages: 500, held: false, isSynchronous: isSynchronous, isRotational: random.below(2) == 0)
        }
        files = [
            try world.file(pages: 8 + random.below(24), resident: .pages([0...3])),
            try world.file(pages: 12, on: .tmpfs, resident: .pages([2...5])),
        ]
        for file in files {
            let isOnDisk = file == files[0]
            var contents = ContentsModel.Contents(pages: world.machine.pages(of: file), isOnDisk: isOnDisk)
            for page in isOnDisk ? 0...(contents.pages - 1) : 2...5 {
                let stamp = Machine.initialStamp(of: file, at: PageIndex(page))
                contents.cells[page] = .init(stamps: [stamp], stored: [stamp])
            }
            model.files[file.index] = contents
        }
        try perform(.brk(0), in: world.task())
    }

    /// Lets tasks do operations, one after the other, up to the first difference; in the end everything is read.
    mutating func run(operations: Int) throws {
        for _ in 0..<operations {
            guard differences.isEmpty, !isKilled else { return }
            disturb()
            world.run()
            noteKilled()
            guard !isKilled else { return }
            let task = TaskID(random.pick(model.processes.keys.sorted()))
            let operation = operation(of: task)
            try perform(operation, in: task)
            if features.contains(.pins) { look(at: operation) }
        }
        for owner in model.processes.keys.sorted() {
            for page in model.processes[owner]!.pages.keys.sorted() {
                guard differences.isEmpty, !isKilled else { return }
                try perform(.read(PageNumber(page)), in: TaskID(owner))
            }
        }
    }

    /// Lets a task do an operation, and compares what came back.
    private mutating func perform(_ operation: TaskOperation, in task: TaskID) throws {
        let report = try world.perform(operation, in: task)
        history.append(
            "\(task): \(operation) -> \(report.errno.map { "\($0)" } ?? "\(report.value)"), "
                + "\(report.signal.map { "\($0)" } ?? "no signal"), stamp \(report.outcome.stamp)")
        noteKilled(unless: operation == .exit ? task : nil)
        guard !isKilled, let expected = model.replay(report, by: task) else { return }
        compared += 1
        note(report.signal == expected.signal, "\(expected.signal.map { "\($0)" } ?? "no signal")")
        note(report.errno == expected.errno, "\(expected.errno.map { "\($0)" } ?? "no error")")
        if let stamps = expected.stamps { note(stamps.contains(report.outcome.stamp), "one of \(stamps)") }
        if let pages = expected.pages { note(report.value == pages || report.errno != nil, "\(pages)") }
    }

    /// Notes whether a process has ended, or is about to, by itself.
    private mutating func noteKilled(unless exiting: TaskID? = nil) {
        isKilled = model.processes.keys.contains { number in
            let task = TaskID(number)
            return task != exiting && (world.machine.hasExited(task) || world.machine.hasFatalSignal(task))
        }
    }

    private mutating func note(_ isAsExpected: Bool, _ expected: String) {
        if !isAsExpected { differences.append("\(history.last!); expected \(expected)") }
    }

    /// Lets devices write to what is pinned, and compares what they find there.
    private mutating func look(at operation: TaskOperation) {
        for id in model.pins.keys.sorted() {
            let pin = model.pins[id]!
            if pin.kind == .pin, pin.isForWriting, random.below(6) == 0 {
                let stamp = 0x4000_0000 | UInt32(random.below(1 << 20))
                let page = random.below(pin.pages.count)
                model.writeByDevice(stamp, to: id, page: page)
                world.machine.writeByDevice(stamp, to: id, page: page)
            }
            let found = world.stamps(of: id)
            let expected = model.stamps(of: pin)
            note(
                found.count == expected.count && zip(found, expected).allSatisfy { $1.contains($0) },
                "\(id) holding \(expected), not \(found)")
            for (page, stamp) in found.enumerated() { model.learn(stamp, of: id, page: page) }
        }
        note(world.pins.map(\.id) == model.pins.keys.sorted(), "pins \(model.pins.keys.sorted())")
    }
}
