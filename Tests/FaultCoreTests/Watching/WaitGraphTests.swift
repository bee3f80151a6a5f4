import Testing

@testable import FaultCore

@Suite("Who waits for whom", .timeLimit(.minutes(60)))
struct WaitGraphTests {
    private static func link(_ task: Int, behind: [Int]) -> WaitLink {
        WaitLink(
            task: TaskID(task), cause: .timer, swapSlot: nil, behind: behind.map { TaskID($0) }, mmapHeld: nil,
            since: 0,
            names: ObjectNames())
    }

    /// The longest chain, by trying all of them.
    private static func longest(in links: [WaitLink]) -> [WaitLink] {
        func chain(from link: WaitLink, _ seen: [TaskID]) -> [WaitLink] {
            guard !seen.contains(link.task) else { return [] }
            var longest: [WaitLink] = []
            for task in link.behind {
                guard let next = links.first(where: { $0.task == task }) else { continue }
                let rest = chain(from: next, seen + [link.task])
                if rest.count > longest.count { longest = rest }
            }
            return [link] + longest
        }
        var best: [WaitLink] = []
        for link in links {
            let found = chain(from: link, [])
            if found.count > best.count { best = found }
        }
        return best
    }

    /// The first ring, by trying all ways.
    private static func ring(in links: [WaitLink]) -> [TaskID]? {
        func closes(_ task: TaskID, _ path: inout [TaskID]) -> Bool {
            if let first = path.firstIndex(of: task) {
                path.removeFirst(first)
                return true
            }
            guard let link = links.first(where: { $0.task == task }) else { return false }
            path.append(task)
            for next in link.behind where closes(next, &path) { return true }
            path.removeLast()
            return false
        }
        for link in links {
            var path: [TaskID] = []
            if closes(link.task, &path) { return path }
        }
        return nil
    }

    @Test("is told as by trying all chains and rings", arguments: 1...400 as ClosedRange<UInt64>)
    func isWhatAllWaysSay(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let tasks = 1 + random.below(7)
        let ringsAreLikely = random.below(2) == 0
        var links = (0..<tasks).map { task in
            Self.link(
                task,
                behind: (0..<random.below(4)).map { _ in
                    ringsAreLikely ? random.below(tasks + 2) : task + 1 + random.below(3)
                })
        }
        links.shuffle(using: &random)
        #expect(WaitLink.longestPath(in: links) == Self.longest(in: links))
        #expect(WaitLink.ring(in: links) == Self.ring(in: links))
    }

    /// Each is behind all before it: there are more chains than could be tried.
    @Test("is told of hundreds that wait in one queue")
    func longQueue() {
        let links = (0..<500).map { Self.link($0, behind: Array(0..<$0)) }
        #expect(WaitLink.longestPath(in: links).map(\.task.index) == Array((0..<500).reversed()))
        #expect(WaitLink.ring(in: links) == nil)
    }

    @Test("ends where many wait behind each other and in rings")
    func manyRings() {
        let links = (0..<30).map { task in Self.link(task, behind: (0..<30).filter { $0 != task }) }
        let chain = WaitLink.longestPath(in: links)
        #expect(chain.count == 30)
        #expect(WaitLink.ring(in: links)?.count == 2)
    }
}
