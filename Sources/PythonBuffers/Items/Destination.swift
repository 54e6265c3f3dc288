// SPDX-License-Identifier: Apache-2.0
internal import BufferLayout

/// What a Python value is written to, as errors name it. The words are made where an error needs them.
///
/// It takes the place of a closure: the compiler compiles a conversion once more for each closure that it is called with,
/// and with it all conversions that it calls.
@safe
package struct Destination {
    @safe
    private enum Name {
        case scalar(Scalar)
        case type(ItemType)
        case format(Format)
        case spelling(UnsafePointer<CChar>)
        /// One value of a structure.
        case value(String?, index: Int)
        case subArray
    }

    private let name: Name
    /// What this is a part of.
    private let whole: UnsafePointer<Destination>?

    private init(_ name: Name, of whole: UnsafePointer<Destination>?) {
        self.name = name
        unsafe self.whole = whole
    }

    private init(whole name: Name) { unsafe self.init(name, of: nil) }

    init(_ scalar: Scalar) { self.init(whole: .scalar(scalar)) }
    init(_ type: ItemType) { self.init(whole: .type(type)) }
    init(_ format: Format) { self.init(whole: .format(format)) }

    /// An item of a format as its user has spelled it.
    ///
    /// - Precondition: the text stays as long as this value.
    package init(spelling: UnsafePointer<CChar>) { unsafe self.init(whole: .spelling(spelling)) }

    var text: String {
        switch name {
        case .scalar(let scalar): "format '\(Format(scalar))'"
        case .type(let type): "format '\(Format(type))'"
        case .format(let format): "format '\(format)'"
        case .spelling(let text): unsafe "format '\(String(cString: text))'"
        case .value(let name, let index): "\(name.map { "field '\($0)'" } ?? "the value at index \(index)")\(ofWhole)"
        case .subArray: "a sub-array\(ofWhole)"
        }
    }

    private var ofWhole: String { unsafe whole.map { unsafe " of \($0.pointee.text)" } ?? "" }

    /// Runs `body` with one value of a structure that is written to here.
    func withValue(
        _ name: String?, at index: Int, _ body: (Destination) throws(PythonError) -> Void
    ) throws(PythonError) {
        try withPart(.value(name, index: index), body)
    }

    /// Runs `body` with a sub-array that is written to here.
    func withSubArray<Result: ~Copyable>(
        _ body: (Destination) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        try withPart(.subArray, body)
    }

    @inline(__always)
    private func withPart<Result: ~Copyable>(
        _ name: Name, _ body: (Destination) throws(PythonError) -> Result
    ) throws(PythonError) -> Result {
        // The part lives no longer than the call.
        try unsafe withUnsafePointer(to: self) { (whole) throws(PythonError) in
            try unsafe body(Destination(name, of: whole))
        }
    }
}
