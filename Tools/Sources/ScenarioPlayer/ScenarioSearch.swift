import Foundation
public import ScenarioFormat

/// The search for the scenarios that a command's paths name.
public enum ScenarioSearch {
    /// The files that `paths` name: each file itself, and for each folder all `*.jsonl` in it and its subfolders,
    /// sorted by path. Links to folders inside a folder are not followed.
    ///
    /// - Throws: `ScenarioError` if a path does not exist, or a folder can't be read or has no such file.
    public static func files(at paths: [String]) throws(ScenarioError) -> [String] {
        var files: [String] = []
        for path in paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw error(path, "does not exist; name a file of JSON Lines, or a folder of such files")
            }
            if isFolder.boolValue {
                let found = try filesInFolder(path)
                guard !found.isEmpty else { throw error(path, "a folder without any *.jsonl file") }
                files += found.sorted()
            } else {
                files.append(path)
            }
        }
        return files
    }

    private static func filesInFolder(_ root: String) throws(ScenarioError) -> [String] {
        var files: [String] = []
        var folders = [root]
        while let folder = folders.popLast() {
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: folder)
            } catch {
                throw Self.error(folder, "a folder that can't be read; check its permissions")
            }
            for name in names {
                let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
                let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
                if type == .typeDirectory {
                    folders.append(path)
                } else if name.hasSuffix(".jsonl") {
                    files.append(path)
                }
            }
        }
        return files
    }

    private static func error(_ path: String, _ message: String) -> ScenarioError {
        ScenarioError(path: path, line: 1, field: "file", message: message)
    }
}
