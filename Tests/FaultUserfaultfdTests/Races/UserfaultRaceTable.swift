import FaultExplorer
import FaultSimulator

/// A race of a fault that is handed over, under any kernel.
struct NamedUserfaultRace: Sendable {
    let name: String
    let make: @Sendable (KernelModel) throws -> UserfaultRace
    /// Whether there is no end of states that differ in what was counted.
    let isUncounted: Bool

    private init(
        _ name: String, isUncounted: Bool = false, _ make: @escaping @Sendable (KernelModel) throws -> UserfaultRace
    ) {
        self.name = name
        self.make = make
        self.isUncounted = isUncounted
    }

    /// The presets that have userfaultfd(2), oldest first.
    static let kernels = KernelModel.presets.filter { $0.userfaults != .none }

    static let all: [NamedUserfaultRace] = [
        Self("fill") { try .fill($0) },
        Self("twoFaults") { try .twoFaults($0) },
        Self("wakeWithoutFill") { try .wakeWithoutFill($0) },
        Self("munmap") { try .munmap($0) },
        Self("dontNeed") { try .dontNeed($0) },
        Self("fork") { try .fork($0) },
        Self("toldFork") { try .toldFork($0) },
        Self("mremap") { try .mremap($0) },
        Self("toldMremap") { try .toldMremap($0) },
        Self("remove") { try .remove($0) },
        Self("toldRemove") { try .toldRemove($0) },
        Self("move") { try .move($0) },
        Self("guest") { try .guest($0) },
        Self("exit") { try .exit($0) },
        Self("monitorExit") { try .monitorExit($0) },
        Self("close") { try .close($0) },
        Self("unregister") { try .unregister($0) },
        Self("signal") { try .signal($0) },
        Self("event") { try .event($0) },
        Self("unprotect") { try .unprotect($0) },
        Self("ownFault") { try .ownFault($0) },
        Self("exitGroup") { try .exitGroup($0) },
        Self("killed") { try .killed($0) },
        Self("monitorExitGroup") { try .monitorExitGroup($0) },
        Self("closing", isUncounted: true) { try .closing($0) },
        Self("lookUpClosing", isUncounted: true) { try .lookUpClosing($0) },
        Self("fillBesideEvent") { try .fillBesideEvent($0) },
    ]

    /// A line of the table: how many states and transitions there are without laws and with them, how many outcomes,
    /// deadlocks and broken laws, and digests of them; or why the race can't be built.
    func line(under model: KernelModel) throws -> String {
        let head = "\(name) \(model.name): "
        let race: UserfaultRace
        do { race = try make(model) } catch let error as WorldError { return head + error.description }
        let plain = explore(race) { $0.checksLaws = false }
        let lawful = explore(race) { $0.checksLaws = true }
        let counts = [plain, lawful].map { "\($0.states) \($0.transitions)\($0.isComplete ? "" : " incomplete")" }
        let ends = "\(plain.outcomes.count) \(plain.deadlocks.count) \(lawful.brokenLaws.count)"
        return head + counts.joined(separator: ", ") + ", \(ends) \(Self.digest(of: plain)) \(Self.digest(of: lawful))"
    }

    /// Explores the race, as the table does.
    func explore(_ race: UserfaultRace, _ set: (inout Explorer.Options) -> Void) -> Exploration {
        var options = isUncounted ? UserfaultRace.uncounted : Explorer.Options()
        options.injections = race.injections
        set(&options)
        return race.world.explore(options)
    }

    /// A digest of the outcomes, with how many states end so, the deadlocks, and the broken laws.
    private static func digest(of found: Exploration) -> String {
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ word: UInt64, to digest: inout UInt64) {
            digest = (digest ^ word) &* 0x100_0000_01B3
            digest ^= digest >> 32
        }
        func add(_ text: String, to digest: inout UInt64) {
            for byte in text.utf8 { add(UInt64(byte), to: &digest) }
            add(UInt64.max, to: &digest)
        }
        for outcome in found.outcomes {
            add(outcome.text, to: &digest)
            add(UInt64(outcome.states), to: &digest)
        }
        for deadlock in found.deadlocks { add(deadlock.chain, to: &digest) }
        for text in found.brokenLaws.map({ "\($0.violation.law) \($0.violation.message)" }).sorted() {
            add(text, to: &digest)
        }
        return String(digest, radix: 16)
    }
}
