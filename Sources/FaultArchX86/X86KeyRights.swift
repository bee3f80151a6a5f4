public import FaultCore

/// The rights of a task for each protection key, 0 to 15. Models the PKRU register, with two bits a key.
@frozen
public struct X86KeyRights: RawRepresentable, Equatable, BitwiseCopyable, Sendable {
    /// The register. For each key, bit 0 forbids all access, and bit 1 forbids writing.
    public var rawValue: UInt32

    /// Makes the rights from the register's value.
    @inlinable
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Everything is allowed.
    @inlinable
    public static var all: Self { Self(rawValue: 0) }
    /// The rights of a new process: no access with any key except 0. Models `init_pkru_value`.
    @inlinable
    public static var initial: Self { Self(rawValue: 0x5555_5554) }

    /// These rights without any access with `key` (`PKEY_DISABLE_ACCESS`).
    public func denyingAccess(_ key: UInt8) -> Self { Self(rawValue: rawValue | 1 << Self.shift(of: key)) }

    /// These rights without writing with `key` (`PKEY_DISABLE_WRITE`).
    public func denyingWrites(_ key: UInt8) -> Self { Self(rawValue: rawValue | 2 << Self.shift(of: key)) }

    /// Whether an access to memory with `key` is allowed: `__pkru_allows_pkey()`. Instruction fetches are always
    /// allowed.
    public func allows(_ access: FaultException.Access, key: UInt8) -> Bool {
        let bits = rawValue >> Self.shift(of: key)
        switch access {
        case .read: return bits & 1 == 0
        case .write: return bits & 3 == 0
        case .execute: return true
        }
    }

    /// The position of the two bits of a key.
    private static func shift(of key: UInt8) -> UInt32 {
        guard key < 16 else { misuse("X86KeyRights: there is no protection key \(key): take one from 0 to 15") }
        return UInt32(key) * 2
    }
}

extension X86FaultEntry {
    /// 16 if protection keys are on, otherwise 0.
    public var protectionKeys: Int { hasProtectionKeys ? 16 : 0 }

    /// The rights of a new process.
    public var initialArchWords: ArchWords {
        hasProtectionKeys ? ArchWords(first: UInt64(X86KeyRights.initial.rawValue)) : ArchWords()
    }

    /// Whether the task's key rights refuse an access.
    public func keyRefuses(_ key: UInt8, _ access: FaultException.Access, _ words: ArchWords) -> Bool {
        hasProtectionKeys && !X86KeyRights(words).allows(access, key: key)
    }

    /// SMAP: the kernel may not access user memory with the AC flag clear. SMEP: it may never execute it.
    public func refusesKernel(_ access: FaultException.Access, _ mode: FaultException.Mode) -> Bool {
        access == .execute ? hasSMEP : hasSMAP && !X86Registers(mode).alignmentCheck
    }
}

extension X86KeyRights {
    /// Reads the rights from the words that the machine keeps for a task.
    public init(_ words: ArchWords) { self.init(rawValue: UInt32(truncatingIfNeeded: words.first)) }
}

extension Machine {
    /// The rights of a task for each protection key.
    public func keyRights(of task: TaskID) -> X86KeyRights { X86KeyRights(archWords(of: task)) }
}

extension TaskOperation {
    /// Sets the rights of the task for each protection key: the instruction `WRPKRU`. Without protection keys it has no
    /// effect.
    public static func setKeyRights(_ rights: X86KeyRights) -> Self {
        .setArchWords(ArchWords(first: UInt64(rights.rawValue)))
    }
}
