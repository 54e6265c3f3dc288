// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import PythonBuffers

// Inserting, deleting, reversing and repeating the items of an array of one dimension, as of a list.

extension ArrayObject {
    /// `array.insert(index, value)`: an index beyond the ends means the end, as for a list.
    static func insert(
        _ item: borrowing EncodedItem, into array: ObjectReference, at index: Int
    ) throws(PythonError) {
        let bytes = unsafe UnsafeRawBufferPointer(item.bytes)
        try edit(array) { (fields) throws(PythonError) in
            let count = fields.count
            let position = index < 0 ? max(index &+ count, 0) : min(index, count)
            // At the end first: a file that cannot grow is left as it is.
            try unsafe setCount(fields, sum(count, 1), append: RawSpan(_unsafeBytes: bytes))
            let place = unsafe place(of: position, in: array)
            unsafe (place + bytes.count).copyMemory(from: place, byteCount: (count - position) * bytes.count)
            unsafe UnsafeMutableRawBufferPointer(start: place, count: bytes.count).copyMemory(from: bytes)
        }
    }

    /// `del array[key]`
    ///
    /// - Throws: `TypeError` for a key that is neither an integer nor a slice, `IndexError`.
    static func deleteItems(_ array: ObjectReference, at key: ObjectReference) throws(PythonError) {
        guard case .axes(let axes) = try Subscript(key), axes.count == 1 else { throw notDeletable(key) }
        switch axes[0] {
        case .integer(let index):
            // A wrong index is reported before outstanding exports.
            _ = try MemoryObject(array).withReadAccess { (contents) throws(PythonError) in
                guard contents.ndim == 1 else { throw notResizable(contents.ndim) }
                return try raisingLayoutErrors { () throws(LayoutError) in
                    try contents.layout.normalized(index, axis: 0)
                }
            }
            try edit(array) { (fields) throws(PythonError) in
                let count = fields.count
                let position = index < 0 ? index &+ count : index
                guard position >= 0, position < count else {
                    throw PythonError(
                        .index, "index \(index) is out of range: the array was changed meanwhile, to \(count) items")
                }
                remove(position, of: count, from: array)
                try setCount(fields, count - 1)
            }
        case .slice(let start, let stop, let step):
            try edit(array) { (fields) throws(PythonError) in
                let count = fields.count
                let range = try raisingLayoutErrors { () throws(LayoutError) in
                    try SliceRange(start: start, stop: stop, step: step, length: count)
                }
                guard range.count > 0 else { return }
                remove(range, of: count, from: array)
                try setCount(fields, count - range.count)
            }
        case .newAxis, .ellipsis:
            throw notDeletable(key)
        }
    }

    private static func notDeletable(_ key: ObjectReference) -> PythonError {
        PythonError(.type, "del takes an integer or a slice, not \(typeNameOf(key))")
    }

    /// Closes the gaps that the items of a slice leave.
    ///
    /// - Precondition: no export is outstanding, and the slice is not empty.
    private static func remove(_ range: SliceRange, of count: Int, from array: ObjectReference) {
        let itemsize = ObjectFields(of: array).itemsize
        let last = range.start + (range.count - 1) * range.step
        let first = min(range.start, last)
        var target = unsafe place(of: first, in: array)
        for index in 0..<range.count {
            let next = first + index * abs(range.step) + 1
            let end = index == range.count - 1 ? count : next - 1 + abs(range.step)
            let bytes = (end - next) * itemsize
            unsafe target.copyMemory(from: place(of: next, in: array), byteCount: bytes)
            unsafe target += bytes
        }
    }

    /// `array.reverse()`: the memory stays where it is, so that exports may be outstanding.
    static func reverse(_ array: ObjectReference) throws(PythonError) {
        try MemoryObject(array).withExportPinned { (contents) throws(PythonError) in
            try contents.checkWritable()
            guard contents.ndim == 1 else {
                throw PythonError(
                    .type,
                    "only an array with one dimension can be reversed, this one has \(contents.ndim); assign "
                        + "array[::-1] to array[:]")
            }
            let target = contents.layout
            let reversed = try raisingLayoutErrors { () throws(LayoutError) in
                try target.selecting(.slice(start: nil, stop: nil, step: -1))
            }
            let address = unsafe contents.address
            try detached(if: contents.length >= detachThreshold) { () throws(KernelError) in
                try unsafe Kernels.copy(
                    from: reversed.address(from: UnsafeRawPointer(address)), layout: reversed.layout.view, to: address,
                    layout: target)
            }
        }
    }

    /// `array * times`: a new array.
    static func repeated(_ array: ObjectReference, _ times: Int) throws(PythonError) -> PythonObject {
        let types = try ViewTypes(for: array)
        return try MemoryObject(array).withExportPinned { (contents) throws(PythonError) in
            guard contents.ndim == 1 else { throw notRepeatable(contents.ndim) }
            let count = contents.layout.shape[0]
            let times = max(times, 0)
            let itemsize = contents.itemsize
            let result = try make(
                types.array, shape: [product(count, times)].span, item: contents.item, order: .c,
                contents: .uninitialized)
            let (source, target) = try raisingLayoutErrors { () throws(LayoutError) in
                (
                    try Layout(shape: [times, count], strides: [0, itemsize], itemsize: itemsize),
                    try Layout(shape: [times, count], itemsize: itemsize)
                )
            }
            try unsafe MemoryObject(result.reference).withExportPinned { (copies) throws(PythonError) in
                let (from, to) = unsafe (UnsafeRawPointer(contents.address), copies.address)
                let runs = copies.valueRuns
                try detached(if: copies.length >= detachThreshold) { () throws(KernelError) in
                    try unsafe Kernels.copy(from: from, layout: source.view, to: to, layout: target.view, runs: runs)
                }
            }
            return result
        }
    }

    /// `array *= times`
    static func repeatInPlace(_ array: ObjectReference, _ times: Int) throws(PythonError) {
        let ndim = try MemoryObject(array).withReadAccess { (contents) in contents.ndim }
        guard ndim == 1 else { throw notRepeatable(ndim) }
        try edit(array) { (fields) throws(PythonError) in
            let once = fields.length
            try setCount(fields, product(fields.count, max(times, 0)))
            if let block = unsafe fields.block {
                unsafe repeatBytes(at: block, once, upTo: fields.length)
            }
        }
    }

    /// Repeats the bytes at an address behind themselves until there are `total`.
    ///
    /// - Precondition: `address` is that of `total` writable bytes.
    static func repeatBytes(at address: UnsafeMutableRawPointer, _ once: Int, upTo total: Int) {
        // What is there already is copied as a whole each time.
        var done = once
        while done > 0 && done < total {
            let bytes = min(done, total - done)
            unsafe (address + done).copyMemory(from: address, byteCount: bytes)
            done += bytes
        }
    }

    private static func product(_ count: Int, _ times: Int) throws(PythonError) -> Int {
        let (product, overflow) = count.multipliedReportingOverflow(by: times)
        if overflow { throw PythonError(.overflow, "\(times) times \(count) items are more than can be counted") }
        return product
    }

    private static func notRepeatable(_ ndim: Int) -> PythonError {
        PythonError(
            .type,
            "only an array with one dimension can be repeated, this one has \(ndim); numpy.asarray(array) multiplies "
                + "its items, on the same memory without a copy")
    }
}
