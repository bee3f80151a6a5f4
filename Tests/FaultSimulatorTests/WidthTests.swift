@testable import FaultCore
import FaultSimulator
import Testing

@Suite("Numbers are as wide as what they name, or refused")
struct WidthTests {
    private static func machine(handlers: Int = 0, devices: Int = 0) -> Machine {
        Machine(
            MachineConfiguration(
                model: .linux6_1, entry: X86FaultEntry(),
                vmOperations: [any VMOperations](repeating: SlowMemory(device: .none), count: handlers),
                blockDevices: [any BlockDevice](repeating: SeekingDisk(), count: devices)))
    }

    @Test("a page is found by its frame in an area of more than 2^32 pages")
    func longArea() throws {
        var world = try World(.linux6_1)
        let task = world.task()
        let request = MapRequest(pages: 1 << 33, flags: [.read, .write, .noReserve])
        let start = PageNumber(UInt64(try world.perform(.mmap(request), in: task).value))
        for offset in [5, 1 << 32 + 5] {
            try world.perform(.write(start + offset), in: task)
            let folio = world.machine.entry(of: start + offset, in: world.machine.map(of: task)).frame
            #expect(world.machine.reverseMappings(of: folio).map(\.page) == [start + offset])
        }
    }
}
