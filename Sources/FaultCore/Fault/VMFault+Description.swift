extension FaultException: CustomStringConvertible {
    /// The exception, such as `write (user), translation present`.
    public var description: String {
        var text = "\(access) (\(mode))"
        if translationPresent { text += ", translation present" }
        if keyRefuses { text += ", key refuses" }
        if entryIsDamaged { text += ", entry is damaged" }
        if offset != 0 { text += ", at byte \(offset)" }
        return text
    }
}

extension VMFault: CustomStringConvertible {
    /// The fault, such as `write (user) of task 0 on page 0x10 of map 0: WRITE|USER under the mmap lock, so far MAJOR`.
    public var description: String {
        guard task != .none else { return "no fault" }
        var text = "\(exception) of \(task) on \(page) of \(map): \(flags) under "
        switch lock {
        case .none: text += "no lock"
        case .mmap: text += "the mmap lock"
        case .area: text += "the area's lock"
        }
        if lockDropped { text += ", which was dropped" }
        if file != .none { text += ", page \(index) of \(file)" }
        if folio != .none { text += folioLocked ? ", \(folio) locked" : ", \(folio)" }
        if !result.isEmpty { text += ", so far \(result)" }
        return text
    }
}

extension LockContract.Row: CustomStringConvertible {
    /// The row, such as `RETRY with RETRY_NOWAIT: held`.
    public var description: String {
        let condition = noWait.map { $0 ? " with RETRY_NOWAIT" : " without RETRY_NOWAIT" } ?? ""
        return "\(bits.isEmpty ? "otherwise" : "\(bits)")\(condition): \(lock)"
    }
}
