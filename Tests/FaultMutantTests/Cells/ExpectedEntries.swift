/// What the entries of the architectures of Linux 6.1 do, as their rows in `Documentation/Architectures.md` have it.
extension EntryBehaviour {
    static let expectations: [String: [(text: String, rows: String)]] = [
        "where user memory ends": [
            (
                "mapped up to page 0x1fffffff, not mapped at page 0x20000000",
                "alpha"
            ),
            (
                "mapped up to page 0x2ffff, not mapped at page 0x30000",
                "arc"
            ),
            (
                "mapped up to page 0xbefff, not mapped at page 0xbf000",
                "arm"
            ),
            (
                "mapped up to page 0xfffffffff, not mapped at page 0x1000000000",
                "arm64 powerpc"
            ),
            (
                "mapped up to page 0x7fff7, not mapped at page 0x7fff8",
                "csky mips"
            ),
            (
                "mapped up to page 0xbffff, not mapped at page 0xc0000",
                "hexagon microblaze"
            ),
            (
                "mapped up to page 0x3ffffffe, not mapped at page 0x3fffffff",
                "ia64"
            ),
            (
                "mapped up to page 0x1ffffffff, not mapped at page 0x200000000",
                "loongarch"
            ),
            (
                "mapped up to page 0xeffff, not mapped at page 0xf0000",
                "m68k sparc32"
            ),
            (
                "mapped up to page 0x7ffef, not mapped at page 0x7fff0",
                "nios2"
            ),
            (
                "mapped up to page 0x3ffff, not mapped at page 0x40000",
                "openrisc xtensa"
            ),
            (
                "mapped up to page 0xffeff, not mapped at page 0xfff00",
                "parisc"
            ),
            (
                "mapped up to page 0x3ffffff, not mapped at page 0x4000000",
                "riscv"
            ),
            (
                "mapped up to page 0x3fffffff, not mapped at page 0x40000000",
                "s390 sparc64"
            ),
            (
                "mapped up to page 0x7bfff, not mapped at page 0x7c000",
                "sh"
            ),
            (
                "mapped up to page 0x7fbffff, not mapped at page 0x7fc0000",
                "um"
            ),
        ],
        "where user memory begins": [
            (
                "page 8",
                "alpha arc openrisc sparc64"
            ),
            (
                "page 16",
                "arm arm64 csky hexagon m68k microblaze mips nios2 parisc riscv s390 sh sparc32 um "
                    + "xtensa"
            ),
            (
                "page 4",
                "ia64 loongarch"
            ),
            (
                "page 1",
                "powerpc"
            ),
        ],
        "how long a page is, by the position of a read": [
            (
                "8192 bytes",
                "alpha arc openrisc sparc64"
            ),
            (
                "4096 bytes",
                "arm arm64 csky hexagon m68k microblaze mips nios2 parisc riscv s390 sh sparc32 um "
                    + "xtensa"
            ),
            (
                "16384 bytes",
                "ia64 loongarch"
            ),
            (
                "65536 bytes",
                "powerpc"
            ),
        ],
        "how many page tables a first store makes": [
            (
                "3",
                "alpha ia64 loongarch m68k riscv s390 sparc32 um"
            ),
            (
                "2",
                "arc arm csky hexagon microblaze mips nios2 openrisc parisc sh xtensa"
            ),
            (
                "4",
                "arm64 powerpc sparc64"
            ),
        ],
        "how many pages a page table maps": [
            (
                "1024",
                "alpha arc arm csky hexagon microblaze mips nios2 parisc sh sparc64 xtensa"
            ),
            (
                "512",
                "arm64 powerpc riscv um"
            ),
            (
                "2048",
                "ia64 loongarch openrisc s390"
            ),
            (
                "128",
                "m68k sparc32"
            ),
        ],
        "what loads, stores and fetches areas allow, with a translation and without": [
            (
                "read: load, write: load store, execute: fetch, none: ",
                "alpha ia64 loongarch riscv xtensa"
            ),
            (
                "read: load, write: store, execute: fetch, none: ",
                "arc hexagon nios2 parisc"
            ),
            (
                "read: load, write: load store, execute: load fetch, none: ",
                "arm arm64 csky m68k mips powerpc s390 sh"
            ),
            (
                "read: load, write: store, execute: load fetch, none: ",
                "microblaze openrisc sparc32 sparc64 um"
            ),
        ],
        "a fetch where only loads, or stores, are allowed: at first, and when there is a translation": [
            (
                "0 attempts, SIGSEGV/ACCERR, 0 attempts, SIGSEGV/ACCERR",
                "alpha arc arm arm64 hexagon ia64 loongarch nios2 openrisc parisc powerpc riscv sh "
                    + "sparc64 xtensa"
            ),
            (
                "1 attempts, SIGSEGV/ACCERR, 1 attempts, SIGSEGV/ACCERR",
                "csky m68k mips s390"
            ),
            (
                "1 attempts, SIGSEGV/ACCERR, 0 attempts, SIGSEGV/ACCERR",
                "microblaze sparc32 um"
            ),
        ],
        "how the core is told of accesses": [
            (
                "ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE; WRITE|ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE",
                "alpha arc arm csky hexagon ia64 loongarch m68k microblaze mips openrisc parisc s390 "
                    + "sh sparc32 sparc64 um xtensa"
            ),
            (
                "ALLOW_RETRY|KILLABLE|USER|INSTRUCTION|INTERRUPTIBLE; WRITE|ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE",
                "arm64 powerpc riscv"
            ),
            (
                "ALLOW_RETRY|KILLABLE|USER|INTERRUPTIBLE; WRITE",
                "nios2"
            ),
        ],
        "how the mmap lock is waited for: by a stray access, and by one that is killed": [
            (
                "gives up after 1 trylocks, gives up after 1 trylocks",
                "alpha arc arm arm64 csky hexagon loongarch mips nios2 powerpc riscv sh sparc32 xtensa"
            ),
            (
                "waits after 0 trylocks, waits after 0 trylocks",
                "ia64 m68k openrisc parisc s390 um"
            ),
            (
                "gives up after 1 trylocks, waits after 1 trylocks",
                "microblaze sparc64"
            ),
        ],
        "how the lock is taken for a retry": [
            (
                "1 failed trylocks, MAJOR|RETRY, NOPAGE",
                "alpha arc arm arm64 csky hexagon loongarch mips nios2 powerpc riscv sh sparc32 xtensa"
            ),
            (
                "0 failed trylocks, MAJOR|RETRY, NOPAGE",
                "ia64 m68k microblaze openrisc parisc s390 sparc64 um"
            ),
        ],
        "a signal, and SIGKILL, during a cold read": [
            (
                "2 exceptions, done; 1 exceptions, dead",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc "
                    + "parisc powerpc riscv s390 sh sparc32 sparc64 xtensa"
            ),
            (
                "1 exceptions, done; 1 exceptions, dead",
                "um"
            ),
        ],
        "a cold read, and a read beyond the end": [
            (
                "MAJOR|RETRY, NOPAGE; SIGBUS/ADRERR",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc "
                    + "parisc powerpc riscv s390 sh sparc32 sparc64 um xtensa"
            )
        ],
        "a store that completes, and how often the lock is taken for it": [
            (
                "LOCKED|COMPLETED, 1 locks",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips openrisc parisc "
                    + "powerpc riscv s390 sh sparc32 sparc64 um xtensa"
            ),
            (
                "LOCKED, 1 locks",
                "nios2"
            ),
        ],
        "the same by a guest": [
            (
                "LOCKED|COMPLETED, 1 locks, not linked",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips openrisc parisc "
                    + "powerpc riscv sh sparc32 sparc64 um xtensa"
            ),
            (
                "LOCKED, 1 locks, not linked",
                "nios2"
            ),
            (
                "LOCKED|COMPLETED, 2 locks, linked",
                "s390"
            ),
        ],
        "what a guest's read of a cached page links": [
            (
                "not linked",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc "
                    + "parisc powerpc riscv sh sparc32 sparc64 um xtensa"
            ),
            (
                "linked",
                "s390"
            ),
        ],
        "what is left in the task's words by a major fault": [
            (
                "0x0, 0x0",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc "
                    + "parisc riscv s390 sh sparc32 sparc64 um xtensa"
            ),
            (
                "0x0, 0x1",
                "powerpc"
            ),
        ],
        "what is left in the task's words by 384 pages, a store that completes, and another": [
            (
                "0x0, 0x0; 0x0, 0x0; 0x0, 0x0",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc "
                    + "parisc powerpc riscv s390 sh sparc32 um xtensa"
            ),
            (
                "0x0, 0x0; 0x0, 0x1; 0x0, 0x1",
                "sparc64"
            ),
        ],
        "a handler that maps its page the third time": [
            (
                "3 attempts in 3 exceptions",
                "alpha arc arm arm64 csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc "
                    + "parisc powerpc riscv s390 sh sparc32 sparc64 xtensa"
            ),
            (
                "3 attempts in 1 exceptions",
                "um"
            ),
        ],
        "whether an area lock is tried, in Linux 6.12": [
            (
                "0 attempts under it",
                "alpha arc csky hexagon ia64 loongarch m68k microblaze mips nios2 openrisc parisc sh "
                    + "sparc32 sparc64 um xtensa"
            ),
            (
                "1 attempts under it",
                "arm arm64 powerpc riscv s390"
            ),
        ],
    ]
}
