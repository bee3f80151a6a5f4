public import FaultCore

extension Timeline {
    /// Makes the timeline of what `machine` has recorded since `Machine.recordsTimeline` was set.
    ///
    /// - Parameters:
    ///   - machine: The machine that was recorded.
    ///   - title: The title; by default the name of the kernel.
    ///   - names: Names of tasks, files, areas and devices, if they differ from those in the machine.
    /// - Complexity: O(*n* log *n*) in the events.
    public init(of machine: Machine, title: String? = nil, names: TimelineNames = TimelineNames()) {
        let names = names.completed(by: machine)
        var builder = TimelineBuilder(machine, names)
        builder.read()
        self.title = title ?? machine.model.name.description
        begin = builder.begin ?? builder.now
        end = builder.now
        self.names = names
        waits = builder.waits
        var byTask: [[Int]] = Array(repeating: [], count: builder.tasks.count)
        for (place, wait) in builder.waits.enumerated() { byTask[wait.task.index].append(place) }
        waitsByTask = byTask
        counters = builder.counters.all
        stages = builder.stages.names
        maps = Dictionary(uniqueKeysWithValues: builder.tasks.map { ($0.task, $0.map) })
        rows = builder.rows
    }
}

extension TimelineBuilder {
    /// All rows, named and in order.
    var rows: [Timeline.Row] {
        var rows: [Timeline.Row] = []
        for task in tasks {
            guard !task.spans.isEmpty || !task.marks.isEmpty else { continue }
            rows.append(
                Timeline.Row(
                    subject: .task(task.task), name: names.text(task.task), spans: task.spans.inOrder,
                    marks: task.marks))
        }
        let byNumber = locks.rows.sorted { $0.subject.key < $1.subject.key }
        for lock in byNumber {
            if case .lock(let name) = lock.subject { rows.append(lock.row(names.text(name))) }
        }
        for area in areas.rows.sorted(by: { $0.subject.key < $1.subject.key }) {
            if case .area(let map, let page) = area.subject {
                rows.append(area.row("lock of \(names.text(areaAt: page, of: map))"))
            }
        }
        for device in devices where !device.spans.isEmpty {
            if case .device(let id) = device.subject { rows.append(device.row(names.text(id))) }
        }
        return rows
    }
}

extension Machine {
    /// The timeline of what has happened since ``recordsTimeline`` was set.
    public func timeline(_ title: String? = nil, names: TimelineNames = TimelineNames()) -> Timeline {
        Timeline(of: self, title: title, names: names)
    }
}
