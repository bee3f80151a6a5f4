import Testing

@testable import FaultCore

@Suite("The requests under way", .timeLimit(.minutes(60)))
struct RequestQueueTests {
    // A debug run takes a few of the seeds.
    #if DEBUG
    private static let seeds: ClosedRange<UInt64> = 1...5
    #else
    private static let seeds: ClosedRange<UInt64> = 1...20
    #endif

    /// Random operations on a queue, few and many requests in turn, and on an array that is searched and sorted.
    @Test("are found, and done, as in a sorted array", arguments: seeds)
    func isWhatAnArrayWouldBe(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = RequestQueue()
        var model: [IORequest] = []
        var next: UInt64 = 1
        for turn in 0..<3_000 {
            let grows = turn / 400 % 2 == 0
            switch random.below(12) {
            case 0..<(grows ? 8 : 3):
                var request = IORequest(
                    random.below(2) == 0 ? .read : .write, on: DeviceID(random.below(3)), by: TaskID(0))
                request.id = RequestID(rawValue: next)
                next += UInt64(1 + random.below(2))
                request.completes = random.below(3) == 0 ? .max : UInt64(random.below(200))
                queue.insert(request)
                model.append(request)
                model.sort { $0.isDone(before: $1) }
            case 8, 9:
                let id = RequestID(rawValue: UInt64(random.below(Int(next))))
                #expect(queue.request(id)?.completes == model.first { $0.id == id }?.completes)
                #expect(queue.remove(id) == model.contains { $0.id == id })
                model.removeAll { $0.id == id }
            case 10:
                guard random.below(20) == 0 else { continue }
                let device = DeviceID(random.below(3))
                let time = random.below(2) == 0 ? UInt64.max : UInt64(random.below(200))
                queue.updateAll { if $0.device == device { $0.completes = time } }
                for place in model.indices where model[place].device == device { model[place].completes = time }
                model.sort { $0.isDone(before: $1) }
            default:
                #expect(queue.popFirst()?.id == model.first?.id)
                model = Array(model.dropFirst())
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
            #expect(queue.first?.id == model.first?.id)
            guard turn % 7 == 0 else { continue }
            #expect(queue.inOrder.map(\.id) == model.map(\.id))
            #expect(queue.map(\.completes) == model.map(\.completes))
            #expect(queue.held(\.isRead).map(\.id) == model.filter { $0.completes == .max && $0.isRead }.map(\.id))
            let time = UInt64(random.below(200))
            #expect(
                queue.firstDue(at: time) { !$0.isRead }?.id == model.first { $0.completes <= time && !$0.isRead }?.id)
        }
    }
}
