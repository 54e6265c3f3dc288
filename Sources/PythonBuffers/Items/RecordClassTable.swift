// SPDX-License-Identifier: Apache-2.0
internal import CPython
internal import CPythonShims
internal import Synchronization

/// Where an extension keeps the classes of records by the names of their fields, so that records with equal names have
/// one class, and formats that are parsed anew with each buffer share it.
///
/// Making a class takes as long as reading a hundred records. An extension without a table makes one for each parsed
/// format.
@safe
package struct RecordClassTable: Sendable {
    private let find: @Sendable () -> PythonObject?
    private static let installed = Mutex<RecordClassTable?>(nil)

    /// - Parameter find: gives this interpreter's dictionary, which nothing else changes; `nil` where the module that
    ///   keeps it is gone.
    package init(_ find: @escaping @Sendable () -> PythonObject?) {
        self.find = find
    }

    /// Makes this the table of the extension, in all interpreters.
    package func install() { Self.installed.withLock { $0 = self } }

    /// The table of this interpreter.
    static func current() -> Classes? {
        // Not called under the lock: it may run Python code.
        guard let table = installed.withLock({ $0 }), let dictionary = table.find() else { return nil }
        return Classes(dictionary: dictionary)
    }

    /// The classes in one interpreter.
    struct Classes: ~Copyable {
        private let dictionary: PythonObject
        private static let maximumCount = 512

        fileprivate init(dictionary: consuming PythonObject) {
            self.dictionary = dictionary
        }

        func type(_ names: borrowing PythonObject) throws(PythonError) -> PythonObject? {
            if let known = unsafe sb_dict_item(dictionary.pointer, names.pointer) {
                return unsafe PythonObject(owning: known)
            }
            if unsafe PyErr_Occurred() != nil { throw PythonError.pending() }
            return nil
        }

        /// Keeps a class under its own names of fields and under those that were given for it, which both stay or go
        /// together. Returns the class that is kept, which may be one that another thread has made.
        func keep(
            _ type: consuming PythonObject, _ fields: borrowing PythonObject, _ names: borrowing PythonObject
        ) throws(PythonError) -> PythonObject {
            if unsafe PyDict_Size(dictionary.pointer) > Self.maximumCount - 2 {
                unsafe PyDict_Clear(dictionary.pointer)
            }
            return try insert(insert(type, fields), names)
        }

        private func insert(
            _ type: consuming PythonObject, _ names: borrowing PythonObject
        ) throws(PythonError) -> PythonObject {
            if unsafe PyDict_SetDefault(dictionary.pointer, names.pointer, type.pointer) == nil {
                throw PythonError.pending()
            }
            // Another thread may have been first, or may have cleared the dictionary.
            if let kept = try self.type(names) { return kept }
            return type
        }
    }
}
