internal import KernelShims

/// How lines are made of items of one size. A type, not closures: what is compiled for each size knows all of it then,
/// however long the functions are.
protocol Lines {
    static var itemsize: Int { get }
    /// How many columns a tile has; its rows are as many as a destination line has items.
    static var tileColumns: Int { get }
    /// Reads a tile, with a row stride, and writes a line of every destination row, streamed or not.
    static func put(_ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int, _ streaming: Bool)
    /// The same for destination rows that are not aligned: streams whole lines and keeps what is left of them. Not to be
    /// inlined: 64 MiB of 8 bytes take 7.1 ms then instead of 5.7, of 4 bytes 9.6 instead of 7.4.
    static func join(
        _ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int,
        _ carried: UnsafeMutableRawPointer, _ first: Bool)
}

enum Lines1: Lines {
    static var itemsize: Int { 1 }
    static var tileColumns: Int { 16 }
    static func put(_ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int, _ streaming: Bool) {
        unsafe ks_lines1(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int,
        _ carried: UnsafeMutableRawPointer, _ first: Bool
    ) {
        unsafe ks_joined_lines1(s, row, d, down, carried, first)
    }
}

enum Lines2: Lines {
    static var itemsize: Int { 2 }
    static var tileColumns: Int { 8 }
    static func put(_ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int, _ streaming: Bool) {
        unsafe ks_lines2(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int,
        _ carried: UnsafeMutableRawPointer, _ first: Bool
    ) {
        unsafe ks_joined_lines2(s, row, d, down, carried, first)
    }
}

enum Lines4: Lines {
    static var itemsize: Int { 4 }
    static var tileColumns: Int { ks_vector_width() / 4 }
    static func put(_ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int, _ streaming: Bool) {
        unsafe ks_lines4(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int,
        _ carried: UnsafeMutableRawPointer, _ first: Bool
    ) {
        unsafe ks_joined_lines4(s, row, d, down, carried, first)
    }
}

enum Lines8: Lines {
    static var itemsize: Int { 8 }
    static var tileColumns: Int { ks_vector_width() / 8 }
    static func put(_ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int, _ streaming: Bool) {
        unsafe ks_lines8(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int,
        _ carried: UnsafeMutableRawPointer, _ first: Bool
    ) {
        unsafe ks_joined_lines8(s, row, d, down, carried, first)
    }
}

enum Lines16: Lines {
    static var itemsize: Int { 16 }
    static var tileColumns: Int { 4 }
    static func put(_ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int, _ streaming: Bool) {
        unsafe ks_lines16(s, row, d, down, streaming)
    }
    @inline(never) static func join(
        _ s: UnsafeRawPointer, _ row: Int, _ d: UnsafeMutableRawPointer, _ down: Int,
        _ carried: UnsafeMutableRawPointer, _ first: Bool
    ) {
        unsafe ks_joined_lines16(s, row, d, down, carried, first)
    }
}
