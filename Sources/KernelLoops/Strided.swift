// SPDX-License-Identifier: Apache-2.0
package import KernelInterface

extension Loops {
    // The grid is walked in square tiles, so that the cache lines of a side with large strides are used while they are
    // in the cache.
    @inline(never)
    package static func moveGrid(_ grid: Grid) {
        switch unsafe grid.itemsize {
        case 1: unsafe grid.move(UInt8.self)
        case 2: unsafe grid.move(UInt16.self)
        case 3: unsafe grid.move(Packed<UInt16, UInt8>.self)
        case 4: unsafe grid.move(UInt32.self)
        case 6: unsafe grid.move(Packed<UInt32, UInt16>.self)
        case 8: unsafe grid.move(UInt64.self)
        case 12: unsafe grid.move(Packed<UInt64, UInt32>.self)
        case 16: unsafe grid.move(SIMD2<UInt64>.self)
        default: unsafe grid.moveBytes()
        }
    }
}

/// An item of a size that no register has, moved in two steps.
struct Packed<Head: BitwiseCopyable, Tail: BitwiseCopyable> {}

private protocol Movable {
    static func move(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer)
}

extension Movable where Self: BitwiseCopyable {
    @inline(__always)
    static func move(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer) {
        unsafe destination.storeBytes(of: source.loadUnaligned(as: Self.self), as: Self.self)
    }
}

extension UInt8: Movable {}
extension UInt16: Movable {}
extension UInt32: Movable {}
extension UInt64: Movable {}
extension SIMD2<UInt64>: Movable {}
extension Packed: Movable {
    @inline(__always)
    static func move(_ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer) {
        let size = MemoryLayout<Head>.size
        unsafe destination.storeBytes(of: source.loadUnaligned(as: Head.self), as: Head.self)
        unsafe destination.storeBytes(
            of: source.loadUnaligned(fromByteOffset: size, as: Tail.self), toByteOffset: size, as: Tail.self)
    }
}

extension Grid {
    @inline(__always)
    fileprivate func move<Item: Movable>(_: Item.Type) {
        unsafe tiles { source, destination, rows, columns in
            for r in 0..<rows {
                let s = unsafe source + r &* sourceRow
                let d = unsafe destination + r &* destinationRow
                for c in 0..<columns { unsafe Item.move(s + c &* sourceColumn, d + c &* destinationColumn) }
            }
        }
    }

    fileprivate func moveBytes() {
        let itemsize = unsafe itemsize
        unsafe tiles { source, destination, rows, columns in
            for r in 0..<rows {
                let s = unsafe source + r &* sourceRow
                let d = unsafe destination + r &* destinationRow
                for c in 0..<columns {
                    unsafe (d + c &* destinationColumn).copyMemory(from: s + c &* sourceColumn, byteCount: itemsize)
                }
            }
        }
    }

    @inline(__always)
    private func tiles(_ body: (UnsafeRawPointer, UnsafeMutableRawPointer, Int, Int) -> Void) {
        // One row is one run, however long.
        let width = unsafe rows == 1 ? columns : 32
        var r = 0
        while unsafe r < rows {
            var c = 0
            while unsafe c < columns {
                unsafe body(
                    source + r &* sourceRow + c &* sourceColumn,
                    destination + r &* destinationRow + c &* destinationColumn,
                    min(32, rows &- r), min(width, columns &- c))
                c &+= width
            }
            r &+= 32
        }
    }
}
