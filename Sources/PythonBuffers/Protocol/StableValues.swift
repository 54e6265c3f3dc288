// SPDX-License-Identifier: Apache-2.0

/// Values at an address that stays: a shape, strides or a text that a `Py_buffer` points at.
@safe
package final class StableValues<Element: BitwiseCopyable>: @unchecked Sendable {
    // What is written through the pointer is its user's responsibility; nothing else in it changes.

    /// The first of the values, valid while this lives.
    package let start: UnsafeMutablePointer<Element>

    /// - Parameter capacity: how many there is room for at least; the rest is `padding`.
    package init(_ values: some Collection<Element>, capacity: Int = 1, padding: Element) {
        let count = max(values.count, capacity)
        unsafe start = .allocate(capacity: count)
        unsafe start.initialize(repeating: padding, count: count)
        for (index, value) in values.enumerated() { unsafe start[index] = value }
    }

    deinit {
        unsafe start.deallocate()
    }
}

extension StableValues where Element == CChar {
    /// A copy of a text with a NUL behind it.
    package convenience init(_ text: String) {
        self.init(text.utf8CString, padding: 0)
    }
}
