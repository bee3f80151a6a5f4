/// The version of a Linux kernel, as `uname -r` prints it or a tag writes it: `5.15.167`, `6.1.192-3-cloud`, `v5.10`.
public struct KernelVersion: Equatable, Sendable, CustomStringConvertible {
    /// The numbers of the release: two, such as 5 and 15, or three up to 2.6.
    public let series: [Int]
    /// The number of the stable release, such as 167 in 5.15.167; `nil` if there is none.
    public let patch: Int?
    /// What follows the numbers, such as `-3-cloud`; empty if nothing does.
    public let suffix: String

    /// Reads a version; `nil` if `text` is not a version.
    ///
    /// It may begin with `v`. It has at least two numbers (three up to 2.6). A suffix must begin with a punctuation
    /// mark: `6`, `6.1x` and `2.6` are not versions.
    public init?(_ text: String) {
        var rest = Substring(text)
        if rest.first == "v" { rest.removeFirst() }
        var numbers: [Int] = []
        repeat {
            if !numbers.isEmpty { rest.removeFirst() }  // the dot
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard let number = Int(digits) else { return nil }
            numbers.append(number)
            rest.removeFirst(digits.count)
        } while rest.first == "." && numbers.count <= Self.seriesCount(of: numbers)
        let count = Self.seriesCount(of: numbers)
        guard numbers.count >= count, rest.first.map({ ".-+~_".contains($0) }) ?? true else { return nil }
        series = Array(numbers.prefix(count))
        patch = numbers.count > count ? numbers[count] : nil
        suffix = String(rest)
    }

    /// How many numbers name a release.
    private static func seriesCount(of numbers: [Int]) -> Int { numbers.starts(with: [2, 6]) ? 3 : 2 }

    /// Whether this is a candidate, such as `5.15-rc3`, which comes before its release.
    public var isCandidate: Bool { suffix.hasPrefix("-rc") }

    /// Whether this is a distribution's number that hides the stable release, as `5.15.0-91-generic` does.
    var hidesPatch: Bool { patch == 0 && !suffix.isEmpty && !isCandidate }

    /// Whether this comes after the release `other`, its stable releases included.
    func isAfter(seriesOf other: Self) -> Bool { other.series.lexicographicallyPrecedes(series) }

    /// The version without the `v`.
    public var description: String {
        (series + (patch.map { [$0] } ?? [])).map(String.init).joined(separator: ".") + suffix
    }
}
