/// The code of the page cache, for a ``MachineConfiguration``: `Filemap.pageCache` of `FaultFilemap`.
public struct PageCacheCode: Sendable, CustomStringConvertible {
    package let operations: any PageCacheOperations

    package init(_ operations: some PageCacheOperations) { self.operations = operations }

    /// The type of the code, such as `GenericPageCache`.
    public var description: String { "\(type(of: operations))" }
}

/// The code of the page cache that all file systems share: the seam at which mm/filemap.c and mm/page-writeback.c plug
/// in. Models `filemap_read()`, `generic_perform_write()` and `balance_dirty_pages()`.
///
/// The state, files with their cached pages, belongs to the machine; the code that works on it is here. A routine is a
/// state machine with stages and a frame, like the calls of a file system. What differs from file to file it leaves to
/// the file's own ``FileOperations``: ``FileCall/read(_:pages:)``, ``FileCall/writeBegin``, ``FileCall/write(_:)`` and
/// ``FileCall/writeback``.
package protocol PageCacheOperations: BitwiseCopyable, Sendable {
    /// The frame with which a routine begins.
    ///
    /// - Parameters:
    ///   - routine: The routine.
    ///   - request: What a program has asked for; `nil` for a routine that no program asks for.
    func beginning(of routine: PageCacheRoutine, for request: TransferRequest?) -> CallFrame

    /// Does one stage of a routine.
    func step(
        _ routine: PageCacheRoutine, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind

    /// Shows the fields of a routine's frame.
    func visit<Visitor: FieldVisitor>(_ routine: PageCacheRoutine, _ activation: Activation, _ visitor: inout Visitor)

    /// Shows the fields of a routine's frame to a hash.
    func hash(_ routine: PageCacheRoutine, _ activation: Activation, into hash: inout FieldHash)

    /// The name of a stage; `nil` if there is no such stage.
    func stageName(_ stage: UInt8, of routine: PageCacheRoutine) -> String?

    /// What the next stage of a routine may read or write.
    func reads(_ routine: PageCacheRoutine, _ activation: Activation, _ view: StageView) -> Footprint

    /// The locks that the routine is responsible for when that stage is next.
    func holds(_ routine: PageCacheRoutine, _ activation: Activation, _ view: StageView) -> Holdings

    /// Has the dirty pages of a file written, because reclaim has found nothing else: the flusher thread, which waits
    /// for nothing (`wakeup_flusher_threads()`).
    func flush(_ file: FileID, _ machine: inout Machine)
}

/// The routines of ``PageCacheOperations``.
package enum PageCacheRoutine: UInt8, BitwiseCopyable, Sendable, CaseIterable {
    /// `read(2)` and `write(2)`: copies pages. It returns a ``CallResult``: the number of pages copied, or the error if
    /// there are none.
    case transfer
    /// `balance_dirty_pages()`: a task that has dirtied pages waits while there are too many. It returns a
    /// ``Completion``.
    case throttle
}

/// What `read(2)` or `write(2)` asks of the page cache: pages of a file, and where their data goes to or comes from.
package struct TransferRequest: Equatable, RoutineFrame {
    /// The direction of the data.
    package enum Direction: UInt8, BitwiseCopyable, Sendable {
        /// From the file: `read(2)`.
        case read
        /// To the file: `write(2)`.
        case write
    }

    /// The direction.
    package let direction: Direction
    /// The file.
    package let file: FileID
    /// The first page of the file.
    package let first: PageIndex
    /// How many pages.
    package let pages: Int
    /// The first page of user memory; `nil` for a buffer that is always present.
    package let memory: PageNumber?

    /// Makes a request for pages of a file.
    package init(_ direction: Direction, _ file: FileID, _ first: PageIndex, pages: Int, memory: PageNumber?) {
        self.direction = direction
        self.file = file
        self.first = first
        self.pages = pages
        self.memory = memory
    }

    /// Shows the fields.
    package func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) {
        visitor.visit("direction", direction)
        visitor.visit("file", file)
        visitor.visit("first", first)
        visitor.visit("pages", pages)
        visitor.visit("memory", memory)
    }
}

extension TransferRequest: CustomStringConvertible {
    /// The request, such as `read 4 pages from page 8 of file 0 to 0x10`.
    package var description: String {
        let place = memory.map { " \(direction == .read ? "to" : "from") \($0)" } ?? ""
        return "\(direction) \(FieldText.count(pages, "page")) from page \(first) of \(file)" + place
    }
}

extension Machine {
    /// The call that makes the current task wait while there are too many dirty pages, after it has dirtied some.
    package func throttling() -> RoutineCall { calling(.throttle) }

    /// The call that runs a routine of the page cache.
    func calling(_ routine: PageCacheRoutine, for request: TransferRequest? = nil) -> RoutineCall {
        RoutineCall(routine.number, of: 0, configuration.pageCache.beginning(of: routine, for: request).bytes)
    }
}

extension PageCacheRoutine {
    /// The number of the routine in an activation.
    var number: RoutineNumber {
        switch self {
        case .transfer: .fileTransfer
        case .throttle: .throttle
        }
    }
}

extension Activation {
    /// The routine of the page cache.
    @inline(__always)
    var pageCacheRoutine: PageCacheRoutine { routine == .throttle ? .throttle : .transfer }
}

/// The page cache's code of a machine to which none was given.
struct MissingPageCache: PageCacheOperations {
    func beginning(of routine: PageCacheRoutine, for request: TransferRequest?) -> CallFrame { refuse() }

    func step(
        _ routine: PageCacheRoutine, _ activation: inout Activation, _ fault: inout VMFault, _ machine: inout Machine,
        _ payload: inout StepPayload
    ) -> StepPayload.Kind { refuse() }

    func visit<Visitor: FieldVisitor>(_ routine: PageCacheRoutine, _ activation: Activation, _ visitor: inout Visitor) {
        refuse()
    }

    func hash(_ routine: PageCacheRoutine, _ activation: Activation, into hash: inout FieldHash) { refuse() }

    func stageName(_ stage: UInt8, of routine: PageCacheRoutine) -> String? { nil }

    func reads(_ routine: PageCacheRoutine, _ activation: Activation, _ view: StageView) -> Footprint { refuse() }

    func holds(_ routine: PageCacheRoutine, _ activation: Activation, _ view: StageView) -> Holdings { refuse() }

    func flush(_ file: FileID, _ machine: inout Machine) { refuse() }

    /// Ends the process, and says what the machine needs.
    private func refuse() -> Never {
        misuse(
            "Machine: read(2), write(2), throttling and the flusher need the code of the page cache, which FaultCore does "
                + "not have; give MachineConfiguration a pageCache, such as Filemap.pageCache of FaultFilemap")
    }
}
