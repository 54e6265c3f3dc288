// SPDX-License-Identifier: Apache-2.0
import PythonModules

/// A frame as the sensor has it: 12 bits of each pixel, row by row. A lamp moves over a grey wall.
struct Frame: BufferExporter {
    let shape: [Int]
    let pixels: BufferMemory
    init(number: Int, height: Int, width: Int) throws {
        shape = [height, width]
        pixels = try BufferMemory(shape: shape, of: UInt16.self)
        guard height > 0, width > 0 else { return }
        let lamp = (number.magnitude % UInt(width), height / 2)
        try pixels.withMutableSpan(of: UInt16.self) { raw in
            for y in 0..<height {
                for x in 0..<width {
                    let near = abs(x - Int(lamp.0)) + abs(y - lamp.1) < 8
                    raw[y * width + x] = near ? 4095 : UInt16(1000 + 16 * (x % 64))
                }
            }
        }
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(pixels, shape: shape, of: UInt16.self)
    }
}

/// The pictures that came back, one after the other: one byte a pixel.
struct Film: BufferExporter {
    let shape: [Int]
    let pixels: BufferMemory
    init(count: Int, height: Int, width: Int) throws {
        shape = [count, height, width]
        pixels = try BufferMemory(shape: shape, of: UInt8.self)
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(pixels, shape: shape, of: UInt8.self)
    }
    func take(_ number: Int, _ picture: StridedSpan<UInt8>) throws {
        guard (0..<shape[0]).contains(number) else {
            throw PythonError(.index, "picture \(number) of a film of \(shape[0])")
        }
        guard picture.shape == Array(shape[1...]) else {
            throw PythonError(.value, "the picture has shape \(picture.shape), the film's have \(shape[1...])")
        }
        let (height, width) = (shape[1], shape[2])
        try pixels.withMutableSpan(of: UInt8.self) { film in
            for y in 0..<height {
                for x in 0..<width { film[(number * height + y) * width + x] = picture[y, x] }
            }
        }
    }
}

let frameType = PythonType(Frame.self, "Frame", doc: "A raw frame of a camera; a buffer of format 'H'.") {
    Init("number", "height", "width") { try Frame(number: $0, height: $1, width: $2) }
}
let filmType = PythonType(Film.self, "Film", doc: "Pictures of one size; a buffer of format 'B'.") {
    Init("count", "height", "width") { try Film(count: $0, height: $1, width: $2) }
    Mutating("take", "number", "picture", doc: "Take a picture, format 'B', in the place of that number.") {
        (film: inout Film, number: Int, picture: StridedSpan<UInt8>) in try film.take(number, picture)
    }
}
let camera = Module("camera", doc: "Frames of a camera and what becomes of them.") {
    frameType
    filmType
}
@c(PyInit_camera) public func initialize() -> ObjectResult { camera.initialize() }
