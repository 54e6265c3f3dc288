// SPDX-License-Identifier: Apache-2.0
package import KernelInterface
internal import KernelShims

extension Loops {
    @inline(never)
    package static func gatherRows(_ grid: Grid, streaming: Bool) -> Bool {
        switch unsafe grid.itemsize {
        case 1: unsafe gather(Steps1.self, grid, streaming)
        case 2: unsafe gather(Steps2.self, grid, streaming)
        case 4: unsafe gather(Steps4.self, grid, streaming)
        case 8: unsafe gather(Steps8.self, grid, streaming)
        default: false
        }
    }

    @inline(never)
    package static func splitChannels(_ grid: Grid) -> Bool {
        let channels = unsafe grid.rows
        let job = unsafe Channels(
            source: grid.source, destination: grid.destination, plane: grid.destinationRow, pixels: grid.columns)
        return switch unsafe (grid.itemsize, channels) {
        case (1, 2): unsafe job.split(UInt8.self, 2) { unsafe ks_split2_1($0, $1, $2) }
        case (1, 3): unsafe job.split(UInt8.self, 3) { unsafe ks_split3_1($0, $1, $2) }
        case (1, 4): unsafe job.split(UInt8.self, 4) { unsafe ks_split4_1($0, $1, $2) }
        case (2, 2): unsafe job.split(UInt16.self, 2) { unsafe ks_split2_2($0, $1, $2) }
        case (2, 3): unsafe job.split(UInt16.self, 3) { unsafe ks_split3_2($0, $1, $2) }
        case (2, 4): unsafe job.split(UInt16.self, 4) { unsafe ks_split4_2($0, $1, $2) }
        case (4, 2): unsafe job.split(UInt32.self, 2) { unsafe ks_split2_4($0, $1, $2) }
        case (4, 3): unsafe job.split(UInt32.self, 3) { unsafe ks_split3_4($0, $1, $2) }
        case (4, 4): unsafe job.split(UInt32.self, 4) { unsafe ks_split4_4($0, $1, $2) }
        case (8, 2): unsafe job.split(UInt64.self, 2) { unsafe ks_split2_8($0, $1, $2) }
        case (8, 3): unsafe job.split(UInt64.self, 3) { unsafe ks_split3_8($0, $1, $2) }
        case (8, 4): unsafe job.split(UInt64.self, 4) { unsafe ks_split4_8($0, $1, $2) }
        default: false
        }
    }

    @inline(never)
    package static func joinChannels(_ grid: Grid, streaming: Bool) -> Bool {
        let channels = unsafe grid.columns
        let job = unsafe Channels(
            source: grid.source, destination: grid.destination, plane: grid.sourceColumn, pixels: grid.rows)
        return switch unsafe (grid.itemsize, channels) {
        case (1, 2): unsafe job.join(UInt8.self, 2, streaming) { unsafe ks_join2_1($0, $1, $2, $3) }
        case (1, 3): unsafe job.join(UInt8.self, 3, streaming) { unsafe ks_join3_1($0, $1, $2, $3) }
        case (1, 4): unsafe job.join(UInt8.self, 4, streaming) { unsafe ks_join4_1($0, $1, $2, $3) }
        case (2, 2): unsafe job.join(UInt16.self, 2, streaming) { unsafe ks_join2_2($0, $1, $2, $3) }
        case (2, 3): unsafe job.join(UInt16.self, 3, streaming) { unsafe ks_join3_2($0, $1, $2, $3) }
        case (2, 4): unsafe job.join(UInt16.self, 4, streaming) { unsafe ks_join4_2($0, $1, $2, $3) }
        case (4, 2): unsafe job.join(UInt32.self, 2, streaming) { unsafe ks_join2_4($0, $1, $2, $3) }
        case (4, 3): unsafe job.join(UInt32.self, 3, streaming) { unsafe ks_join3_4($0, $1, $2, $3) }
        case (4, 4): unsafe job.join(UInt32.self, 4, streaming) { unsafe ks_join4_4($0, $1, $2, $3) }
        case (8, 2): unsafe job.join(UInt64.self, 2, streaming) { unsafe ks_join2_8($0, $1, $2, $3) }
        case (8, 3): unsafe job.join(UInt64.self, 3, streaming) { unsafe ks_join3_8($0, $1, $2, $3) }
        case (8, 4): unsafe job.join(UInt64.self, 4, streaming) { unsafe ks_join4_8($0, $1, $2, $3) }
        default: false
        }
    }
}

@inline(__always)
private func gather<Steps: VectorSteps>(_: Steps.Type, _ grid: Grid, _ streaming: Bool) -> Bool {
    let size = MemoryLayout<Steps.Item>.size
    let step = unsafe grid.sourceColumn / size
    guard unsafe grid.sourceColumn == step &* size && (step == -1 || (2...4).contains(step)) else { return false }
    for r in unsafe 0..<grid.rows { unsafe gatherRow(Steps.self, grid.row(r), step, streaming) }
    return true
}

@inline(__always)
private func gatherRow<Steps: VectorSteps>(_: Steps.Type, _ row: Grid, _ step: Int, _ streaming: Bool) {
    let (source, destination, count) = unsafe (row.source, row.destination, row.columns)
    let size = MemoryLayout<Steps.Item>.size
    let lanes = ks_vector_width() / size
    func single(_ i: Int) {
        let item = unsafe source.loadUnaligned(fromByteOffset: i &* step &* size, as: Steps.Item.self)
        unsafe destination.storeBytes(of: item, toByteOffset: i &* size, as: Steps.Item.self)
    }
    // Non-temporal stores must be aligned; a destination that cannot be aligned gets ordinary stores.
    let offset = UInt(bitPattern: destination) & UInt(bitPattern: ks_vector_width() &- 1)
    let streams = streaming && offset & UInt(bitPattern: size &- 1) == 0
    var i = 0
    if streams && offset != 0 {
        let head = min(count, (ks_vector_width() &- Int(bitPattern: offset)) / size)
        while i < head {
            single(i)
            i &+= 1
        }
    }
    @inline(__always)
    func vectors(_ last: Int, _ body: (UnsafeRawPointer, UnsafeMutableRawPointer, Bool) -> Void) {
        if streams {
            while i <= last {
                unsafe body(source + i &* step &* size, destination + i &* size, true)
                i &+= lanes
            }
            ks_stream_fence()
        } else {
            while i <= last {
                unsafe body(source + i &* step &* size, destination + i &* size, false)
                i &+= lanes
            }
        }
    }
    // A vector of every second item is made of two vectors that extend past its last item: the last one is left out.
    switch step {
    case -1: unsafe vectors(count &- lanes) { unsafe Steps.reverse($0 + size, $1, $2) }
    case 2: unsafe vectors(count &- lanes &- 1) { unsafe Steps.every2($0, $1, $2) }
    case 3: unsafe vectors(count &- lanes &- 1) { unsafe Steps.every3($0, $1, $2) }
    default: unsafe vectors(count &- lanes &- 1) { unsafe Steps.every4($0, $1, $2) }
    }
    while i < count {
        single(i)
        i &+= 1
    }
}

/// How a vector is made of items that lie a step apart. A type and not closures, which the compiler stopped inlining into
/// the loops: a call for each vector cost a quarter of their speed.
private protocol VectorSteps {
    associatedtype Item: FixedWidthInteger & BitwiseCopyable
    /// Reads the vector that ends before `source`'s next item, and writes its items in reverse.
    static func reverse(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool)
    static func every2(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool)
    static func every3(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool)
    static func every4(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool)
}

private enum Steps1: VectorSteps {
    typealias Item = UInt8
    @inline(__always)
    static func reverse(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_reverse1(source, destination, streaming)
    }
    @inline(__always)
    static func every2(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every2_1(source, destination, streaming)
    }
    @inline(__always)
    static func every3(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every3_1(source, destination, streaming)
    }
    @inline(__always)
    static func every4(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every4_1(source, destination, streaming)
    }
}

private enum Steps2: VectorSteps {
    typealias Item = UInt16
    @inline(__always)
    static func reverse(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_reverse2(source, destination, streaming)
    }
    @inline(__always)
    static func every2(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every2_2(source, destination, streaming)
    }
    @inline(__always)
    static func every3(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every3_2(source, destination, streaming)
    }
    @inline(__always)
    static func every4(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every4_2(source, destination, streaming)
    }
}

private enum Steps4: VectorSteps {
    typealias Item = UInt32
    @inline(__always)
    static func reverse(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_reverse4(source, destination, streaming)
    }
    @inline(__always)
    static func every2(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every2_4(source, destination, streaming)
    }
    @inline(__always)
    static func every3(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every3_4(source, destination, streaming)
    }
    @inline(__always)
    static func every4(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every4_4(source, destination, streaming)
    }
}

private enum Steps8: VectorSteps {
    typealias Item = UInt64
    @inline(__always)
    static func reverse(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_reverse8(source, destination, streaming)
    }
    @inline(__always)
    static func every2(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every2_8(source, destination, streaming)
    }
    @inline(__always)
    static func every3(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every3_8(source, destination, streaming)
    }
    @inline(__always)
    static func every4(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ streaming: Bool) {
        unsafe ks_every4_8(source, destination, streaming)
    }
}

/// Pixels, whose channels alternate, and planes, one for each channel.
@unsafe
private struct Channels {
    var source: UnsafeRawPointer
    var destination: UnsafeMutableRawPointer
    /// Bytes from one plane to the next.
    var plane: Int
    var pixels: Int

    @inline(__always)
    func split<Item: FixedWidthInteger & BitwiseCopyable>(
        _: Item.Type, _ channels: Int, _ body: (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void
    ) -> Bool {
        let size = MemoryLayout<Item>.size
        let lanes = ks_vector_width() / size
        var i = 0
        while unsafe i &+ lanes <= pixels {
            unsafe body(source + i &* channels &* size, destination + i &* size, plane)
            i &+= lanes
        }
        while unsafe i < pixels {
            for c in 0..<channels {
                let item = unsafe source.loadUnaligned(fromByteOffset: (i &* channels &+ c) &* size, as: Item.self)
                unsafe destination.storeBytes(of: item, toByteOffset: c &* plane &+ i &* size, as: Item.self)
            }
            i &+= 1
        }
        return true
    }

    @inline(__always)
    func join<Item: FixedWidthInteger & BitwiseCopyable>(
        _: Item.Type, _ channels: Int, _ streaming: Bool,
        _ body: (UnsafeRawPointer, Int, UnsafeMutableRawPointer, Bool) -> Void
    ) -> Bool {
        let size = MemoryLayout<Item>.size
        let lanes = ks_vector_width() / size
        let pixel = channels &* size
        func single(_ i: Int) {
            for c in 0..<channels {
                let item = unsafe source.loadUnaligned(fromByteOffset: c &* plane &+ i &* size, as: Item.self)
                unsafe destination.storeBytes(of: item, toByteOffset: i &* pixel &+ c &* size, as: Item.self)
            }
        }
        var i = 0
        let address = unsafe Int(bitPattern: destination)
        let head = streaming ? (0..<64).first { (address &+ $0 &* pixel) & 63 == 0 } : nil
        if let head {
            while unsafe i < min(head, pixels) {
                single(i)
                i &+= 1
            }
            while unsafe i &+ lanes <= pixels {
                unsafe body(source + i &* size, plane, destination + i &* pixel, true)
                i &+= lanes
            }
            ks_stream_fence()
        }
        while unsafe i &+ lanes <= pixels {
            unsafe body(source + i &* size, plane, destination + i &* pixel, false)
            i &+= lanes
        }
        while unsafe i < pixels {
            single(i)
            i &+= 1
        }
        return true
    }
}
