import Testing

@testable import FaultCore

@Suite("The run queue", .timeLimit(.minutes(60)))
struct RunQueueTests {
    /// Random operations on a queue, and on an array that is searched.
    @Test("has the tasks that were put in and not taken out", arguments: 1...20 as ClosedRange<UInt64>)
    func isWhatAnArrayWouldBe(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let most = 1 + random.below(60)
        var queue = RunQueue()
        var model: [TaskID] = []
        for _ in 0..<2_000 {
            let task = TaskID(random.below(most))
            switch random.below(5) {
            case 0, 1:
                guard !model.contains(task) else { continue }
                queue.append(task)
                model.append(task)
            case 2:
                guard !model.contains(task) else { continue }
                queue.prepend(task)
                model.insert(task, at: 0)
            case 3:
                queue.remove(task)
                model.removeAll { $0 == task }
            default:
                #expect(queue.popFirst() == model.first)
                model = Array(model.dropFirst())
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
            #expect(queue.contains(task) == model.contains(task))
            #expect(Array(queue) == model)
        }
        #expect(Array(RunQueue(model)) == model)
    }

    @Test("is copied as a value")
    func isAValue() {
        var queue = RunQueue([TaskID(3), TaskID(0), TaskID(2)])
        let copy = queue
        queue.remove(TaskID(0))
        queue.append(TaskID(5))
        #expect(Array(queue) == [TaskID(3), TaskID(2), TaskID(5)])
        #expect(Array(copy) == [TaskID(3), TaskID(0), TaskID(2)])
    }
}
