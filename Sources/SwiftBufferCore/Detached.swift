// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import PythonBuffers

/// Work on at least this many bytes runs without the GIL.
let detachThreshold = 1 << 20

/// Bytes that a fast path reads or changes at most: more take longer than other threads are to wait for.
let fastPathLimit = 64 << 10

/// Runs a kernel, without the GIL if `condition` holds, and raises its errors as Python exceptions.
///
/// - Precondition: `body` touches no Python object, and the memory that it works on is pinned.
func detached(
    if condition: Bool, _ body: () throws(KernelError) -> Void
) throws(PythonError) {
    try raisingKernelErrors { () throws(KernelError) in
        if condition { try Python.detachUnchecked(body) } else { try body() }
    }
}
