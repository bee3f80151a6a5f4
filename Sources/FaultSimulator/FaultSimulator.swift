public import FaultCore
