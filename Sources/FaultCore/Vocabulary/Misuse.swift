/// Ends the process because the caller of the API did what its documentation forbids.
///
/// The sentence is printed in release builds, too, where a failed `precondition` prints nothing. It names the method
/// and what the method requires: `Machine.start: task 3 has ended`. A simulated outcome never ends here. Neither does a
/// handler or an entry that breaks its contract: the checker reports it.
@inline(never)
package func misuse(
    _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
    fatalError(sentence(), file: file, line: line)
}
