// SPDX-License-Identifier: Apache-2.0
internal import BufferKernels
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast paths to copies of scalars: straight from the export record to a kernel. No second acquisition, no format
/// that is printed and parsed again. What they do not take, and every error, is left to the slow path.
enum FastCopies {
    /// The bytes of scalars in C order, and of any items that are C-contiguous.
    static func bytes(of memory: ObjectReference) -> ObjectResult? {
        let bytes = try? MemoryObject(memory).withReadAccess { (contents) throws(PythonError) -> PythonObject? in
            let isContiguous = contents.isCContiguous
            guard contents.length <= fastPathLimit, isContiguous || Kernels.areFew(contents.layout) else { return nil }
            let source = unsafe isContiguous ? contents.address.assumingMemoryBound(to: CChar.self) : nil
            let bytes = try unsafe PythonObject(result: PyBytes_FromStringAndSize(source, contents.length))
            guard
                isContiguous
                    || (unsafe Kernels.packFew(
                        from: contents.address, layout: contents.layout, to: sb_bytes_address(bytes.pointer)))
            else { return nil }
            return bytes
        }
        guard let bytes else { return nil }
        return bytes.intoResult()
    }

    /// The hexadecimal digits of the bytes of C-contiguous items.
    static func hex(of memory: ObjectReference) -> ObjectResult? {
        let text = try? MemoryObject(memory).withReadAccess { (contents) throws(PythonError) -> PythonObject? in
            guard contents.isCContiguous, contents.length <= fastPathLimit else { return nil }
            return try unsafe PythonObject(hexOf: contents.address, count: contents.length)
        }
        guard let text else { return nil }
        return text.intoResult()
    }

    /// A new array with the same items in `order`.
    static func copy(of memory: ObjectReference, order: Order = .c) -> ObjectResult? {
        withPinnedScalars(memory) { (contents, scalar, array) throws(PythonError) in
            guard let item = contents.plainItem else { return nil }
            let layout = contents.layout
            let order = contents.isCContiguous && order != .fortran ? .c : layout.resolved(order)
            let copy = try ArrayObject.make(
                array, shape: layout.shape, item: item, order: order, contents: .uninitialized)
            try unsafe contents.copy(into: copy.reference, order: order)
            return copy
        }
    }

    /// A new array of one dimension with the same items, counted in C order.
    static func flattened(_ memory: ObjectReference) -> ObjectResult? {
        withPinnedScalars(memory) { (contents, scalar, array) throws(PythonError) in
            guard let item = contents.plainItem, let count = try? contents.layout.itemCount else { return nil }
            let shape: InlineArray<1, Int> = [count]
            let copy = try ArrayObject.make(array, shape: shape.span, item: item, order: .c, contents: .uninitialized)
            try unsafe contents.copy(into: copy.reference, order: .c)
            return copy
        }
    }

    /// `memory * times` for a small int: a new array.
    static func repeated(_ memory: ObjectReference, by times: ObjectReference) -> ObjectResult? {
        let times = sb_small_int(times)
        guard times != sb_not_small() else { return nil }
        return withPinnedScalars(memory) { (contents, scalar, array) throws(PythonError) in
            let (once, count) = (contents.length, max(times, 0))
            let (total, overflow) = once.multipliedReportingOverflow(by: count)
            guard contents.ndim == 1, !overflow, total <= fastPathLimit, let item = contents.plainItem else {
                return nil
            }
            // No more than the bytes that they take.
            let shape: InlineArray<1, Int> = [contents.layout.shape[0] &* count]
            let copy = try ArrayObject.make(array, shape: shape.span, item: item, order: .c, contents: .uninitialized)
            if total > 0, let target = unsafe ObjectFields(of: copy.reference).block {
                unsafe target.copyMemory(from: contents.address, byteCount: once)
                unsafe ArrayObject.repeatBytes(at: target, once, upTo: total)
            }
            return copy
        }
    }

    /// A new array with few numbers in another format, which is the only argument: in the order of the memory.
    static func converted(_ memory: ObjectReference, to format: ObjectReference) -> ObjectResult? {
        guard let item = ItemFormat.of(oneLetter: format),
            case (let wanted, swapped: false)? = item.format.scalar
        else { return nil }
        return withPinnedScalars(memory) { (contents, scalar, array) throws(PythonError) in
            guard !scalar.swapped, contents.length <= Kernels.fewItems * contents.itemsize else { return nil }
            let layout = contents.layout
            let result = try ArrayObject.make(
                array, shape: layout.shape, item: item, order: layout.resolved(.any), contents: .uninitialized)
            guard let target = unsafe ObjectFields(of: result.reference).block else { return result }
            let isDone = unsafe Kernels.convertFew(
                from: contents.address, layout: layout, scalar: scalar.type, to: target, scalar: wanted)
            guard isDone else { return nil }
            return result
        }
    }

    /// Runs `body` on the pinned scalars of some memory, with the type of arrays; `nil` if it throws or returns that.
    @inline(__always)
    private static func withPinnedScalars(
        _ memory: ObjectReference,
        _ body: (borrowing MemoryObject.Contents, (type: Scalar, swapped: Bool), ObjectReference)
            throws(PythonError) -> PythonObject?
    ) -> ObjectResult? {
        guard let array = unsafe ModuleState.objects(of: sb_type(memory.pointer))?[CoreState.arrayType.rawValue] else {
            return nil
        }
        let result = try? MemoryObject(memory).withExportPinned { (contents) throws(PythonError) in
            guard let scalar = contents.scalar, contents.length <= fastPathLimit else { return PythonObject?.none }
            return try body(contents, scalar, array)
        }
        guard let result else { return nil }
        return result.intoResult()
    }
}

extension MemoryObject.Contents {
    /// The format of a scalar, where it is found without a `String`.
    var plainItem: ItemFormat? { unsafe rememberedItem ?? .plain(record.format) }

    /// Copies scalars to a new array of as many, whose memory takes them in `order`.
    fileprivate func copy(into array: ObjectReference, order: Order) throws(PythonError) {
        let fields = ObjectFields(of: array)
        guard let target = unsafe fields.block else { return }
        if order == .c ? isCContiguous : layout.isContiguous(order) {
            // This memory may have more bytes than its items take.
            unsafe target.copyMemory(from: address, byteCount: fields.length)
        } else if unsafe order != .c || !Kernels.packFew(from: address, layout: layout, to: target) {
            try unsafe copy(to: target, order: order)
        }
    }
}
