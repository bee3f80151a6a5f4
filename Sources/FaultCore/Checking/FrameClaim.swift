/// A place through which a task may hold a page, and how many references that counts as.
struct FrameClaim: BitwiseCopyable, Sendable {
    /// The page.
    let folio: FrameNumber
    /// The place, as summed up in ``PageFrame/places``.
    let place: UInt64
    /// How many references it counts as.
    let weight: Int32

    init(_ folio: FrameNumber, _ place: UInt64, _ kind: PinKind = .get) {
        self.folio = folio
        self.place = place
        weight = kind.weight
    }

    /// The claims of some tasks, sorted by page.
    static func all(of tasks: [Int], _ machine: Machine) -> [FrameClaim] {
        var claims: [FrameClaim] = []
        for task in tasks { machine.addClaims(of: task, to: &claims) }
        // The order of claims on one page does not matter: only their sum is used.
        claims.sort { $0.folio.rawValue < $1.folio.rawValue }
        return claims
    }

    /// The claims on one page.
    ///
    /// - Precondition: `claims` are sorted by page.
    static func claims(on folio: FrameNumber, in claims: [FrameClaim]) -> ArraySlice<FrameClaim> {
        claims[claims.places(from: { $0.folio.rawValue < folio.rawValue }, while: { $0.folio == folio })]
    }
}

extension Array {
    /// The indices of consecutive elements of a sorted list, found by binary search.
    ///
    /// - Parameters:
    ///   - isBefore: Whether an element comes before all of these.
    ///   - belongs: Whether an element is one of these.
    func places(from isBefore: (Element) -> Bool, while belongs: (Element) -> Bool) -> Range<Int> {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < count, belongs(self[end]) { end += 1 }
        return low..<end
    }
}

extension Machine {
    /// Adds the pages that a task may hold: those of its fault, of its batches and of the frames of its routines.
    fileprivate func addClaims(of task: Int, to claims: inout [FrameClaim]) {
        let id = TaskID(task)
        func claim(_ folio: FrameNumber, _ place: UInt64, _ kind: PinKind = .get) {
            if folio != .none { claims.append(FrameClaim(folio, place, kind)) }
        }
        claim(tasks[task].fault.folio, Mixing.stackPlace(id, 1))
        claim(tasks[task].fault.copy, Mixing.stackPlace(id, 2))
        claim(tasks[task].fault.keptFolio, Mixing.stackPlace(id, 9))
        for (place, folio) in tasks[task].aroundBatch.enumerated() { claim(folio, Machine.aroundPlace(id, place)) }
        let pins = tasks[task].pinsInBatch
        for (place, folio) in tasks[task].folioBatch.enumerated() {
            claim(folio, Machine.batchPlace(id, place), place < pins ? .pin : .get)
        }
        let first = claims.count
        for call in tasks[task].stack {
            let named = namedFolios(call).folios
            addFrameClaims(on: named.0, of: id, since: first, to: &claims)
            addFrameClaims(on: named.1, of: id, since: first, to: &claims)
            addFrameClaims(on: named.2, of: id, since: first, to: &claims)
        }
    }

    /// Adds a page that the frame of a routine names, only once for all frames of the task.
    private func addFrameClaims(
        on folio: FrameNumber, of task: TaskID, since first: Int, to claims: inout [FrameClaim]
    ) {
        guard folio != .none, !claims[first...].contains(where: { $0.folio == folio }) else { return }
        for slot in 3...8 as ClosedRange<UInt64> {
            claims.append(FrameClaim(folio, Mixing.stackPlace(task, slot)))
        }
    }
}
