import FaultSimulator

/// Calls on files, and what devices make of them, in the second model.
extension ContentsModel {
    /// A page of a file gets new content, which is written to its device at some time.
    mutating func store(_ stamps: [Stamp], _ file: FileID, _ index: Int) {
        var contents = files[file.index]!
        var cell = contents.cells[index] ?? Cell()
        cell.stamps = stamps
        if contents.isOnDisk {
            // A write of more than one page fails as a whole.
            cell.isUnsafe = !contents.broken.isEmpty
            if contents.broken.contains(index) {
                contents.failing.insert(index)
            } else {
                cell.stored = Cell.union(cell.stored, stamps)
            }
            if cell.isUnsafe { contents.mayOweError = true }
        }
        contents.cells[index] = cell
        files[file.index] = contents
    }

    /// Pages of a file can't be read and written any more. What is not written yet may never be.
    mutating func breakBlocks(of file: FileID, _ pages: ClosedRange<Int>) {
        for page in pages { files[file.index]!.broken.insert(page) }
        files[file.index]!.mayOweError = true
        for page in files[file.index]!.cells.keys {
            let cell = files[file.index]!.cells[page]!
            if cell.stored != cell.stamps { files[file.index]!.cells[page]!.isUnsafe = true }
        }
    }

    /// All can be read and written again.
    mutating func repairBlocks(of file: FileID) {
        files[file.index]!.broken = []
        files[file.index]!.failing = []
        for page in files[file.index]!.cells.keys {
            let cell = files[file.index]!.cells[page]!
            files[file.index]!.cells[page]!.stored = Cell.union(cell.stored, cell.stamps)
        }
    }

    /// `fsync(2)`: the first caller after a failed write gets the error. Without an error, everything is on the device.
    mutating func sync(_ file: FileID, _ report: OperationReport) -> Prediction {
        let contents = files[file.index]!
        guard contents.isOnDisk else { return Prediction() }
        let mustFail = !contents.failing.isEmpty
        files[file.index]!.failing = []
        if report.errno == .inputOutput, contents.mayOweError {
            files[file.index]!.mayOweError = !contents.broken.isEmpty
            failuresSeen += 1
            return Prediction(errno: .inputOutput)
        }
        if contents.broken.isEmpty {
            files[file.index]!.mayOweError = false
            for page in contents.cells.keys where !contents.cells[page]!.isUnsafe {
                files[file.index]!.cells[page]!.stored = contents.cells[page]!.stamps
            }
        }
        return Prediction(errno: mustFail ? .inputOutput : nil)
    }

    /// Whether a call that goes through `pages` pages stopped before its page `number`, as it may where that page may fail.
    private mutating func stops(at number: Int, _ report: OperationReport, mayFail: Bool) -> Bool {
        guard mayFail, report.errno == nil ? report.value == number : number == 0 else { return false }
        failuresSeen += 1
        return true
    }

    /// Whether a hole could not be made because what is there could not be written before.
    mutating func isRefusedWriting(_ file: FileID, _ report: OperationReport) -> Bool {
        guard report.errno == .inputOutput, files[file.index]!.mayOweError else { return false }
        failuresSeen += 1
        return true
    }

    mutating func read(
        _ file: FileID, _ index: Int, _ pages: Int, into: UInt64?, _ report: OperationReport, _ process: inout Process,
        learns: Bool = true
    ) -> Prediction {
        var prediction = Prediction(pages: 0)
        for number in 0..<pages {
            guard let stamps = shown(.file(file, index + number, isShared: true)) else { break }
            if report.errno != .badAddress, stops(at: number, report, mayFail: mayFail(file, index + number)) {
                return failed(prediction, .inputOutput)
            }
            if let into {
                let page = into + UInt64(number)
                guard look(.write, page, process).0 == nil else { return failed(prediction, .badAddress) }
                if stops(at: number, report, mayFail: mayFail(process.pages[page]!)) {
                    return failed(prediction, .badAddress)
                }
                store(stamps, page, &process)
            }
            prediction.stamps = stamps
            prediction.pages! += 1
        }
        if learns, prediction.pages! > 0 {
            let last = prediction.pages! - 1
            files[file.index]!.cells[index + last]?.learn(report.outcome.stamp)
            if let into { learn(report.outcome.stamp, of: into + UInt64(last), &process) }
        }
        return prediction
    }

    /// What a call says that stops before its end: how far it came, or why it did nothing.
    private func failed(_ prediction: Prediction, _ errno: Errno) -> Prediction {
        prediction.pages == 0 ? Prediction(errno: errno) : prediction
    }

    mutating func write(
        _ file: FileID, _ index: Int, _ pages: Int, from: UInt64?, _ report: OperationReport, _ process: inout Process,
        by task: TaskID
    ) -> Prediction {
        var prediction = Prediction(pages: 0)
        for next in index..<index + pages {
            let old = shown(.file(file, next, isShared: true)) ?? [0]
            if report.errno != .badAddress, stops(at: next - index, report, mayFail: mayFail(file, next)) {
                return failed(prediction, .inputOutput)
            }
            var stamps = old.map { Machine.stamp(after: $0, writtenBy: task) }
            if let from {
                let page = from + UInt64(next - index)
                let (signal, found) = look(.read, page, process)
                guard signal == nil else { return failed(prediction, .badAddress) }
                if stops(at: next - index, report, mayFail: mayFail(process.pages[page]!)) {
                    return failed(prediction, .badAddress)
                }
                stamps = found
                prediction.stamps = found
            }
            store(stamps, file, next)
            files[file.index]!.pages = max(files[file.index]!.pages, next + 1)
            prediction.pages! += 1
        }
        if let from, prediction.pages! > 0 {
            let last = prediction.pages! - 1
            learn(report.outcome.stamp, of: from + UInt64(last), &process)
            files[file.index]!.cells[index + last]?.learn(report.outcome.stamp)
        }
        return prediction
    }

    /// A page of a file becomes zeroes; pins have the old one for themselves from then on.
    mutating func punch(_ file: FileID, _ index: Int) {
        detach(.file(file.index, index))
        files[file.index]!.cells[index] = nil
        files[file.index]!.failing.remove(index)
    }

    /// What is cut off is gone, also from the copies that processes had of it.
    mutating func truncate(_ file: FileID, _ pages: Int, _ process: inout Process) {
        for next in pages..<max(pages, files[file.index]!.pages) { punch(file, next) }
        files[file.index]!.pages = pages
        func cut(_ process: inout Process) {
            for (next, page) in process.pages {
                if case .file(file, let index, isShared: false) = page.backing, index >= pages {
                    process.pages[next]!.copy = nil
                    process.pages[next]!.isExclusive = false
                }
            }
        }
        cut(&process)
        for other in processes.keys { cut(&processes[other]!) }
    }
}
