// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

/// Where an item has several runs, this many bytes of items are handled at a time, so that they are in the cache for each
/// run.
private let runBlock = 256 << 10

/// Moves the bytes of all items of a normalised pair that `runs` selects, or all bytes if it is `nil`.
func move(_ pair: inout AxisPair, _ itemsize: Int, _ runs: [ValueRun]?) {
    guard let runs else { return unsafe move(&pair, itemsize) }
    unsafe pair.forEachRun(runs, itemsize: itemsize) { part, run in
        if run.mask == .max { unsafe move(&part, run.length) } else { unsafe moveBits(&part, run.mask) }
    }
}

/// Moves some bits of bytes.
private func moveBits(_ pair: inout AxisPair, _ mask: UInt8) {
    unsafe pair.forEach(pair.ndim) { (source, destination) throws(Never) in
        let new = unsafe source.load(as: UInt8.self)
        let old = unsafe destination.load(as: UInt8.self)
        unsafe destination.storeBytes(of: (old & ~mask) | (new & mask), as: UInt8.self)
    }
}

extension AxisPair {
    /// Calls `body` for each run of bytes in an item, with the pair of that run's bytes in all items.
    ///
    /// - Parameter itemsize: bytes of a whole item.
    func forEachRun(_ runs: [ValueRun], itemsize: Int, _ body: (inout AxisPair, ValueRun) -> Void) {
        let ndim = unsafe self.ndim
        let outer = unsafe ndim == 0 ? Axis(count: 1, source: 0, destination: 0) : axes[0]
        let step = unsafe max(1, count / outer.count &* itemsize)
        let block = runs.count == 1 ? outer.count : max(1, runBlock / step)
        let room = runs.reduce(ndim) { max($0, ndim &+ $1.axes.count) }
        unsafe withUnsafeTemporaryAllocation(of: Axis.self, capacity: max(1, room)) { room in
            for start in stride(from: 0, to: outer.count, by: block) {
                for run in runs {
                    var part = unsafe self
                    unsafe part.axes = room.baseAddress!
                    unsafe part.ndim = 0
                    unsafe part.wholeCount = nil
                    unsafe part.source += run.offset &+ start &* outer.source
                    unsafe part.destination += run.offset &+ start &* outer.destination
                    for i in 0..<ndim {
                        let axis = unsafe axes[i]
                        unsafe part.append(
                            i == 0 ? min(block, outer.count &- start) : axis.count, source: axis.source,
                            destination: axis.destination)
                    }
                    for axis in run.axes {
                        unsafe part.append(axis.count, source: axis.stride, destination: axis.stride)
                    }
                    unsafe part.normalize()
                    unsafe body(&part, run)
                }
            }
        }
    }
}
