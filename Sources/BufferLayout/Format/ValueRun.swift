// SPDX-License-Identifier: Apache-2.0

/// Contiguous bytes of an item that hold values, and the axes along which they repeat: everything except padding.
public struct ValueRun: Sendable, Hashable {
    /// Bytes from the start of the item to the first byte of the run.
    public internal(set) var offset: Int
    /// The number of bytes, at least one.
    public internal(set) var length: Int
    /// The bits of each byte that belong to values: all, except in a single byte that bit fields share with padding.
    public internal(set) var mask: UInt8
    /// The axes along which the run repeats, outermost first: those of sub-arrays of structures with padding. Empty for a
    /// run that occurs once.
    public internal(set) var axes: [Axis]

    /// How often a run repeats in an item, and at which stride in bytes.
    public struct Axis: Sendable, Hashable {
        /// How often the run repeats along the axis.
        public let count: Int
        /// Bytes from one repetition to the next.
        public let stride: Int

        /// An axis of `count` repetitions, `stride` bytes apart.
        public init(count: Int, stride: Int) {
            self.count = count
            self.stride = stride
        }
    }

    /// - Precondition: `mask` is 255 if `length` is more than one.
    public init(offset: Int, length: Int, mask: UInt8 = .max, axes: [Axis] = []) {
        precondition(length == 1 || mask == .max)
        self.offset = offset
        self.length = length
        self.mask = mask
        self.axes = axes
    }
}

/// Runs of values, each with the width of the parts that have a byte order: 1 if none has, 0 for bits.
private typealias OrderedRuns = [(run: ValueRun, width: Int)]

extension Format {
    /// The bytes of an item that hold values, in as few runs as possible, in order of offset. The bytes between them are
    /// padding, explicit (`x`) or implied by alignment, inside of structures and after them.
    ///
    /// A format without values (`T{5x}`) has one run of all its bytes.
    ///
    /// - Complexity: linear in the length of the format's text, whatever counts it has.
    public var valueRuns: [ValueRun] {
        let runs = self.runs { _ in 1 }.map { $0.run }
        return runs.isEmpty && itemsize > 0 ? [ValueRun(offset: 0, length: itemsize)] : runs
    }

    /// Whether items have bytes or bits that do not belong to a value.
    public var hasPadding: Bool { itemsize > 0 && valueRuns != [ValueRun(offset: 0, length: itemsize)] }

    /// The values whose bytes have an order: numbers of more than one byte (a complex number is two), characters and
    /// addresses. Contiguous values of one width are an axis of one run. `nil` if bit fields or unions, which share bytes,
    /// are among the values.
    ///
    /// - Complexity: as for ``valueRuns``.
    public var byteOrderRuns: [ValueRun]? {
        let runs = self.runs { $0.orderedWidth }
        guard runs.allSatisfy({ $0.width > 0 }) else { return nil }
        return runs.filter { $0.width > 1 }.map { run, width in
            guard run.length > width else { return run }
            let values = ValueRun.Axis(count: run.length / width, stride: width)
            return ValueRun(offset: run.offset, length: width, axes: run.axes + [values])
        }
    }

    fileprivate func runs(_ width: (ItemType) -> Int) -> OrderedRuns {
        // Every byte of a union may hold a value, and none has a known byte order.
        if hasOverlaps { return [(ValueRun(offset: 0, length: itemsize), 0)] }
        var result: OrderedRuns = []
        for field in fields {
            for (run, width) in repeated(field.type.runs(width), field.repeats, stride: field.type.size) {
                var run = run
                run.offset &+= field.offset
                add(run, width, to: &result)
            }
        }
        return result
    }

    /// Appends a run, or merges it with the last one: bits with those of the same byte, bytes with adjacent ones.
    private func add(_ run: ValueRun, _ width: Int, to runs: inout OrderedRuns) {
        guard let last = runs.last, last.width == width, last.run.axes.isEmpty, run.axes.isEmpty else {
            runs.append((run, width))
            return
        }
        if run.mask != .max, run.offset == last.run.offset, last.run.length == 1 {
            runs.removeLast()
            add(ValueRun(offset: run.offset, length: 1, mask: run.mask | last.run.mask), width, to: &runs)
        } else if run.mask == .max, last.run.mask == .max, last.run.offset &+ last.run.length == run.offset {
            runs[runs.count - 1].run.length &+= run.length
        } else {
            runs.append((run, width))
        }
    }
}

extension ItemType {
    fileprivate func runs(_ width: (ItemType) -> Int) -> OrderedRuns {
        switch self {
        case .array(let shape, let element):
            repeated(element.runs(width), shape.reduce(1, &*), stride: element.size)
        case .structure(let format): format.runs(width)
        case .bits(let field):
            (0..<size).map { (ValueRun(offset: $0, length: 1, mask: field.mask(ofByte: $0)), width(self)) }
        default: size == 0 ? [] : [(ValueRun(offset: 0, length: size), width(self))]
        }
    }

    /// The bytes of each part that has a byte order: half of a complex number, one character. 1 if none has, 0 for bits.
    fileprivate var orderedWidth: Int {
        switch self {
        case .scalar(let scalar, _): scalar.partSize
        case .ucs2: 2
        case .ucs4: 4
        case .pointer, .object, .opaque: size
        case .bits: 0
        case .bytes, .pascal, .void, .array, .structure: 1
        }
    }
}

extension Scalar {
    /// The bytes of each part that has a byte order: half of a complex number.
    fileprivate var partSize: Int { isComplex ? size / 2 : size }
}

/// The runs of `count` elements that lie `stride` bytes apart.
private func repeated(_ runs: OrderedRuns, _ count: Int, stride: Int) -> OrderedRuns {
    if count == 1 { return runs }
    if count == 0 { return [] }
    return runs.map { run, width in
        var run = run
        if run.length == stride && run.axes.isEmpty && run.mask == .max {
            // The parser has checked that the product fits.
            run.length &*= count
        } else {
            run.axes.insert(ValueRun.Axis(count: count, stride: stride), at: 0)
        }
        return (run, width)
    }
}
