internal import BufferKernels
public import BufferLayout

// The Python exceptions for errors of the libraries that know no Python.

extension PythonError {
    /// The Python exception that says what a layout refused.
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
}

extension PythonError {
    /// The Python exception that says why elements could not be moved.
    init(_ error: KernelError) {
        switch error {
        case .outOfMemory(let byteCount): self = .outOfMemory(byteCount)
        case .inexact(let index), .outOfRange(let index):
            self.init(.value, "item \(index) does not fit the type it is converted to")
        }
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
