// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

/// One axis of two layouts: the number of items, and the stride in bytes on either side.
struct Axis {
    var count: Int
    var source: Int
    var destination: Int
}

/// Two blocks of memory of one shape, traversed together, with the axes in the order that suits memory.
///
/// The axes stand outermost first by the destination's strides, none has length 1, none of the destination's strides
/// is negative, and two neighbours that could be one axis on both sides are one.
@unsafe
struct AxisPair {
    var source: UnsafeRawPointer
    var destination: UnsafeMutableRawPointer
    var axes: UnsafeMutablePointer<Axis>
    var ndim = 0
    var isEmpty = false
    /// Where threads each have a part of a pair, the number of items of all parts: they use the same caches.
    var wholeCount: Int?

    /// The number of items of this pair and of the parts that other threads have.
    var totalCount: Int { unsafe wholeCount ?? count }

    /// The number of items.
    var count: Int {
        if unsafe isEmpty { return 0 }
        var result = 1
        for i in unsafe 0..<ndim { unsafe result &*= axes[i].count }
        return result
    }

    /// Adds an axis, outermost first; call ``normalize()`` after the last.
    mutating func append(_ count: Int, source sourceStride: Int, destination destinationStride: Int) {
        if count == 0 { unsafe isEmpty = true }
        if count == 1 { return }
        var axis = Axis(count: count, source: sourceStride, destination: destinationStride)
        if axis.destination < 0 || (axis.destination == 0 && axis.source < 0) {
            unsafe source += (count &- 1) &* axis.source
            unsafe destination += (count &- 1) &* axis.destination
            axis.source = 0 &- axis.source
            axis.destination = 0 &- axis.destination
        }
        // Insertion sort, which is stable.
        var place = unsafe ndim
        while place > 0, unsafe isInside(axes[place &- 1], axis) {
            unsafe axes[place] = unsafe axes[place &- 1]
            place &-= 1
        }
        unsafe (axes + place).initialize(to: axis)
        unsafe ndim &+= 1
    }

    /// Whether `a` belongs inside `b`: it has a smaller stride in the destination, or the same and a smaller one in the source.
    private func isInside(_ a: Axis, _ b: Axis) -> Bool {
        a.destination < b.destination
            || (a.destination == b.destination && a.source.magnitude < b.source.magnitude)
    }

    /// Joins neighbouring axes that are one on both sides.
    mutating func normalize() {
        guard unsafe ndim > 1 else { return }
        var last = 0
        for i in unsafe 1..<ndim {
            let outer = unsafe axes[last]
            let inner = unsafe axes[i]
            if outer.source == inner.source &* inner.count && outer.destination == inner.destination &* inner.count {
                unsafe axes[last] = Axis(
                    count: outer.count &* inner.count, source: inner.source, destination: inner.destination)
            } else {
                last &+= 1
                unsafe axes[last] = inner
            }
        }
        unsafe ndim = last &+ 1
    }

    /// Makes the axis with the source's smallest stride the last but one, if it is not the last.
    mutating func bringSourceAxisInside() {
        guard unsafe ndim > 2 else { return }
        var best = unsafe ndim &- 2
        for i in 0..<best where unsafe axes[i].source != 0 && axes[i].source.magnitude < axes[best].source.magnitude {
            best = i
        }
        let axis = unsafe axes[best]
        for i in unsafe best..<(ndim &- 2) { unsafe axes[i] = unsafe axes[i &+ 1] }
        unsafe axes[ndim &- 2] = axis
    }

    /// Calls `body` with the addresses reached by every index of the first `depth` axes, in order.
    func forEach<Failure: Error>(
        _ depth: Int, _ body: (UnsafeRawPointer, UnsafeMutableRawPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try unsafe Self.walk(axes, depth, source, destination, body)
    }

    private static func walk<Failure: Error>(
        _ axes: UnsafeMutablePointer<Axis>, _ depth: Int, _ source: UnsafeRawPointer,
        _ destination: UnsafeMutableRawPointer,
        _ body: (UnsafeRawPointer, UnsafeMutableRawPointer) throws(Failure) -> Void
    ) throws(Failure) {
        if depth == 0 { return try unsafe body(source, destination) }
        let axis = unsafe axes[0]
        var s = unsafe source
        var d = unsafe destination
        for _ in 0..<axis.count {
            if depth == 1 { try unsafe body(s, d) } else { try unsafe walk(axes + 1, depth &- 1, s, d, body) }
            unsafe s += axis.source
            unsafe d += axis.destination
        }
    }
}

/// Traverses two layouts of one shape, and calls `body` for every part of them that strides alone describe: once for
/// direct layouts, once for every pointer (or pair of pointers) followed where there are suboffsets.
///
/// `parts` adds an innermost axis of that many parts an item, `sourcePart` and `destinationPart` bytes apart.
/// `body` returns false to stop; so does this function then.
func withAxes<Failure: Error>(
    _ source: UnsafeRawPointer, _ sourceLayout: borrowing LayoutView,
    _ destination: UnsafeMutableRawPointer, _ destinationLayout: borrowing LayoutView,
    parts: Int = 1, sourcePart: Int = 0, destinationPart: Int = 0,
    _ body: (inout AxisPair) throws(Failure) -> Bool
) throws(Failure) -> Bool {
    let ndim = sourceLayout.ndim
    var indirect = 0
    for i in 0..<max(sourceLayout.suboffsets.count, destinationLayout.suboffsets.count) {
        if sourceLayout.suboffset(i) >= 0 || destinationLayout.suboffset(i) >= 0 { indirect = i &+ 1 }
    }
    func run(_ axes: UnsafeMutablePointer<Axis>) throws(Failure) -> Bool {
        var first = unsafe AxisPair(source: source, destination: destination, axes: axes)
        for i in indirect..<ndim {
            unsafe first.append(
                sourceLayout.shape[i], source: sourceLayout.strides[i], destination: destinationLayout.strides[i])
        }
        if parts > 1 { unsafe first.append(parts, source: sourcePart, destination: destinationPart) }
        if unsafe first.isEmpty { return true }
        unsafe first.normalize()
        if indirect == 0 { return try unsafe body(&first) }
        // Behind every pointer there are the same axes. `body` gets a copy, which it may change.
        let room = unsafe axes + first.ndim
        let (sourceStart, destinationStart) = unsafe (first.source - source, first.destination - destination)
        return try unsafe followPointers(
            source, sourceLayout, destination, destinationLayout, from: 0, to: indirect
        ) { (s: UnsafeRawPointer, d: UnsafeMutableRawPointer) throws(Failure) -> Bool in
            var pair = unsafe first
            unsafe room.initialize(from: axes, count: first.ndim)
            unsafe (pair.source, pair.destination, pair.axes) = (s + sourceStart, d + destinationStart, room)
            return try unsafe body(&pair)
        }
    }
    // Few axes take a constant size of the stack; for more the size is known only at run time, and may be the heap's.
    return unsafe ndim < 4
        ? try withTemporary(8, run) : ndim < 16 ? try withTemporary(32, run) : try withTemporary(2 &* (ndim &+ 1), run)
}

/// `withUnsafeTemporaryAllocation` for axes, with typed errors.
@inline(__always)
private func withTemporary<Failure: Error>(
    _ capacity: Int, _ body: (UnsafeMutablePointer<Axis>) throws(Failure) -> Bool
) throws(Failure) -> Bool {
    let result = unsafe withUnsafeTemporaryAllocation(of: Axis.self, capacity: capacity) {
        axes -> Result<Bool, Failure> in
        do throws(Failure) { return unsafe .success(try body(axes.baseAddress!)) } catch { return .failure(error) }
    }
    return try result.get()
}

/// Calls `body` with the addresses that both sides reach by every index of the axes from `axis` to `end`, in C order.
private func followPointers<Failure: Error>(
    _ source: UnsafeRawPointer, _ sourceLayout: borrowing LayoutView,
    _ destination: UnsafeMutableRawPointer, _ destinationLayout: borrowing LayoutView,
    from axis: Int, to end: Int,
    _ body: (UnsafeRawPointer, UnsafeMutableRawPointer) throws(Failure) -> Bool
) throws(Failure) -> Bool {
    if axis == end { return try unsafe body(source, destination) }
    for i in 0..<sourceLayout.shape[axis] {
        let s = unsafe sourceLayout.step(from: source, axis: axis, to: i)
        let d = unsafe destinationLayout.step(from: UnsafeRawPointer(destination), axis: axis, to: i)
        guard
            try unsafe followPointers(
                s, sourceLayout, UnsafeMutableRawPointer(mutating: d), destinationLayout, from: axis &+ 1, to: end,
                body)
        else { return false }
    }
    return true
}
