/// The requests that devices have under way, by time of completion, then by id.
///
/// A few requests are kept in an array, in that order. Many are found by their id; a heap finds the one that is done
/// first.
struct RequestQueue: Sequence, Sendable {
    /// With more requests than this, a search in an array takes longer.
    static var mostInArray: Int { 64 }

    /// The requests in order; empty while there are many.
    private var few: [IORequest] = []
    /// `nil` while there are few.
    private var many: Shared<ManyRequests>?
    /// When the first request is done; `UInt64.max` if it is held, or there is none.
    private(set) var nextTime = UInt64.max

    /// An empty queue.
    init() {}

    /// How many requests there are.
    var count: Int { many?.value.count ?? few.count }
    /// Whether there are no requests.
    var isEmpty: Bool { many == nil && few.isEmpty }

    /// The request that is done first.
    var first: IORequest? { many == nil ? few.first : many!.value.first }

    /// All requests, in order.
    ///
    /// - Complexity: O(*n* log *n*) if there are many.
    var inOrder: [IORequest] { many?.value.inOrder ?? few }

    /// Iterates over all requests, in order.
    func makeIterator() -> IndexingIterator<[IORequest]> { inOrder.makeIterator() }

    /// Whether the requests are so few that they are kept in an array.
    var isSmall: Bool { many == nil }

    /// Exchanges two tasks, as those that have submitted requests.
    ///
    /// - Precondition: ``isSmall``.
    mutating func exchange(_ a: TaskID, _ b: TaskID) {
        for place in few.indices { few[place].task.exchange(a, b) }
    }

    /// The request with this name.
    func request(_ id: RequestID) -> IORequest? { many == nil ? few.first { $0.id == id } : many!.value.request(id) }

    /// The first request that is done by `time` and for which the closure returns true.
    func firstDue(at time: UInt64, _ isMeant: (IORequest) -> Bool) -> IORequest? {
        many == nil ? few.first { $0.completes <= time && isMeant($0) } : many!.value.firstDue(at: time, isMeant)
    }

    /// The held requests for which the closure returns true, in the order of submission.
    func held(_ isMeant: (IORequest) -> Bool) -> [IORequest] {
        many == nil ? few.filter { $0.completes == .max && isMeant($0) } : many!.value.held(isMeant)
    }

    /// Adds a request whose id is the highest of all.
    mutating func insert(_ request: IORequest) {
        nextTime = Swift.min(nextTime, request.completes)
        guard many == nil else { return many!.value.append(request) }
        guard few.count < Self.mostInArray else {
            many = Shared(ManyRequests(few + [request]))
            few = []
            return
        }
        var low = 0
        var high = few.count
        while low < high {
            let middle = (low + high) / 2
            if few[middle].isDone(before: request) { low = middle + 1 } else { high = middle }
        }
        few.insert(request, at: low)
    }

    /// Removes the request that is done first.
    mutating func popFirst() -> IORequest? {
        guard let request = first else { return nil }
        remove(request.id)
        return request
    }

    /// Removes the request with this name. Returns whether it existed.
    @discardableResult
    mutating func remove(_ id: RequestID) -> Bool {
        guard many != nil else {
            guard let place = few.firstIndex(where: { $0.id == id }) else { return false }
            few.remove(at: place)
            nextTime = few.first?.completes ?? .max
            return true
        }
        let wasThere = many!.value.remove(id)
        if many!.value.count == 0 { many = nil }
        nextTime = first?.completes ?? .max
        return wasThere
    }

    /// Changes all requests, but not their ids.
    mutating func updateAll(_ body: (inout IORequest) -> Void) {
        if many == nil {
            for place in few.indices { body(&few[place]) }
            few.sort { $0.isDone(before: $1) }
        } else {
            many!.value.updateAll(body)
        }
        nextTime = first?.completes ?? .max
    }
}

extension IORequest {
    /// Whether it comes before another request.
    @inline(__always)
    func isDone(before other: IORequest) -> Bool {
        (completes, id.rawValue) < (other.completes, other.id.rawValue)
    }
}

/// Many requests in the order of submission, which is the order of their ids, with a heap of those that end by
/// themselves.
private struct ManyRequests: Sendable {
    private struct Row: BitwiseCopyable {
        var request: IORequest
        /// Whether the request is still under way.
        var isThere = true
    }

    private struct Due: BitwiseCopyable {
        var time: UInt64
        var id: RequestID

        @inline(__always)
        func isBefore(_ other: Due) -> Bool { (time, id.rawValue) < (other.time, other.id.rawValue) }
    }

    private var rows: [Row] = []
    /// No row before this one has a request that is under way.
    private var start = 0
    private(set) var count = 0
    /// A heap, the earliest request first. Requests that are gone stay until they are first, or there are too many of
    /// them.
    private var due: [Due] = []

    init(_ requests: [IORequest]) {
        for request in requests.sorted(by: { $0.id.rawValue < $1.id.rawValue }) { append(request) }
    }

    var first: IORequest? {
        if let first = due.first { return request(first.id) }
        return start < rows.count ? rows[start].request : nil
    }

    var inOrder: [IORequest] { all.sorted { $0.isDone(before: $1) } }

    private var all: [IORequest] { rows[start...].filter(\.isThere).map(\.request) }

    func request(_ id: RequestID) -> IORequest? { place(of: id).map { rows[$0].request } }

    func firstDue(at time: UInt64, _ isMeant: (IORequest) -> Bool) -> IORequest? {
        var best: IORequest?
        var open = due.isEmpty ? [] : [0]
        while let place = open.popLast() {
            guard due[place].time <= time else { continue }
            if isValid(due[place]), let request = request(due[place].id), isMeant(request),
                best.map({ request.isDone(before: $0) }) ?? true
            {
                best = request
            }
            for child in 2 * place + 1...2 * place + 2 where child < due.count { open.append(child) }
        }
        return best
    }

    func held(_ isMeant: (IORequest) -> Bool) -> [IORequest] { all.filter { $0.completes == .max && isMeant($0) } }

    mutating func append(_ request: IORequest) {
        rows.append(Row(request: request))
        count += 1
        if request.completes != .max { push(Due(time: request.completes, id: request.id)) }
    }

    mutating func remove(_ id: RequestID) -> Bool {
        guard let place = place(of: id) else { return false }
        rows[place].isThere = false
        count -= 1
        while start < rows.count, !rows[start].isThere { start += 1 }
        if rows.count > 2 * count + RequestQueue.mostInArray {
            rows.removeAll { !$0.isThere }
            start = 0
        }
        if due.count > 2 * count + RequestQueue.mostInArray {
            makeHeap()
        } else {
            while let first = due.first, !isValid(first) { popDue() }
        }
        return true
    }

    mutating func updateAll(_ body: (inout IORequest) -> Void) {
        for place in rows.indices where rows[place].isThere { body(&rows[place].request) }
        makeHeap()
    }

    /// The place of a request that is still under way.
    private func place(of id: RequestID) -> Int? {
        var low = start
        var high = rows.count
        while low < high {
            let middle = (low + high) / 2
            if rows[middle].request.id.rawValue < id.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && rows[low].request.id == id && rows[low].isThere ? low : nil
    }

    // MARK: The heap

    private func isValid(_ entry: Due) -> Bool { request(entry.id)?.completes == entry.time }

    private mutating func makeHeap() {
        due.removeAll(keepingCapacity: true)
        for row in rows where row.isThere && row.request.completes != .max {
            push(Due(time: row.request.completes, id: row.request.id))
        }
    }

    private mutating func push(_ entry: Due) {
        var place = due.count
        due.append(entry)
        while place > 0, entry.isBefore(due[(place - 1) / 2]) {
            due[place] = due[(place - 1) / 2]
            place = (place - 1) / 2
        }
        due[place] = entry
    }

    private mutating func popDue() {
        let moved = due.removeLast()
        guard !due.isEmpty else { return }
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < due.count else { break }
            if child + 1 < due.count, due[child + 1].isBefore(due[child]) { child += 1 }
            guard due[child].isBefore(moved) else { break }
            due[place] = due[child]
            place = child
        }
        due[place] = moved
    }
}
