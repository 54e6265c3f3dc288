// SPDX-License-Identifier: Apache-2.0
internal import CPython
package import CPythonShims

/// What CPython calls under `METH_FASTCALL | METH_KEYWORDS`.
package typealias FastCall =
    @convention(c) (ObjectReference, SBArguments, Int, OptionalObjectReference) -> ObjectResult

/// A function of a module or a method of a type, as its callers see it: name, parameters and docstring.
///
/// C callbacks capture nothing, so the code behind it is a closure literal that names it again:
///
/// ```swift
/// private let area = Callable("area", "width, height=1", "Return the area.")
/// private let definition = area.method {
///     area.call($0, $1, $2, $3) { (arguments) throws(PythonError) in
///         try PythonObject(arguments.int(0) * arguments.int(1, default: 1))
///     }
/// }
/// ```
package struct Callable: Sendable {
    let name: StaticString
    let signature: Signature
    let documentation: String

    /// - Parameters:
    ///   - signature: the parameters as Python writes them, see ``Signature``.
    package init(_ name: StaticString, _ signature: String, _ documentation: String) {
        self.name = name
        self.signature = Signature(signature)
        self.documentation = documentation
    }

    /// The entry for a table of methods.
    ///
    /// - Parameter flags: `METH_CLASS` or `METH_STATIC`, where it is not an ordinary method.
    package func method(flags: CInt = 0, _ function: @escaping FastCall) -> MethodDefinition {
        MethodDefinition(callable: self, flags: flags, function: function)
    }

    /// Binds the arguments that CPython passed to `tp_new`.
    package func bind(
        _ type: ObjectReference, tuple: OptionalObjectReference, dictionary: OptionalObjectReference
    ) throws(PythonError) -> Arguments {
        try Arguments(type: type, tuple: tuple, dictionary: dictionary, name: name, signature: signature)
    }

    /// Binds the arguments that CPython passed to a ``FastCall`` and runs the Swift body.
    @inline(__always)
    package func call(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference,
        _ body: (borrowing Arguments) throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        returningObject { () throws(PythonError) in
            let bound = try Arguments(
                receiver: receiver, arguments: arguments, count: count, keywords: keywords, name: name,
                signature: signature)
            return try body(bound)
        }
    }

    /// As ``call(_:_:_:_:_:)`` for a method without parameters: where nothing is given, nothing is bound.
    @inline(__always)
    package func callAlone(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference,
        _ body: () throws(PythonError) -> PythonObject
    ) -> ObjectResult {
        if count == 0 && keywords.object == nil { return returningObject(body) }
        return refuse(receiver, arguments, count, keywords)
    }

    /// Raises the error for arguments that a method without parameters is given; an empty tuple of keywords is none.
    @inline(never)
    package func refuse(
        _ receiver: ObjectReference, _ arguments: SBArguments, _ count: Int, _ keywords: OptionalObjectReference
    ) -> ObjectResult {
        call(receiver, arguments, count, keywords) { (_) throws(PythonError) in
            throw PythonError(.type, "\(name)() takes no arguments")
        }
    }
}

/// A ``Callable`` with the code behind it.
@safe
package struct MethodDefinition: Sendable {
    // Definitions are shared by all interpreters and threads: nothing changes what these two point to.
    private nonisolated(unsafe) let name: UnsafePointer<CChar>
    private nonisolated(unsafe) let function: UnsafeMutableRawPointer
    private let parameters: String
    private let documentation: String
    private let flags: CInt

    fileprivate init(callable: Callable, flags: CInt, function: @escaping FastCall) {
        unsafe name = cString(callable.name)
        parameters = callable.signature.text
        documentation = callable.documentation
        self.flags = flags
        unsafe self.function = unsafeBitCast(function, to: UnsafeMutableRawPointer.self)
    }

    /// - Parameters:
    ///   - parameters: as Python writes them.
    ///   - flags: with `METH_NOARGS` for a function of the receiver alone.
    ///   - function: the address of a ``FastCall``, or of a C function that the flags say.
    @unsafe
    package init(
        name: String, parameters: String, documentation: String, flags: CInt, function: UnsafeMutableRawPointer
    ) {
        unsafe self.name = permanentCString(name)
        self.parameters = parameters
        self.documentation = documentation
        self.flags = flags
        unsafe self.function = function
    }

    /// The table that CPython reads, ended by an empty entry. It lives as long as the process: type and module objects
    /// of every interpreter point into it.
    ///
    /// - Parameter value: for the table of a type: the type of the Swift value in its instances, to be found again by
    ///   ``value(of:)``. It stands in an entry in front of those that CPython reads.
    static func table(
        _ methods: [MethodDefinition], receiver: String, value: ObjectIdentifier? = nil
    ) -> UnsafeMutablePointer<PyMethodDef> {
        let head = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: methods.count + 2)
        unsafe head.initialize(to: PyMethodDef())
        unsafe head.pointee.ml_name = value.flatMap { unsafe UnsafePointer(bitPattern: UInt(bitPattern: $0)) }
        let table = unsafe head + 1
        for (index, method) in methods.enumerated() {
            let first = method.flags & METH_STATIC != 0 ? [] : [receiver]
            let parameters = (first + (method.parameters.isEmpty ? [] : [method.parameters])).joined(separator: ", ")
            let text = unsafe "\(String(cString: method.name))(\(parameters))\n--\n\n\(method.documentation)"
            unsafe (table + index).initialize(
                to: PyMethodDef(
                    ml_name: method.name,
                    // CPython casts it back as `ml_flags` says.
                    ml_meth: unsafeBitCast(method.function, to: PyCFunction.self),
                    ml_flags: method.flags & METH_NOARGS != 0
                        ? method.flags : METH_FASTCALL | METH_KEYWORDS | method.flags,
                    ml_doc: permanentCString(text)))
        }
        unsafe (table + methods.count).initialize(to: PyMethodDef())
        return unsafe table
    }

    /// The type of value that a table was made for.
    ///
    /// - Precondition: `table` was made by ``table(_:receiver:value:)``.
    static func value(of table: UnsafeMutablePointer<PyMethodDef>?) -> ObjectIdentifier? {
        guard let table = unsafe table, let bits = unsafe (table - 1).pointee.ml_name else { return nil }
        return unsafe unsafeBitCast(bits, to: ObjectIdentifier.self)
    }
}

/// The characters of a literal, which live in the binary.
func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// A copy of `text` that lives as long as the process, for tables that CPython keeps pointers into.
package func permanentCString(_ text: String) -> UnsafePointer<CChar> {
    let utf8 = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
    for (index, character) in utf8.enumerated() {
        unsafe (copy + index).initialize(to: character)
    }
    return unsafe UnsafePointer(copy)
}
