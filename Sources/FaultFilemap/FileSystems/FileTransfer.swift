import FaultCore

/// `read(2)` and `write(2)` of whole pages: the loop over pages, with the copy to or from user memory.
///
///     read:  getPages ─▶ gotPages ─▶ copyPage ─▶ [pageCopied ─▶] copyPage ... ─▶ getPages
///     write: lockInode ─▶ inodeLocked ─▶ faultIn ─▶ faultedIn ─▶ pagePrepared ─▶ throttled ─▶ faultIn
///                                      └─ throttled first ─▶ copyNext ─▶ ...
///
/// Models `filemap_read()` and `generic_perform_write()` (mm/filemap.c, Linux 6.1) around what the file system does.
/// While it copies, a read holds no lock, only the references of its batch. A write holds the inode lock throughout.
/// The result is the number of pages copied, or the error if there are none.
///
/// The steps of a read are in `FileTransfer+Reading.swift`, those of a write in `FileTransfer+Writing.swift`.
enum FileTransfer: Routine {
    enum Stage: UInt8, RoutineStage {
        case begin
        case inodeLocked
        case getPages
        case gotPages
        case copyPage
        case pageCopied
        case faultIn
        case faultedIn
        case pagePrepared
        case throttled
        case copyNext
    }

    typealias Step = RoutineStep<Stage, CallResult>

    struct Frame: RoutineFrame {
        /// The direction of a transfer, and what is known of the current batch.
        enum Phase: UInt8 {
            /// To user memory; there may be pages after the batch.
            case reading
            /// To user memory, and the file ends with the batch.
            case readingEnd
            /// To the file.
            case writing
        }

        /// The next page of the file.
        var next: PageIndex
        /// How many pages are left.
        var left: Int
        /// How many are copied.
        var copied = 0
        /// The position that is noted at the end of the read, by `KernelModel.ReadPositionNote`: how far this read has
        /// come, or the previous one.
        var position: Int64 = 0
        /// The next page of user memory; `nil` for a buffer that is always present.
        var memory: PageNumber?
        /// The direction.
        var phase: Phase
        /// How many pages of the batch are not copied yet.
        var leftInBatch: UInt16 = 0
        /// The file.
        let file: FileID

        /// Does what is asked for.
        init(_ request: TransferRequest) {
            next = request.first
            left = request.pages
            memory = request.memory
            phase = request.direction == .write ? .writing : .reading
            file = request.file
        }

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
            visitor.visit("next", next)
            visitor.visit("left", left)
            visitor.visit("copied", copied)
            visitor.visit("position", position)
            visitor.visit("memory", memory)
            visitor.visit("phase", phase)
            visitor.visit("leftInBatch", leftInBatch)
            visitor.visit("file", file)
        }

        /// Moves on past a page that is copied.
        mutating func advance() {
            next = next + 1
            left -= 1
            copied += 1
            memory = memory.map { $0 + 1 }
        }
    }

    @inline(__always)
    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> Step {
        let task = machine.currentTask
        switch stage {
        case .begin:
            guard frame.left > 0 else { return .done }
            if frame.phase == .writing { return .call(machine.taking(.inode(frame.file), .write), then: .inodeLocked) }
            guard machine.model.readPositionNote != .everyPage else { return .next(.getPages) }
            frame.position = machine.readPosition(of: frame.file)
            return .next(.getPages)

        case .inodeLocked: return .call(machine.calling(.writeBegin, on: frame.file), then: .faultIn)
        case .getPages:
            return .call(machine.calling(.read(frame.next, pages: frame.left), on: frame.file), then: .gotPages)
        case .gotPages: return gotPages(&frame, resumed, task, &machine)
        case .copyPage: return copyPage(&frame, task, &machine)
        case .pageCopied: return pageCopied(&frame, resumed, task, &machine)
        case .faultIn: return faultIn(frame, task, &machine)
        case .copyNext: return copyNext(frame, task, &machine)
        case .faultedIn: return faultedIn(frame, resumed, task, &machine)
        case .pagePrepared: return pagePrepared(&frame, resumed, task, &machine)
        case .throttled: return .next(.faultIn)
        }
    }

    /// Ends the call: pages that were copied take precedence over an error.
    static func end(_ frame: Frame, _ errno: Errno?) -> Step {
        if frame.copied == 0, let errno { return .failed(errno) }
        return .returned(frame.copied)
    }
}

// MARK: - What it reads and holds

extension FileTransfer {
    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        let memory = frame.memory.map { view.entry($0, in: view.map) } ?? []
        let file: Footprint = [.file(frame.file)]
        switch stage {
        case .begin: return file
        case .inodeLocked, .getPages, .throttled: return []
        case .gotPages, .copyPage: return view.batch.union(file)
        case .pageCopied: return view.batch.union(file, memory)
        case .faultIn, .copyNext: return view.dirtyPages.union(view.releasing(.inode(frame.file)))
        case .faultedIn: return view.releasing(.inode(frame.file))
        case .pagePrepared: return view.batch.union(file, memory, view.dirtyPages, view.releasing(.inode(frame.file)))
        }
    }

    static func holds(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Holdings {
        .lock(.inode(frame.file), .write, if: frame.phase == .writing && stage != .begin)
    }
}
