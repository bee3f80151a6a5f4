import Foundation
import ScenarioFormat
import ScenarioPlayer
import Testing

/// The recordings beside the tests.
enum Recordings {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/"

    /// All of them, by their paths in the folder, sorted.
    static let all: [String] = {
        let files = (try? ScenarioSearch.files(at: [folder])) ?? []
        return files.map { String($0.dropFirst(folder.count)) }.sorted()
    }()

    /// Those that the simulator is known to agree with, as `passing.txt` lists them. Only ever add to it.
    static let passing: [String] = {
        let text = (try? String(contentsOfFile: folder + "passing.txt", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }()

    /// What else than recorded can come out in an order of the threads, as `--explore` prints it.
    static let alsoPossible: [String] = {
        let text = (try? String(contentsOfFile: folder + "also-possible.txt", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }()

    static func scenario(_ name: String) throws -> Scenario {
        try Scenario(contentsOfFile: folder + name)
    }

    /// The kernel that a recording names.
    static func kernel(of scenario: Scenario) throws -> KernelName {
        try #require(scenario.kernel.flatMap(KernelName.init(named:)))
    }

    /// Two dozen, a dozen of each kernel, that between them have every way of sleeping: for reads, for locks, for writes, and to be killed.
    static let dozen = ["linux-6.1", "linux-6.12"].flatMap { kernel in
        ofEachKernel.map { $0.replacing("linux-6.1", with: kernel) + ".jsonl" }
    }

    private static let ofEachKernel = [
        "linux-6.1/copy-in-efault", "linux-6.1/fork-file-areas", "linux-6.1/killed-while-waiting",
        "linux-6.1/miss-escalation", "linux-6.1/mremap-file", "linux-6.1/populate-file",
        "linux-6.1/shared-upgrade-fsync", "linux-6.1-threads/kill-write-holder",
        "linux-6.1-threads/page-lock-mkwrite", "linux-6.1-threads/second-attempt-convoy",
        "linux-6.1-threads/truncate-convoy", "linux-6.1-threads/usr1-lock-waiters",
    ]
}
