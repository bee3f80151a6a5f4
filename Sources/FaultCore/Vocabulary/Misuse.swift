/// Ends the process, because the caller of our API did what its documentation forbids.
///
/// The sentence is printed in release builds too, where a failed `precondition` says nothing. It names the method and
/// what it demands: `Machine.start: task 3 has ended`. A simulated outcome never comes here, nor does a handler or an
/// entry that breaks its contract: those are the checker's to report.
@inline(never)
package func misuse(
    _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
    fatalError(sentence(), file: file, line: line)
}
