/// Bytes in a row that hold values, and the places in an item where such rows repeat: everything but padding.
public struct ValueRun: Sendable, Hashable {
    /// Bytes from the start of the item to the first byte of the first row.
    public internal(set) var offset: Int
    /// Bytes in one row, at least one.
    public internal(set) var length: Int
    /// The bits of each byte that belong to values: all, but for a single byte that bit fields share with padding.
    public internal(set) var mask: UInt8
    /// The axes along which the row repeats, outermost first: those of sub-arrays of structures with padding. Empty for
    /// a run that stands once.
    public internal(set) var axes: [Axis]

    /// How often something repeats in an item, and how many bytes apart.
    public struct Axis: Sendable, Hashable {
        public let count: Int
        public let stride: Int

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

/// Runs of values, each with the bytes of one value, the order of which makes a difference: 1 if none does, 0 for bits.
private typealias OrderedRuns = [(run: ValueRun, width: Int)]

extension Format {
    /// The bytes of an item that hold values, as few runs as there can be, in order of offset. What lies between them is
    /// padding, whether it is written (`x`) or follows from alignment, inside of structures and behind them.
    ///
    /// A format without values (`T{5x}`) has one run of all its bytes: they are all that its items are.
    ///
    /// - Complexity: linear in the length of the format's text, whatever counts it has.
    public var valueRuns: [ValueRun] {
        let runs = self.runs { _ in 1 }.map { $0.run }
        return runs.isEmpty && itemsize > 0 ? [ValueRun(offset: 0, length: itemsize)] : runs
    }

    /// Whether items have bytes, or bits, that belong to no value.
    public var hasPadding: Bool { itemsize > 0 && valueRuns != [ValueRun(offset: 0, length: itemsize)] }

    /// The values whose bytes have an order, each a run of its own: numbers of more than one byte, of which a complex
    /// number is two, characters and addresses. Those that lie side by side are an axis of one run. `nil` if bit fields
    /// or unions are among the values: what they share bytes with is not known.
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
        // Of a union every byte may be a value, and none has an order of its own.
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

    /// Appends a run, or adds it to the last one: bits to those of the same byte, bytes to those before them.
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

    /// Bytes of each part that has a byte order: half of a complex number, one character. 1 where there is none.
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
    /// Bytes of each part that has a byte order: half of a complex number.
    fileprivate var partSize: Int { isComplex ? size / 2 : size }
}

/// The runs of `count` elements that lie `stride` bytes apart.
private func repeated(_ runs: OrderedRuns, _ count: Int, stride: Int) -> OrderedRuns {
    if count == 1 { return runs }
    if count == 0 { return [] }
    return runs.map { run, width in
        var run = run
        if run.length == stride && run.axes.isEmpty && run.mask == .max {
            // No product overflows: the parser has checked it.
            run.length &*= count
        } else {
            run.axes.insert(ValueRun.Axis(count: count, stride: stride), at: 0)
        }
        return (run, width)
    }
}
