// SPDX-License-Identifier: Apache-2.0
import PythonModules

/// One picture of a thermal camera: temperatures in degrees Celsius, row by row.
struct Frame: BufferExporter {
    let shape: [Int]
    let pixels: BufferMemory
    init(height: Int, width: Int) throws {
        shape = [height, width]
        pixels = try BufferMemory(shape: shape, of: Float.self)
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(pixels, shape: shape, of: Float.self)
    }
    func load(_ raw: StridedSpan<UInt16>) throws {
        guard raw.shape == shape else { throw PythonError(.value, "raw has shape \(raw.shape), the frame \(shape)") }
        try pixels.withMutableSpan(of: Float.self) { celsius in
            for y in 0..<shape[0] {
                for x in 0..<shape[1] { celsius[y * shape[1] + x] = Float(raw[y, x]) / 100 - 273.15 }
            }
        }
    }
    var hottest: Float? {
        let celsius = pixels.span(of: Float.self)
        return celsius.indices.map { celsius[$0] }.max()
    }
}

let frameType = PythonType(Frame.self, "Frame", doc: "A picture in degrees Celsius; a buffer of format 'f'.") {
    Init("height", "width") { try Frame(height: $0, width: $1) }
    Mutating("load", "raw", doc: "Take a picture in hundredths of a kelvin, format 'H'.") {
        (frame: inout Frame, raw: StridedSpan<UInt16>) in try frame.load(raw)
    }
    Method("hottest", doc: "Return the highest temperature, or None.") { $0.hottest }
    Resizing("resize", "height", "width", doc: "Start over; BufferError while arrays of the frame live.") {
        $0 = try Frame(height: $1, width: $2)
    }
}
let thermal = Module("thermal", doc: "Pictures of a thermal camera, shared without a copy.") { frameType }
@c(PyInit_thermal) public func initialize() -> ObjectResult { thermal.initialize() }
