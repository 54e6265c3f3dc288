// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// What the C functions of ModuleShims call.

@c(swiftbuffer_call_function)
func callFunction(
    context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?,
    arguments: UnsafePointer<UnsafeMutableRawPointer?>?, count: Int, keywords: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<Function>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
        // CPython passes objects; the two types of pointers to them have one representation.
        // There is none for a static method, which uses none.
        let result = unsafe function(
            ObjectReference(pointer: receiver?.assumingMemoryBound(to: PyObject.self) ?? sb_none()),
            SBArguments(pointer: UnsafeRawPointer(arguments)?.assumingMemoryBound(to: ObjectPointer?.self)), count,
            OptionalObjectReference(pointer: keywords?.assumingMemoryBound(to: PyObject.self)))
        return unsafe UnsafeMutableRawPointer(result.pointer)
    }
}

@c(swiftbuffer_call_plain)
func callPlainFunction(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<Function>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
        let result = unsafe function(
            ObjectReference(pointer: receiver?.assumingMemoryBound(to: PyObject.self) ?? sb_none()))
        return unsafe UnsafeMutableRawPointer(result.pointer)
    }
}

@c(swiftbuffer_call_new)
func callNew(
    context: UnsafeRawPointer, type: UnsafeMutableRawPointer?, arguments: UnsafeMutableRawPointer?,
    keywords: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe Unmanaged<Function>.fromOpaque(context)._withUnsafeGuaranteedRef { function in
        let type = unsafe ObjectReference(pointer: type!.assumingMemoryBound(to: PyObject.self))
        let result = unsafe function.callNew(
            type, OptionalObjectReference(pointer: arguments?.assumingMemoryBound(to: PyObject.self)),
            OptionalObjectReference(pointer: keywords?.assumingMemoryBound(to: PyObject.self)))
        return unsafe UnsafeMutableRawPointer(result.pointer)
    }
}

extension Function {
    /// The keys of a dictionary of arguments, in a tuple.
    private static func names(_ dictionary: OptionalObjectReference) throws(PythonError) -> PythonObject {
        guard let dictionary = dictionary.object else { return try TupleBuilder(capacity: 0).finish() }
        let keys = try unsafe PythonObject(result: PyDict_Keys(dictionary.pointer))
        return try unsafe keys.reference.asTuple()
    }

    /// Calls the function with arguments as CPython passes them to `tp_new`.
    fileprivate func callNew(
        _ type: ObjectReference, _ tuple: OptionalObjectReference, _ dictionary: OptionalObjectReference
    ) -> ObjectResult {
        do {
            let count = tuple.object?.tupleCount ?? 0
            // As a vectorcall passes them: the values of keywords behind the others, and a tuple of the names.
            let names = try Self.names(dictionary)
            let keywordCount = names.tupleCount
            return unsafe withUnsafeTemporaryAllocation(
                of: ObjectPointer?.self, capacity: max(count + keywordCount, 1)
            ) { arguments in
                unsafe arguments.initialize(repeating: nil)
                for index in 0..<count { unsafe arguments[index] = tuple.object!.tupleItem(index).pointer }
                for index in 0..<keywordCount {
                    // The dictionary, which belongs to this call, keeps the values.
                    unsafe arguments[count + index] = PyDict_GetItemWithError(
                        dictionary.object!.pointer, names.tupleItem(index).pointer)
                }
                let values = unsafe SBArguments(pointer: UnsafePointer(arguments.baseAddress))
                let keywords = unsafe OptionalObjectReference(pointer: keywordCount == 0 ? nil : names.pointer)
                return self(type, values, count, keywords)
            }
        } catch {
            raiseInPython(error)
            return .failure
        }
    }
}
