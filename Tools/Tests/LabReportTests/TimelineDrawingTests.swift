import FaultLab
import Testing

@testable import LabReport

@Suite("Pictures of the lab", .timeLimit(.minutes(60)))
struct TimelineDrawingTests {
    @Test("every experiment has a picture, with a heading, a legend, named rows and an axis with units")
    func everyExperiment() throws {
        var completed = CompletedOf2022()
        completed.pages = 64
        var retry = RetryOf2006()
        retry.evictions = 0
        for experiment in [retry, DropOf2018(), PostedOf2018(), completed] as [any Experiment] {
            let timelines = try experiment.run().timelines
            #expect(!timelines.isEmpty, "\(experiment.name)")
            let svg = TimelineDrawing(timelines, heading: "\(experiment.name) <&>").svg
            #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
            #expect(svg.contains("\(experiment.name) &lt;&amp;&gt;</text>"))
            #expect(svg.contains("waits for it</text>") && svg.contains("virtual time</text>"))
            #expect(svg.contains("s</text>"), "a unit of time")
            for timeline in timelines {
                for name in timeline.names { #expect(svg.contains(">\(name.name)</text>"), "\(experiment.name)") }
            }
        }
    }

    @Test(
        "an axis has four to nine round ticks, from 0 on", arguments: [1, 7, 8, 9, 60, 1_999, 54_545_454] as [UInt64])
    func ticks(_ length: UInt64) {
        let ticks = TimelineDrawing.ticks(upTo: length)
        #expect(ticks.first == 0 && ticks.count <= 9 && ticks.last ?? 0 <= length)
        if length >= 8 { #expect(ticks.count >= 4) }
        if ticks.count > 1 {
            var step = ticks[1]
            while step % 10 == 0 { step /= 10 }
            #expect([1, 2, 5].contains(step), "\(ticks)")
        }
    }

    @Test("what can be compared has one scale; what would be too short to see has its own")
    func scales() throws {
        let posted = try PostedOf2018().run().timelines
        #expect(Set(posted.map { TimelineDrawing.scale(of: $0, among: posted) }) == [200_000_000])
        var experiment = FaultAroundOf2014()
        experiment.parts = 64
        let around = try experiment.run().timelines
        #expect(Set(around.map { TimelineDrawing.scale(of: $0, among: around) }).count == 2)
    }
}
