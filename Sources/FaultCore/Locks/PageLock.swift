/// A page that is locked by a task.
struct PageLock: Equatable, BitwiseCopyable, Sendable {
    var folio: FrameNumber
    var task: TaskID
}
