import FaultSimulator
import Foundation

// Writes the pages that .ci/browser measures, and the same as pictures: timelines of 2, 20 and 2,000 tasks, and one of a
// million events.
guard CommandLine.arguments.count == 2 else {
    FileHandle.standardError.write(Data("usage: TimelinePages FOLDER\n".utf8))
    exit(64)
}
let folder = URL(fileURLWithPath: CommandLine.arguments[1])
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
let pages = [
    ("2-tasks", LoadedWorld(tasks: 2, operations: 12)),
    ("20-tasks", LoadedWorld(tasks: 20, operations: 40)),
    ("2000-tasks", LoadedWorld(tasks: 2_000, operations: 8)),
    ("million-events", LoadedWorld(tasks: 2_000, operations: 14)),
]
for (name, world) in pages {
    let timeline = try world.timeline()
    try timeline.html.write(to: folder.appending(path: "\(name).html"), atomically: true, encoding: .utf8)
    try timeline.svg.write(to: folder.appending(path: "\(name).svg"), atomically: true, encoding: .utf8)
    print(name, timeline.eventCount, "events,", timeline.spanCount, "spans,", timeline.waits.count, "waits")
}
