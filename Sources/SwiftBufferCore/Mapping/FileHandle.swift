// SPDX-License-Identifier: Apache-2.0
internal import CPythonShims
internal import PythonBuffers

/// An open file, closed when this object ends, and its path for messages.
@safe
final class FileHandle {
    /// As the file system spells it, ended by a zero.
    let path: [CChar]
    fileprivate let number: CInt

    /// How a file is opened. The raw values are those of the C function.
    enum Access: CInt {
        case read = 0
        case write
        /// To be written; made where there is none.
        case create
        /// To be written; there must be none.
        case createNew
    }

    /// - Throws: `OSError`; `ValueError` for anything but a regular file.
    init(_ path: [CChar], _ access: Access) throws(PythonError) {
        self.path = path
        // A file system may wait for another machine.
        let result = Python.detachUnchecked(for: .waiting) { unsafe sb_file_open(path, access.rawValue) }
        number = result
        guard result >= 0 else {
            let text = try Self.text(of: path)
            if result == -Self.notRegular {
                throw try PythonError(.value, "only a regular file can be mapped, which \(text.string()) is not")
            }
            throw unsafe PythonError.system(-result, text.reference)
        }
    }

    deinit {
        if number >= 0 { sb_file_close(number) }
    }

    func pathText() throws(PythonError) -> PythonObject { try Self.text(of: path) }

    private static func text(of path: [CChar]) throws(PythonError) -> PythonObject {
        try unsafe PythonObject(result: sb_path_text(path, path.count - 1))
    }

    /// The length of the file in bytes.
    var size: Int {
        get throws(PythonError) { Int(try check(sb_file_size(number))) }
    }

    func setSize(_ size: Int) throws(PythonError) { _ = try check(Int64(sb_file_set_size(number, Int64(size)))) }

    /// Reserves space for a file, so that writing to its memory does not run out of it.
    func allocate(_ size: Int) throws(PythonError) { _ = try check(Int64(sb_file_allocate(number, Int64(size)))) }

    /// Writes bytes at an offset, beyond the end if need be.
    func write(_ bytes: borrowing RawSpan, count: Int, at offset: Int) throws(PythonError) {
        let result = unsafe bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return CInt(0) }
            return unsafe sb_file_write(number, start, min(count, bytes.count), Int64(offset))
        }
        _ = try check(Int64(result))
    }

    /// Maps bytes of the file; no memory for none.
    ///
    /// - Precondition: `backing` keeps this object.
    func map(
        offset: Int, byteCount: Int, _ sharing: Sharing, backing: any MemoryBacking
    ) throws(PythonError) -> BufferMemory {
        var address: UnsafeMutableRawPointer?
        if byteCount > 0 {
            _ = try check(Int64(unsafe sb_map(number, Int64(offset), byteCount, sharing.rawValue, &address)))
        }
        let start = unsafe address
        return unsafe BufferMemory(
            mapping: start, byteCount: byteCount, isReadOnly: sharing == .read, backing: backing
        ) {
            if let start = unsafe start { unsafe sb_unmap(start, byteCount) }
        }
    }

    /// Who sees what is written to the memory. The raw values are those of the C function.
    enum Sharing: CInt {
        case read = 0
        /// Everybody, and the file.
        case write
        /// Nobody else.
        case copyOnWrite
    }

    /// The result of a system call, or the error that it is.
    func check(_ result: Int64) throws(PythonError) -> Int64 {
        guard result < 0 else { return result }
        let text = try pathText()
        throw unsafe PythonError.system(CInt(-result), text.reference)
    }

    private static let notRegular: CInt = sb_error_invalid()
}

extension MemoryBacking {
    /// Waits until bytes of a mapped file have reached the device.
    func flushMapping(_ memory: BufferMemory, length: Int, of file: FileHandle) throws(PythonError) {
        guard length > 0, let address = unsafe memory.address else { return }
        let result = Python.detachUnchecked(for: .waiting) { unsafe sb_map_flush(address, length) }
        _ = try file.check(Int64(result))
    }

    /// Gives advice for bytes of mapped memory.
    func adviseMapping(
        _ memory: BufferMemory, _ advice: MemoryAdvice, bytes: Range<Int>, of file: FileHandle
    ) throws(PythonError) {
        guard !bytes.isEmpty, let address = unsafe memory.address else { return }
        let result = unsafe sb_map_advise(address + bytes.lowerBound, bytes.count, advice.rawValue)
        _ = try file.check(Int64(result))
    }
}
