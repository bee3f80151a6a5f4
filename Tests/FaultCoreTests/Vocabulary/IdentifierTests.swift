@testable import FaultCore
import Testing

@Suite("Identifiers", .timeLimit(.minutes(60)))
struct IdentifierTests {
    @Test("an identifier prints its kind and number, or that there is none")
    func prints() {
        #expect("\(TaskID(3)), \(MapID(0)), \(FileID(12)), \(DeviceID(1))" == "task 3, map 0, file 12, device 1")
        #expect(
            "\(TaskID.none), \(MapID.none), \(FileID.none), \(DeviceID.none)" == "no task, no map, no file, no device")
        #expect("\(FrameNumber(7)), \(FrameNumber.none)" == "frame 7, no frame")
    }

    @Test("identifiers are compared, ordered and hashed by number, and take no more room than it")
    func values() {
        #expect(FileID(2) == FileID(rawValue: 2) && FileID(2) != FileID(3))
        #expect([TaskID(5), .none, TaskID(0)].sorted() == [.none, TaskID(0), TaskID(5)])
        #expect(Set([MapID(1), MapID(2), MapID(1)]).count == 2)
        #expect(Set([PageNumber(1), PageNumber(2), PageNumber(1)]).count == 2)
        #expect(Set([PageIndex(1), PageIndex(2), PageIndex(1)]).count == 2)
        #expect(MemoryLayout<TaskID>.size == 4 && MemoryLayout<TaskID>.alignment == 4)
    }

    @Test("numbers at the border are names")
    func border() {
        #expect(TaskID(Int(Int32.max)).index == Int(Int32.max))
        #expect(TaskID(-1) == .none)
        #expect(FrameNumber(Int(UInt32.max)).index == Int(UInt32.max))
    }

    @Test("a number that does not fit is refused, never cut")
    func refused() async {
        await #expect(processExitsWith: .failure) { _ = FileID(1 << 31) }
        await #expect(processExitsWith: .failure) { _ = FileID(1 << 32) }
        await #expect(processExitsWith: .failure) { _ = TaskID(-2) }
        await #expect(processExitsWith: .failure) { _ = FrameNumber(1 << 32) }
        await #expect(processExitsWith: .failure) { _ = FrameNumber(-1) }
    }
}
