internal import BufferLayout
internal import PythonBuffers

/// A parsed format, and its text where C code can keep a pointer to it.
@safe
final class ItemFormat: @unchecked Sendable {
    // Nothing in it changes after it is made.

    let format: Format
    /// The text, as long as this object lives.
    let text: UnsafePointer<CChar>

    init(_ format: Format, text: String? = nil) {
        self.format = format
        let characters = (text ?? format.description).utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        for (index, character) in characters.enumerated() { unsafe (copy + index).initialize(to: character) }
        unsafe self.text = UnsafePointer(copy)
    }

    deinit {
        unsafe text.deallocate()
    }

    /// The format that `text` describes, kept as it is written.
    ///
    /// - Throws: `ValueError` that points at what cannot be read.
    static func parse(_ text: String) throws(PythonError) -> ItemFormat {
        do {
            let format = try Format(text)
            if let (scalar, swapped) = format.scalar, !swapped, native[Int(scalar.rawValue)].format.description == text
            {
                return native[Int(scalar.rawValue)]
            }
            return ItemFormat(format, text: text)
        } catch {
            throw PythonError(.value, error.message)
        }
    }

    /// The scalars in this machine's byte order, made once: most memory holds one of them.
    static func of(_ scalar: Scalar) -> ItemFormat { native[Int(scalar.rawValue)] }

    private static let native: [ItemFormat] = Scalar.allCases.map { ItemFormat(Format($0)) }
}
