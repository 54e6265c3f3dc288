// SPDX-License-Identifier: Apache-2.0
import PythonModules

/// 8-bit RGB whose rows begin at multiples of 32 bytes, or a part of such an image that shares its memory.
struct Image: BufferExporter, ToPython {
    let memory: BufferMemory
    var offset = 0
    let layout: Layout

    init(height: Int, width: Int) throws {
        guard height >= 0, width >= 0, max(height, width) < 1 << 30 else {
            throw PythonError(.value, "an image cannot have \(height) rows of \(width) pixels")
        }
        let rowBytes = (3 * width + 31) / 32 * 32
        memory = try BufferMemory(byteCount: height * rowBytes)
        layout = try Layout(shape: [height, width, 3], strides: [rowBytes, 3, 1], itemsize: 1)
    }
    private init(of image: Image, from start: [Int], shape: [Int]) throws {
        memory = image.memory
        layout = try Layout(shape: shape, strides: Array(image.layout.strides.prefix(shape.count)), itemsize: 1)
        // Nothing begins where there is nothing.
        let steps = zip(start, image.layout.strides).map { $0 * $1 }
        offset = image.offset + (shape.contains(0) ? 0 : steps.reduce(0, +))
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(memory, offset: offset, layout: layout, format: "B")
    }
    func crop(_ top: Int, _ left: Int, _ height: Int, _ width: Int) throws -> Image {
        let whole = layout.shape
        guard top >= 0, left >= 0, height >= 0, width >= 0, top <= whole[0], left <= whole[1],
            height <= whole[0] - top, width <= whole[1] - left
        else { throw PythonError(.value, "\(height) x \(width) pixels at (\(top), \(left)) are not in \(whole)") }
        return try Image(of: self, from: [top, left], shape: [height, width] + whole.dropFirst(2))
    }
    func plane(_ channel: Int) throws -> Image {
        guard layout.ndim == 3, (0..<3).contains(channel) else { throw PythonError(.index, "no channel \(channel)") }
        return try Image(of: self, from: [0, 0, channel], shape: Array(layout.shape.prefix(2)))
    }
    func fill(_ colour: [UInt8]) throws {
        guard layout.ndim == 3 else { throw PythonError(.type, "a plane has no colours") }
        try memory.withMutableSpan(of: UInt8.self) { bytes in
            for y in 0..<layout.shape[0] {
                for x in 0..<layout.shape[1] {
                    for channel in 0..<3 { bytes[offset + y * layout.strides[0] + x * 3 + channel] = colour[channel] }
                }
            }
        }
    }
}

let imageType = PythonType(Image.self, "Image", doc: "An RGB image with padded rows; a buffer of format 'B'.") {
    Init("height", "width") { try Image(height: $0, width: $1) }
    Method("crop", "top", "left", "height", "width", doc: "Return a part that shares the memory.") {
        (image: borrowing Image, top: Int, left: Int, height: Int, width: Int) in
        try image.crop(top, left, height, width)
    }
    Method("plane", "channel", doc: "Return one colour of all pixels, which shares the memory.") {
        (image: borrowing Image, channel: Int) in try image.plane(channel)
    }
    Mutating("fill", "red", "green", "blue", doc: "Set all pixels.") {
        (image: inout Image, red: UInt8, green: UInt8, blue: UInt8) in try image.fill([red, green, blue])
    }
    Property("shape") { $0.layout.shape }
}
let images = Module("images", doc: "Images whose parts share their memory.") { imageType }
@c(PyInit_images) public func initialize() -> ObjectResult { images.initialize() }
