import FaultCore

/// `file_modified()` before a write(2) of ext4 (fs/ext4/file.c, Linux 6.1): the file gets new times. The caller holds
/// the inode lock.
enum WriteBegin: Routine {
    enum Stage: UInt8, RoutineStage {
        case setTimes
    }

    struct Frame: RoutineFrame {
        /// The file.
        let file: FileID

        func visit<Visitor: FieldVisitor>(_ visitor: inout Visitor) { visitor.visit("file", file) }
    }

    static func step(
        _ stage: Stage, _ frame: inout Frame, _ resumed: Resumption, _ fault: inout VMFault, _ machine: inout Machine
    ) -> RoutineStep<Stage, FileResult> {
        switch stage {
        case .setTimes:
            if let wait = Journal.change(frame.file, &machine) { return .sleep(wait, then: .setTimes) }
            return .done
        }
    }

    static func reads(_ stage: Stage, _ frame: Frame, _ view: StageView) -> Footprint {
        Journal.reads(of: frame.file, view)
    }
}
