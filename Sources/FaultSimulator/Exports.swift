@_exported public import FaultArchX86
@_exported public import FaultCore
@_exported public import FaultExplorer
@_exported public import FaultFilemap
@_exported public import FaultTrace
@_exported public import FaultUserfaultfd
