#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Operations of the machine that the gate runs on: what the simulated ones are compared with.
enum HostOperation: CaseIterable {
    /// First writes to 65,536 pages of anonymous memory without huge pages.
    case anonymousFault
    /// First reads, 16 pages apart, of a mapped file whose pages are cached: each maps 16 pages.
    case cachedFileFault
    /// `mmap` of 64 anonymous pages and `munmap`, among 1,000 areas.
    case mapAndUnmap
    /// `mincore` of anonymous memory that is all there, a page.
    case mincore
    /// `mremap` of anonymous memory that is all there, without huge pages, to elsewhere, a page.
    case mremap
}

#if canImport(Glibc)
extension HostOperation {
    private static let page = 4_096

    /// Does it many times over, once.
    ///
    /// - Returns: How many nanoseconds one took; `nil` if the host can't do it.
    func nanoseconds() -> Double? {
        switch self {
        case .anonymousFault: Self.touchAnonymous(pages: 65_536)
        case .cachedFileFault: Self.touchFile(faults: 1_024)
        case .mapAndUnmap: Self.mapAndUnmap(pairs: 4_096)
        case .mincore: Self.askMincore(pages: 16_384)
        case .mremap: Self.move(pages: 16_384)
        }
    }

    private static func map(_ pages: Int, _ protection: Int32, _ flags: Int32, _ file: Int32 = -1)
        -> UnsafeMutableRawPointer?
    {
        let start = mmap(nil, pages * page, protection, flags, file, 0)
        return start == MAP_FAILED ? nil : start
    }

    private static func touchAnonymous(pages: Int) -> Double? {
        guard let start = map(pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS) else { return nil }
        defer { munmap(start, pages * page) }
        guard madvise(start, pages * page, MADV_NOHUGEPAGE) == 0 else { return nil }
        let time = processorTime {
            for number in 0..<pages { start.storeBytes(of: 1, toByteOffset: number * page, as: UInt8.self) }
        }
        return time / Double(pages)
    }

    /// Anonymous memory, all there, without huge pages.
    private static func fill(pages: Int) -> UnsafeMutableRawPointer? {
        guard let start = map(pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS) else { return nil }
        guard madvise(start, pages * page, MADV_NOHUGEPAGE) == 0 else { return nil }
        for number in 0..<pages { start.storeBytes(of: 1, toByteOffset: number * page, as: UInt8.self) }
        return start
    }

    private static func askMincore(pages: Int) -> Double? {
        guard let start = fill(pages: pages) else { return nil }
        defer { munmap(start, pages * page) }
        var there = [UInt8](repeating: 0, count: pages)
        var failed = false
        let rounds = 4
        let time = processorTime {
            for _ in 0..<rounds where Glibc.mincore(start, pages * page, &there) != 0 { failed = true }
        }
        return failed || there.contains(where: { $0 & 1 == 0 }) ? nil : time / Double(rounds * pages)
    }

    private static func move(pages: Int) -> Double? {
        guard let start = fill(pages: pages) else { return nil }
        // Places for it, a page off, so that no table is moved as a whole.
        guard let target = map(pages + 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS) else { return nil }
        guard let symbol = dlsym(nil, "mremap") else { return nil }
        let mremap = unsafeBitCast(
            symbol,
            to: (@convention(c) (UnsafeMutableRawPointer, Int, Int, Int32, UnsafeMutableRawPointer) ->
                UnsafeMutableRawPointer?).self)
        let (mayMove, fixed): (Int32, Int32) = (1, 2)
        var end: UnsafeMutableRawPointer?
        let time = processorTime {
            end = mremap(start, pages * page, pages * page, mayMove | fixed, target + page)
        }
        munmap(target, (pages + 1) * page)
        return end == target + page ? time / Double(pages) : nil
    }

    private static func touchFile(faults: Int) -> Double? {
        var name = Array("/var/tmp/fault-gate-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0 else { return nil }
        defer { close(file) }
        unlink(name)
        let pages = (faults + 1) * 16
        let bytes = [UInt8](repeating: 1, count: 16 * page)
        for _ in 0...faults {
            guard write(file, bytes, bytes.count) == bytes.count else { return nil }
        }
        fsync(file)  // so that writeback does not run beside what is timed
        guard let start = map(pages, PROT_READ, MAP_SHARED, file) else { return nil }
        defer { munmap(start, pages * page) }
        // Fault-around maps the aligned 16 pages around the one that is touched.
        let windowSize = 16 * page
        let first = (UInt(bitPattern: start) + UInt(windowSize - 1)) / UInt(windowSize) * UInt(windowSize)
        let skipped = Int(first - UInt(bitPattern: start))
        var sum = 0
        let time = processorTime {
            for number in 0..<faults {
                sum += Int(start.load(fromByteOffset: skipped + number * windowSize, as: UInt8.self))
            }
        }
        return sum == faults ? time / Double(faults) : nil
    }

    private static func mapAndUnmap(pairs: Int) -> Double? {
        // Every other area is read-only, so that none is merged with its neighbour.
        var areas: [UnsafeMutableRawPointer] = []
        defer { for area in areas { munmap(area, 64 * page) } }
        for number in 0..<1_000 {
            let protection = number % 2 == 0 ? PROT_READ | PROT_WRITE : PROT_READ
            guard let area = map(64, protection, MAP_PRIVATE | MAP_ANONYMOUS) else { return nil }
            areas.append(area)
        }
        munmap(areas.remove(at: 500), 64 * page)
        var failed = false
        let time = processorTime {
            for _ in 0..<pairs {
                guard let area = map(64, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS) else {
                    failed = true
                    return
                }
                munmap(area, 64 * page)
            }
        }
        return failed ? nil : time / Double(pairs)
    }
}

/// Lets the allocator keep what it has: otherwise each run would pay real page faults of the host for memory that
/// the last one gave back.
func keepMemory() {
    guard let symbol = dlsym(nil, "mallopt") else { return }  // not every C library has it
    let mallopt = unsafeBitCast(symbol, to: (@convention(c) (Int32, Int32) -> Int32).self)
    let trimThreshold: Int32 = -1
    let mmapThreshold: Int32 = -3
    _ = mallopt(trimThreshold, 1 << 30)
    _ = mallopt(mmapThreshold, 1 << 30)
}
#else
extension HostOperation {
    /// Only Linux is compared with.
    func nanoseconds() -> Double? { nil }
}

/// Lets the allocator keep what it has, where it must be told.
func keepMemory() {}
#endif

/// How many nanoseconds of processor time `body` takes, those of the kernel on its behalf with them.
func processorTime(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
    let start = now()
    try body()
    return now() - start
}
