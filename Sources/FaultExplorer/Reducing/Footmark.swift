import FaultCore

/// What a choice reads and writes, as sets of 128 marks. Each location gets a mark when it first occurs. When marks run
/// out, locations share them; this only costs time.
struct Footmark: BitwiseCopyable, Equatable, Sendable {
    /// What it may read or write, for comparison with the writes of other choices.
    var reads = SIMD2<UInt64>()
    /// What it writes, for comparison with the reads of other choices.
    var writes = SIMD2<UInt64>()

    /// The footmark of a choice that reads and writes everything.
    static var everything: Self { Self(reads: SIMD2(repeating: .max), writes: SIMD2(repeating: .max)) }

    mutating func formUnion(_ other: Self) {
        reads |= other.reads
        writes |= other.writes
    }

    /// Whether one may see an effect of the other. Two choices that don't conflict may be made in either order.
    func conflicts(with other: Self) -> Bool {
        let both = (writes & other.reads) | (other.writes & reads)
        return both[0] | both[1] != 0
    }
}

extension Footmark {
    /// Moves marks that stand for tasks: the mark at `places[n]` goes to `places[m]` if task `n` gets the number `m`.
    func renamed(_ arrangement: Arrangement, _ places: [[Int]]) -> Self {
        if reads == SIMD2(repeating: .max), writes == SIMD2(repeating: .max) { return self }
        return Self(
            reads: Self.moved(reads, arrangement, places), writes: Self.moved(writes, arrangement, places))
    }

    private static func moved(
        _ marks: SIMD2<UInt64>, _ arrangement: Arrangement, _ places: [[Int]]
    ) -> SIMD2<UInt64> {
        var moved = marks
        for (task, own) in places.enumerated() where !own.isEmpty {
            for (from, to) in zip(own, places[arrangement[task]]) {
                let bit = marks[from >> 6] >> UInt64(from & 63) & 1
                moved[to >> 6] = moved[to >> 6] & ~(1 << UInt64(to & 63)) | bit << UInt64(to & 63)
            }
        }
        return moved
    }
}

/// The table of the marks of locations.
struct FootmarkTable: Sendable {
    /// The words of locations. Two locations with the same word count as one; this only costs time.
    private var words: [UInt64] = []
    private static let most = 128

    /// A part of an object, a whole object, or an object without parts.
    private enum Shape {
        case single(UInt64)
        /// A task that holds it as one of many readers does not see the others.
        case lock(UInt64)
        case part(UInt64, of: UInt64)
        case whole(UInt64)
        /// A task that changes it does not see the changes of other tasks, and no stage reads it.
        case unseen
    }

    private static func shape(of location: StateLocation) -> Shape {
        func word(_ kind: UInt64, _ a: UInt64, _ b: UInt64 = 0) -> UInt64 {
            Mixing.mix(Mixing.mix(kind, a), b)
        }
        func id(_ raw: Int32) -> UInt64 { UInt64(UInt32(bitPattern: raw)) }
        switch location {
        case .lock(let lock): return .lock(word(1, UInt64(lock.rawValue)))
        case .areas(let map): return .single(word(2, id(map.rawValue)))
        case .areaLocks(let map): return .lock(word(3, id(map.rawValue)))
        case .users(let map): return .single(word(4, id(map.rawValue)))
        case .entry(let map, let page):
            return .part(word(5, id(map.rawValue), page.rawValue), of: word(6, id(map.rawValue)))
        case .entries(let map): return .whole(word(6, id(map.rawValue)))
        case .cachedPage(let file, let index):
            return .part(word(7, id(file.rawValue), index.rawValue), of: word(8, id(file.rawValue)))
        case .cache(let file): return .whole(word(8, id(file.rawValue)))
        // A page that is not in a file may have another frame after another order of earlier events.
        case .page, .uncachedPages: return .whole(word(10, 0))
        case .file(let file): return .single(word(11, id(file.rawValue)))
        case .filePins: return .unseen
        case .pins(let task): return .single(word(12, id(task.rawValue)))
        case .swap: return .single(word(13, 0))
        case .memory: return .single(word(14, 0))
        case .dirtyPages: return .single(word(15, 0))
        case .device(let device): return .single(word(16, id(device.rawValue)))
        case .submission: return .single(word(17, 0))
        case .channel(let channel): return .single(word(18, channel))
        case .userfault(let descriptor): return .single(word(19, id(descriptor.rawValue)))
        case .task(let task): return .single(word(20, id(task.rawValue)))
        case .world: return .single(word(21, 0))
        }
    }

    /// The places of the marks that stand for each of some tasks, by number of the task; empty for other tasks.
    mutating func places(of tasks: [TaskID]) -> [[Int]] {
        var places = [[Int]](repeating: [], count: tasks.map { $0.index + 1 }.max() ?? 0)
        for task in tasks {
            for location in [StateLocation.task(task), .pins(task)] {
                guard case .single(let word) = Self.shape(of: location) else { continue }
                let marks = mark(word)
                places[task.index].append(
                    marks[0] != 0 ? marks[0].trailingZeroBitCount : 64 + marks[1].trailingZeroBitCount)
            }
        }
        return places
    }

    private mutating func mark(_ word: UInt64) -> SIMD2<UInt64> {
        var place = words.firstIndex(of: word) ?? words.count
        if place == words.count {
            if words.count < Self.most {
                words.append(word)
            } else {
                place = Self.most - 1
            }
        }
        var marks = SIMD2<UInt64>()
        marks[place >> 6] = 1 << UInt64(place & 63)
        return marks
    }

    /// A whole object has two marks: a part shares one with readers of the whole object, and the other with its
    /// writers. Two parts share none. A lock also has two marks: one for its readers, one for its writer and its queue.
    private mutating func marks(of whole: UInt64) -> (written: SIMD2<UInt64>, read: SIMD2<UInt64>) {
        (mark(Mixing.mix(whole, 1)), mark(Mixing.mix(whole, 2)))
    }

    /// The marks of what may be read.
    ///
    /// - Parameter shared: Locks that are only taken or released as one of many readers.
    mutating func reads(_ footprint: Footprint, shared: [StateLocation]) -> SIMD2<UInt64> {
        if footprint.isEverything { return SIMD2(repeating: .max) }
        var all = SIMD2<UInt64>()
        for location in footprint.locations {
            switch Self.shape(of: location) {
            case .single(let word): all |= mark(word)
            case .lock(let word):
                let (readers, writer) = marks(of: word)
                all |= shared.contains(location) ? writer : readers | writer
            case .part(let word, let whole): all |= mark(word) | marks(of: whole).read
            case .whole(let whole):
                let (written, read) = marks(of: whole)
                all |= written | read
            case .unseen: break
            }
        }
        return all
    }

    /// The marks of what is written.
    ///
    /// - Parameter shared: Locks that are only taken or released as one of many readers.
    mutating func writes(_ footprint: Footprint, shared: [StateLocation]) -> SIMD2<UInt64> {
        if footprint.isEverything { return SIMD2(repeating: .max) }
        var all = SIMD2<UInt64>()
        for location in footprint.locations {
            switch Self.shape(of: location) {
            case .single(let word): all |= mark(word)
            case .lock(let word):
                let (readers, writer) = marks(of: word)
                all |= shared.contains(location) ? readers : writer
            case .part(let word, let whole): all |= mark(word) | marks(of: whole).written
            case .whole(let whole):
                let (written, read) = marks(of: whole)
                all |= written | read
            case .unseen: break
            }
        }
        return all
    }
}
