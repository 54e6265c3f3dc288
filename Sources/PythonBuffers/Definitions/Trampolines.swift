// SPDX-License-Identifier: Apache-2.0
internal import CPython

// A C callback of Python is a closure literal that captures nothing; these run its Swift body and turn what it throws
// into the exception and the return value that CPython expects.

/// Runs the body of a slot that returns a new reference; NULL with an exception set when it throws.
@inlinable @inline(__always)
package func returningObject(_ body: () throws(PythonError) -> PythonObject) -> ObjectResult {
    do {
        return try body().intoResult()
    } catch {
        error.raise()
        return .failure
    }
}

/// Runs the body of a slot that returns 0, or -1 with an exception set when it throws.
@inlinable @inline(__always)
package func returningStatus(_ body: () throws(PythonError) -> Void) -> CInt {
    do {
        try body()
        return 0
    } catch {
        error.raise()
        return -1
    }
}

/// Runs the body of a slot that returns a number, or -1 with an exception set when it throws.
@inlinable @inline(__always)
package func returningInteger<Number: FixedWidthInteger & SignedInteger>(
    _ body: () throws(PythonError) -> Number
) -> Number {
    do {
        return try body()
    } catch {
        error.raise()
        return -1
    }
}
