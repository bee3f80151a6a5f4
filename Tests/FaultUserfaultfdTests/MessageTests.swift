import FaultSimulator
import Testing

@Suite("What messages say", .timeLimit(.minutes(60)))
struct MessageTests {
    @Test("a message names the thread that faults only with UFFD_FEATURE_THREAD_ID (userfault_msg())")
    func thread() throws {
        for (features, thread) in [(UserfaultFeatures(), TaskID.none), (.threadID, TaskID(0))] {
            var test = try MonitorWorld(.linux6_1, features: features)
            test.start(.write(test.area, page: 3))
            let messages = try test.messages
            guard case .fault(let fault)? = messages.first else {
                Issue.record("\(messages)")
                continue
            }
            #expect(messages.count == 1 && fault.thread == thread && fault.page == test.area[3] && fault.isWrite)
        }
    }

    @Test("a read of a closed descriptor fails with EBADF, and leaves no messages of the read before")
    func closed() throws {
        var test = try MonitorWorld(.linux6_1)
        test.start(.write(test.area, page: 3))
        #expect(try test.messages.count == 1)
        try test.answer(.userfault(test.descriptor, .close))
        let report = try test.answer(.userfault(test.descriptor, .read(most: 16)))
        #expect(report.errno == .badDescriptor)
        #expect(test.world.machine.userfaultMessages(of: test.monitor).isEmpty)
        test.check()
    }
}
