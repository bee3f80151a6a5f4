extension RequestID: CustomStringConvertible {
    /// The name, such as `request 3`.
    public var description: String { "request \(rawValue)" }
}

extension IORequest: CustomStringConvertible {
    /// The request, such as `request 3: read 4 pages of file 0 from page 8 on device 0, by task 1, since 0 ns, held`.
    public var description: String {
        let pages = file == .none ? FieldText.count(pages, "page") : FieldText.pages(pages, from: index, of: file)
        var text = "\(id): \(kind) \(pages) on \(device), by \(task), since \(submitted) ns"
        if isReadahead { text += ", readahead" }
        return text + (completes == .max ? ", held" : ", done at \(completes) ns")
    }
}
