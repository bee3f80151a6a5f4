import FaultSimulator
import ScenarioFuzzing

// What libFuzzer calls: https://llvm.org/docs/LibFuzzer.html. `.ci/fuzz` links it with the runtime of the toolchain.

/// Plays bytes as a scenario. A finding ends the process, so that the fuzzer keeps the bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    if let finding = ScenarioTrial.finding(in: Array(UnsafeBufferPointer(start: data, count: size))) {
        fatalError(finding)
    }
    return 0
}

/// Changes a scenario word by word and line by line, because most text with other bytes in it is only refused.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>?, _ size: Int, _ mostBytes: Int, _ seed: CUnsignedInt) -> Int {
    let room = UnsafeMutableBufferPointer(start: data, count: mostBytes)
    var random = SplitMix64(seed: UInt64(seed))
    var bytes = Array(room[..<size])
    if random.below(16) == 0 {
        for _ in 0...random.below(4) where !bytes.isEmpty {
            bytes[random.below(bytes.count)] = random.below(UInt8.max)
        }
    } else {
        var scenario = ChangedScenario(String(decoding: bytes, as: UTF8.self))
        for _ in 0...random.below(4) { scenario.change(&random) }
        // Most changed scenarios are refused because of one line. The others are worth playing.
        if random.below(4) != 0 { _ = scenario.dropRefusedLines() }
        bytes = Array(scenario.text.utf8)
    }
    return room.fill(bytes)
}

/// Puts lines of one scenario into another one.
@_cdecl("LLVMFuzzerCustomCrossOver")
public func crossOver(
    _ first: UnsafePointer<UInt8>?, _ firstSize: Int, _ second: UnsafePointer<UInt8>?, _ secondSize: Int,
    _ result: UnsafeMutablePointer<UInt8>?, _ mostBytes: Int, _ seed: CUnsignedInt
) -> Int {
    var random = SplitMix64(seed: UInt64(seed))
    var scenario = ChangedScenario(
        String(decoding: UnsafeBufferPointer(start: first, count: firstSize), as: UTF8.self))
    let other = ChangedScenario(
        String(decoding: UnsafeBufferPointer(start: second, count: secondSize), as: UTF8.self))
    scenario.insert(from: other, &random)
    return UnsafeMutableBufferPointer(start: result, count: mostBytes).fill(Array(scenario.text.utf8))
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes as many of `bytes` as there is room for, and returns how many.
    fileprivate func fill(_ bytes: [UInt8]) -> Int {
        let count = Swift.min(bytes.count, self.count)
        _ = update(fromContentsOf: bytes[..<count])
        return count
    }
}
