#if Mutants
/// The mistake that the library makes now; `nil` for none.
///
/// Exists only under the package trait `Mutants`. A process sets it before it makes a world, and runs one world at a
/// time.
nonisolated(unsafe) package var chosenMutant: Mutant?

/// Whether the library is to make this mistake here.
@inline(__always)
package func mistaken(_ mutant: Mutant) -> Bool { chosenMutant == mutant }
#else
/// Whether the library is to make this mistake here: it never is, without the package trait `Mutants`. Nothing is left of
/// the question in an optimised build.
@inlinable
@inline(__always)
package func mistaken(_ mutant: Mutant) -> Bool { false }
#endif
