import FaultSimulator
import Testing

@testable import FaultCore

/// Which requests a device holds, and which it refuses.
@Suite("Requests that devices hold or refuse", .timeLimit(.minutes(60)))
struct DeviceRuleTests {
    @Test("of the requests under way only those of the device and the kind asked for are held")
    func heldKinds() throws {
        for (reads, writes) in [(true, false), (false, true), (true, true), (false, false)] {
            var play = try Play(.linux6_1) { $0.readaheadPages = 0 }
            let disk = Disk(readLatencyNanoseconds: 1000, writeLatencyNanoseconds: 1000)
            let disks = (0..<2).map { _ in play.world.addDisk(disk) }
            let files = try disks.map { try play.world.file(pages: 2, device: $0) }
            for file in files { try play.perform(.write(file, page: 1)) }
            for file in files {
                for operation in [TaskOperation.read(file, page: 0), .fsync(file)] {
                    let task = play.world.task()
                    play.world.start(operation, in: task)
                    play.world.run(until: .asleep(task))
                }
            }
            #expect(play.world.machine.requestsUnderWay.count == 4)
            play.world.machine.hold(disks[0], reads: reads, writes: writes)
            for request in play.world.machine.requestsUnderWay {
                let isHeld = request.device == disks[0] && (request.isRead ? reads : writes)
                #expect((request.completes == .max) == isHeld, "\(request)")
            }
        }
    }

    @Test("pages whose readahead the device refuses are not read: who needs one reads it alone (dm_submit_bio())")
    func refusedReadahead() throws {
        var play = try Play(.linux6_1)
        let file = try play.world.file(pages: 16)
        play.world.machine.setReadaheadIsRefused(true, by: play.world.disk)
        try play.start(.read(file, page: 0))
        #expect(play.state() == "waits")
        #expect(play.world.machine.requestsUnderWay.map(\.pages) == [1])
        try play.settle()
        #expect(play.state() == "done" && play.world.report(of: play.task).value == 1)
    }
}
