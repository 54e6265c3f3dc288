// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import PythonBuffers

// What the C functions of ModuleShims call for slots of types. Each gets an entry, which the tables keep for ever, and
// objects, which CPython keeps during the call.

private func object(_ pointer: UnsafeMutableRawPointer?) -> ObjectReference {
    unsafe ObjectReference(pointer: pointer!.assumingMemoryBound(to: PyObject.self))
}

private func entry<Entry: AnyObject>(_: Entry.Type, _ context: UnsafeRawPointer) -> Unmanaged<Entry> {
    unsafe Unmanaged<Entry>.fromOpaque(context)
}

/// A new reference for CPython, or NULL with the exception set.
private func returning(_ body: () throws -> PythonObject?) -> UnsafeMutableRawPointer? {
    do {
        switch try body() {
        case let object?: return unsafe UnsafeMutableRawPointer(object.intoPointer())
        case nil: return nil
        }
    } catch {
        raiseInPython(error)
        return nil
    }
}

/// A number for CPython, or -1 with the exception set.
private func returningNumber<Number: SignedInteger>(_ body: () throws -> Number) -> Number {
    do {
        return try body()
    } catch {
        raiseInPython(error)
        return -1
    }
}

@c(swiftbuffer_call_unary)
func callUnary(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    unsafe entry(UnaryEntry.self, context)._withUnsafeGuaranteedRef { entry in
        unsafe returning { try unsafe entry.call(object(receiver)) }
    }
}

@c(swiftbuffer_call_binary)
func callBinary(
    context: UnsafeRawPointer, left: UnsafeMutableRawPointer?, right: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe entry(BinaryEntry.self, context)._withUnsafeGuaranteedRef { entry in
        unsafe returning { try unsafe entry(object(left), object(right)) }
    }
}

@c(swiftbuffer_call_power)
func callPower(
    context: UnsafeRawPointer, left: UnsafeMutableRawPointer?, right: UnsafeMutableRawPointer?,
    modulus: UnsafeMutableRawPointer?
) -> UnsafeMutableRawPointer? {
    unsafe entry(BinaryEntry.self, context)._withUnsafeGuaranteedRef { entry in
        // pow() with three arguments is another operator.
        unsafe returning {
            try unsafe object(modulus).isNone ? entry(object(left), object(right)) : PythonObject.notImplemented
        }
    }
}

@c(swiftbuffer_call_compare)
func callCompare(
    context: UnsafeRawPointer, left: UnsafeMutableRawPointer?, right: UnsafeMutableRawPointer?, comparison: CInt
) -> UnsafeMutableRawPointer? {
    unsafe entry(CompareEntry.self, context)._withUnsafeGuaranteedRef { entry in
        unsafe returning { try unsafe entry(object(left), object(right), Int(comparison)) }
    }
}

@c(swiftbuffer_call_length)
func callLength(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> Int {
    unsafe entry(LengthEntry.self, context)._withUnsafeGuaranteedRef { entry in
        returningNumber {
            let count = try unsafe entry.length(object(receiver))
            guard count >= 0 else { throw PythonError(.value, "a length cannot be negative: \(count)") }
            return count
        }
    }
}

@c(swiftbuffer_call_hash)
func callHash(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> Int {
    unsafe entry(LengthEntry.self, context)._withUnsafeGuaranteedRef { entry in
        returningNumber {
            let hash = try unsafe entry.length(object(receiver))
            // -1 is CPython's mark of an error.
            return hash == -1 ? -2 : hash
        }
    }
}

@c(swiftbuffer_call_item)
func callItem(
    context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?, index: Int
) -> UnsafeMutableRawPointer? {
    unsafe entry(ItemsEntry.self, context)._withUnsafeGuaranteedRef { entry in
        unsafe returning { try unsafe entry.item(of: object(receiver), at: index) }
    }
}

@c(swiftbuffer_call_truth)
func callTruth(context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?) -> CInt {
    unsafe entry(TruthEntry.self, context)._withUnsafeGuaranteedRef { entry in
        returningNumber { try unsafe entry.truth(object(receiver)) ? 1 : 0 }
    }
}

@c(swiftbuffer_call_contains)
func callContains(
    context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?, item: UnsafeMutableRawPointer?
) -> CInt {
    unsafe entry(ContainsEntry.self, context)._withUnsafeGuaranteedRef { entry in
        returningNumber { try unsafe entry.contains(object(receiver), object(item)) ? 1 : 0 }
    }
}

@c(swiftbuffer_call_assign)
func callAssign(
    context: UnsafeRawPointer, receiver: UnsafeMutableRawPointer?, key: UnsafeMutableRawPointer?,
    value: UnsafeMutableRawPointer?
) -> CInt {
    unsafe entry(ItemsEntry.self, context)._withUnsafeGuaranteedRef { entry in
        returningNumber {
            try unsafe entry.setValue(of: object(receiver), at: object(key), to: value.map { unsafe object($0) })
            return 0
        }
    }
}
