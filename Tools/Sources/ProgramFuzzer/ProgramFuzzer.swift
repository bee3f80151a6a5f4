import FaultFuzzing

/// What libFuzzer calls (https://llvm.org/docs/LibFuzzer.html): runs the program of these bytes. A broken law, or a hang
/// that its kernel does not have, ends the process, so that the fuzzer keeps the bytes. `.ci/fuzz` links this function
/// with the runtime of the toolchain.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let program = FuzzedProgram(bytes: Array(UnsafeBufferPointer(start: data, count: size)))
    if case .failed(let reason) = program.run().end { fatalError("\(program): \(reason)") }
    return 0
}
