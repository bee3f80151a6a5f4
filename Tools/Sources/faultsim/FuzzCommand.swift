import ArgumentParser
import FaultFuzzing
import FaultSimulator
import Foundation

/// `faultsim fuzz`: random programs under random kernels, until a law is broken or the time is up.
struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Run random programs under random kernels, with the simulator's own laws checked.",
        discussion: """
            Each program comes from a seed, and runs under a preset with at most two changed rules, which is still a legal \
            model. A program that breaks a law, hangs or is stuck is printed with its seed. The shortest program that \
            fails in the same way follows, step by step, and its bytes.

            Exit status: 0 if nothing was found, 1 if anything was, 64 if the command line is wrong.
            """)

    @Option(help: "How long to run, in seconds.")
    var seconds = 60

    @Option(help: "The seed of the first program; the seeds of the others follow.")
    var seed: UInt64 = 1

    @Option(help: "Run the program of these bytes alone, two hexadecimal digits each, and print what it does.")
    var bytes: String?

    @Option(help: "A folder in which the bytes of each program become a file, for a fuzzer that changes them.")
    var keep: String?

    func validate() throws {
        if seconds < 1 { throw ValidationError("--seconds: must be at least 1, not \(seconds)") }
        if let bytes, [UInt8](hexadecimal: bytes) == nil {
            throw ValidationError("--bytes: must be two hexadecimal digits for each byte")
        }
    }

    func run() throws {
        if let bytes = bytes.flatMap([UInt8].init(hexadecimal:)) { return try run(FuzzedProgram(bytes: bytes)) }
        let end = ContinuousClock.now + .seconds(seconds)
        var programs: UInt64 = 0
        var found = 0
        while ContinuousClock.now < end {
            let program = FuzzedProgram(seed: seed &+ programs)
            defer { programs += 1 }
            let run = program.run()
            if let keep { try keepBytes(of: run, in: keep, seed: seed &+ programs) }
            guard case .failed(let reason) = run.end else { continue }
            found += 1
            print("\(program), seed \(seed &+ programs): \(reason)")
            show(program.shrunk())
        }
        print("fuzz: \(programs) programs from seed \(seed), \(found) failed")
        if found > 0 { throw ExitCode(1) }
    }

    private func keepBytes(of run: FuzzedProgram.Run, in folder: String, seed: UInt64) throws {
        let file = URL(fileURLWithPath: folder).appendingPathComponent("seed-\(seed)")
        do {
            try Data(run.bytes).write(to: file)
        } catch {
            throw ValidationError("--keep: \(file.path) can't be written; name a folder that exists")
        }
    }

    private func run(_ program: FuzzedProgram) throws {
        let short = program.shrunk()
        show(short)
        if case .failed = short.run().end { throw ExitCode(1) }
    }

    /// Prints what a program does, and its bytes.
    private func show(_ program: FuzzedProgram) {
        let run = program.run(tellsSteps: true)
        print("\(program): \(run)")
        print("its bytes: \(run.bytes.hexadecimal)")
    }
}

extension [UInt8] {
    /// The bytes that two hexadecimal digits each stand for; `nil` if something else stands there.
    fileprivate init?(hexadecimal digits: String) {
        let digits = Array<Character>(digits)
        guard digits.count % 2 == 0 else { return nil }
        self = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[place].hexDigitValue, let low = digits[place + 1].hexDigitValue else { return nil }
            append(UInt8(high << 4 | low))
        }
    }

    /// Two hexadecimal digits for each byte.
    fileprivate var hexadecimal: String {
        reduce(into: "") { $0 += ($1 < 16 ? "0" : "") + String($1, radix: 16) }
    }
}
