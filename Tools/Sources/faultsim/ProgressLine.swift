import Foundation

/// A line on the standard error, where it is a terminal, that says how far work of over a second is.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private let clock = ContinuousClock()
    private let start = ContinuousClock().now
    private var isShown = false

    mutating func show(done: Int, of all: Int) {
        guard isTerminal, clock.now - start > .seconds(1) else { return }
        write("\r\u{1B}[K\(done) of \(all) files")
        isShown = true
    }

    /// Removes the line, before other output and at the end.
    mutating func clear() {
        guard isShown else { return }
        write("\r\u{1B}[K")
        isShown = false
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
