/// The canonical form: a machine as a list of words that is the same for all machines that are equal.
extension Machine {
    /// All state as words, with frames numbered in the order in which the walk meets them.
    ///
    /// It contains only state. Numbers of frames, page-table nodes, `anon_vma`s and requests, the absolute clock,
    /// counters, statistics and traces are not in it. Two machines are equal if their lists are; see also
    /// ``fingerprint``, which is a hash of the same state.
    ///
    /// - Complexity: O(*n*) in everything that is mapped, cached or running.
    package var canonicalWords: [UInt64] {
        var words = CanonicalWords(MemoryCensus(of: self).frames)
        addStructure(to: &words)
        addRunningState(to: &words)
        words.addUnreachable(of: self)
        return words.words
    }

    /// Areas, page tables and page caches.
    private func addStructure(to words: inout CanonicalWords) {
        var anonVMAs: [UInt32] = []
        words.add(maps.count)
        for map in maps {
            words.add(map.areas.count)
            for area in map.areas.areas {
                words.add(area.start)
                words.add(area.end)
                words.add(area.startIndex)
                words.add(UInt64(area.flags.rawValue) | UInt64(area.operations) << 32 | UInt64(area.anonLinks) << 48)
                words.add(area.file)
                for word in stateWords(of: area) { words.add(word) }
                words.add(area.swapReadahead)
                words.add(area.anonVMA == 0 ? 0 : Self.ordinal(of: area.anonVMA, in: &anonVMAs))
            }
            tables.forEachLeaf(map.root, in: PageNumber(0)..<geometry.userLimit) { base, node in
                words.add(base)
                for (slot, raw) in tables.nodes[Int(node)].enumerated() where raw != 0 {
                    words.add(slot)
                    words.add(PTE(rawValue: raw), of: self)
                }
                words.add(UInt64.max)
            }
            words.add(UInt64.max)
        }
        words.add(files.count)
        for file in files {
            words.add(file.cache.count)
            var next: PageIndex = 0
            while let (index, frame) = file.cache.first(from: next) {
                words.add(index)
                words.add(frame, of: self)
                next = index + 1
            }
            words.add(file.swapEntries.count)
            next = 0
            while let (index, slot) = file.swapEntries.first(from: next) {
                words.add(index)
                words.add(slot.rawValue)
                next = index + 1
            }
        }
        words.add(swap.slotsInUse)
        swap.forEachInUse { number, slot in
            words.add(number)
            words.add(slot.count)
            words.add(slot.stamp)
            words.add(UInt64(slot.isReserved ? 1 : 0) | (slot.isZero ? 2 : 0))
            words.add(slot.cached, of: self)
        }
    }

    /// The place of `number` in the order of first appearance, from 1.
    private static func ordinal(of number: UInt32, in known: inout [UInt32]) -> Int {
        if let place = known.firstIndex(of: number) { return place + 1 }
        known.append(number)
        return known.count
    }
}

/// Two machines are equal if no simulated program and no simulated kernel could tell them apart.
///
/// They must be configured alike: model, settings, costs, and plug-ins. The same number of programs must have been
/// started in both, because a program is identified by its number.
extension Machine: Equatable {
    /// Whether two machines are equal in everything that can influence the future.
    ///
    /// - Complexity: O(*n*) in everything that is mapped, cached or running; compare ``fingerprint``s where that takes
    ///   too long.
    public static func == (a: Self, b: Self) -> Bool {
        a.structuralHash == b.structuralHash && a.configuration.isEqual(to: b.configuration)
            && a.canonicalWords == b.canonicalWords && a.runsSamePrograms(as: b)
    }
}

extension MachineConfiguration {
    /// Whether machines of both configurations run alike: their plug-ins have the same types and equal fields.
    func isEqual(to other: MachineConfiguration) -> Bool {
        if self === other { return true }
        return model == other.model && settings == other.settings && costs == other.costs && geometry == other.geometry
            && Image(entry) == Image(other.entry)
            && vmOperations.map { Image($0) } == other.vmOperations.map { Image($0) }
            && fileOperations.map { Image($0) } == other.fileOperations.map { Image($0) }
            && blockDevices.map { Image($0) } == other.blockDevices.map { Image($0) }
            && userfaults.map { Image($0) } == other.userfaults.map { Image($0) }
    }
}

extension Machine {
    /// Whether the tasks of both machines run the same programs, and the next program gets the same number in both.
    private func runsSamePrograms(as other: Self) -> Bool {
        guard programs.startedPrograms == other.programs.startedPrograms else { return false }
        return tasks.indices.allSatisfy { program(of: $0) == other.program(of: $0) }
    }

    private func program(of task: Int) -> Image? {
        guard tasks[task].program == .program, let started = programs.programs[task] else { return nil }
        return Image(started.program)
    }
}

/// A plug-in, as its type and its fields. It is plain data, so nothing else matters. Its bytes are not compared,
/// because the padding between the fields is undefined.
private struct Image: Equatable {
    let type: ObjectIdentifier
    let fields: String

    init(_ entry: some FaultEntry) { self.init(of: entry) }
    init(_ operations: some VMOperationTable) { self.init(of: operations) }
    init(_ operations: some FileOperationTable) { self.init(of: operations) }
    init(_ device: some BlockDevice) { self.init(of: device) }
    init(_ program: some TaskProgram) { self.init(of: program) }
    init(_ operations: some UserfaultOperations) { self.init(of: operations) }

    private init<Value: BitwiseCopyable>(of value: Value) {
        type = ObjectIdentifier(Value.self)
        var text = ""
        dump(value, to: &text)
        fields = text
    }
}

/// Keeps the words of a machine's state.
struct CanonicalWords: StateSink {
    private(set) var words: [UInt64] = []
    private let census: FrameCensus
    /// The number of each frame in the order of first appearance; 0 before it appears.
    private var ordinals: [UInt32]
    private var met: UInt32 = 0

    init(_ census: FrameCensus) {
        self.census = census
        ordinals = [UInt32](repeating: 0, count: census.count)
    }

    mutating func add(_ word: UInt64) { words.append(word) }

    /// Adds the number of the frame; at its first appearance, its content follows.
    mutating func add(_ frame: FrameNumber, of machine: borrowing Machine) {
        guard frame != .none, machine.frames[frame].flags.contains(.inUse) else { return add(0 as UInt64) }
        if ordinals[frame.index] != 0 { return add(ordinals[frame.index]) }
        met += 1
        ordinals[frame.index] = met
        add(met)
        addContent(of: frame, machine)
    }

    private mutating func addContent(of frame: FrameNumber, _ machine: borrowing Machine) {
        let state = machine.frames[frame]
        add(UInt64(state.flags.rawValue) | UInt64(state.stamp) << 32)
        add(UInt64(UInt32(bitPattern: state.references)) | UInt64(UInt32(bitPattern: state.mappings)) << 32)
        add(state.places &- census[frame.index].places)
    }

    mutating func add(_ locks: [PageLock], of machine: borrowing Machine) {
        for lock in locks where ordinals[lock.folio.index] == 0 { add(lock.folio, of: machine) }
        add(locks.count)
        var pairs = locks.map { UInt64(ordinals[$0.folio.index]) << 32 | UInt64(UInt32(bitPattern: $0.task.rawValue)) }
        pairs.sort()
        words += pairs
    }

    mutating func add(_ list: OperationList, from next: Int) {
        add(max(0, list.operations.count - next))
        for operation in list.operations.dropFirst(next) { operation.add(to: &self) }
    }

    /// Adds, by content, the frames in use that the walk has not met: all of them are leaked.
    mutating func addUnreachable(of machine: borrowing Machine) {
        var leaked: [UInt64] = []
        for number in 1..<max(1, census.count) where ordinals[number] == 0 {
            let frame = machine.frames[FrameNumber(number)]
            if frame.flags.contains(.inUse) { leaked.append(frame.contribution) }
        }
        leaked.sort()
        words += leaked
    }
}
