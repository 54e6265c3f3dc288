import PythonBuffers

/// One picture of a thermal camera: temperatures in degrees Celsius, row by row.
struct Frame: BufferExporter {
    private(set) var height: Int
    private(set) var width: Int
    private(set) var pixels: BufferMemory

    init(height: Int, width: Int) throws(PythonError) {
        self.height = height
        self.width = width
        pixels = try BufferMemory(shape: [height, width], of: Float.self)
    }

    /// The memory that Python sees.
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(pixels, shape: [height, width], of: Float.self)
    }

    /// Converts what the camera delivers, hundredths of a kelvin in 16 bits, from any buffer of such a picture.
    func load(_ raw: borrowing PythonBuffer) throws(PythonError) {
        let raw = try raw.stridedSpan(of: UInt16.self, ndim: 2)
        guard raw.shape == [height, width] else {
            throw PythonError(.value, "the frame has \(height) rows of \(width) pixels, the picture shape \(raw.shape)")
        }
        try pixels.withMutableSpan(of: Float.self) { celsius in
            for y in 0..<height {
                for x in 0..<width { celsius[y * width + x] = Float(raw[y, x]) / 100 - 273.15 }
            }
        }
    }

    /// The highest temperature; `nil` if there are no pixels.
    var hottest: Float? {
        let celsius = pixels.span(of: Float.self)
        return celsius.indices.map { celsius[$0] }.max()
    }

    /// Starts over at another size.
    mutating func resize(height: Int, width: Int) throws(PythonError) {
        self = try Frame(height: height, width: width)
    }
}
