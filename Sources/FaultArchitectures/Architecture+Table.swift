internal import FaultCore

/// The page-fault entries of Linux 6.1 as rows: those to which the series of 2022 added `VM_FAULT_COMPLETED`, except
/// x86.
///
/// Read from `arch/*/mm/fault.c` of 6.1.y. Address spaces are approximate if table sizes differ by level: each has as
/// many levels as the hardware (or, with software tables, Linux) walks, and covers the user memory.
extension Architecture {
    /// Alpha.
    public static let alpha = Architecture(
        "alpha", "do_page_fault(), arch/alpha/mm/fault.c", space(13, 3, 10, userBytes: 1 << 42),
        loadNeeds: [.read, .write])

    /// ARC.
    public static let arc = Architecture(
        "arc", "do_page_fault(), arch/arc/mm/fault.c", space(13, 2, 10, userBytes: 0x6000_0000),
        checks: [.signal, .completed, .retry, .error], loadNeeds: .read)

    /// 32-bit Arm.
    public static let arm = Architecture(
        "arm", "do_page_fault(), arch/arm/mm/fault.c", space(12, 2, 10, userBytes: 0xBF00_0000),
        loadNeeds: .access, triesAreaLock: true, remark: "retry is tested where no error bit is set")

    /// 64-bit Arm, with pages of 4 KiB and 48-bit addresses.
    public static let arm64 = Architecture(
        "arm64", "do_page_fault(), arch/arm64/mm/fault.c", space(12, 4, 9, userBytes: 1 << 48),
        checks: [.signal, .completed, .retry, .error], loadNeeds: .access, marksFetch: true, triesAreaLock: true)

    /// C-SKY.
    public static let csky = Architecture(
        "csky", "do_page_fault(), arch/csky/mm/fault.c", space(12, 2, 10, userBytes: 0x7FFF_8000),
        checks: [.signal, .completed, .retry, .error], loadNeeds: .access, checksFetch: false, retriesIfAllowed: true,
        remark: "retries only if ALLOW_RETRY is set")

    /// Hexagon.
    public static let hexagon = Architecture(
        "hexagon", "do_page_fault(), arch/hexagon/mm/vm_fault.c", space(12, 2, 10, userBytes: 0xC000_0000),
        loadNeeds: .read, remark: "retry is tested where no error bit is set")

    /// Itanium: one region of its address space.
    public static let ia64 = Architecture(
        "ia64", "ia64_do_page_fault(), arch/ia64/mm/fault.c", space(14, 3, 11, userBytes: 1 << 44 - 1 << 14),
        lookUp: .lock, loadNeeds: [.read, .write])

    /// LoongArch, with pages of 16 KiB.
    public static let loongarch = Architecture(
        "loongarch", "__do_page_fault(), arch/loongarch/mm/fault.c", space(14, 3, 11, userBytes: 1 << 47),
        checks: [.signal, .completed, .retry, .error], loadNeeds: [.read, .write],
        remark: "not in the posted series: the architecture was merged at the same time")

    /// Motorola 68000.
    public static let m68k = Architecture(
        "m68k", "do_page_fault(), arch/m68k/mm/fault.c", space(12, 3, 7, userBytes: 0xF000_0000),
        lookUp: .lock, loadNeeds: .access, checksFetch: false)

    /// MicroBlaze.
    public static let microblaze = Architecture(
        "microblaze", "do_page_fault(), arch/microblaze/mm/fault.c", space(12, 2, 10, userBytes: 0xC000_0000),
        lookUp: .trylock, loadNeeds: [.read, .execute], checksFetch: false)

    /// 32-bit MIPS.
    public static let mips = Architecture(
        "mips", "__do_page_fault(), arch/mips/mm/fault.c", space(12, 2, 10, userBytes: 0x7FFF_8000),
        loadNeeds: .access, checksFetch: false)

    /// Nios II.
    public static let nios2 = Architecture(
        "nios2", "do_page_fault(), arch/nios2/mm/fault.c", space(12, 2, 10, userBytes: 0x7FFF_0000),
        loadNeeds: .read, storeLosesFlags: true,
        remark: "assigns the flags of a store, so that it can neither retry nor complete, and no signal ends its waits")

    /// OpenRISC.
    public static let openrisc = Architecture(
        "openrisc", "do_page_fault(), arch/openrisc/mm/fault.c", space(13, 2, 11, userBytes: 0x8000_0000),
        lookUp: .lock, loadNeeds: [.read, .execute])

    /// 32-bit PA-RISC. (Its stacks grow up; here they grow down, as everywhere.)
    public static let parisc = Architecture(
        "parisc", "do_page_fault(), arch/parisc/mm/fault.c", space(12, 2, 10, userBytes: 0xFFF0_0000),
        lookUp: .lock, loadNeeds: .read)

    /// 64-bit PowerPC, with pages of 64 KiB and the radix tree.
    public static let powerpc = Architecture(
        "powerpc", "___do_page_fault(), arch/powerpc/mm/fault.c", space(16, 4, 9, userBytes: 1 << 52),
        checks: [.signal, .completed, .retry, .error], completion: .runsTail, tail: .accounting, loadNeeds: .access,
        marksFetch: true, triesAreaLock: true,
        remark: "COMPLETED jumps past retry and errors to the accounting; its coprocessors pass WRITE alone")

    /// RISC-V with Sv39.
    public static let riscv = Architecture(
        "riscv", "do_page_fault(), arch/riscv/mm/fault.c", space(12, 3, 9, userBytes: 1 << 38),
        checks: [.signal, .completed, .retry, .error], loadNeeds: [.read, .write], marksFetch: true,
        triesAreaLock: true)

    /// System z, with three levels of tables.
    public static let s390 = Architecture(
        "s390", "do_exception(), arch/s390/mm/fault.c", space(12, 3, 11, userBytes: 1 << 42),
        lookUp: .lock, completion: .locksForTail, tail: .guestTable, loadNeeds: .access, checksFetch: false,
        triesAreaLock: true,
        remark: "links a guest's table under the lock, which it takes again for that after COMPLETED")

    /// System z in version 3 of the series: the guest's table is linked without the lock. It was never merged.
    public static let s390AsPosted: Architecture = {
        var posted = s390
        posted.name = StaticName("s390 as posted")
        posted.completion = .runsTail
        posted.remark = StaticName("links a guest's table without the lock after COMPLETED, which breaks a contract")
        return posted
    }()

    /// SuperH.
    public static let sh = Architecture(
        "sh", "do_page_fault(), arch/sh/mm/fault.c", space(12, 2, 10, userBytes: 0x7C00_0000),
        checks: [.signal, .error, .completed, .retry], loadNeeds: .access,
        remark: "COMPLETED is tested after mm_fault_error(), which is fine: it never has an error bit")

    /// 32-bit SPARC.
    public static let sparc32 = Architecture(
        "sparc32", "do_sparc_fault(), arch/sparc/mm/fault_32.c", space(12, 3, 7, userBytes: 0xF000_0000),
        loadNeeds: [.read, .execute], checksFetch: false)

    /// 64-bit SPARC.
    public static let sparc64 = Architecture(
        "sparc64", "do_sparc64_fault(), arch/sparc/mm/fault_64.c", space(13, 4, 10, userBytes: 1 << 43),
        lookUp: .trylock, completion: .runsTail, tail: .translationBuffer, loadNeeds: [.read, .execute],
        remark: "COMPLETED goes to lock_released: the size check reads rss, which needs no lock")

    /// User-mode Linux on a 64-bit host.
    public static let um = Architecture(
        "um", "handle_page_fault(), arch/um/kernel/trap.c", space(12, 3, 9, userBytes: 0x7F_C000_0000),
        lookUp: .lock, tail: .presentLoop, loadNeeds: [.read, .execute], checksFetch: false, heedsSignals: false,
        remark: "COMPLETED skips its own look for the entry; only a fatal signal cuts a retry short")

    /// Xtensa.
    public static let xtensa = Architecture(
        "xtensa", "do_page_fault(), arch/xtensa/mm/fault.c", space(12, 2, 10, userBytes: 0x4000_0000),
        loadNeeds: [.read, .write])

    /// All rows of 6.1, in alphabetical order.
    public static let all: [Architecture] = [
        alpha, arc, arm, arm64, csky, hexagon, ia64, loongarch, m68k, microblaze, mips, nios2, openrisc, parisc,
        powerpc, riscv, s390, sh, sparc32, sparc64, um, xtensa,
    ]

    /// The row with this name.
    public static func named(_ name: String) -> Architecture? { all.first { $0.name.description == name } }

    private static func space(_ shift: UInt8, _ levels: UInt8, _ bits: UInt8, userBytes: UInt64) -> PageGeometry {
        PageGeometry(
            pageShift: shift, levels: levels, bitsPerLevel: bits, userLimit: PageNumber(userBytes >> UInt64(shift)),
            lowestUserPage: PageNumber(max(1, 65536 >> UInt64(shift))))
    }
}
