extension World: CustomStringConvertible, CustomReflectable {
    /// The machine on at most 23 lines: time, tasks and what they do or wait for, areas, locks, requests, files.
    public var description: String { machine.description }

    /// A mirror with the machine, which shows only counts.
    public var customMirror: Mirror { Mirror(self, children: ["machine": machine], displayStyle: .struct) }
}

extension Area: CustomStringConvertible {
    /// Such as `64 pages from page 0x7fffff7c0 of map 0`.
    public var description: String { "\(pages) page\(pages == 1 ? "" : "s") from \(start) of \(map)" }
}

extension World.Handler: CustomStringConvertible {
    /// Such as `handler 3`.
    public var description: String { "handler \(number)" }
}

extension World.PlugInFileSystem: CustomStringConvertible {
    /// Such as `file system 2, with handler 3`.
    public var description: String { "file system \(files), with handler \(memory)" }
}
