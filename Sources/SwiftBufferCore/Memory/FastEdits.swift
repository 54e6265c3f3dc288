// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPythonShims
internal import PythonBuffers

/// The fast paths to changes of contiguous scalars in place, few enough that other threads may wait for them. What they
/// do not take, and every error, is left to the slow path; `false` with nothing done then.
enum FastEdits {
    /// `array.reverse()`
    static func reverse(_ array: ObjectReference) -> Bool {
        edit(array) { (contents, scalar) in
            guard contents.ndim == 1 else { return false }
            return unsafe Kernels.reverse(contents.address, itemsize: scalar.size, count: contents.count)
        }
    }

    /// `memory.byteswap()`
    static func swapBytes(_ memory: ObjectReference) -> Bool {
        edit(memory) { (contents, scalar) in
            unsafe Kernels.swapBytes(contents.address, scalar: scalar, count: contents.length / scalar.size)
            return true
        }
    }

    /// Runs `body`, which runs no Python code, while the items stay where they are and may be written.
    @inline(__always)
    private static func edit(
        _ memory: ObjectReference, _ body: (borrowing MemoryObject.Contents, Scalar) -> Bool
    ) -> Bool {
        let isDone = try? MemoryObject(memory).withReadAccess { (contents) in
            guard let scalar = contents.scalar?.type, !contents.isReadOnly, contents.length <= fastPathLimit,
                contents.isPacked
            else { return false }
            return body(contents, scalar)
        }
        return isDone ?? false
    }
}
