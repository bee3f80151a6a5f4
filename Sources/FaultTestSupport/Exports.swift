@_exported public import FaultSimulator
