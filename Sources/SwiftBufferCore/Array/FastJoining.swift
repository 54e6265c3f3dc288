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
        guard count > 0, count <= maximumCount else { return nil }
        if !isNew, let joined = joinedAxes(buffers, count, types) { return joined }
        guard let model = reading(buffers, 0, types, { PartModel($0, isNew) }) else {
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
        var start = 0
        for index in 0..<count {
            // Another thread may have changed a part, or the list, meanwhile.
            let copied = reading(buffers, index, types) { (part) -> Int? in
                guard let size = model.size(of: part), size.byteCount <= byteCount - start else { return nil }
                unsafe MemoryObject(array.reference).leasedContents.copyBytes(
                    of: part, byteCount: size.byteCount, to: start)
                return size.byteCount
            }
            guard let copied else { return nil }
            start += copied
        }
        return start == byteCount ? array.intoResult() : nil
    }

    /// The same for parts of one dimension, which need no shape to be compared.
    private static func joinedAxes(_ buffers: ObjectReference, _ count: Int, _ types: ViewTypes) -> ObjectResult? {
        var (first, total): (AxisPart?, Int) = (nil, 0)
        for index in 0..<count {
            guard let part = reading(buffers, index, types, { AxisPart($0) }), part.fits(first ?? part) else {
                return nil
            }
            first = first ?? part
            total += part.count
        }
        guard let first, let item = reading(buffers, 0, types, { $0.plainItem }), item.nativeScalar == first.scalar,
            total <= fastPathLimit / first.scalar.size
        else { return nil }
        let shape: InlineArray<1, Int> = [total]
        guard
            let array = try? ArrayObject.make(
                types.array, shape: shape.span, item: item, order: .c, contents: .uninitialized)
        else { return nil }
        var start = 0
        for index in 0..<count {
            // Another thread may have changed a part, or the list, meanwhile.
            let copied = reading(buffers, index, types) { (contents) -> Int? in
                guard let part = AxisPart(contents), part.fits(first), part.count <= total - start else { return nil }
                unsafe MemoryObject(array.reference).leasedContents.copyBytes(
                    of: contents, byteCount: part.count &* first.scalar.size, to: start &* first.scalar.size)
                return part.count
            }
            guard let copied else { return nil }
            start += copied
        }
        return start == total ? array.intoResult() : nil
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

/// A part of one contiguous axis of native scalars.
private struct AxisPart {
    let scalar: Scalar
    let count: Int

    /// `nil` for any other part, and for one that is too long.
    @inline(__always)
    init?(_ part: borrowing MemoryObject.Contents) {
        guard let (scalar, swapped) = part.scalar, !swapped, part.isContiguousAxis, part.count <= fastPathLimit
        else { return nil }
        self.scalar = scalar
        count = part.count
    }

    @inline(__always)
    func fits(_ other: AxisPart) -> Bool { scalar == other.scalar }
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
            let item = part.plainItem
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
