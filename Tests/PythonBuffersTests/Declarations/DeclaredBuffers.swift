// SPDX-License-Identifier: Apache-2.0
import BufferLayout
import PythonModules

// Exporters of memory of every origin that authors have, and functions of buffers and of Python objects.

/// A recording that grows.
struct Recording: BufferExporter {
    var samples = GrowingMemory<Float>()

    func describeBuffer() throws(PythonError) -> BufferDescription { try samples.description() }
}

/// A spectrum: complex numbers.
struct Spectrum: BufferExporter {
    var bins = GrowingMemory<Complex<Double>>()

    func describeBuffer() throws(PythonError) -> BufferDescription { try bins.description() }
}

/// Memory that something else owns, one-dimensional.
struct Borrowed: BufferExporter, ToPython {
    let memory: BufferMemory

    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(memory, shape: [memory.byteCount / 4], of: Float.self)
    }
}

/// Three colours in memory of their own.
struct Picture: BufferExporter {
    let planes: [BufferMemory]
    let shape: [Int]

    init(height: Int, width: Int) throws {
        shape = [height, width]
        planes = try (0..<3).map { plane in
            let memory = try BufferMemory(shape: [height, width], of: UInt8.self)
            try memory.withMutableSpan(of: UInt8.self) { pixels in
                for index in pixels.indices { pixels[index] = UInt8(truncatingIfNeeded: 100 * plane + index) }
            }
            return memory
        }
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(planes: planes, shape: shape, of: UInt8.self)
    }
}

/// A container that cannot be copied, which says when it ends.
@safe
struct Quartet: ~Copyable, ContiguousElements {
    private let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4)
    private let ended: HeldObject?

    init(ended: HeldObject?) {
        self.ended = ended
        _ = unsafe values.initialize(from: [1, 2, 3, 4])
    }

    var elements: Span<Float> {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(Span(_unsafeElements: UnsafeBufferPointer(values)), borrowing: self) }
    }

    deinit {
        unsafe values.deallocate()
        _ = try? ended?.object().call()
    }
}

struct Sum: NumericBody {
    func callAsFunction<Element: NumericElement>(_ items: borrowing StridedSpan<Element>) -> Double {
        var sum = 0.0
        // A span of any number of dimensions.
        // swift-format-ignore: ReplaceForEachWithForLoop
        items.forEach { sum += $0.double }
        return sum
    }
}

struct Failing: NumericBody {
    func callAsFunction<Element: NumericElement>(_ items: borrowing StridedSpan<Element>) throws -> Int {
        throw PythonError(.value, "\(Element.self)")
    }
}

private let recordingType = PythonType(Recording.self, "Recording") {
    Init(.optional("reserved", 0)) { (reserved: Int) in
        var recording = Recording()
        try recording.samples.reserveCapacity(reserved)
        return recording
    }
    Resizing("append", "samples") { (recording: inout Recording, samples: Span<Float>) in
        try recording.samples.append(contentsOf: samples)
    }
    Resizing("push", "sample") { (recording: inout Recording, sample: Float) in try recording.samples.append(sample) }
    Resizing("append_and_fail", "sample") { (recording: inout Recording, sample: Float) in
        try recording.samples.append(sample)
        throw PlainError()
    }
    Resizing("fork", "sample") { (recording: inout Recording, sample: Float) -> [Float] in
        // A copy that grows on its own.
        var other = recording
        try recording.samples.append(1)
        try other.samples.append(sample)
        return other.samples.withSpan { samples in samples.indices.map { samples[$0] } }
    }
    Resizing("truncate", "count") { (recording: inout Recording, count: Int) in recording.samples.truncate(to: count) }
    Mutating("scale", "factor") { (recording: inout Recording, factor: Float) in
        try recording.samples.withMutableSpan { samples in for index in samples.indices { samples[index] *= factor } }
    }
    Property("capacity") { $0.samples.capacity }
    Length { $0.samples.count }
}

private let spectrumType = PythonType(Spectrum.self, "Spectrum") {
    Init(.variadic("bins")) { (bins: [Complex<Double>]) in
        var spectrum = Spectrum()
        for bin in bins { try spectrum.bins.append(bin) }
        return spectrum
    }
}

private let borrowedType = PythonType(Borrowed.self, "Borrowed") {
    ClassMethod("of_array", "values") { (values: [Float]) in Borrowed(memory: BufferMemory(holding: values)) }
    ClassMethod("of_contiguous", "values") { (values: [Float]) in
        Borrowed(memory: BufferMemory(holding: ContiguousArray(values)))
    }
    ClassMethod("of_container", .optional("ended", PythonObjectDefault.none)) { (ended: PythonObjectDefault) in
        Borrowed(memory: unsafe BufferMemory(holding: Quartet(ended: ended.held)))
    }
    ClassMethod("of_pointer", "count", "ended") { (count: Int, ended: HeldObject) in
        let items = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
        unsafe items.initialize(repeating: 0.5)
        return Borrowed(
            memory: unsafe BufferMemory(adopting: items) { items in
                unsafe items.deallocate()
                _ = try? ended.object().call()
            })
    }
}

private let pictureType = PythonType(Picture.self, "Picture") {
    Init("height", "width") { try Picture(height: $0, width: $1) }
}

let buffered = Module("buffered") {
    recordingType
    spectrumType
    borrowedType
    pictureType

    Def("total", "numbers") { (numbers: AnyNumericSpan) in try numbers.with(Sum()) }
    Def("doubles", "numbers") { (numbers: AnyNumericSpan) in
        Tuple(try numbers.doubles(), numbers.layout.shape, "\(numbers.scalar)")
    }
    Def("fail", "numbers") { (numbers: AnyNumericSpan) in try numbers.with(Failing()) }
    Def("items", "items") { (items: StridedSpan<Float>) in
        var copy = [Float](repeating: 0, count: items.count)
        var span = copy.mutableSpan
        try items.copy(to: &span)
        let first = items.ndim == 1 && items.count > 0 ? items[0] : 0
        return Tuple(items.elements, copy, try items.ndim == 1 ? items.element(at: [-1]) : 0, first, items.isSwapped)
    }
    Def("square", "items") { (items: StridedSpan<UInt16>) in
        items.ndim == 2 ? Tuple(Int(items[1, 0]), items.shape) : Tuple(0, items.shape)
    }
    Def("bits", "items") { (items: StridedSpan<Bool>) in items.elements }
    Def("native", "items") { (items: Span<Float>) in items.count }
    Def("copy_swapped", "items", "out") { (items: StridedSpan<Float>, out: borrowing Output) in
        try out.withMutableStridedSpan(of: Float.self) { out in try out.copy(from: items) }
    }
    Def("conjugate", "number") { (number: Complex<Double>) in
        Complex(real: number.real, imaginary: -number.imaginary)
    }
    Def("narrow", "number") { (number: Complex<Float>) in number }
    Def("bins", "spectrum") { (spectrum: Span<Complex<Double>>) in spectrum.indices.map { spectrum[$0] } }

    Def("apply", "function", "x") { (function: borrowing PythonObject, x: Double) in
        try function.call(x, "fast").value(as: Double.self)
    }
    Def("apply_named", "function", "x") { (function: borrowing PythonObject, x: Int) in
        try function.call(x, keywords: ["scale": 2.5, "name": "n"])
    }
    Def("shout", "text") { (text: borrowing PythonObject) in
        try text.callMethod("upper").callMethod("replace", "A", "B").value(as: String.self)
    }
    Def("doubled", "items") { (items: borrowing PythonObject) in
        var doubled: [Int] = []
        // An object of Python.
        // swift-format-ignore: ReplaceForEachWithForLoop
        try items.forEach { item in doubled.append(try 2 * item.value(as: Int.self)) }
        return Tuple(doubled, try items.length())
    }
    Def("swap", "items", "first", "second") { (items: borrowing PythonObject, first: Int, second: Int) in
        let former = try items.item(at: first)
        try items.setItem(at: first, to: try items.item(at: second).value(as: HeldObject.self))
        try items.setItem(at: second, to: HeldObject(former))
    }
}
