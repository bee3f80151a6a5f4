extension VMA: CustomStringConvertible {
    /// A line as in `/proc/PID/maps`, in pages: `0x7fffff7c0-0x7fffff800 rw-p file 0 from page 0`. The area's other
    /// properties follow.
    public var description: String {
        var line = "\(FieldText.hex(start.rawValue))-\(FieldText.hex(end.rawValue)) \(flags.letters) "
        if file != .none {
            line += "\(file) from page \(startIndex)"
        } else {
            line += isAnonymous ? "anonymous" : "handler \(operations)"
        }
        let rest = flags.subtracting([.access, .shared])
        if !rest.isEmpty { line += ", \(rest)" }
        if anonVMA != 0 { line += ", anon_vma \(anonVMA)" }
        return line
    }
}

extension VMAHandle: CustomStringConvertible {
    /// The area's place, such as `the area at page 0x10 of map 0`.
    public var description: String { map == .none ? "no area" : "the area at \(start) of \(map)" }
}
