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
        let fields = ["experiment", "model", "measure", "unit", "published", "simulated", "calibrated"]
        for row in rows {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(row.json.utf8)) as? [String: Any])
            #expect(object.keys.sorted() == fields.sorted())
            let places = fields.compactMap { row.json.range(of: "\"\($0)\":")?.lowerBound }
            #expect(places.count == fields.count && places == places.sorted())
            #expect(object["experiment"] as? String == "2018")
            #expect(object["measure"] as? String == row.measure)
            #expect(object["simulated"] as? Double == row.simulated)
            #expect(object["calibrated"] as? Bool == row.calibrated)
            #expect(object["published"] is NSNull, "nothing was published")
        }
        #expect(
            rows.first?.json == """
                {"experiment":"2018","model":"all","measure":"throttled submission","unit":"ms","published":null,\
                "simulated":400,"calibrated":true}
                """)
    }

    @Test("a published figure is in the JSON, the CSV and the table")
    func published() throws {
        var experiment = CompletedOf2022()
        experiment.pages = 64
        let row = try #require(try experiment.run().measurements.first { $0.measure == "time after / before" })
        #expect(row.json.contains("\"published\":0.87"))
        #expect(row.csv.split(separator: ",").count == 7)
        #expect(LabTable([row]).lines.last?.contains("0.875") == true)
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

    @Test("a table's figures stand under each other, with thousands apart")
    func table() throws {
        let lines = LabTable(try Self.of2006.get().measurements).lines
        let end = try #require(lines[0].range(of: "simulated")).upperBound
        for line in lines.dropFirst() {
            #expect(line[line.index(before: end)].isNumber && line[end] == " ", "\(line)")
        }
        #expect(Figure.text(4_194_304) == "4,194,304" && Figure.text(0.87467) == "0.875")
        #expect(Figure.text(-27.5) == "-27.50" && Figure.text(15_000.75) == "15,001")
        #expect(Figure.exact(18.5) == "18.5" && Figure.exact(400) == "400")
    }
}
