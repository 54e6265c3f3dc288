// SPDX-License-Identifier: Apache-2.0
internal import PythonBuffers

/// A Swift object that is made at its first use, by whichever thread is first, and lives as long as its place.
@safe
struct MadeOnce<Value: AnyObject>: ~Copyable {
    private let place = FirstReference()

    deinit { unsafe known?.release() }

    /// The object, without a count of its own; `nil` before its first use.
    @inline(__always)
    var known: Unmanaged<Value>? {
        guard let known = unsafe place.known else { return nil }
        return unsafe Unmanaged.fromOpaque(known)
    }

    /// The object, made by `make` the first time.
    func value(_ make: () -> Value) -> Value {
        if let known = unsafe known { return unsafe known.takeUnretainedValue() }
        let mine = unsafe Unmanaged.passRetained(make())
        guard let other = unsafe place.set(mine.toOpaque()) else { return unsafe mine.takeUnretainedValue() }
        // Another thread was first.
        unsafe mine.release()
        return unsafe Unmanaged<Value>.fromOpaque(other).takeUnretainedValue()
    }
}
