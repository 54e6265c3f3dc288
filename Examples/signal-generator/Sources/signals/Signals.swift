// SPDX-License-Identifier: Apache-2.0
import Glibc
import PythonModules

enum Wave: String, PythonEnum { case sine, square }
struct ClipError: PythonException { let message: String }

/// A growing recording: mono samples of 32-bit floats.
struct Signal: BufferExporter {
    var sampleRate: Double
    var count = 0
    var samples: BufferMemory

    init(sampleRate: Double, capacity: Int) throws {
        guard sampleRate > 0, sampleRate.isFinite else { throw PythonError(.value, "sample_rate must be positive") }
        self.sampleRate = sampleRate
        samples = try BufferMemory(count: capacity, of: Float.self)
    }
    func describeBuffer() throws(PythonError) -> BufferDescription {
        try BufferDescription(samples, shape: [count], of: Float.self)
    }
    mutating func append(_ added: Int, _ sample: (Int) -> Float) throws {
        let (old, kept) = (samples, count)
        if (kept + added) * 4 > old.byteCount {
            samples = try BufferMemory(count: max(kept + added, 2 * kept), of: Float.self)
        }
        try samples.withMutableSpan(of: Float.self) { new in
            if old !== samples { for index in 0..<kept { new[index] = old.span(of: Float.self)[index] } }
            for index in 0..<added { new[kept + index] = sample(index) }
        }
        count += added
    }
    mutating func tone(_ frequency: Double, _ seconds: Double, _ wave: Wave, _ amplitude: Double) throws {
        guard abs(amplitude) <= 1 else { throw ClipError(message: "an amplitude of \(amplitude) clips") }
        guard (0...1e9).contains(seconds * sampleRate) else { throw PythonError(.value, "a tone of \(seconds) s") }
        let step = 2 * Double.pi * frequency / sampleRate
        try append(Int(seconds * sampleRate)) { index in
            let value = sin(step * Double(index))
            return Float(amplitude * (wave == .sine ? value : value < 0 ? -1 : 1))
        }
    }
    var rms: Double {
        let values = samples.span(of: Float.self)
        let sum = (0..<count).reduce(0.0) { $0 + Double(values[$1]) * Double(values[$1]) }
        return count == 0 ? 0 : (sum / Double(count)).squareRoot()
    }
}

let signalType = PythonType(Signal.self, "Signal", doc: "A growing recording; a buffer of format 'f'.") {
    Init(.optional("sample_rate", 44100.0), .optional("capacity", 0)) { try Signal(sampleRate: $0, capacity: $1) }
    Resizing(
        "tone", "frequency", .optional("seconds", 1.0), .keyword("wave", Wave.sine), .keyword("amplitude", 1.0),
        doc: "Append a tone; BufferError while arrays of the signal live."
    ) { (signal: inout Signal, frequency: Double, seconds: Double, wave: Wave, amplitude: Double) in
        try signal.tone(frequency, seconds, wave, amplitude)
    }
    Resizing("append", "samples", doc: "Append samples of format 'f'.") {
        (signal: inout Signal, samples: StridedSpan<Float>) in
        let values = samples.elements
        try signal.append(values.count) { values[$0] }
    }
    Method("rms", doc: "Return the root of the mean square.") { $0.rms }
    Property("sample_rate", \.sampleRate)
    Length { $0.count }
    Item { $0.samples.span(of: Float.self)[$1] }
    Repr { "<Signal of \($0.count) samples at \($0.sampleRate) Hz>" }
}
let signals = Module("signals", doc: "Recordings that are made of tones.") {
    signalType
    Exception(ClipError.self)
    Enumeration(Wave.self)
}
@c(PyInit_signals) public func initialize() -> ObjectResult { signals.initialize() }
