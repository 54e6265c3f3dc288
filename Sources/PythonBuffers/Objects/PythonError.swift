// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims

/// A Python exception as a Swift error: one that Swift raises, or one that Python has raised, with its traceback.
public struct PythonError: Error {
    /// The exceptions that this library raises by itself: built-in ones, and ``outOfRange``.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// The built-in exceptions of these names: `attribute` is `AttributeError`.
        case attribute, buffer, fileExists, `import`, index, key, memory, notImplemented, overflow, runtime, system,
            type
        /// `ValueError`.
        case value
        /// `swiftbuffer.OutOfRangeError`, a `ValueError` and an `OverflowError` both: a value that does not fit in its
        /// format.
        case outOfRange

        /// The exception class, borrowed from the interpreter, which never drops it; NULL with an exception set where
        /// there was no memory to make it.
        package var exception: ObjectPointer? {
            switch self {
            case .outOfRange: unsafe Self.outOfRangeClass
            case .attribute: unsafe sb_exc_attribute_error()
            case .buffer: unsafe sb_exc_buffer_error()
            case .fileExists: unsafe sb_exc_file_exists_error()
            case .import: unsafe sb_exc_import_error()
            case .index: unsafe sb_exc_index_error()
            case .key: unsafe sb_exc_key_error()
            case .memory: unsafe sb_exc_memory_error()
            case .notImplemented: unsafe sb_exc_not_implemented_error()
            case .overflow: unsafe sb_exc_overflow_error()
            case .runtime: unsafe sb_exc_runtime_error()
            case .system: unsafe sb_exc_system_error()
            case .type: unsafe sb_exc_type_error()
            case .value: unsafe sb_exc_value_error()
            }
        }

        private static var outOfRangeClass: ObjectPointer? {
            do throws(PythonError) {
                // The interpreter's dictionary keeps it.
                return try unsafe PythonError.outOfRangeClass().pointer
            } catch {
                error.raise()
                return nil
            }
        }
    }

    private enum Content {
        case new(Kind, String)
        case raised(RaisedException)
    }

    private let content: Content

    /// An exception that Swift raises.
    public init(_ kind: Kind, _ message: String) {
        content = .new(kind, message)
    }

    /// The exception that a C function has set, removed from the thread state.
    @usableFromInline package static func pending() -> PythonError {
        guard let exception = takePending() else {
            return PythonError(.system, "a C function failed without setting an exception")
        }
        return PythonError(raised: exception)
    }

    /// As ``pending()``, after the buffer of `object` could not be acquired.
    package static func pending(acquiring object: ObjectReference) -> PythonError {
        let error = pending()
        guard error.matches(.type), !object.exportsBuffer else { return error }
        return bufferMethodError(of: object) ?? error
    }

    /// The error for an object with a `__buffer__` method that this CPython does not call; `nil` for any other.
    package static func bufferMethodError(of object: ObjectReference) -> PythonError? {
        guard sb_calls_buffer_methods() == 0, object.hasAttribute("__buffer__") else {
            return nil
        }
        return PythonError(
            .type,
            "'\(typeNameOf(object))' exports its buffer by a __buffer__ method, which CPython calls from 3.12 on "
                + "(PEP 688); on 3.11 only types written in C, and their subclasses, export buffers")
    }

    private init(raised exception: consuming PythonObject) {
        content = .raised(RaisedException(exception))
    }

    /// The kind of an exception that Swift raised; `nil` for one that Python raised.
    public var kind: Kind? {
        if case .new(let kind, _) = content { kind } else { nil }
    }

    /// The message of an exception that Swift raised; `nil` for one that Python raised.
    public var message: String? {
        if case .new(_, let message) = content { message } else { nil }
    }

    /// The error of one of the kinds above with a text in front of its message; any other stays as it is.
    ///
    /// - Precondition: the thread is attached.
    package func withPrefix(_ prefix: String) -> PythonError {
        switch content {
        case .new(let kind, let message): return PythonError(kind, prefix + message)
        case .raised(let raised):
            // Of a derived class, it has more than a message.
            guard let kind = raised.kinds.first, let exception = raised.exception.copyHere(),
                unsafe kind.exception == exception.reference.type.pointer,
                let text = try? unsafe PythonObject(result: PyObject_Str(exception.pointer)).string()
            else { return self }
            return PythonError(kind, prefix + text)
        }
    }

    /// Sets the exception in the thread state: the last step before a C function returns its failure.
    ///
    /// - Precondition: the thread is attached.
    @usableFromInline package func raise() {
        switch content {
        case .new(let kind, let message):
            // Not PyErr_SetString: the message may contain NUL.
            if !message.isEmpty, let text = try? PythonObject(message) {
                if let exception = unsafe kind.exception { unsafe PyErr_SetObject(exception, text.pointer) }
            } else {
                // An exception must be set; without memory for the message, it is MemoryError.
                unsafe _ = PyErr_NoMemory()
            }
        case .raised(let raised):
            guard let exception = raised.exception.copyHere() else {
                return PythonError(.runtime, "an exception of another interpreter").raise()
            }
            unsafe sb_put_exception(exception.intoPointer())
        }
    }

    /// Whether the exception is an instance of the class that `kind` names.
    public func matches(_ kind: Kind) -> Bool {
        switch content {
        case .new(let own, _): own == kind || own == .outOfRange && (kind == .value || kind == .overflow)
        case .raised(let raised): raised.kinds.contains(kind)
        }
    }
}

extension PythonError: CustomStringConvertible {
    public var description: String {
        switch content {
        case .new(let kind, let message): "\(kind): \(message)"
        case .raised(let raised):
            // Its text is Python's to say, which takes an attached thread.
            if let exception = raised.exception.copyHere(),
                let text = try? unsafe PythonObject(result: PyObject_Str(exception.pointer)).string()
            {
                "\(raised.typeName): \(text)"
            } else {
                "\(raised.typeName), raised by Python"
            }
        }
    }
}

/// A raised exception, and what Swift may ask of it on any thread.
private final class RaisedException: @unchecked Sendable {
    // Nothing of it changes, and the reference is dropped where it may be.
    let exception: ForeignReference
    let kinds: [PythonError.Kind]
    let typeName: String

    init(_ exception: consuming PythonObject) {
        typeName = exception.typeName
        var kinds: [PythonError.Kind] = []
        for kind in PythonError.Kind.allCases where kind != .outOfRange {
            guard let type = unsafe kind.exception else { continue }
            if unsafe PyErr_GivenExceptionMatches(exception.pointer, type) != 0 { kinds.append(kind) }
        }
        // The class is made at its first use, so it is asked for only where it may be the one.
        if kinds.contains(.value) && kinds.contains(.overflow) {
            if let type = unsafe PythonError.Kind.outOfRange.exception {
                if unsafe PyErr_GivenExceptionMatches(exception.pointer, type) != 0 { kinds.append(.outOfRange) }
            } else {
                // If the class could not be made, the exception is not an instance of it.
                PyErr_Clear()
            }
        }
        self.kinds = kinds
        self.exception = ForeignReference(exception)
    }
}
