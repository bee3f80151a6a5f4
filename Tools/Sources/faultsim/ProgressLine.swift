import Foundation

/// A progress line on standard error, if that is a terminal.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private let clock = ContinuousClock()
    private let start = ContinuousClock().now
    private let delay: Duration
    private var isShown = false

    /// Makes a line that is shown after `delay`.
    init(after delay: Duration = .seconds(1)) { self.delay = delay }

    mutating func show(done: Int, of all: Int) { show("\(done) of \(all) files") }

    mutating func show(_ text: String) {
        guard isTerminal, clock.now - start >= delay else { return }
        write("\r\u{1B}[K\(text)")
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
