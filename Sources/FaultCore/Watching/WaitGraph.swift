/// Which task waits for which, as a graph: an edge leads from a task that sleeps to each sleeping task that it waits
/// for.
struct WaitGraph {
    private let links: [WaitLink]
    /// By link, the places of the links of the tasks that it is behind.
    private let behind: [[Int]]
    /// How many steps a search may take where there are rings. The longest chain among rings can't be found in
    /// reasonable time.
    private static let mostSteps = 100_000

    init(_ links: [WaitLink]) {
        var places: [TaskID: Int] = [:]
        places.reserveCapacity(links.count)
        for (place, link) in links.enumerated() where places[link.task] == nil { places[link.task] = place }
        self.links = links
        behind = links.map { link in link.behind.compactMap { places[$0] } }
    }

    // MARK: Chains

    /// The longest chain of tasks that wait for each other; of several equally long ones, the first. A chain has no
    /// task twice.
    ///
    /// - Complexity: O(*n*) in the links that wait for no ring. For the others, the search ends after a fixed number of
    ///   steps.
    func longestChain() -> [WaitLink] {
        let next = longestSteps()
        var left = Self.mostSteps
        var best: [Int] = []
        for place in links.indices {
            var seen: [Int] = []
            let chain = chain(from: place, next, &seen, &left)
            if chain.count > best.count { best = chain }
        }
        return best.map { links[$0] }
    }

    /// What comes after a link in the longest chain from it.
    private enum Step {
        /// The chain has this many links, and `next` is the place of its second link.
        case known(length: Int, next: Int?)
        /// The link waits for a ring, or is in one.
        case ring
    }

    /// The longest chains from all links that wait for no ring.
    private func longestSteps() -> [Step] {
        var steps = [Step](repeating: .ring, count: links.count)
        var before = [[Int]](repeating: [], count: links.count)
        var left = behind.map(\.count)
        for (place, places) in behind.enumerated() {
            for next in places { before[next].append(place) }
        }
        var ready = links.indices.filter { left[$0] == 0 }
        while let place = ready.popLast() {
            var longest = (length: 0, next: nil as Int?)
            for next in behind[place] {
                if case .known(let length, _) = steps[next], length > longest.length { longest = (length, next) }
            }
            steps[place] = .known(length: longest.length + 1, next: longest.next)
            for earlier in before[place] {
                left[earlier] -= 1
                if left[earlier] == 0 { ready.append(earlier) }
            }
        }
        return steps
    }

    /// The longest chain from a link.
    ///
    /// - Parameters:
    ///   - seen: The links before it.
    ///   - left: How many steps may still be taken where there are rings.
    private func chain(from place: Int, _ steps: [Step], _ seen: inout [Int], _ left: inout Int) -> [Int] {
        if case .known = steps[place] {
            var chain: [Int] = []
            var next: Int? = place
            while let place = next, case .known(_, let following) = steps[place] {
                chain.append(place)
                next = following
            }
            return chain
        }
        guard left > 0, !seen.contains(place) else { return [] }
        left -= 1
        seen.append(place)
        var longest: [Int] = []
        for next in behind[place] {
            let rest = chain(from: next, steps, &seen, &left)
            if rest.count > longest.count { longest = rest }
        }
        seen.removeLast()
        return [place] + longest
    }

    // MARK: Rings

    /// The first ring of tasks that wait for each other, if there is one.
    ///
    /// - Complexity: O(*n*) in the links.
    func ring() -> [TaskID]? {
        var isDone = [Bool](repeating: false, count: links.count)
        var path: [Int] = []
        for place in links.indices where closes(place, &path, &isDone) { return path.map { links[$0].task } }
        return nil
    }

    private func closes(_ place: Int, _ path: inout [Int], _ isDone: inout [Bool]) -> Bool {
        if isDone[place] { return false }
        if let first = path.firstIndex(of: place) {
            path.removeFirst(first)
            return true
        }
        path.append(place)
        for next in behind[place] where closes(next, &path, &isDone) { return true }
        path.removeLast()
        isDone[place] = true
        return false
    }
}
