import FaultSimulator

/// What the kernel's own accesses come to.
extension Behaviour {
    static let entries: [Behaviour] = [
        Behaviour("kernelViolation", name: "the kernel touches memory that it has not opened") { model in
            var play = try Play(model, entry: X86FaultEntry(hasSMAP: true))
            let area = try play.world.map(anonymousPages: 1, in: play.task)
            return try play.perform(.kernelTouch(.read, area[0], .kernelUnopened)).end
        },
        Behaviour("userCopyTail", name: "the exceptions of a copy to memory that is not mapped") { model in
            var play = try Play(model)
            let report = try play.perform(.kernelTouch(.write, PageNumber(0x200), .kernelWithFixup))
            return "\(report.counters.exceptions)"
        },
    ]
}
