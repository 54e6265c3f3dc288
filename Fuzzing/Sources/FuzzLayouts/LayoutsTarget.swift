// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import FuzzInput

/// What libFuzzer calls with every input.
@c(LLVMFuzzerTestOneInput)
public func tryInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    LayoutsTarget.run(unsafe bytes(data, count))
    return 0
}

/// The bytes choose a layout and what is asked of it. Either the layout is small, and every item of every result is
/// looked up in a model that knows no strides; or its numbers are extreme, and the results' bounds are worked out in
/// numbers that hold them.
enum LayoutsTarget {
    static func run(_ bytes: [UInt8]) {
        var choices = Choices(bytes)
        switch choices.int(0...2) {
        case 0: ModelRun.run(&choices)
        case 1: BoundsRun.run(&choices)
        default: WildRun.run(&choices)
        }
    }
}
