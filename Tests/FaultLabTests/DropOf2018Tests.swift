import FaultLab
import Testing

@Suite("2018: a monitor behind a throttled fault")
struct DropOf2018Tests {
    @Test("the monitor waits for what the fault does under the lock, less the 2 ms it comes later")
    func waits() throws {
        let outcome = try DropOf2018().run()
        func milliseconds(_ what: DropOf2018.Case, _ model: String) -> UInt64? {
            outcome.waits.first { $0.what == what && $0.model == model && $0.hasWriter }.map { $0.monitor / 1_000_000 }
        }
        // Submission takes 400 ms, the read 100.
        #expect(milliseconds(.miss, "linux2_6_36") == 498)
        #expect(milliseconds(.miss, "linux2_6_37") == 398)
        #expect(milliseconds(.miss, "linux6_1") == 0)
        #expect(milliseconds(.readahead, "linux2_6_36") == 398)
        #expect(milliseconds(.readahead, "linux2_6_37") == 398)
        #expect(milliseconds(.readahead, "linux6_1") == 0)
        #expect(milliseconds(.reread, "linux2_6_36") == 498)
        #expect(milliseconds(.reread, "linux2_6_37") == 498)
        #expect(milliseconds(.reread, "linux6_1") == 0)
        for model in ["linux2_6_36", "linux2_6_37", "linux6_1"] {
            #expect(milliseconds(.mkwrite, model) == 398, "no kernel lets page_mkwrite drop the lock")
        }
    }

    @Test("without a writer the monitor shares the lock, and waits for nobody")
    func sharing() throws {
        let run = try #require(try DropOf2018().run().waits.first { !$0.hasWriter })
        #expect(run.monitor == 0 && run.hold == 500_000_000)
    }

    @Test("the report names the chain: the monitor behind the writer, the writer behind the submission")
    func chain() throws {
        let run = try #require(try DropOf2018().run().waits.first)
        #expect(
            run.chain == """
                task 2 waits for the mmap lock of map 0 (read), behind task 1, task 0 <- \
                task 1 waits for the mmap lock of map 0 (write), behind task 0 <- \
                task 0 waits for the device to take its request, holding the mmap lock (read)
                """)
    }
}
