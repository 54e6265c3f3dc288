// SPDX-License-Identifier: Apache-2.0
package import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
internal import InterchangeShims

/// Arrays of ours on their way to a consumer of Arrow: the memory of an exporter, whose buffer is held until the
/// consumer releases the array. Axes beyond the first are nested lists of a fixed size.
///
/// Each structure is released by itself, on any thread; those of one array share a block, which ends with the last.
///
/// Source: "The Arrow C data interface" and "The Arrow PyCapsule Interface".
package enum ArrowExport {
    /// A capsule named "arrow_schema" that describes items in a layout.
    ///
    /// - Throws: `BufferError` for items that Arrow has not.
    package static func schema(of format: Format, _ layout: borrowing LayoutView) throws(PythonError) -> PythonObject {
        guard let item = format.arrowFormat else {
            throw PythonError(
                .buffer,
                "Arrow has no type for items of format '\(format)' that is made of whole bytes in this machine's "
                    + "order; cast() or astype() gives them one that it has")
        }
        let count = max(layout.ndim, 1)
        guard let block = unsafe sb_new_schema(CInt(count)) else { throw .outOfMemory() }
        for level in 0..<count {
            // The longest text is "+w:" with a number of 19 digits, and there is room for 32 characters.
            let text = level == count - 1 ? item : "+w:\(layout.shape[level + 1])"
            let place = unsafe sb_schema_format(block, CInt(level))
            for (index, character) in text.utf8.enumerated() { unsafe place[index] = CChar(bitPattern: character) }
            unsafe sb_link_schema(block, CInt(level)) { schema in
                if let block = unsafe sb_release_schema(schema) { unsafe sb_free_schema(block) }
            }
        }
        guard let root = unsafe sb_moved_schema(sb_schema(block, 0)) else {
            unsafe sb_free_schema(block)
            throw .outOfMemory()
        }
        let capsule = unsafe PyCapsule_New(root, cString(ArrowCapsule.schema)) { capsule in
            guard let root = unsafe PyCapsule_GetPointer(capsule, cString(ArrowCapsule.schema)) else { return }
            unsafe sb_end_schema(root.assumingMemoryBound(to: SBArrowSchema.self))
        }
        guard let capsule = unsafe capsule else {
            unsafe sb_end_schema(root)
            throw .pending()
        }
        return unsafe PythonObject(owning: capsule)
    }

    /// A capsule named "arrow_array" with the memory of an exporter.
    ///
    /// - Parameters:
    ///   - alignment: of one item.
    ///   - interpreter: what ``TensorExport/interpreterEntry()`` returned in this interpreter.
    /// - Throws: `BufferError` for memory that is not contiguous in C order, or misaligned, and what acquiring the
    /// buffer
    ///   raises.
    package static func array(
        of exporter: ObjectReference, alignment: Int, interpreter: ObjectReference
    ) throws(PythonError) -> PythonObject {
        let ndim = try dimensionCount(of: exporter)
        guard let block = unsafe sb_new_arrow_array(CInt(max(ndim, 1))) else { throw .outOfMemory() }
        let memory = unsafe sb_arrow_memory(block)
        do throws(PythonError) {
            try unsafe OutsideExport.acquire(memory, of: exporter, interpreter: interpreter)
        } catch {
            unsafe sb_free_arrow_array(block)
            throw error
        }
        do throws(PythonError) {
            let view = unsafe sb_outside_buffer(memory)
            try unsafe BufferAnswer.reading(view, isShapeRequested: true) { (answer) throws(PythonError) in
                try unsafe describe(answer, alignment: alignment, in: block, ndim: ndim)
            }
            guard let root = unsafe sb_moved_arrow_array(sb_arrow_array(block, 0)) else { throw .outOfMemory() }
            let capsule = unsafe PyCapsule_New(root, cString(ArrowCapsule.array)) { capsule in
                guard let root = unsafe PyCapsule_GetPointer(capsule, cString(ArrowCapsule.array)) else { return }
                unsafe sb_end_arrow_array(root.assumingMemoryBound(to: SBArrowArray.self))
            }
            guard let capsule = unsafe capsule else {
                unsafe sb_free_moved_arrow_array(root)
                throw .pending()
            }
            return unsafe PythonObject(owning: capsule)
        } catch {
            unsafe OutsideExport.release(memory)
            unsafe sb_free_arrow_array(block)
            throw error
        }
    }

    /// Fills in the levels of a block.
    private static func describe(
        _ answer: borrowing BufferAnswer, alignment: Int, in block: UnsafeMutablePointer<SBExportedArrowArray>,
        ndim: Int
    ) throws(PythonError) {
        let layout = answer.layout
        guard answer.summary.isCContiguous else {
            throw PythonError(
                .buffer,
                "Arrow has neither strides nor pointers to follow, but the items of shape \(layout.shapeText) have "
                    + "strides \(layout.stridesText); copy() puts them in C order")
        }
        let items = layout.hasNoItems ? nil : unsafe answer.address
        guard UInt(bitPattern: items).isMultiple(of: UInt(alignment)) else {
            throw PythonError(
                .buffer, "the items start at an address that is no multiple of \(alignment); copy() aligns them")
        }
        guard layout.ndim == ndim else { throw PythonError(.runtime, "the array was reshaped by another thread") }
        let count = max(ndim, 1)
        var length = 1
        for level in 0..<count {
            if level < ndim {
                let (product, overflow) = length.multipliedReportingOverflow(by: layout.shape[level])
                guard !overflow else {
                    throw PythonError(.buffer, "shape \(layout.shapeText) has more lists than Arrow can count")
                }
                length = product
            }
            unsafe sb_link_arrow_array(block, CInt(level), Int64(length), level == count - 1 ? items : nil) { array in
                guard let block = unsafe sb_release_arrow_array(array) else { return }
                unsafe OutsideExport.release(sb_arrow_memory(block))
                unsafe sb_free_arrow_array(block)
            }
        }
    }

    /// The number of dimensions, before the buffer is held.
    private static func dimensionCount(of exporter: ObjectReference) throws(PythonError) -> Int {
        let buffer = try PythonBuffer(exporter)
        return buffer.ndim
    }
}

/// The names of Arrow's capsules.
enum ArrowCapsule {
    static var schema: StaticString { "arrow_schema" }
    static var array: StaticString { "arrow_array" }
}
