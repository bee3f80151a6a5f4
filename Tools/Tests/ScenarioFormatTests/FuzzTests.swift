import FaultCore
import ScenarioFormat
import Testing

@Suite("Damaged scenarios", .timeLimit(.minutes(60)))
struct FuzzTests {
    /// A small scenario with most kinds of values.
    static let text =
        ([
            #"{"scenario":"s","about":"caf\u00e9 é","kernel":"6.1.192","settings":{"read_ahead_kb":128,"thp":"never"}}"#
        ] + prelude + [
            #"{"op":"write","area":"g","page":-3,"pages":2,"stride":-1,"saw":{"minflt":2,"returns":{"0":2},"rss":{"anon":2,"file":0,"shmem":0},"present":{"g":[[-4,-3]]},"zero":{}}}"#,
            #"{"op":"read","in":"t1","area":"a","page":9,"start":true,"saw":{"state":"waiting","for":"io","page":9,"holds":{"mmap":null}}}"#,
            #"{"op":"wait","in":"t1","saw":{"others":{"t1":{"for":"io","holds":{"mmap":"read"}}},"finished":["t1"],"gone":{"":{"faults":1}},"varies":{"handled":[null,1]}}}"#,
            #"{"op":"uffd","id":"u","features":["thread_id"]}"#,
            #"{"op":"uffd_read","uffd":"u","fork":"v","saw":{"messages":[{"event":"pagefault","area":"a","page":1,"flags":["write"],"thread":"t1"}],"wp":{"a":[[0,1]]},"queue":{"u":{"pending":0,"total":1}}}}"#,
            #"{"op":"uffd_copy","uffd":"v","area":"a","page":1,"pages":2,"mode":["wp"],"from_area":"g","from":-1}"#,
        ]).joined(separator: "\n")

    /// Bytes that mean something in JSON or UTF-8, more likely to get far than others.
    static let telling = Array("{}[]\",:\\-0129eu.tfn \n\t\0".utf8) + [0x80, 0xC3, 0xE2, 0xF0, 0xFF]

    @Test("are read or refused with an error of one line, and never trap", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let original = Array(Self.text.utf8)
        var refused = 0
        for _ in 0..<2000 {
            var bytes = original
            for _ in 0...random.below(3) { mutate(&bytes, &random) }
            do {
                let scenario = try Scenario(bytes: bytes, path: "s.jsonl")
                for line in scenario.lines {
                    guard let seen = line.saw else { continue }
                    let again = try? saw(seen.jsonLine)
                    #expect(again == seen, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
                    _ = Saw.mismatches(recorded: seen, simulated: Saw())
                }
            } catch {
                refused += 1
                #expect(error.line >= 1 && error.line <= bytes.count + 1)
                #expect(!error.description.contains("\n"))
            }
        }
        #expect(refused > 1000)
    }

    @Test("cut short anywhere, are read or refused")
    func truncations() {
        let original = Array(Self.text.utf8)
        for length in 0..<original.count {
            do {
                _ = try Scenario(bytes: Array(original[..<length]), path: "s.jsonl")
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let position = random.below(bytes.count)
        let telling = Self.telling[random.below(Self.telling.count)]
        switch random.below(6) {
        case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[position] = telling
        case 2: bytes.insert(telling, at: position)
        case 3: bytes.remove(at: position)
        case 4: bytes[position] ^= 1 << random.below(8)
        default:
            let end = min(bytes.count, position + 1 + random.below(20))
            bytes.insert(contentsOf: bytes[position..<end], at: random.below(bytes.count))
        }
    }
}
