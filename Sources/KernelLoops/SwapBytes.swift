// SPDX-License-Identifier: Apache-2.0
extension Loops {
    @inline(never)
    package static func swapContiguous(
        _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, width: Int, count: Int
    ) {
        switch width {
        case 2: _ = unsafe map(source, destination, count) { (x: UInt16) in x.byteSwapped }
        case 3: unsafe swap24(source, destination, count)
        case 4: _ = unsafe map(source, destination, count) { (x: UInt32) in x.byteSwapped }
        case 8: _ = unsafe map(source, destination, count) { (x: UInt64) in x.byteSwapped }
        case 16:
            _ = unsafe map(source, destination, count) { (x: SIMD2<UInt64>) in SIMD2(x.y.byteSwapped, x.x.byteSwapped) }
        default:
            for item in 0..<count {
                let s = unsafe source + item &* width
                let d = unsafe destination + item &* width
                for i in 0..<(width &+ 1) / 2 {
                    let low = unsafe s.load(fromByteOffset: i, as: UInt8.self)
                    let high = unsafe s.load(fromByteOffset: width &- 1 &- i, as: UInt8.self)
                    unsafe d.storeBytes(of: high, toByteOffset: i, as: UInt8.self)
                    unsafe d.storeBytes(of: low, toByteOffset: width &- 1 &- i, as: UInt8.self)
                }
            }
        }
    }
}
