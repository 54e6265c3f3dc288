// SPDX-License-Identifier: Apache-2.0

/// Decisions that a fuzzer makes: two of its bytes each, the deciding half of a number, so that a change of one byte
/// changes one decision. When they are used up the rest follows from all of them by a hash.
public struct Choices: RandomNumberGenerator {
    private let bytes: [UInt8]
    private var position = 0
    private var noise: UInt64

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        noise = bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    }

    public mutating func next() -> UInt64 {
        noise &+= 0x9e37_79b9_7f4a_7c15
        var mixed = noise
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        mixed ^= mixed >> 31
        guard position + 1 < bytes.count else { return mixed }
        let decision = UInt64(bytes[position]) << 8 | UInt64(bytes[position + 1])
        position += 2
        // The rest of the number is noise: a constant could be refused for ever by who draws evenly from a range.
        return decision << 48 | mixed >> 16
    }

    /// Whether something decided on an even chance happens.
    public mutating func flip() -> Bool { Int.random(in: 0...1, using: &self) == 1 }
    /// One of several.
    public mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: 0...values.count - 1, using: &self)]
    }
}
