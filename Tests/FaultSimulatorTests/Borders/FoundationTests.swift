import FaultSimulator
import Foundation
import Testing

/// The names of the library beside those that most files import.
@Suite("Beside Foundation", .timeLimit(.minutes(60)))
struct FoundationTests {
    @Test("the common names of the library mean its types where Foundation is imported too")
    func names() throws {
        let model: KernelModel = .linux6_1
        var world: World = try World(model, disk: .latency(nanoseconds: 10))
        let file: FileID = try world.file(pages: 8)
        let task: TaskID = world.task()
        let area: Area = try world.map(file, .read, .shared, in: task)
        let operation: TaskOperation = .read(area)
        let report: OperationReport = try world.perform(operation, in: task)
        let outcome: OperationOutcome = report.outcome
        let counters: TaskCounters = report.counters
        let attempts: [AttemptReport] = report.attempts
        let result: FaultResult = try #require(attempts.first).result
        let flags: FaultFlags = try #require(attempts.first).flags
        let errno: Errno? = outcome.errno
        let signal: TaskSignal? = outcome.signal
        let page: PageNumber = area[0]
        let index: PageIndex = 0
        let protection: Protection = .read
        let reason: StopReason = world.run(until: StopCondition.idle)
        let machine: Machine = world.machine
        let wait: TaskWait? = machine.wait(of: task)
        let links: [WaitLink] = machine.waitLinks
        let lock: LockView = world.mmapLock(of: task)
        let vma: VMA = try #require(machine.area(containing: page, in: area.map))
        let rule: KernelModel.FaultRetry = model.faultRetry
        let device: DeviceID = world.disk
        #expect(result.contains(.retry) && flags.contains(.allowRetry) && errno == nil && signal == nil && wait == nil)
        #expect(counters.majorFaults == 1 && lock.isFree && links.isEmpty && reason == .finished)
        #expect(vma.fileIndex(of: page) == index && vma.flags.protection == protection)
        #expect("\(rule) \(device)" == "anyNumber device 0")
    }
}
