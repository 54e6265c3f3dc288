// SPDX-License-Identifier: Apache-2.0

/// What the module keeps in its state, in each interpreter its own.
enum CoreState: Int, CaseIterable {
    case pyBufferType
    case arrayType
    case iteratorType
    case viewType
    case leaseType
    case foreignMemoryType
    case collectedForeignMemoryType
    /// What `trace_exports` tells of exports; empty until it is first on.
    case exportTracer
    case singleItemArrayType
    case adoptingArrayType
    case adoptingSingleItemArrayType
    case singleItemViewType
    /// The classes of records by the names of their fields; see ``RecordClassTable``.
    case recordClasses
    /// What memory handed out by DLPack comes back by; empty until the first is.
    case interpreterEntry
    /// See ``ExchangeNames``; empty until the first of them is asked for.
    case exchangeNames
    case ringType
    /// See ``KnownFormats``.
    case knownFormats
    // The idle instances come last; see ``IdleObjects``.
    case idleView
    case idleLease
    case idleArray
    case idleIterator

    static var idleCount: Int { 4 }
}
