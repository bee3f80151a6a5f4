import FaultSimulator
import Testing

@Suite("Settings out of their ranges are refused, with what would be right", .timeLimit(.minutes(60)))
struct SettingsTests {
    /// A setting, numbers that it can't be, and what is said of the first of them.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let path: any WritableKeyPath<MachineSettings, Int> & Sendable
        let refused: [Int]
        let allowed: [Int]
        let wanted: String

        var testDescription: String { name }

        init(
            _ name: String, _ path: any WritableKeyPath<MachineSettings, Int> & Sendable, not refused: [Int],
            but allowed: [Int], _ wanted: String
        ) {
            self.name = name
            self.path = path
            self.refused = refused
            self.allowed = allowed
            self.wanted = wanted
        }
    }

    static let cases: [Case] = [
        Case(
            "faultAroundPages", \.faultAroundPages, not: [0, -1, 3, 1024, .min, .max], but: [1, 512],
            "a power of two from 1 (off) to 512"),
        Case("readaheadPages", \.readaheadPages, not: [-1, 1 << 20 + 1, .max], but: [0, 1 << 20], "0 (off) to 2^20"),
        Case("largestRequestPages", \.largestRequestPages, not: [0, -1], but: [1, .max], "at least 1"),
        Case("mapCountLimit", \.mapCountLimit, not: [-1, 1 << 31], but: [0, 1 << 31 - 1], "0 to 2^31 - 1"),
        Case("stackLimitPages", \.stackLimitPages, not: [-1, .min], but: [0, .max], "at least 0"),
        Case("stackGuardPages", \.stackGuardPages, not: [-1, .max], but: [0, 1 << 40], "0 (none) to 2^40"),
        Case("addressSpaceLimitPages", \.addressSpaceLimitPages, not: [-1], but: [0, .max], "at least 0"),
        Case("dataLimitPages", \.dataLimitPages, not: [-1], but: [0, .max], "at least 0"),
        Case("lockedLimitPages", \.lockedLimitPages, not: [-1], but: [0, .max], "at least 0"),
        Case("dirtyLimitPages", \.dirtyLimitPages, not: [-1], but: [0, .max], "at least 0"),
        Case("dirtyPausePages", \.dirtyPausePages, not: [0, -1], but: [1, .max], "at least 1"),
        Case("tmpfsPages", \.tmpfsPages, not: [-1], but: [0, .max], "at least 0"),
        Case("frameLimit", \.frameLimit, not: [0, -1], but: [1, .max], "at least 1; by default there is no limit"),
        Case(
            "swapReadaheadPages", \.swapReadaheadPages, not: [0, 3, -8, 1 << 21], but: [1, 1 << 20],
            "a power of two from 1 (off) to 2^20"),
        Case("otherFilePages", \.otherFilePages, not: [-1], but: [0, .max], "at least 0"),
        Case("processors", \.processors, not: [0, -1, 1025], but: [1, 1024], "1 to 1024"),
    ]

    @Test("by a world", arguments: cases)
    func world(_ setting: Case) throws {
        for value in setting.refused {
            var settings = MachineSettings()
            settings[keyPath: setting.path] = value
            #expect(throws: WorldError.invalid("\(setting.name) is \(value); it must be \(setting.wanted)")) {
                try World(.linux6_1, settings: settings)
            }
        }
        for value in setting.allowed {
            var settings = MachineSettings()
            settings[keyPath: setting.path] = value
            var world = try World(.linux6_1, disk: .latency(nanoseconds: 1), settings: settings)
            let task = world.task()
            let file = try world.file(pages: 4)
            world.start(
                [.mmap(MapRequest(pages: 4, access: .readWrite)), .read(file, 0, pages: 4, into: nil), .brk(1)],
                in: task
            )
            #expect(world.run().violations.isEmpty)
        }
    }

    @Test("all settings but the time slice, which may be anything, are tried")
    func complete() {
        #expect(Mirror(reflecting: MachineSettings()).children.count == Self.cases.count + 1)
        #expect(MachineSettings().problem == nil)
    }

    @Test("by a machine's configuration, which ends the process")
    func configuration() async {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            var settings = MachineSettings()
            settings.frameLimit = 0
            _ = MachineConfiguration(model: .linux6_1, settings: settings, entry: X86FaultEntry())
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(text.contains("MachineConfiguration: frameLimit is 0; it must be at least 1"))
        let shared = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            _ = MachineConfiguration(
                model: .linux6_1, entry: X86FaultEntry(), sharedMemory: (fileOperations: 1, vmOperations: 1))
        }
        let sentence = String(decoding: shared?.standardErrorContent ?? [], as: UTF8.self)
        #expect(sentence.contains("MachineConfiguration: sharedMemory is (fileOperations: 1, vmOperations: 1)"))
    }
}
