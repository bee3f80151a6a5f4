#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif
import Workloads

/// How many bytes a unit may take.
struct MemoryGate {
    let workload: MemoryWorkload
    let mostBytes: Double

    /// The gates, in the order in which they are printed.
    static let all = [
        MemoryGate(workload: .residentPages, mostBytes: 24),
        MemoryGate(workload: .sleepingThreads, mostBytes: 1_024),
    ]

    /// How many bytes a unit takes at both sizes; `nil` where the C library does not tell.
    func measure(_ sum: inout UInt64) throws -> Row? {
        let sizes = workload.sizes
        guard let small = try bytes(sizes.small, &sum), let large = try bytes(sizes.large, &sum) else { return nil }
        return Row(
            title: workload.title, unit: "bytes", small: small, large: large, sizes: sizes, goal: mostBytes,
            mostRatio: 3)
    }

    /// What a machine of that size takes beyond an empty one, a unit.
    private func bytes(_ size: Int, _ sum: inout UInt64) throws -> Double? {
        _ = try workload.make(size: 1)  // what is made once is made then
        guard let before = Self.bytesInUse() else { return nil }
        let run = try workload.make(size: size)
        guard let after = Self.bytesInUse() else { return nil }
        sum &+= UInt64(run.pages)
        return Double(after - before - run.bytesLeftOut) / Double(size)
    }

    #if canImport(Glibc)
    /// How many bytes of the heap are handed out, as `malloc_info(3)` says.
    private static func bytesInUse() -> Int? {
        guard let symbol = dlsym(nil, "malloc_info") else { return nil }
        let write = unsafeBitCast(symbol, to: (@convention(c) (Int32, UnsafeMutableRawPointer?) -> Int32).self)
        var text: UnsafeMutablePointer<CChar>?
        var length = 0
        guard let file = open_memstream(&text, &length) else { return nil }
        let answer = write(0, UnsafeMutableRawPointer(file))
        fclose(file)
        defer { free(text) }
        guard answer == 0, let text else { return nil }
        // The sums of all heaps come last.
        let lines = String(cString: text).split(separator: "\n").map(String.init)
        func size(_ beginning: String) -> Int? {
            guard let line = lines.last(where: { $0.hasPrefix(beginning) }),
                let start = line.firstRange(of: "size=\"")?.upperBound
            else { return nil }
            return Int(line[start...].prefix { $0.isNumber })
        }
        guard let all = size("<system type=\"current\""), let fast = size("<total type=\"fast\""),
            let free = size("<total type=\"rest\""), let mapped = size("<total type=\"mmap\"")
        else { return nil }
        return all - fast - free + mapped
    }
    #else
    private static func bytesInUse() -> Int? { nil }
    #endif
}
