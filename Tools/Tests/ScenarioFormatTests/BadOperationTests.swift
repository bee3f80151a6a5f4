import ScenarioFormat
import Testing

@Suite("Operations that break a rule of the format", .timeLimit(.minutes(60)))
struct BadOperationTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let lines: [String]
        let field: String
        let message: String

        /// The last of `lines` is the wrong one.
        init(_ field: String, _ message: String, _ lines: String...) {
            testDescription = lines.last!
            self.lines = lines
            self.field = field
            self.message = message
        }
    }

    static let fields = [
        Case("op", "missing; it must be the name of an operation", #"{"id":"x"}"#),
        Case("op", "must be a string, not null", #"{"op":null}"#),
        Case(
            "op",
            "\"mprotct\" is no operation; it must be one of file, mmap, munmap, mlock, munlock, mprotect, madvise, "
                + "mremap, read, write, exec, pread, pwrite, copy_in, copy_out, truncate, evict, fsync, punch, fork, "
                + "exit, kill, thread, hold, release, wait, signal, maps, swapoff, limit, reclaim, mem_read, vm_read, brk, "
                + "mincore, msync, mlock2, bad, mend, uffd, uffd_register, uffd_unregister, uffd_wake, uffd_copy, "
                + "uffd_zeropage, uffd_poison, uffd_continue, uffd_wp, uffd_move, uffd_read, uffd_close",
            #"{"op":"mprotct"}"#),
        Case(
            "paegs", "no field of read, which may have op, in, area, page, pages, stride, start, endless, saw",
            #"{"op":"read","area":"a","page":0,"paegs":2}"#),
        Case("page", "missing; it must be a whole number from 0 to 16777215", #"{"op":"read","area":"a"}"#),
        Case(
            "endless", "only what is started goes on; add \"start\":true",
            #"{"op":"mlock","area":"a","page":0,"pages":1,"endless":true}"#),
        Case(
            "start", "bad can't be started; leave start out",
            #"{"op":"bad","file":"f","page":0,"pages":1,"start":true}"#),
        Case("pages", "missing; it must be a whole number from 1 to 16777216", #"{"op":"mend","file":"f","page":0}"#),
        Case(
            "on", "there is no swap device; give the header \"settings\" with a \"swap\"",
            #"{"op":"hold","on":"swap"}"#),
        Case(
            "on", "there is no swap device; give the header \"settings\" with a \"swap\"",
            #"{"op":"release","on":"swap"}"#),
        Case(
            "slot", "an area next to another has no slot of its own; leave it out",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private"],"slot":1,"next_to":{"area":"a","gap":0}}"#),
        Case(
            "next_to.area", "\"z\" is not the id of an earlier mmap",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private"],"next_to":{"area":"z","gap":0}}"#),
        Case(
            "next_to.gap", "must be a whole number from -262144 to 262144, not 262145",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private"],"next_to":{"area":"a","gap":262145}}"#),
        Case(
            "next_to.room", "no field of next_to, which may have area, gap",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private"],"next_to":{"area":"a","gap":0,"room":1}}"#),
        Case("area", "missing; it must be the id of an area", #"{"op":"read","page":0}"#),
        Case("area", "must be a string, not 7", #"{"op":"read","area":7,"page":0}"#),
        Case(
            "page", "must be a whole number from 0 to 16777215, not the string \"0\"",
            #"{"op":"read","area":"a","page":"0"}"#),
        Case("page", "must be a whole number from 0 to 16777215, not -1", #"{"op":"read","area":"a","page":-1}"#),
        Case(
            "page", "must be a whole number from -262144 to 16777215, not -262145",
            #"{"op":"read","area":"g","page":-262145}"#),
        Case(
            "page", "must be a whole number from 0 to 16777215, not 99999999999999999999",
            #"{"op":"read","area":"a","page":99999999999999999999}"#),
        Case("page", "must be a whole number from 0 to 16777215, not 1e3", #"{"op":"read","area":"a","page":1e3}"#),
        Case(
            "pages", "must be a whole number from 1 to 1048576, not 0", #"{"op":"read","area":"a","page":0,"pages":0}"#),
        Case(
            "pages", "must be a whole number from 1 to 1048576, not 1048577",
            #"{"op":"read","area":"a","page":0,"pages":1048577}"#),
        Case("stride", "must not be 0; leave it out for 1", #"{"op":"read","area":"a","page":0,"stride":0}"#),
        Case(
            "stride", "the last touch, of page -1, must be of page 0 to 16777215",
            #"{"op":"read","area":"a","page":2,"pages":4,"stride":-1}"#),
        Case(
            "stride", "the last touch, of page 17592169267200, must be of page 0 to 16777215",
            #"{"op":"read","area":"a","page":0,"pages":1048576,"stride":16777216}"#),
        Case(
            "pages", "the last touch, of page 16777216, must be of page 0 to 16777215",
            #"{"op":"exec","area":"a","page":16777215,"pages":2}"#),
        Case("start", "must be true or false, not 1", #"{"op":"read","area":"a","page":0,"start":1}"#),
        Case(
            "pages", "must be 1 in a touch that is started",
            #"{"op":"read","area":"a","page":0,"pages":2,"start":true}"#),
        Case("start", "hold can't be started; leave start out", #"{"op":"hold","on":"device","start":true}"#),
        Case(
            "pages", "must be a whole number from 1 to 16777206, not 16777207",
            #"{"op":"munmap","area":"a","page":10,"pages":16777207}"#),
        Case(
            "pages", "must be a whole number from 1 to 16777216, not 16777217",
            #"{"op":"mmap","id":"b","pages":16777217,"prot":"r","flags":["private"]}"#),
        Case(
            "pages", "must be a whole number from 1 to 16777216, not 0",
            #"{"op":"mmap","id":"b","pages":0,"prot":"r","flags":["private"]}"#),
        Case(
            "prot", "must have the letters r, w and x only, or none, not \"rq\"",
            #"{"op":"mmap","id":"b","pages":1,"prot":"rq","flags":["private"]}"#),
        Case(
            "prot", "must have each letter once, not \"rr\"",
            #"{"op":"mprotect","area":"a","page":0,"pages":1,"prot":"rr"}"#),
        Case(
            "prot", "missing; it must be any of the letters r, w and x, or empty",
            #"{"op":"mmap","id":"b","pages":1,"flags":["private"]}"#),
        Case(
            "flags", "must have either \"shared\" or \"private\", not both",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["shared","private"]}"#),
        Case(
            "flags", "must have \"shared\" or \"private\"",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["populate"]}"#),
        Case(
            "flags", "\"fixed\" is no flag; they are shared, private, populate, locked, growsdown, noreserve",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private","fixed"]}"#),
        Case(
            "flags", "must have \"private\" once",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private","private"]}"#),
        Case(
            "flags", "must be an array, not the string \"private\"",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":"private"}"#),
        Case(
            "slot", "must be a whole number from 0 to 511, not 512",
            #"{"op":"mmap","id":"b","pages":1,"prot":"","flags":["private"],"slot":512}"#),
        Case(
            "offset", "an anonymous area has none; leave it out, or name a file",
            #"{"op":"mmap","id":"b","offset":0,"pages":1,"prot":"","flags":["private"]}"#),
        Case(
            "slot", "an area that does not move keeps its slot; leave it out, or add \"move\":true",
            #"{"op":"mremap","area":"a","pages":1,"slot":3}"#),
        Case(
            "advice",
            "must be \"normal\", \"random\", \"sequential\", \"willneed\", \"dontneed\", \"dontneed_locked\", \"free\", \"populate_read\", \"populate_write\", \"dontfork\", \"wipeonfork\", \"remove\", \"cold\" or \"pageout\", not the string \"huge\"",
            #"{"op":"madvise","area":"a","page":0,"pages":1,"advice":"huge"}"#),
        Case(
            "touch", "must be \"read\" or \"write\", not the string \"exec\"",
            #"{"op":"kill","area":"a","page":0,"touch":"exec"}"#),
        Case("on", "must be \"device\", \"device2\" or \"swap\", not the string \"sda\"", #"{"op":"hold","on":"sda"}"#),
        Case(
            "only", "must be \"reads\" or \"writes\", not the string \"read\"",
            #"{"op":"hold","on":"device","only":"read"}"#),
        Case(
            "signal", "must be \"SIGKILL\" or \"SIGUSR1\", not the string \"SIGTERM\"",
            #"{"op":"signal","signal":"SIGTERM"}"#),
        Case(
            "direct", "must be true or false, not the string \"yes\"",
            #"{"op":"copy_in","file":"f","page":0,"pages":1,"area":"a","to":0,"direct":"yes"}"#),
        Case(
            "from", "missing; it must be a whole number from 0 to 16777215",
            #"{"op":"copy_out","area":"a","to":0,"file":"f","page":0,"pages":1}"#),
        Case("pages", "must be a whole number from 0 to 16777216, not -1", #"{"op":"truncate","file":"f","pages":-1}"#),
        Case(
            "pages", "must be a whole number from -16777216 to 16777216, not 16777217",
            #"{"op":"brk","pages":16777217}"#),
        Case(
            "saw.minflt", "must be a whole number from 0 to 281474976710656, not -1",
            #"{"op":"fsync","file":"f","saw":{"minflt":-1}}"#),
        Case(
            "saw.majfault",
            "no field of saw, which may have state, for, area, page, reason, slot, holds, minflt, majflt, faults, kernel_faults, attempts, vma_lock, returns, userfaults, mmap_lock, trylock_failed, handled, signal, errno, copied, messages, rss, others, finished, gone, present, anon, zero, wp, poison, swapped, slots, file_swapped, incore, swap, reclaim, child, died_while_reading, resident, queue, copies, varies",
            #"{"op":"fsync","file":"f","saw":{"majfault":1}}"#),
        Case(
            "saw.mmap_lock.write", "missing; it must be a whole number",
            #"{"op":"fsync","file":"f","saw":{"mmap_lock":{"read":1}}}"#),
        Case(
            "saw.present.a", "runs must ascend without overlap, but [3,4] follows 3",
            #"{"op":"fsync","file":"f","saw":{"present":{"a":[[0,3],[3,4]]}}}"#),
        Case(
            "saw.present.a", "each run must be two whole numbers, [first,last], not an array",
            #"{"op":"fsync","file":"f","saw":{"present":{"a":[[0]]}}}"#),
        Case(
            "saw.present.a", "a run must not end before it begins, as [3,0] does",
            #"{"op":"fsync","file":"f","saw":{"present":{"a":[[3,0]]}}}"#),
        Case(
            "saw.resident.f", "run [-1,0] must be within pages 0 to 16777215",
            #"{"op":"fsync","file":"f","saw":{"resident":{"f":[[-1,0]]}}}"#),
        Case(
            "saw.present.a", "run [9223372036854775806,9223372036854775807] must be within pages -262144 to 16777215",
            #"{"op":"fsync","file":"f","saw":{"present":{"a":[[9223372036854775806,9223372036854775807]]}}}"#),
        Case(
            "saw.signal",
            "must be \"SIGSEGV/MAPERR\", \"SIGSEGV/ACCERR\", \"SIGBUS/ADRERR\" or \"SIGBUS/MCEERR_AR\", not the string \"SIGFPE\"",
            #"{"op":"fsync","file":"f","saw":{"signal":"SIGFPE"}}"#),
        Case(
            "saw.holds.mmap", "must be \"read\", \"write\" or null, not true",
            #"{"op":"fsync","file":"f","saw":{"holds":{"mmap":true}}}"#),
        Case(
            "saw.varies.minfault", "no field of saw that can vary",
            #"{"op":"fsync","file":"f","saw":{"varies":{"minfault":[0]}}}"#),
        Case(
            "saw.varies.minflt", "must be a whole number from 0 to 281474976710656, not the string \"1\"",
            #"{"op":"fsync","file":"f","saw":{"varies":{"minflt":[0,"1"]}}}"#),
        Case(
            "saw.varies.minflt", "must list the values that were seen",
            #"{"op":"fsync","file":"f","saw":{"varies":{"minflt":[]}}}"#),
        Case("saw", "must be an object, not null", #"{"op":"fsync","file":"f","saw":null}"#),
    ]

    static let ids = [
        Case("id", "missing; it must be a new id", #"{"op":"fork"}"#),
        Case("id", "must be a string of 1 to 64 bytes, not the string \"\"", #"{"op":"fork","id":""}"#),
        Case("id", "\"c0\" is the thread or child of line 6 already; take another id", #"{"op":"thread","id":"c0"}"#),
        Case(
            "id", "\"a\" is the area of line 3 already; take another id",
            #"{"op":"mmap","id":"a","pages":1,"prot":"","flags":["private"]}"#),
        Case(
            "op", "file must come before any fork", #"{"op":"file","id":"h","pages":1,"fs":"ext4","resident":"none"}"#),
        Case(
            "in", "\"c1\" is not the id of an earlier thread or fork", #"{"op":"read","in":"c1","area":"a","page":0}"#),
        Case("in", "\"\" is not the id of an earlier thread or fork", #"{"op":"read","in":"","area":"a","page":0}"#),
        Case("area", "\"b\" is not the id of an earlier mmap", #"{"op":"read","area":"b","page":0}"#),
        Case("file", "\"a\" is not the id of an earlier file", #"{"op":"fsync","file":"a"}"#),
        Case(
            "to", "\"t9\" is not the id of an earlier thread or fork", #"{"op":"signal","to":"t9","signal":"SIGUSR1"}"#),
        Case("of", "\"t9\" is not the id of an earlier thread or fork", #"{"op":"maps","of":"t9"}"#),
        Case(
            "area",
            "\"b\" was mapped on line 7 by another process; name an area that this one mapped, or had when it was forked",
            #"{"op":"mmap","in":"c0","id":"b","pages":1,"prot":"","flags":["private"]}"#,
            #"{"op":"read","area":"b","page":0}"#),
        Case(
            "area",
            "\"b\" was mapped on line 7 by another process; name an area that this one mapped, or had when it was forked",
            #"{"op":"mmap","in":"c0","id":"b","pages":1,"prot":"","flags":["private"]}"#,
            #"{"op":"mem_read","in":"c0","area":"b","page":0,"pages":1}"#),
        Case(
            "in", "\"c0\" ended on line 7; name one that lives", #"{"op":"exit","in":"c0"}"#,
            #"{"op":"fsync","in":"c0","file":"f"}"#),
        Case(
            "of", "\"c0\" ended on line 7; name one that lives", #"{"op":"exit","in":"c0"}"#,
            #"{"op":"maps","of":"c0"}"#),
        Case(
            "in", "\"t2\" ended on line 8; name one that lives", #"{"op":"thread","id":"t2","in":"c0"}"#,
            #"{"op":"exit","in":"c0"}"#, #"{"op":"fsync","in":"t2","file":"f"}"#),
        Case(
            "in", "the first process ended on line 7; name one that lives",
            #"{"op":"kill","area":"a","page":0,"touch":"read"}"#, #"{"op":"fsync","file":"f"}"#),
        Case(
            "in", "\"t1\" was sent SIGKILL on line 7; name one that lives", #"{"op":"signal","signal":"SIGKILL"}"#,
            #"{"op":"fsync","in":"t1","file":"f"}"#),
        Case(
            "to", "\"t1\" was sent SIGKILL on line 7; name one that lives", #"{"op":"signal","signal":"SIGKILL"}"#,
            #"{"op":"signal","to":"t1","signal":"SIGUSR1"}"#),
        Case(
            "in", "must be the id of a fork or thread; the first process's first thread stays", #"{"op":"exit"}"#),
        Case(
            "in", "the first process ended on line 7; name one that lives", #"{"op":"exit","in":"t1"}"#,
            #"{"op":"fsync","file":"f"}"#),
        Case(
            "in", "this thread has started no operation; give an earlier one \"start\":true",
            #"{"op":"wait","in":"t1"}"#),
    ]

    static let descriptors = [
        Case("id", "missing; it must be a new id", #"{"op":"uffd"}"#),
        Case(
            "id", "\"u\" is the descriptor of line 7 already; take another id", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd","id":"u"}"#),
        Case(
            "features",
            "\"event_exec\" is not among pagefault_flag_wp, event_fork, event_remap, event_remove, missing_hugetlbfs, missing_shmem, event_unmap, sigbus, thread_id, minor_hugetlbfs, minor_shmem, exact_address, wp_hugetlbfs_shmem, wp_unpopulated, poison, wp_async, move",
            #"{"op":"uffd","id":"u","features":["event_exec"]}"#),
        Case("features", "must be an array, not true", #"{"op":"uffd","id":"u","features":true}"#),
        Case(
            "uffd", "\"v\" is not the id of an earlier uffd, or of a fork in a uffd_read",
            #"{"op":"uffd_close","uffd":"v"}"#),
        Case(
            "mode", "\"protect\" is not among missing, wp, minor", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_register","uffd":"u","area":"a","page":0,"pages":1,"mode":["protect"]}"#),
        Case(
            "mode", "\"wp\" is not among dontwake", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_zeropage","uffd":"u","area":"a","page":0,"pages":1,"mode":["wp"]}"#),
        Case(
            "mode", "must have \"wp\" once", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_copy","uffd":"u","area":"a","page":0,"pages":1,"mode":["wp","wp"]}"#),
        Case(
            "area",
            "\"b\" was mapped on line 7 by another process; name an area that this one mapped, or had when it was forked",
            #"{"op":"mmap","in":"c0","id":"b","pages":1,"prot":"","flags":["private"]}"#,
            #"{"op":"uffd","id":"u"}"#, #"{"op":"uffd_wake","in":"c0","uffd":"u","area":"b","page":0,"pages":1}"#),
        Case(
            "from", "a buffer has no pages to choose from; leave it out, or add from_area", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_copy","uffd":"u","area":"a","page":0,"pages":1,"from":3}"#),
        Case(
            "from_area", "missing; it must be the id of an area", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_move","uffd":"u","area":"a","page":0,"pages":1}"#),
        Case(
            "max", "must be a whole number from 1 to 65536, not 0", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_read","uffd":"u","max":0}"#),
        Case(
            "fork", "\"u\" is the descriptor of line 7 already; take another id", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_read","uffd":"u","fork":"u"}"#),
        Case(
            "pages", "missing; it must be a whole number from 1 to 16777216", #"{"op":"uffd","id":"u"}"#,
            #"{"op":"uffd_unregister","uffd":"u","area":"a","page":0}"#),
        Case(
            "saw.messages.event",
            "must be \"pagefault\", \"fork\", \"remap\", \"remove\" or \"unmap\", not the string \"exec\"",
            #"{"op":"fsync","file":"f","saw":{"messages":[{"event":"exec"}]}}"#),
        Case(
            "saw.messages.page", "no field of a message, which may have event",
            #"{"op":"fsync","file":"f","saw":{"messages":[{"event":"fork","page":1}]}}"#),
        Case(
            "saw.messages.pages", "missing; it must be a whole number from 1 to 16777216",
            #"{"op":"fsync","file":"f","saw":{"messages":[{"event":"remove","area":"a","page":1}]}}"#),
        Case(
            "saw.queue.u.total", "missing; it must be a whole number",
            #"{"op":"fsync","file":"f","saw":{"queue":{"u":{"pending":1}}}}"#),
        Case(
            "saw.reason", "must be \"missing\", \"wp\" or \"minor\", not the string \"major\"",
            #"{"op":"fsync","file":"f","saw":{"reason":"major"}}"#),
    ]

    @Test("are refused, with the place and what is wrong", arguments: fields + ids + descriptors)
    func refused(_ bad: Case) throws {
        let lines = [header] + prelude + bad.lines
        let error = try #require(readingError(Array(lines.joined(separator: "\n").utf8)))
        #expect(error.line == lines.count)
        #expect(error.field == bad.field)
        #expect(error.message == bad.message)
    }

    static let files = [
        Case(
            "fs", "must be \"ext4\" or \"tmpfs\", not the string \"xfs\"",
            #"{"op":"file","id":"h","pages":1,"fs":"xfs","resident":"none"}"#),
        Case(
            "pages", "must be a whole number from 0 to 16777216, not 16777217",
            #"{"op":"file","id":"h","pages":16777217,"fs":"ext4","resident":"none"}"#),
        Case(
            "resident", "missing; it must be \"none\", \"all\" or a run list such as [[0,3],[7,7]]",
            #"{"op":"file","id":"h","pages":1,"fs":"ext4"}"#),
        Case(
            "resident", "must be \"none\", \"all\" or a run list such as [[0,3],[7,7]], not the string \"some\"",
            #"{"op":"file","id":"h","pages":1,"fs":"ext4","resident":"some"}"#),
        Case(
            "resident", "run [0,1] must be within pages 0 to 0",
            #"{"op":"file","id":"h","pages":1,"fs":"ext4","resident":[[0,1]]}"#),
        Case(
            "resident", "must be \"none\" in a file without pages",
            #"{"op":"file","id":"h","pages":0,"fs":"ext4","resident":[[0,0]]}"#),
        Case(
            "on", "only an ext4 file is on a disk; leave it out",
            #"{"op":"file","id":"h","pages":1,"fs":"tmpfs","resident":"none","on":"device2"}"#),
        Case(
            "id", "\"h\" is the file of line 2 already; take another id",
            #"{"op":"file","id":"h","pages":1,"fs":"ext4","resident":"none"}"#,
            #"{"op":"file","id":"h","pages":1,"fs":"ext4","resident":"none"}"#),
    ]

    @Test("are refused where a file is made", arguments: files)
    func refusedFile(_ bad: Case) throws {
        let lines = [header] + bad.lines
        let error = try #require(readingError(Array(lines.joined(separator: "\n").utf8)))
        #expect(error.line == lines.count)
        #expect(error.field == bad.field)
        #expect(error.message == bad.message)
    }
}
