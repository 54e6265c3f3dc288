// SPDX-License-Identifier: Apache-2.0
package import CPython
internal import CPythonShims
internal import Synchronization

// What the Python objects that export a memory, and the garbage collector, do with it.

extension BufferMemory {
    /// A reference for the structure of a Python object that exports the memory.
    ///
    /// - Returns: what ``releaseFromExporter(_:)`` takes back.
    package func retainForExporter() -> UnsafeMutableRawPointer {
        addExporter()
        return unsafe Unmanaged.passRetained(self).toOpaque()
    }

    /// Drops the reference of a Python object that exported the memory; the memory may end here.
    ///
    /// - Precondition: `memory` comes from ``retainForExporter()`` and is not used any more.
    @unsafe
    package static func releaseFromExporter(_ memory: UnsafeMutableRawPointer) {
        let reference = unsafe Unmanaged<BufferMemory>.fromOpaque(memory)
        unsafe reference.takeUnretainedValue().removeExporter()
        unsafe reference.release()
    }

    /// The memory that ``retainForExporter()`` made a reference of.
    @unsafe
    package static func retained(_ memory: UnsafeMutableRawPointer) -> BufferMemory {
        unsafe Unmanaged<BufferMemory>.fromOpaque(memory).takeUnretainedValue()
    }

    /// The part of `tp_traverse` of an object that keeps what ``retainForExporter()`` returned.
    @unsafe
    package static func visit(
        _ memory: UnsafeMutableRawPointer, _ visitor: visitproc?, _ context: UnsafeMutableRawPointer?
    ) -> CInt {
        unsafe Unmanaged<BufferMemory>.fromOpaque(memory).takeUnretainedValue().visit(visitor, context)
    }

    /// The exporter whose buffer the memory is; `nil` for memory of any other origin, and for buffers without an owner.
    ///
    /// - Precondition: `memory` comes from ``retainForExporter()`` and is not released while the exporter is used.
    @unsafe
    package static func exporter(of memory: UnsafeMutableRawPointer) -> ObjectReference? {
        let memory = unsafe Unmanaged<BufferMemory>.fromOpaque(memory).takeUnretainedValue()
        return memory.exporter
    }

    private var exporter: ObjectReference? {
        switch origin {
        case .shared(let buffer): return buffer.visitedObject
        default: return nil
        }
    }

    /// The first byte, for a Python object that exports the memory; `nil` only where there are no bytes.
    package var address: UnsafeMutableRawPointer? { unsafe start }

    func addExporter() { exporterCount.add(1, ordering: .relaxed) }
    func removeExporter() { exporterCount.subtract(1, ordering: .relaxed) }

    /// Whether one Python object alone exports the memory.
    ///
    /// The memory holds one reference to its Python objects. The collector subtracts each reference that it is shown
    /// from an object's count: shown the one by two exporters, it would take a live object for garbage.
    private var hasOneExporter: Bool { exporterCount.load(ordering: .relaxed) == 1 }

    /// Whether ``visit(_:_:)`` may reach objects that the collector tracks: an exporter that it does not track is part
    /// of no cycle.
    package var reachesTrackedObjects: Bool {
        switch origin {
        case .owned: return true
        case .shared(let buffer): return buffer.visitedObject.map { unsafe sb_is_gc($0.pointer) != 0 } ?? false
        default: return false
        }
    }

    /// The part of `tp_traverse` of an object that exports the memory.
    func visit(_ visitor: visitproc?, _ context: UnsafeMutableRawPointer?) -> CInt {
        guard hasOneExporter else { return 0 }
        switch origin {
        case .owned:
            let status = unsafe PythonBuffers.visit(owner?.reference, visitor, context)
            return unsafe status != 0 ? status : PythonBuffers.visit(release?.reference, visitor, context)
        case .shared(let buffer): return unsafe PythonBuffers.visit(buffer.visitedObject, visitor, context)
        default: return 0
        }
    }

    /// The part of `tp_finalize`: calls the owner's release function, before the cycle that the memory is in is taken
    /// apart.
    func finalize() {
        if hasOneExporter { callRelease() }
    }

    /// Has `function` called once, without arguments, when the memory ends; what it raises is reported as unraisable.
    ///
    /// - Precondition: `function` can be called, and an attached thread drops the last reference to the memory. The
    ///   collector sees `function` where the memory was made with an owner.
    package func callAtEnd(_ function: consuming PythonObject) {
        release = consume function
    }

    /// Calls the owner's release function unless it has been called.
    func callRelease() {
        guard let release = release.take() else { return }
        // The memory may end while an exception is being raised.
        PythonError.settingPendingAside {
            do throws(PythonError) {
                _ = try release.call()
            } catch {
                error.reportUnraisable(in: release)
            }
        }
    }

    /// Runs `body` with the buffer of the exporter that the memory is shared with.
    ///
    /// - Throws: `BufferError` for memory of any other origin, which has no layout of its own.
    func withSharedBuffer<Result: ~Copyable>(
        _ body: (borrowing PythonBuffer) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        switch origin {
        case .shared(let buffer): return try body(buffer)
        default:
            throw PythonError(.buffer, "the memory has no layout of its own; describe it with a shape or a layout")
        }
    }
}
