// SPDX-License-Identifier: Apache-2.0

/// Ends the process if a promise is broken, with the reason on its last lines; libFuzzer keeps the input.
public func require(
    _ promise: Bool, _ context: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) {
    guard promise else { fatalError(context(), file: file, line: line) }
}

/// The bytes that libFuzzer passes to a target.
///
/// - Precondition: `data` points at `count` bytes.
public func bytes(_ data: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    unsafe [UInt8](UnsafeBufferPointer(start: data, count: count))
}
