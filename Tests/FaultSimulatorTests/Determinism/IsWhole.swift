import Foundation

/// Whether tests go through all that they can, which takes many minutes, and not through a part: `.ci/long` sets it.
let isWhole = ProcessInfo.processInfo.environment["FAULTSIM_WHOLE"] != nil
