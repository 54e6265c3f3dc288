// SPDX-License-Identifier: Apache-2.0
internal import KernelShims

/// How cache lines are made of items of one size. A type and not closures, so that the loops are specialised for each
/// size even where the compiler would not inline a closure of this length.
protocol Lines {
    static var itemsize: Int { get }
    /// How many columns a tile has; its rows are as many as a destination line has items.
    static var tileColumns: Int { get }
    /// Reads a tile, with a row stride, and writes a line of every destination row.
    static func put(
        _ source: UnsafeRawPointer, row sourceRow: Int, _ destination: UnsafeMutableRawPointer, row destinationRow: Int,
        streaming: Bool)
    /// The same for destination rows that are not aligned: streams whole lines and keeps the rest of them in `carried`.
    /// Implementations are not inlined: that makes them slower.
    static func join(
        _ source: UnsafeRawPointer, row sourceRow: Int, _ destination: UnsafeMutableRawPointer, row destinationRow: Int,
        carried: UnsafeMutableRawPointer, isFirst: Bool)
}

extension Lines {
    @inline(__always)
    static var tile: TileSize { TileSize(itemsize: itemsize, rows: 64 / itemsize, columns: tileColumns) }
}

enum Lines1: Lines {
    static var itemsize: Int { 1 }
    static var tileColumns: Int { 16 }
    static func put(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int, streaming: Bool
    ) {
        unsafe ks_lines1(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int,
        carried: UnsafeMutableRawPointer, isFirst: Bool
    ) {
        unsafe ks_joined_lines1(s, row, d, down, carried, isFirst)
    }
}

enum Lines2: Lines {
    static var itemsize: Int { 2 }
    static var tileColumns: Int { 8 }
    static func put(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int, streaming: Bool
    ) {
        unsafe ks_lines2(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int,
        carried: UnsafeMutableRawPointer, isFirst: Bool
    ) {
        unsafe ks_joined_lines2(s, row, d, down, carried, isFirst)
    }
}

enum Lines4: Lines {
    static var itemsize: Int { 4 }
    static var tileColumns: Int { ks_vector_width() / 4 }
    static func put(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int, streaming: Bool
    ) {
        unsafe ks_lines4(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int,
        carried: UnsafeMutableRawPointer, isFirst: Bool
    ) {
        unsafe ks_joined_lines4(s, row, d, down, carried, isFirst)
    }
}

enum Lines8: Lines {
    static var itemsize: Int { 8 }
    static var tileColumns: Int { ks_vector_width() / 8 }
    static func put(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int, streaming: Bool
    ) {
        unsafe ks_lines8(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int,
        carried: UnsafeMutableRawPointer, isFirst: Bool
    ) {
        unsafe ks_joined_lines8(s, row, d, down, carried, isFirst)
    }
}

enum Lines16: Lines {
    static var itemsize: Int { 16 }
    static var tileColumns: Int { 4 }
    static func put(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int, streaming: Bool
    ) {
        unsafe ks_lines16(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, row: Int, _ d: UnsafeMutableRawPointer, row down: Int,
        carried: UnsafeMutableRawPointer, isFirst: Bool
    ) {
        unsafe ks_joined_lines16(s, row, d, down, carried, isFirst)
    }
}
