import FaultLab
import Foundation
import Testing

@testable import LabReport

@Suite("Figures of the lab", .timeLimit(.minutes(60)))
struct LabReportTests {
    static let of2006 = Result {
        var experiment = RetryOf2006()
        experiment.evictions = 0
        return try experiment.run()
    }

    @Test("an object of JSON has the seven fields in their order, null where nothing was published, and text escaped")
    func json() throws {
        let rows = try DropOf2018().run().measurements
        let fields = ["experiment", "model", "measure", "unit", "published", "simulated", "input"]
        for row in rows {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any])
            #expect(object.keys.sorted() == fields.sorted())
            let places = fields.compactMap { row.json.range(of: "\"\($0)\":")?.lowerBound }
            #expect(places.count == fields.count && places == places.sorted())
            #expect(object["experiment"] as? String == "2018")
            #expect(object["measure"] as? String == row.measure)
            #expect(object["simulated"] as? Double == row.simulated)
            #expect(object["input"] as? Bool == row.isInput)
            #expect(object["published"] is NSNull, "nothing was published")
        }
        #expect(
            rows.first?.json == """
                {"experiment":"2018","model":"all","measure":"throttled submission","unit":"ms","published":null,\
                "simulated":400,"input":true}
                """)
    }

    @Test("a published figure is in the JSON, the CSV and the table")
    func published() throws {
        var experiment = CompletedOf2022()
        experiment.pages = 64
        let row = try #require(try experiment.run().measurements.first { $0.measure == "time after / before" })
        #expect(row.json.contains("\"published\":0.87"))
        #expect(row.csv.split(separator: ",").count == 7)
        #expect(LabTable([row]).lines.last?.contains(" [0.875]") == true)
    }

    @Test("a field of CSV with a comma is quoted, and each line has as many as the header")
    func csv() throws {
        for row in try Self.of2006.get().measurements {
            var fields = 1
            var isQuoted = false
            for character in row.csv {
                if character == "\"" { isQuoted.toggle() }
                if character == ",", !isQuoted { fields += 1 }
            }
            #expect(!isQuoted && fields == LabMeasurement.csvHeader.split(separator: ",").count, "\(row.csv)")
        }
    }

    @Test("a table has a row a measure and a column a kernel, published figures first, and thousands apart")
    func table() throws {
        let outcome = try Self.of2006.get()
        let table = LabTable(outcome.measurements, only: outcome.mainMeasures)
        #expect(table.rows.map { $0[0] } == outcome.mainMeasures)
        #expect(table.columns.count == 2 + Set(outcome.reads.map(\.model)).count)
        #expect(table.rows.allSatisfy { $0.count == table.columns.count })
        #expect(Set(table.lines.dropFirst().map(\.count)).count == 1, "figures end in one column")
        var published = CompletedOf2022()
        published.pages = 64
        let rows = LabTable(try published.run().measurements).rows
        let firstWithout = try #require(rows.firstIndex { !$0.contains { $0.hasSuffix("]") } })
        #expect(!rows[firstWithout...].contains { $0.contains { $0.hasSuffix("]") } } && firstWithout > 0)
        #expect(rows.contains { $0.contains { $0.hasSuffix("*") } }, "what was given is marked")
    }

    @Test("figures are text with four digits, or exact")
    func figures() {
        #expect(Figure.text(4_194_304) == "4,194,304" && Figure.text(0.87467) == "0.875")
        #expect(Figure.text(-27.5) == "-27.50" && Figure.text(15_000.75) == "15,001")
        #expect(Figure.exact(18.5) == "18.5" && Figure.exact(400) == "400")
    }

    @Test("a block begins with the question, the answer and the verdict, and is short unless all is asked for")
    func block() throws {
        let outcome = try Self.of2006.get()
        let short = LabBlock(outcome, of: RetryOf2006()).lines
        #expect(short[0].hasPrefix("2006: ") && short[2].hasPrefix("  Answer: "))
        #expect(short.contains { $0.hasPrefix("  Verdict: ") })
        #expect(short.count < 25 && short.allSatisfy { $0.count <= 180 })
        let long = LabBlock(outcome, of: RetryOf2006(), isVerbose: true).lines
        #expect(long.count > short.count && long.contains { $0.contains("A fault that drops the lock") })
    }

    @Test("the README shows what the lab prints")
    func readme() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let experiment = RetryOf2010()
        let block = LabBlock(try experiment.run(), of: experiment).lines
        #expect(readme.contains("```\n" + block.joined(separator: "\n") + "\n```"), "\(block.joined(separator: "\n"))")
    }

    @Test("the page has each experiment with its table and its picture, and loads nothing")
    func page() throws {
        var page = LabPage()
        page.add(try Self.of2006.get(), of: RetryOf2006())
        page.add(try DropOf2018().run(), of: DropOf2018())
        let html = page.html
        #expect(html.components(separatedBy: "<section").count == 3 && html.components(separatedBy: "<svg ").count == 3)
        #expect(html.contains("id=\"e2018\"") && !html.contains("src=") && !html.contains("https:"))
    }
}
