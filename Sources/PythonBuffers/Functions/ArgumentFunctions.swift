// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

extension PythonObject {
    /// The buffers of a tuple of arguments, by the codes `s*`, `y*`, `z*` and `w*`.
    ///
    /// - Throws: `ValueError` for other codes or more than eight, and what `PyArg_ParseTuple` raises.
    /// - Source: `PyArg_ParseTuple`, "Strings and buffers".
    public func parsedBuffers(codes: String) throws(PythonError) -> ParsedBuffers {
        guard unsafe sb_is_tuple(ObjectReference(pointer: pointer)) != 0 else {
            throw PythonError(.type, "the arguments must be a tuple, not \(typeName)")
        }
        let letters = codes.utf8.filter { $0 != UInt8(ascii: " ") }
        let known = "syzw".utf8
        guard letters.count.isMultiple(of: 2), letters.count / 2 <= ParsedBuffers.capacity,
            letters.indices.allSatisfy({
                $0.isMultiple(of: 2) ? known.contains(letters[$0]) : letters[$0] == UInt8(ascii: "*")
            })
        else {
            throw PythonError(
                .value, "codes must be up to \(ParsedBuffers.capacity) of 's*', 'y*', 'z*' and 'w*', not '\(codes)'")
        }
        let parsed = ParsedBuffers(count: letters.count / 2)
        let text = String(decoding: letters, as: UTF8.self)
        // On failure the C function has released what it had acquired.
        guard unsafe text.withCString({ unsafe sb_parse_buffers(pointer, $0, parsed.views) }) != 0 else {
            throw PythonError.pending()
        }
        parsed.isFilled = true
        return parsed
    }
}

/// Buffers filled by `PyArg_ParseTuple`, waiting to be taken one by one.
@safe
public final class ParsedBuffers {
    static let capacity = 8

    let views: UnsafeMutablePointer<UnsafeMutablePointer<Py_buffer>>
    /// The number of codes, and so of buffers.
    public let count: Int
    private var taken = 0
    fileprivate var isFilled = false

    fileprivate init(count: Int) {
        self.count = count
        unsafe views = .allocate(capacity: Self.capacity)
        for index in 0..<Self.capacity {
            unsafe (views + index).initialize(to: PythonBuffer.allocate())
        }
    }

    /// The next buffer, in the order of the codes; `nil` after the last.
    public func next() -> PythonBuffer? {
        guard isFilled && taken < count else { return nil }
        taken += 1
        return unsafe PythonBuffer(parsed: views[taken - 1])
    }

    deinit {
        while next() != nil {}
        for index in taken..<Self.capacity { unsafe views[index].deallocate() }
        unsafe views.deallocate()
    }
}
