// SPDX-License-Identifier: Apache-2.0
public import BufferKernels
public import BufferLayout

// The errors of the layers that know no Python, as Python's exceptions.

extension PythonError {
    /// The exception for what a layout refused.
    public init(_ error: LayoutError) {
        let kind: Kind =
            switch error.kind {
            case .indexOutOfRange, .tooManyIndices, .tooFewIndices: .index
            case .invalid, .shapeMismatch: .value
            case .wouldNeedCopy, .outsideMemory, .indirect: .buffer
            case .overflow: .overflow
            }
        self.init(kind, error.message)
    }

    /// The exception for what stopped a kernel.
    public init(_ error: KernelError) {
        switch error {
        // A size that an address cannot count is no help to a reader.
        case .outOfMemory(let byteCount): self = .outOfMemory(byteCount == .max ? nil : byteCount)
        case .inexact(let index):
            self.init(.value, "the conversion would lose the value of item \(index), counted in C order")
        case .outOfRange(let index):
            self.init(.outOfRange, "item \(index), counted in C order, is out of the range of the new format")
        }
    }

    /// The `MemoryError` for memory that could not be allocated.
    ///
    /// - Parameter byteCount: how much was requested, where that is known.
    public static func outOfMemory(_ byteCount: Int? = nil) -> PythonError {
        PythonError(.memory, "out of memory" + (byteCount.map { ": \($0) bytes" } ?? ""))
    }
}

/// Runs arithmetic of layouts where a Python exception is wanted.
@inlinable @inline(__always)
public func raisingLayoutErrors<Result: ~Copyable>(
    _ body: () throws(LayoutError) -> Result
) throws(PythonError) -> Result {
    do {
        return try body()
    } catch {
        throw PythonError(error)
    }
}

/// Runs a kernel where a Python exception is wanted.
@inlinable @inline(__always)
public func raisingKernelErrors<Result: ~Copyable>(
    _ body: () throws(KernelError) -> Result
) throws(PythonError) -> Result {
    do {
        return try body()
    } catch {
        throw PythonError(error)
    }
}
