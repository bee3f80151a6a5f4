import ScenarioFormat
import Testing

@Suite("Saws as JSON", .timeLimit(.minutes(60)))
struct SawTests {
    static let texts = [
        "{}",
        #"{"resident":{"f":[]}}"#,
        #"{"minflt":0,"majflt":1,"faults":2,"kernel_faults":1,"attempts":3,"vma_lock":{"attempts":1},"returns":{"0":1,"NOPAGE":1,"LOCKED":1,"RETRY":4,"MAJOR|RETRY":1},"mmap_lock":{"read":2,"write":0},"trylock_failed":1,"handled":1,"signal":"SIGSEGV/ACCERR","errno":"EFAULT","copied":2,"rss":{"anon":-1,"file":16,"shmem":0},"present":{"a":[[-60,-60],[0,15],[17,17]],"b":[]},"anon":{"a":[[-60,-60]]},"zero":{"a":[[0,0]]},"resident":{"f":[[0,31]],"g":[]}}"#,
        #"{"faults":1,"attempts":1,"returns":{"MAJOR|RETRY":1},"died_while_reading":true,"resident":{"f":[[84,115]]}}"#,
        #"{"minflt":0,"child":{"rss":{"anon":1,"file":0,"shmem":0},"present":{"a":[[0,0]]},"anon":{"a":[[0,0]]},"zero":{}}}"#,
        #"{"state":"waiting","for":"io","page":20,"holds":{"mmap":null},"attempts":1,"faults":0,"others":{"":{"for":"mmap_write","holds":{"mmap":"read"}},"t1":{"for":"io","page":3,"holds":{"mmap":"write"},"handled":1}},"present":{"a":[]},"resident":{"f":[]}}"#,
        #"{"finished":["","t1"],"gone":{"":{},"t2":{"faults":1,"attempts":1,"vma_lock":{"attempts":0},"returns":{"LOCKED|COMPLETED":1}}},"resident":{"f":[]}}"#,
        #"{"state":"gone"}"#,
        #"{"state":"running"}"#,
        #"{"faults":1,"signal":"SIGBUS/MCEERR_AR","copies":1}"#,
        #"{"state":"done","varies":{"minflt":[0,1],"returns":[{"0":1,"RETRY":1},{"RETRY":1}],"trylock_failed":[null,1],"signal":[null,"SIGBUS/ADRERR"],"present":[{"a":[[0,1]]},{"a":[]}]}}"#,
        #"{"state":"waiting","for":"uffd","area":"g","page":-3,"reason":"wp","holds":{"mmap":null},"handled":1,"attempts":2,"faults":2,"vma_lock":{"attempts":1,"userfaults":1},"userfaults":2,"others":{"t1":{"for":"spin","area":"a","page":0,"reason":"minor","holds":{"mmap":null}},"t2":{"for":"uffd_event","holds":{"mmap":null}}},"present":{"a":[]},"wp":{"a":[[0,1]]},"poison":{"g":[[-1,2]]},"resident":{},"queue":{"u":{"pending":1,"total":2}}}"#,
        #"{"messages":[{"event":"pagefault","area":"a","page":3,"flags":["write","wp","minor"],"thread":""},{"event":"pagefault","area":"a","page":4},{"event":"fork"},{"event":"remap","area":"a","page":0,"pages":8},{"event":"remove","area":"g","page":-1,"pages":1},{"event":"unmap","area":"a","page":1,"pages":2}]}"#,
        #"{"gone":{"t1":{"faults":1,"kernel_faults":1,"attempts":1,"vma_lock":{"attempts":1,"userfaults":1},"returns":{"RETRY":1},"userfaults":1}},"varies":{"userfaults":[null,1]}}"#,
        #"{"errno":"a \"quoted\" \\ \u0001 ä"}"#,
    ]

    @Test("are written as they were recorded, and read back equal", arguments: texts)
    func roundTrip(_ text: String) throws {
        let read = try saw(text)
        #expect(read.jsonLine == text)
        #expect(try saw(read.jsonLine) == read)
    }

    @Test("are written in one order of fields, ids and runs")
    func canonical() throws {
        var seen = Saw()
        seen.present = ["b": [4...4, 0...1, 2...3], "a": []]
        seen.minflt = 1
        #expect(seen.jsonLine == #"{"minflt":1,"present":{"a":[],"b":[[0,4]]}}"#)
    }

    @Test("a value that varied is a saw with that field alone, and an empty one where it was missing")
    func varies() throws {
        let read = try saw(#"{"varies":{"handled":[null,2],"rss":[{"anon":1,"file":0,"shmem":0}]}}"#)
        var handled = Saw()
        handled.handled = 2
        var rss = Saw()
        rss.rss = Saw.ResidentCounts(anon: 1, file: 0, shmem: 0)
        #expect(read.varies == [.handled: [Saw(), handled], .rss: [rss]])
    }

    @Test("text that is no saw is refused")
    func refused() {
        #expect(throws: ScenarioError(path: "saw", line: 1, field: "saw", message: "must be an object, not 7")) {
            try saw("7")
        }
        #expect(throws: ScenarioError.self) { try saw("{") }
        #expect(throws: ScenarioError.self) { try saw("") }
    }
}
