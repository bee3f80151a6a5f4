#if Mutants
/// The mistake that the library now makes; `nil` for none.
///
/// It exists only under the package trait `Mutants`. A process sets it before it makes a world, and runs one world at a
/// time.
nonisolated(unsafe) package var chosenMutant: Mutant?

/// Whether the library is to make this mistake here.
@inline(__always)
package func mistaken(_ mutant: Mutant) -> Bool { chosenMutant == mutant }
#else
/// Whether the library is to make this mistake here: never, without the package trait `Mutants`. In an optimised build,
/// the check disappears.
@inlinable
@inline(__always)
package func mistaken(_ mutant: Mutant) -> Bool { false }
#endif
