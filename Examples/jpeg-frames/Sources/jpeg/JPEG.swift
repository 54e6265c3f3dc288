// SPDX-License-Identifier: Apache-2.0
import CTurboJPEG
import PythonModules

struct JPEGError: PythonException { let message: String }

/// What libjpeg-turbo keeps while it works, which ends with this object.
final class Codec {
    let handle: tjhandle

    init(_ handle: tjhandle?) throws {
        guard let handle else { throw JPEGError(message: String(cString: tjGetErrorStr())) }
        self.handle = handle
    }
    deinit { tjDestroy(handle) }

    /// Throws what the library says of a call that failed.
    func check(_ status: Int32) throws {
        if status != 0 { throw JPEGError(message: String(cString: tjGetErrorStr2(handle))) }
    }
}

/// Pixels in RGB, row by row, in memory that consumers share.
struct Frame: BufferExporter, ToPython {
    let height: Int
    let width: Int
    let pixels: BufferMemory

    init(decoding data: RawSpan) throws {
        let codec = try Codec(tjInitDecompress())
        (height, width, pixels) = try data.withUnsafeBytes { data in
            let bytes = data.bindMemory(to: UInt8.self).baseAddress
            var (width, height, sampling, space) = (Int32(0), Int32(0), Int32(0), Int32(0))
            try codec.check(
                tjDecompressHeader3(codec.handle, bytes, UInt(data.count), &width, &height, &sampling, &space))
            let pixels = try BufferMemory(shape: [Int(height), Int(width), 3], of: UInt8.self)
            let status = try pixels.withMutableSpan(of: UInt8.self) { pixels in
                pixels.withUnsafeMutableBufferPointer {
                    tjDecompress2(
                        codec.handle, bytes, UInt(data.count), $0.baseAddress, width, 0, height,
                        Int32(TJPF_RGB.rawValue),
                        0)
                }
            }
            try codec.check(status)
            return (Int(height), Int(width), pixels)
        }
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(pixels, shape: [height, width, 3], of: UInt8.self)
    }
}

/// The bytes of a JPEG file with the pixels of a buffer.
func encode(_ pixels: StridedSpan<UInt8>, quality: Int) throws -> [UInt8] {
    guard pixels.ndim == 3, pixels.shape[2] == 3, pixels.count > 0 else {
        throw PythonError(.value, "pixels has shape \(pixels.shape); (height, width, 3) is needed")
    }
    guard (1...100).contains(quality) else { throw PythonError(.value, "quality is \(quality); 1 to 100 are allowed") }
    let codec = try Codec(tjInitCompress())
    var (memory, size) = (UnsafeMutablePointer<UInt8>?.none, UInt(0))
    defer { tjFree(memory) }
    try codec.check(
        tjCompress2(
            codec.handle, pixels.elements, Int32(pixels.shape[1]), 0, Int32(pixels.shape[0]), Int32(TJPF_RGB.rawValue),
            &memory, &size, Int32(TJSAMP_444.rawValue), Int32(quality), 0))
    return [UInt8](UnsafeBufferPointer(start: memory, count: Int(size)))
}

let frameType = PythonType(Frame.self, "Frame", doc: "A picture in RGB; a buffer of format 'B'.") {
    Property("height") { $0.height }
    Property("width") { $0.width }
}
let jpeg = Module("jpeg", doc: "Reads and writes pictures with libjpeg-turbo.") {
    frameType
    Exception(JPEGError.self)
    Def("decode", "data", doc: "Return the Frame in the bytes of a JPEG file.") {
        (data: RawSpan) in try Frame(decoding: data)
    }
    Def("encode", "pixels", .keyword("quality", 90), doc: "Return the bytes of a JPEG file, as `bytes`.") {
        (pixels: StridedSpan<UInt8>, quality: Int) in try encode(pixels, quality: quality)
    }
}
@c(PyInit_jpeg) public func initialize() -> ObjectResult { jpeg.initialize() }
