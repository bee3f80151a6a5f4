import Foundation

extension Scenario {
    /// Reads the scenario in the file at `path`.
    ///
    /// - Throws: `ScenarioError` if the file can't be read or is no regular file, and the errors of
    ///   `init(bytes:path:)`.
    public init(contentsOfFile path: String) throws(ScenarioError) {
        let place = Place(path: path, line: 1)
        let size: Int
        do {
            let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let attributes = try FileManager.default.attributesOfItem(atPath: target)
            guard attributes[.type] as? FileAttributeType == .typeRegular else {
                throw place.error("file", "not a regular file; name a file of JSON Lines, or a folder of such files")
            }
            size = attributes[.size] as? Int ?? 0
        } catch let error as ScenarioError {
            throw error
        } catch {
            throw place.error("file", "can't be read; name a file of JSON Lines, or a folder of such files")
        }
        guard size <= ScenarioLimits.fileBytes else {
            throw place.error("file", "\(size) bytes long; at most \(ScenarioLimits.fileBytes) are allowed")
        }
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw place.error("file", "can't be read; check its permissions")
        }
        try self.init(bytes: bytes, path: path)
    }
}
