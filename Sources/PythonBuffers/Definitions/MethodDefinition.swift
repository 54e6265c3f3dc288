internal import CPython

/// What CPython calls under `METH_FASTCALL | METH_KEYWORDS`.
public typealias FastCall =
    @convention(c) (ObjectPointer?, UnsafePointer<ObjectPointer?>?, Int, ObjectPointer?) -> ObjectPointer?

/// One function of a module or method of a type: its name, its parameters, its docstring and the code behind it.
@safe
public struct MethodDefinition {
    let name: StaticString
    let signature: Signature
    let documentation: String
    let flags: CInt
    let function: FastCall

    /// - Parameters:
    ///   - signature: the parameters, shown by `inspect.signature` and used by ``call(_:_:_:_:_:_:_:)``.
    ///   - flags: `METH_CLASS` or `METH_STATIC`, where it is not an ordinary method.
    public init(
        _ name: StaticString, _ signature: Signature, flags: CInt = 0, _ documentation: String,
        _ function: @escaping FastCall
    ) {
        self.name = name
        self.signature = signature
        self.documentation = documentation
        self.flags = flags
        unsafe self.function = function
    }

    /// Binds the arguments that CPython passed to a ``FastCall`` and runs the Swift body.
    @inline(__always)
    public static func call(
        _ receiver: ObjectPointer?, _ arguments: UnsafePointer<ObjectPointer?>?, _ count: Int,
        _ keywords: ObjectPointer?, _ name: StaticString, _ signature: Signature,
        _ body: (borrowing Arguments) throws(PythonError) -> PythonObject
    ) -> ObjectPointer? {
        unsafe returningObject { () throws(PythonError) in
            guard let receiver = unsafe receiver else { throw PythonError(.system, "a method without a receiver") }
            let bound = try unsafe Arguments(
                receiver: receiver, arguments: arguments, count: count, keywords: keywords, name: name,
                signature: signature)
            return try body(bound)
        }
    }

    /// The table that CPython reads, ended by an empty entry. It lives as long as the process: type and module objects
    /// of every interpreter point into it.
    static func table(_ methods: [MethodDefinition], receiver: String) -> UnsafeMutablePointer<PyMethodDef> {
        let table = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: methods.count + 1)
        for (index, method) in methods.enumerated() {
            let parameters = method.signature.text.isEmpty ? receiver : "\(receiver), \(method.signature.text)"
            let text = "\(method.name)(\(parameters))\n--\n\n\(method.documentation)"
            unsafe (table + index).initialize(
                to: PyMethodDef(
                    ml_name: cString(method.name),
                    // CPython casts it back as `ml_flags` says.
                    ml_meth: unsafeBitCast(method.function, to: PyCFunction.self),
                    ml_flags: METH_FASTCALL | METH_KEYWORDS | method.flags,
                    ml_doc: permanentCString(text)))
        }
        unsafe (table + methods.count).initialize(to: PyMethodDef())
        return unsafe table
    }
}

/// The characters of a literal, which live in the binary.
func cString(_ text: StaticString) -> UnsafePointer<CChar> {
    unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

/// A copy of `text` that lives as long as the process, for tables that CPython keeps pointers into.
func permanentCString(_ text: String) -> UnsafePointer<CChar> {
    let utf8 = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
    for (index, character) in utf8.enumerated() {
        unsafe (copy + index).initialize(to: character)
    }
    return unsafe UnsafePointer(copy)
}
