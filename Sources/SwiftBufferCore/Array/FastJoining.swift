// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import PythonBuffers

/// The fast path of `concatenate` and `stack` for a few arrays and views of the same scalars in C order, along the first
/// axis: their memory is copied as it is. What it does not take, and every error, is left to the slow path.
enum FastJoining {
    /// How many are joined here.
    private static var maximumCount: Int { 8 }

    /// - Parameter isNew: whether the first axis of the result is one that the parts do not have.
    static func joined(_ buffers: ObjectReference, for module: ObjectReference, isNew: Bool) -> ObjectResult? {
        guard sb_is_exact_sequence(buffers) != 0, let types = try? ViewTypes(for: module) else { return nil }
        let count = sb_sequence_count(buffers)
        guard count > 0, count <= maximumCount, let model = reading(buffers, 0, types, { PartModel($0, isNew) }) else {
            return nil
        }
        var (length, byteCount) = (0, 0)
        for index in 0..<count {
            guard let part = reading(buffers, index, types, { model.size(of: $0) }) else { return nil }
            length += part.length
            byteCount += part.byteCount
        }
        let shape = model.shape(length)
        guard byteCount <= fastPathLimit,
            let array = try? ArrayObject.make(
                types.array, shape: shape.span, item: model.item, order: .c, contents: .uninitialized)
        else { return nil }
        var left = unsafe MutableRawSpan(
            _unsafeStart: MemoryObject(array.reference).leasedContents.address, byteCount: byteCount)
        for index in 0..<count {
            // Another thread may have changed a part, or the list, meanwhile.
            let isCopied = reading(buffers, index, types) { (part) in
                guard let size = model.size(of: part), size.byteCount <= left.byteCount else { return false }
                unsafe left.withUnsafeMutableBytes {
                    unsafe $0.baseAddress?.copyMemory(from: part.address, byteCount: size.byteCount)
                }
                left = left._consumingExtracting(last: left.byteCount - size.byteCount)
                return true
            }
            guard isCopied == true else { return nil }
        }
        return left.byteCount == 0 ? array.intoResult() : nil
    }

    /// Runs `body` on the contents of a part; `nil` where it is neither an array nor a view.
    @inline(__always)
    private static func reading<Result>(
        _ buffers: ObjectReference, _ index: Int, _ types: ViewTypes,
        _ body: (borrowing MemoryObject.Contents) -> Result?
    ) -> Result? {
        guard let pointer = unsafe sb_sequence_item(buffers, index) else { return nil }
        let part = unsafe PythonObject(owning: pointer)
        guard unsafe types.isView(part.reference) || part.reference.type == types.array else { return nil }
        return try? unsafe MemoryObject(part.reference).withReadAccess { (contents) in body(contents) }
    }
}

/// What all parts have in common.
private struct PartModel {
    let item: ItemFormat
    private let scalar: (type: Scalar, swapped: Bool)
    private var lengths = FastShape()
    private let isNew: Bool

    /// `nil` for a part that is not for here.
    init?(_ part: borrowing MemoryObject.Contents, _ isNew: Bool) {
        guard let scalar = part.scalar, part.ndim > 0, part.ndim < FastShape.capacity,
            let item = unsafe part.rememberedItem ?? .plain(part.record.format)
        else { return nil }
        self.item = item
        self.scalar = scalar
        self.isNew = isNew
        for axis in 0..<part.ndim { lengths.append(part.layout.shape[axis]) }
    }

    /// How long a part is along the first axis of the result, and how many bytes it has; `nil` for one that differs.
    func size(of part: borrowing MemoryObject.Contents) -> (length: Int, byteCount: Int)? {
        guard let other = part.scalar, other == scalar, part.ndim == lengths.count, part.isCContiguous,
            let bytes = try? part.layout.byteCount, bytes <= fastPathLimit
        else { return nil }
        for axis in (isNew ? 0 : 1)..<part.ndim where part.layout.shape[axis] != lengths.span[axis] { return nil }
        let length = isNew ? 1 : part.layout.shape[0]
        // Where another axis has no items, there can be as many of these as an Int counts.
        return length <= fastPathLimit ? (length, bytes) : nil
    }

    /// The shape of the result, which is so long along its first axis.
    func shape(_ length: Int) -> FastShape {
        var shape = FastShape()
        shape.append(length)
        for axis in (isNew ? 0 : 1)..<lengths.count { shape.append(lengths.span[axis]) }
        return shape
    }
}
