import ScenarioFormat
import Testing

@Suite("Recorded and simulated saws", .timeLimit(.minutes(60)))
struct MismatchTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let recorded: String
        let simulated: String
        let mismatches: [String]

        init(_ name: String, _ recorded: String, _ simulated: String, _ mismatches: String...) {
            testDescription = name
            self.recorded = recorded
            self.simulated = simulated
            self.mismatches = mismatches
        }
    }

    /// An operation that ended without doing anything, as recorded with threads.
    static let quietFields =
        #""minflt":0,"majflt":0,"faults":0,"attempts":0,"mmap_lock":{"read":0,"write":0},"present":{"a":[]},"resident":{"f":[]}"#

    static func quiet(and more: String = "") -> String {
        "{\(quietFields)\(more.isEmpty ? "" : ",")\(more)}"
    }

    /// A thread that waits for a page.
    static let waiting =
        #""state":"waiting","for":"io","page":20,"holds":{"mmap":null},"attempts":1,"faults":1,"resident":{"f":[]}"#

    static let recordedFields = [
        Case("are the same", quiet(), quiet()),
        Case("minflt", #"{"minflt":1}"#, #"{"minflt":2}"#, "minflt: recorded 1, simulated 2"),
        Case("majflt, not simulated", #"{"majflt":0}"#, "{}", "majflt: recorded 0, simulated none"),
        Case("attempts", #"{"attempts":1}"#, #"{"attempts":2}"#, "attempts: recorded 1, simulated 2"),
        Case(
            "vma_lock", #"{"vma_lock":{"attempts":1}}"#, #"{"vma_lock":{"attempts":0}}"#,
            #"vma_lock: recorded {"attempts":1}, simulated {"attempts":0}"#),
        Case(
            "returns", #"{"returns":{"0":1}}"#, #"{"returns":{"NOPAGE":1}}"#,
            #"returns: recorded {"0":1}, simulated {"NOPAGE":1}"#),
        Case(
            "mmap_lock", #"{"mmap_lock":{"read":1,"write":0}}"#, #"{"mmap_lock":{"read":1,"write":1}}"#,
            #"mmap_lock: recorded {"read":1,"write":0}, simulated {"read":1,"write":1}"#),
        Case(
            "rss", #"{"rss":{"anon":1,"file":0,"shmem":0}}"#, #"{"rss":{"anon":0,"file":0,"shmem":0}}"#,
            #"rss: recorded {"anon":1,"file":0,"shmem":0}, simulated {"anon":0,"file":0,"shmem":0}"#),
        Case(
            "died_while_reading", #"{"died_while_reading":true}"#, #"{"died_while_reading":false}"#,
            "died_while_reading: recorded true, simulated false"),
        Case(
            "signal", quiet(and: #""signal":"SIGSEGV/MAPERR""#), quiet(),
            #"signal: recorded "SIGSEGV/MAPERR", simulated none"#),
        Case(
            "errno", quiet(and: #""errno":"EFAULT""#), quiet(and: #""errno":"ENOMEM""#),
            #"errno: recorded "EFAULT", simulated "ENOMEM""#),
        Case("copied", quiet(and: #""copied":0"#), quiet(), "copied: recorded 0, simulated none"),
        Case("userfaults", quiet(and: #""userfaults":1"#), quiet(), "userfaults: recorded 1, simulated none"),
        Case(
            "userfaults under an area's lock", #"{"vma_lock":{"attempts":2,"userfaults":1}}"#,
            #"{"vma_lock":{"attempts":2,"userfaults":2}}"#,
            #"vma_lock: recorded {"attempts":2,"userfaults":1}, simulated {"attempts":2,"userfaults":2}"#),
        Case(
            "messages", quiet(and: #""messages":[{"event":"pagefault","area":"a","page":1}]"#),
            quiet(and: #""messages":[{"event":"pagefault","area":"a","page":1,"thread":"t1"}]"#),
            #"messages: recorded [{"event":"pagefault","area":"a","page":1}], simulated [{"event":"pagefault","area":"a","page":1,"thread":"t1"}]"#
        ),
        Case(
            "queue", quiet(and: #""queue":{"u":{"pending":1,"total":1}}"#), quiet(),
            #"queue: recorded {"u":{"pending":1,"total":1}}, simulated none"#),
        Case(
            "wp and poison, of which only the areas that differ are shown",
            #"{"wp":{"a":[[0,3]],"b":[[0,0]]},"poison":{"a":[[1,1]]}}"#, #"{"wp":{"a":[[0,3]]}}"#,
            #"wp: recorded {"b":[[0,0]]}, simulated {}"#, #"poison: recorded {"a":[[1,1]]}, simulated none"#),
        Case(
            "reason and area of a wait", #"{"state":"waiting","for":"uffd","area":"a","page":1,"reason":"wp"}"#,
            #"{"state":"waiting","for":"uffd","area":"b","page":1,"reason":"missing"}"#,
            #"area: recorded "a", simulated "b""#, #"reason: recorded "wp", simulated "missing""#),
        Case("handled", quiet(and: #""handled":1"#), quiet(), "handled: recorded 1, simulated none"),
        Case(
            "present, of which only the areas that differ are shown", #"{"present":{"a":[[0,3]],"b":[],"c":[]}}"#,
            #"{"present":{"a":[[0,3]],"b":[[1,1]],"d":[]}}"#,
            #"present: recorded {"b":[],"c":[]}, simulated {"b":[[1,1]],"d":[]}"#),
        Case(
            "resident", #"{"resident":{"f":[[0,3]],"g":[]}}"#, #"{"resident":{"f":[],"g":[]}}"#,
            #"resident: recorded {"f":[[0,3]]}, simulated {"f":[]}"#),
        Case(
            "resident of an absent file", #"{"resident":{"f":[]}}"#, #"{"resident":{}}"#,
            #"resident: recorded {"f":[]}, simulated {}"#),
        Case("present, not simulated", #"{"present":{}}"#, "{}", "present: recorded {}, simulated none"),
        Case(
            "several, in the order of the format", #"{"resident":{},"majflt":1,"minflt":0}"#,
            #"{"minflt":1,"majflt":0,"resident":{}}"#, "minflt: recorded 0, simulated 1",
            "majflt: recorded 1, simulated 0"),
        Case(
            "child", #"{"child":{"rss":{"anon":1,"file":0,"shmem":0},"present":{"a":[[0,1]],"b":[]}}}"#,
            #"{"child":{"rss":{"anon":1,"file":0,"shmem":0},"present":{"a":[[0,1]],"b":[]},"zero":{"a":[[1,1]]}}}"#,
            #"child: recorded {"present":{}}, simulated {"present":{},"zero":{"a":[[1,1]]}}"#),
        Case("child, not simulated", #"{"child":{}}"#, "{}", "child: recorded {}, simulated none"),
        Case(
            "child, whose rss was not recorded", #"{"child":{"present":{}}}"#,
            #"{"child":{"rss":{"anon":1,"file":0,"shmem":0},"present":{},"anon":{"a":[]}}}"#),
    ]

    static let notRecorded = [
        Case(
            "nothing was recorded", "{}",
            quiet(
                and:
                    #""state":"done","errno":"EIO","finished":["t1"],"rss":{"anon":1,"file":1,"shmem":1},"child":{},"vma_lock":{"attempts":9}"#
            )),
        Case(
            "only the page cache was", #"{"resident":{"f":[]}}"#,
            quiet(and: #""signal":"SIGBUS/ADRERR","anon":{"a":[[0,0]]}"#)),
        Case(
            "a kill has only some counts", #"{"faults":1,"attempts":1,"died_while_reading":true}"#,
            #"{"faults":1,"attempts":1,"died_while_reading":true,"kernel_faults":1,"errno":"EINTR"}"#),
        Case(
            "a waiting operation has no results yet", "{\(waiting)}",
            "{\(waiting)" + #","returns":{"RETRY":1},"trylock_failed":1,"handled":1,"kernel_faults":1}"#),
        Case(
            "without present, nothing is known of anon and zero", #"{"anon":{"a":[[0,0]]}}"#,
            #"{"anon":{"a":[[0,0]]},"zero":{"a":[[1,1]]}}"#),
    ]

    static let absences = [
        Case(
            "a signal", quiet(), quiet(and: #""signal":"SIGBUS/ADRERR""#),
            #"signal: recorded none, simulated "SIGBUS/ADRERR""#),
        Case("an error", quiet(), quiet(and: #""errno":"EIO""#), #"errno: recorded none, simulated "EIO""#),
        Case("a short copy", quiet(), quiet(and: #""copied":1"#), "copied: recorded none, simulated 1"),
        Case("a handled signal", quiet(), quiet(and: #""handled":1"#), "handled: recorded none, simulated 1"),
        Case("a failed try", quiet(), quiet(and: #""trylock_failed":1"#), "trylock_failed: recorded none, simulated 1"),
        Case("a kernel fault", quiet(), quiet(and: #""kernel_faults":1"#), "kernel_faults: recorded none, simulated 1"),
        Case("a userfault", quiet(), quiet(and: #""userfaults":1"#), "userfaults: recorded none, simulated 1"),
        Case(
            "a message", quiet(), quiet(and: #""messages":[{"event":"fork"}]"#),
            #"messages: recorded none, simulated [{"event":"fork"}]"#),
        Case(
            "a fault in a queue", quiet(), quiet(and: #""queue":{"u":{"pending":0,"total":1}}"#),
            #"queue: recorded none, simulated {"u":{"pending":0,"total":1}}"#),
        Case(
            "a protected page", quiet(), quiet(and: #""wp":{"a":[[0,0]]}"#),
            #"wp: recorded none, simulated {"a":[[0,0]]}"#),
        Case("a result", quiet(), quiet(and: #""returns":{"0":1}"#), #"returns: recorded none, simulated {"0":1}"#),
        Case(
            "counts of none are none", quiet(),
            quiet(
                and:
                    #""returns":{},"kernel_faults":0,"handled":0,"trylock_failed":0,"anon":{"a":[]},"zero":{},"others":{},"finished":[],"gone":{}"#
            )),
        Case(
            "an anonymous page", quiet(), quiet(and: #""anon":{"a":[[0,0]]}"#),
            #"anon: recorded none, simulated {"a":[[0,0]]}"#),
        Case(
            "the zero page, in another area", quiet(and: #""zero":{"a":[[0,0]]}"#),
            quiet(and: #""zero":{"a":[[0,0]],"b":[[1,1]],"c":[]}"#),
            #"zero: recorded {}, simulated {"b":[[1,1]],"c":[]}"#),
        Case(
            "a thread that waits", quiet(), quiet(and: #""others":{"t1":{"for":"io"}}"#),
            #"others: recorded none, simulated {"t1":{"for":"io"}}"#),
        Case(
            "a thread that finished", #"{"resident":{}}"#, #"{"resident":{},"finished":["t1"]}"#,
            #"finished: recorded none, simulated ["t1"]"#),
        Case(
            "a thread that is gone", #"{"resident":{}}"#, #"{"resident":{},"gone":{"t1":{}}}"#,
            #"gone: recorded none, simulated {"t1":{}}"#),
        Case(
            "an operation that should have ended", quiet(),
            #"{"state":"waiting","minflt":0,"majflt":0,"faults":0,"attempts":0,"mmap_lock":{"read":0,"write":0},"present":{"a":[]},"resident":{"f":[]}}"#,
            #"state: recorded "done", simulated "waiting""#),
    ]

    static let threads = [
        Case("the same wait", "{\(waiting)}", "{\(waiting)}"),
        Case(
            "a wait that ended", #"{"state":"waiting","for":"io"}"#, #"{"state":"done"}"#,
            #"state: recorded "waiting", simulated "done""#, #"for: recorded "io", simulated none"#),
        Case(
            "another reason, without a page", #"{"state":"waiting","for":"io"}"#,
            #"{"state":"waiting","for":"page_lock","page":3}"#, #"for: recorded "io", simulated "page_lock""#,
            "page: recorded none, simulated 3"),
        Case(
            "another hold", #"{"holds":{"mmap":null}}"#, #"{"holds":{"mmap":"read"}}"#,
            #"holds: recorded {"mmap":null}, simulated {"mmap":"read"}"#),
        Case("the order of those that finished does not count", #"{"finished":["","t1"]}"#, #"{"finished":["t1",""]}"#),
        Case(
            "others", #"{"others":{"t1":{"for":"io","page":1,"holds":{"mmap":null}}}}"#,
            #"{"others":{"t1":{"for":"io","page":1,"holds":{"mmap":"read"}}}}"#,
            #"others: recorded {"t1":{"for":"io","page":1,"holds":{"mmap":null}}}, simulated {"t1":{"for":"io","page":1,"holds":{"mmap":"read"}}}"#
        ),
        Case(
            "others, of whom the handler ran", #"{"others":{"t1":{"for":"io"}}}"#,
            #"{"others":{"t1":{"for":"io","handled":1}}}"#,
            #"others: recorded {"t1":{"for":"io"}}, simulated {"t1":{"for":"io","handled":1}}"#),
        Case("gone, that did nothing", #"{"gone":{"t1":{}}}"#, #"{"gone":{"t1":{"faults":0,"attempts":0}}}"#),
        Case(
            "gone, with a result", #"{"gone":{"t1":{"faults":1,"attempts":0}}}"#,
            #"{"gone":{"t1":{"faults":1,"attempts":0,"returns":{"0":1}}}}"#,
            #"gone: recorded {"t1":{"faults":1,"attempts":0}}, simulated {"t1":{"faults":1,"attempts":0,"returns":{"0":1}}}"#
        ),
        Case(
            "gone, another", #"{"gone":{"t1":{}}}"#, #"{"gone":{"t2":{}}}"#,
            #"gone: recorded {"t1":{}}, simulated {"t2":{}}"#),
    ]

    static let varying = [
        Case("one of the values", #"{"varies":{"minflt":[0,1]}}"#, #"{"minflt":1}"#),
        Case(
            "none of the values", #"{"varies":{"minflt":[0,1]}}"#, #"{"minflt":2}"#,
            "minflt: recorded 0 or 1, simulated 2"),
        Case("no value, which was seen", #"{"varies":{"signal":[null,"SIGBUS/ADRERR"]}}"#, "{}"),
        Case(
            "no value, which was not seen", #"{"varies":{"minflt":[0,1]}}"#, "{}",
            "minflt: recorded 0 or 1, simulated none"),
        Case(
            "a value where none was seen too", #"{"varies":{"trylock_failed":[null,1]}}"#, #"{"trylock_failed":2}"#,
            "trylock_failed: recorded none or 1, simulated 2"),
        Case("a count of none", #"{"varies":{"trylock_failed":[null,1]}}"#, #"{"trylock_failed":0}"#),
        Case("runs", #"{"varies":{"resident":[{"f":[[0,9]]},{"f":[]}]}}"#, #"{"resident":{"f":[]}}"#),
        Case(
            "a field beside one that varies is still none", #"{"faults":0,"varies":{"attempts":[0,1]}}"#,
            #"{"faults":0,"attempts":1,"returns":{"0":1}}"#, #"returns: recorded none, simulated {"0":1}"#),
    ]

    @Test("a recorded field must be the same", arguments: recordedFields)
    func recorded(_ pair: Case) throws { try check(pair) }

    @Test("a field that was not recorded is not compared", arguments: notRecorded)
    func absent(_ pair: Case) throws { try check(pair) }

    @Test("what was looked for and is absent was none", arguments: absences)
    func none(_ pair: Case) throws { try check(pair) }

    @Test("threads that wait, finish and go", arguments: threads)
    func threadFields(_ pair: Case) throws { try check(pair) }

    @Test("a field that varied has one of the values seen", arguments: varying)
    func varyingFields(_ pair: Case) throws { try check(pair) }

    private func check(_ pair: Case) throws {
        let mismatches = Saw.mismatches(recorded: try saw(pair.recorded), simulated: try saw(pair.simulated))
        #expect(mismatches.map(\.description) == pair.mismatches)
    }

    @Test("runs are compared by their pages, however they are cut")
    func runs() throws {
        var simulated = Saw()
        simulated.present = ["a": [2...3, 0...1]]
        #expect(Saw.mismatches(recorded: try saw(#"{"present":{"a":[[0,3]]}}"#), simulated: simulated).isEmpty)
    }
}
