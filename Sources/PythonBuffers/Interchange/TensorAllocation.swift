// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout
internal import CPython
internal import CPythonShims
internal import Interchange
package import InterchangeShims

/// A tensor with a block of its own, made for a consumer of DLPack's C functions.
@safe
package final class TensorAllocation {
    private let block: MemoryBlock
    /// The tensor, and behind it shape and strides.
    private let tensor: UnsafeMutablePointer<SBVersionedTensor>

    /// A tensor of the shape and the items of another one, in C order and not initialised.
    ///
    /// - Returns: what belongs to the caller, who calls its deleter, on any thread.
    /// - Throws: `BufferError` for another device, a negative length or a size that an address cannot count;
    ///   `MemoryError`.
    @unsafe
    package static func make(
        like prototype: SBTensor
    ) throws(PythonError) -> UnsafeMutablePointer<SBVersionedTensor> {
        let made = try TensorAllocation(like: prototype)
        let tensor = unsafe made.tensor
        unsafe tensor.pointee.context = Unmanaged.passRetained(made).toOpaque()
        return unsafe tensor
    }

    private init(like prototype: SBTensor) throws(PythonError) {
        let ndim = Int(prototype.ndim)
        guard prototype.device.kind == SBTensorDevice.cpu.kind else {
            throw PythonError(.buffer, "memory is made on the CPU, not on a device of kind \(prototype.device.kind)")
        }
        guard (0...maximumDimensions).contains(ndim), unsafe ndim == 0 || prototype.shape != nil else {
            throw PythonError(.buffer, "a tensor of \(ndim) dimensions cannot be made")
        }
        // Any item can be made, also one that has no format here.
        let itemsize = (Int(prototype.type.bits) * Int(prototype.type.lanes) + 7) / 8
        let shape = unsafe UnsafeBufferPointer(start: prototype.shape, count: ndim).map { Int(truncatingIfNeeded: $0) }
        let layout: Layout
        do throws(LayoutError) {
            layout = try Layout(shape: shape, itemsize: itemsize)
        } catch {
            throw PythonError(.buffer, error.message)
        }
        block = try MemoryBlock(byteCount: layout.summary.byteCount, zeroed: false)
        let size = MemoryLayout<SBVersionedTensor>.stride
        let room = UnsafeMutableRawPointer.allocate(
            byteCount: size + 2 * ndim * MemoryLayout<Int64>.stride,
            alignment: MemoryLayout<SBVersionedTensor>.alignment)
        let numbers = unsafe (room + size).bindMemory(to: Int64.self, capacity: 2 * ndim)
        for axis in 0..<ndim {
            unsafe (numbers + axis).initialize(to: Int64(layout.view.shape[axis]))
            unsafe (numbers + ndim + axis).initialize(to: Int64(layout.view.strideInItems(axis) ?? 0))
        }
        unsafe tensor = room.bindMemory(to: SBVersionedTensor.self, capacity: 1)
        unsafe tensor.initialize(
            to: SBVersionedTensor(
                major: UInt32(SB_TENSOR_MAJOR), minor: UInt32(SB_TENSOR_MINOR), context: nil,
                deleter: { tensor in
                    guard let context = unsafe tensor.pointee.context else { return }
                    unsafe Unmanaged<TensorAllocation>.fromOpaque(context).release()
                }, flags: 0,
                tensor: SBTensor(
                    data: layout.summary.byteCount == 0 ? nil : block.start, device: .cpu, ndim: prototype.ndim,
                    type: prototype.type, shape: numbers, strides: numbers + ndim, offset: 0)))
    }

    deinit {
        unsafe UnsafeMutableRawPointer(tensor).deallocate()
    }
}
