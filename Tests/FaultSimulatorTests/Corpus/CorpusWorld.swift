import FaultArchitectures
import FaultSimulator

/// A world that one seed decides: kernel, processor, settings, costs, files, areas and tasks.
///
/// It is built of what the library offers to its users alone, so that it stays what it is whatever the engine becomes.
struct CorpusWorld {
    /// The kernels by name, so that one more preset leaves the worlds what they are.
    static let kernels = [
        "herrenschmidt2006", "waychison2006", "mortonSoleUser2006", "mortonSequence2006", "pagefaultArgs2006",
        "linux2_6_36", "linux2_6_37", "torvalds2014", "shutemov2014", "linux3_15", "linux3_19", "bacik2018",
        "chinner2018", "kara2018", "linux5_1", "linux5_5", "linux5_7", "linux5_9", "linux5_19", "linux6_1", "linux6_4",
        "linux6_6", "linux6_8", "linux6_12", "linux6_19",
    ]

    /// The rules of which one may be changed, by name.
    static let rules = [
        "throttledSharedWrite", "pgfaultCounting", "lockDroppingWaits", "faultAround", "retryAccounting", "writeResult",
        "lockWake", "lockHandover", "areaLocks", "areaLockAnonVMA", "areaLockRelease", "areaLockRetry", "areaRetry",
        "areaLockRefusal", "adviceLock", "procMapsLock", "readaheadPlanning", "missingPageSearch", "readPositionNote",
        "missRecheck", "faultAroundTable", "aroundHits", "lockedPageHit", "codeReadahead", "unmapDowngrade",
        "populatePages", "writeCharge", "writableEntries", "swapInMapping", "newAreaMerge", "holePunching",
        "writeThrottle", "userCopyTail", "pinLockWait", "faultRetry", "retrySignals", "pageWait", "singlePageWait",
        "swapInWait", "soleUser", "pinRetry", "fileFault", "keptPage", "mkwriteProtocol", "mmapReadahead",
        "invalidateLock", "anonymousReuse", "copyAllocation", "lockWaits", "stackGrowth", "stackGuard",
        "stackPointerTest", "retryLock", "kernelViolation", "kernelOutOfMemory", "errorUnlock",
    ]

    /// The architectures beside x86, by name.
    static let architectures = [
        "alpha", "arc", "arm", "arm64", "csky", "hexagon", "ia64", "loongarch", "m68k", "microblaze", "mips", "nios2",
        "openrisc", "parisc", "powerpc", "riscv", "s390", "sh", "sparc32", "sparc64", "um", "xtensa",
    ]

    var world: World
    var random: SplitMix64
    var files: [FileID] = []
    var areas: [Area] = []
    var disks: [DeviceID] = []
    /// Whether other tasks interfere so seldom that a run which is not watched takes shortcuts.
    let isQuiet: Bool
    let isX86: Bool
    let runsGuests: Bool

    /// Builds it.
    ///
    /// - Parameters:
    ///   - seed: Decides everything. Modulo 25 it is the kernel; modulo 6 the costs: with 4 and 5 stages take time, with
    ///     the others the number of stages is nothing that any other task could tell; with 0 and 1 all is free, and with
    ///     0 it is quiet besides.
    ///   - isWatched: Whether events and attempts are recorded and laws checked; if not, shortcuts may be taken.
    init(seed: UInt64, isWatched: Bool) throws {
        random = SplitMix64(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 2011)
        let model = Self.model(seed: seed, &random)
        isQuiet = seed % 6 == 0
        var settings = Self.settings(&random)
        if isQuiet {
            settings.processors = 1
            settings.frameLimit = .max
        }
        isX86 = random.below(5) > 0
        let entry: any FaultEntry
        if isX86 {
            entry = X86FaultEntry(
                paging: random.pick([.fourLevel, .fourLevel, .fiveLevel]), hasSMAP: random.below(2) == 0,
                hasSMEP: random.below(2) == 0, hasProtectionKeys: random.below(4) == 0 && !isQuiet,
                vsyscall: random.pick([.executeOnly, .emulate, .none]))
            runsGuests = false
        } else {
            let architecture = Architecture.named(random.pick(Self.architectures)) ?? .arm64
            entry = ArchFaultEntry(architecture)
            runsGuests = architecture.tail == .guestTable
        }
        let isHeld = random.below(3) == 0
        world = try World(
            model, disk: isHeld ? .held : .latency(nanoseconds: UInt64(300 + random.below(900))), settings: settings,
            costs: Self.costs(seed: seed), entry: entry)
        world.machine.isChecking = isWatched
        world.machine.recordsAttempts = isWatched
        world.machine.isTracing = isWatched
        disks = [world.disk]
        try addFiles(isHeld)
        try addTasks()
    }

    private static func model(seed: UInt64, _ random: inout SplitMix64) -> KernelModel {
        let model = KernelModel.preset(named: kernels[Int(seed % UInt64(kernels.count))]) ?? .linux6_1
        guard random.below(6) == 0 else { return model }
        var changed = model
        let name = random.pick(rules)
        guard let rule = KernelModel.rules.first(where: { $0.name == name }) else { return model }
        rule.override(&changed, with: random.below(rule.cases.count))
        do { try changed.validate() } catch { return model }
        return changed
    }

    private static func costs(seed: UInt64) -> CostModel {
        var costs = CostModel()
        let kind = seed % 6
        if kind == 2 || kind == 3 || kind == 5 {
            costs.exceptionNanoseconds = 100
            costs.pageCopyNanoseconds = 170
        }
        if kind == 3 || kind == 5 { costs.touchNanoseconds = 5 }
        if kind >= 4 { costs.faultStageNanoseconds = 30 }
        if kind == 5 { costs.systemCallStageNanoseconds = 50 }
        return costs
    }

    private static func settings(_ random: inout SplitMix64) -> MachineSettings {
        var settings = MachineSettings()
        settings.processors = random.pick([1, 1, 2, 2, 3])
        settings.faultAroundPages = random.pick([1, 4, 16, 16])
        settings.readaheadPages = random.pick([0, 6, 32, 32])
        if random.below(4) == 0 { settings.largestRequestPages = 4 }
        if random.below(3) == 0 { settings.timeSliceNanoseconds = 150 }
        if random.below(4) == 0 {
            settings.dirtyLimitPages = 3
            settings.dirtyPausePages = random.pick([1, 8])
        }
        if random.below(10) == 0 { settings.mapCountLimit = 14 }
        if random.below(10) == 0 { settings.addressSpaceLimitPages = 90 }
        if random.below(10) == 0 { settings.dataLimitPages = 20 }
        if random.below(8) == 0 { settings.lockedLimitPages = 6 }
        if random.below(8) == 0 { settings.stackLimitPages = 5 }
        if random.below(4) == 0 { settings.stackGuardPages = 1 }
        if random.below(8) == 0 { settings.tmpfsPages = 9 }
        if random.below(4) == 0 { settings.frameLimit = 24 + random.below(40) }
        settings.swapReadaheadPages = random.pick([1, 4, 8])
        return settings
    }

    private mutating func addFiles(_ isHeld: Bool) throws {
        let hasSecondDisk = random.below(4) == 0
        if hasSecondDisk { disks.append(world.addDisk(held: random.below(2) == 0)) }
        let resident: World.Resident = random.pick([.none, .pages([0...5]), .pages([0...3, 7...9])])
        files = [
            try world.file(pages: 10 + random.below(40), resident: resident),
            try world.file(pages: 8, on: .tmpfs, resident: .pages([2...4])),
            try world.file(pages: 12, on: random.pick([.btrfs, .ext4]), device: disks[disks.count - 1]),
        ]
        let limit = world.machine.settings.frameLimit
        if random.below(limit == .max ? 4 : 2) == 0 {
            disks.append(
                try world.addSwap(pages: 6 + random.below(60), held: isHeld, isSynchronous: random.below(4) == 0))
        }
    }

    private mutating func addTasks() throws {
        for _ in 0..<2 {
            let task = world.task()
            if runsGuests, random.below(2) == 0 {
                world.machine.setArchWords(of: task, to: S390Guest(hasPseudoFaults: random.below(2) == 0).words)
            }
            for request in requests() {
                // A limit may be too low for it.
                do { areas.append(try world.map(request, in: task)) } catch WorldError.refused {}
            }
            if random.below(2) == 0 { _ = world.thread(of: task) }
        }
        if random.below(6) == 0 { _ = world.kernelThread() }
    }

    private mutating func requests() -> [MapRequest] {
        let stack = PageNumber(isX86 ? 0x40000 : 0x2000)
        return [
            MapRequest(pages: 10, access: .readWrite, flags: sharing(), file: files[0]),
            MapRequest(pages: 8, access: random.pick([.readWrite, .all]), flags: sharing(), file: files[1]),
            MapRequest(pages: 12, access: .readWrite, flags: sharing(), file: files[2]),
            MapRequest(pages: 8, access: random.pick([.readWrite, .all])),
            MapRequest(pages: 4, access: .readWrite, flags: .shared),
            MapRequest(pages: 2, access: .readWrite, flags: .growsDown, placement: .hint(stack)),
        ]
    }

    private mutating func sharing() -> MapFlags { random.below(2) == 0 ? .shared : [] }
}
