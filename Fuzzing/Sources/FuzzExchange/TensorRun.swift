// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput
import Interchange
import InterchangeShims

/// Tensors of DLPack: small ones over a block that is as large as their items need, and ones of any numbers.
struct TensorRun {
    static func run(_ choices: inout Choices, _ memory: inout Memory) {
        if choices.chance(40) { small(&choices, &memory) } else { wild(&choices, &memory) }
    }

    /// The types of DLPack that have a format, with the bytes of one number that the alignment goes by.
    private static let types: [(kind: Int, bits: Int, alignment: Int)] = [
        (SB_TENSOR_INT, 8, 1), (SB_TENSOR_INT, 16, 2), (SB_TENSOR_INT, 32, 4), (SB_TENSOR_INT, 64, 8),
        (SB_TENSOR_UINT, 8, 1), (SB_TENSOR_UINT, 64, 8), (SB_TENSOR_FLOAT, 16, 2), (SB_TENSOR_FLOAT, 64, 8),
        (SB_TENSOR_COMPLEX, 64, 4), (SB_TENSOR_COMPLEX, 128, 8), (SB_TENSOR_BOOL, 8, 1),
    ]

    /// A tensor that is right, or has one fault.
    private static func small(_ choices: inout Choices, _ memory: inout Memory) {
        let type = choices.pick(types)
        let itemsize = type.bits / 8
        let shape = (0..<choices.int(0...4)).map { _ in choices.int(0...4) }
        let strides = shape.map { _ in choices.int(-6...6) }
        let hasStrides = choices.chance(80)
        var low = 0
        var high = itemsize
        for axis in shape.indices {
            let stride = hasStrides ? strides[axis] : shape[(axis + 1)...].reduce(1, *)
            let reach = (shape[axis] - 1) * stride * itemsize
            if reach < 0 { low += reach } else { high += reach }
        }
        if shape.contains(0) { (low, high) = (0, 0) }
        let before = choices.int(0...1) * 16
        let block = unsafe memory.bytes(max(before + high - low, 1))
        // The items begin at a multiple of 16 bytes, from which they also go backwards.
        var offset = before - low
        offset += choices.flip() ? 0 : -offset % max(type.alignment, 1)
        let isAligned = high == low || offset.isMultiple(of: type.alignment)
        let fault = choices.chance(30) ? choices.int(0...5) : nil
        let tensor = unsafe SBTensor(
            data: fault == 0 || (high == low && choices.flip()) ? nil : block,
            device: SBTensorDevice(kind: fault == 1 ? 2 : 1, number: 0),
            ndim: fault == 2 ? Int32(choices.pick([-1, 65, 1 << 20])) : Int32(shape.count),
            type: SBTensorType(
                kind: fault == 3 ? 3 : UInt8(type.kind), bits: UInt8(type.bits), lanes: fault == 4 ? 2 : 1),
            shape: fault == 5 ? nil : memory.copy(shape.map { Int64($0) }),
            strides: hasStrides ? memory.copy(strides.map { Int64($0) }) : nil, offset: UInt64(max(offset, 0)))
        // A tensor without items needs no data, and one without axes no shape.
        let isRight = fault == nil || (fault == 0 && high == low) || (fault == 5 && shape.isEmpty)
        guard let reading = try? TensorReading(tensor) else {
            require(!isRight || !isAligned || offset < 0, "\(shape) \(strides) of \(type) was refused")
            return
        }
        require(isRight && isAligned, "\(shape) \(strides) of \(type) was accepted, fault \(fault ?? -1)")
        require(reading.layout.shape == shape && reading.layout.itemsize == itemsize, "\(reading.layout)")
        require(reading.byteCount == high - low && reading.offset == -low, "\(reading.byteCount), \(reading.offset)")
        guard let address = unsafe reading.address else {
            require(high == low, "no address of \(high - low) bytes")
            return
        }
        require(unsafe address == block + offset + low, "the items of \(shape) \(strides) begin elsewhere")
        var sum: UInt8 = 0
        for byte in 0..<reading.byteCount {
            // AddressSanitizer knows where the block ends.
            unsafe (address + byte).storeBytes(of: UInt8(truncatingIfNeeded: byte), as: UInt8.self)
            sum &+= unsafe (address + byte).load(as: UInt8.self)
        }
        require(sum == (0..<reading.byteCount).reduce(0) { $0 &+ UInt8(truncatingIfNeeded: $1) }, "lost bytes")
    }

    /// A tensor of any numbers, which is not touched: what is accepted lies between the first and the last address.
    private static func wild(_ choices: inout Choices, _ memory: inout Memory) {
        let ndim = choices.chance(90) ? choices.int(0...5) : choices.int(0...70)
        let shape = (0..<ndim).map { _ in choices.chance(80) ? choices.wild() & Int.max : choices.wild() }
        let strides = (0..<ndim).map { _ in choices.wild() }
        let hasStrides = choices.flip()
        let data = UInt(bitPattern: choices.wild())
        let tensor = unsafe SBTensor(
            data: UnsafeMutableRawPointer(bitPattern: data),
            device: SBTensorDevice(
                kind: Int32(choices.pick([1, 1, 1, 3, 13, 2, -1])), number: Int32(choices.int(0...2))),
            ndim: Int32(choices.chance(95) ? ndim : -ndim),
            type: SBTensorType(
                kind: UInt8(choices.chance(80) ? choices.pick(types).kind : choices.int(0...255)),
                bits: UInt8(choices.chance(80) ? choices.pick(types).bits : choices.int(0...255)),
                lanes: UInt16(choices.chance(90) ? 1 : choices.int(0...65535))),
            shape: choices.chance(95) ? memory.copy(shape.map { Int64($0) }) : nil,
            strides: hasStrides ? memory.copy(strides.map { Int64($0) }) : nil,
            offset: UInt64(bitPattern: Int64(choices.chance(60) ? 0 : choices.wild())))
        guard let reading = try? TensorReading(tensor) else { return }
        let itemsize = Int128(tensor.type.bits) * Int128(tensor.type.lanes) / 8
        require(Int(tensor.ndim) == ndim && reading.layout.shape == shape, "\(reading.layout) of \(shape)")
        require(Int128(reading.layout.itemsize) == itemsize, "\(reading.layout) of \(tensor.type)")
        if shape.contains(0) {
            require(unsafe reading.byteCount == 0 && reading.address == nil, "bytes of \(shape)")
            return
        }
        var (low, high) = (Int128(0), itemsize)
        for axis in 0..<ndim {
            let stride =
                hasStrides ? Int128(strides[axis]) : shape[(axis + 1)...].reduce(Int128(1)) { $0 * Int128($1) }
            let reach = Int128(shape[axis] - 1) * stride * itemsize
            if reach < 0 { low += reach } else { high += reach }
        }
        let first = Int128(data) + Int128(tensor.offset)
        require(Int128(reading.byteCount) == high - low && Int128(reading.offset) == -low, "\(low)..<\(high)")
        let start = unsafe Int128(UInt(bitPattern: reading.address))
        require(start == first + low && start > 0, "\(start) is not \(first) \(low)")
        require(start + Int128(reading.byteCount) <= Int128(UInt.max), "\(start) + \(reading.byteCount)")
        require(first.isMultiple(of: Int128(reading.scalar.alignment)), "\(first) is not aligned")
    }
}
