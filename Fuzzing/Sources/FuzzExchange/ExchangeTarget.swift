// SPDX-License-Identifier: Apache-2.0
import FuzzInput

/// What libFuzzer calls with every input.
@c(LLVMFuzzerTestOneInput)
public func tryInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    ExchangeTarget.run(unsafe bytes(data, count))
    return 0
}

/// The bytes choose a structure as another library may have made it, right or wrong, and what it points at. Read, it
/// shows the items that it describes, and no byte beside them; what is wrong is refused.
enum ExchangeTarget {
    static func run(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        var memory = Memory()
        defer { memory.free() }
        if choices.flip() {
            TensorRun.run(&choices, &memory)
        } else {
            ArrowRun.run(&choices, &memory)
        }
    }
}

/// Blocks of exactly the bytes that a structure needs, so that AddressSanitizer sees what reads beyond them.
@safe
struct Memory {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    /// A block for some values, aligned to 16 bytes.
    mutating func copy<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
        let block = unsafe bytes(values.count * MemoryLayout<Value>.stride)
        let typed = unsafe block.bindMemory(to: Value.self, capacity: values.count)
        unsafe typed.initialize(from: values, count: values.count)
        return unsafe typed
    }

    /// A block of some bytes.
    mutating func bytes(_ count: Int) -> UnsafeMutableRawPointer {
        let block = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 16)
        unsafe blocks.append(block)
        return unsafe block
    }

    mutating func free() {
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
    }
}

extension Choices {
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    /// Whether something happens in so many cases of a hundred.
    mutating func chance(_ percent: Int) -> Bool { int(0...99) < percent }

    /// A number of either sign, small or close to a limit.
    mutating func wild() -> Int {
        let magnitude =
            switch int(0...5) {
            case 0...1: int(0...9)
            case 2: 1 << int(0...62)
            case 3: (1 << int(0...62)) - 1
            case 4: Int.max - int(0...3)
            default: Int.max / int(1...9)
            }
        return chance(2) ? Int.min : flip() ? magnitude : -magnitude
    }
}
