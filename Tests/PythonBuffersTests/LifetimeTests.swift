// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import PythonBuffers

/// Programs that would use a buffer's memory wrongly, and what the compiler says to each.
@Suite struct LifetimeTests {
    struct Program: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: String
        /// What the compiler says; `nil` if it accepts the program.
        let error: String?
    }

    static let programs = [
        Program(
            testDescription: "spans used within the buffer's life",
            body: """
                func sum(_ object: borrowing PythonObject) throws(PythonError) -> Float {
                    var buffer = try PythonBuffer(object, .full)
                    var items = try buffer.mutableSpan(of: Float.self)
                    items[0] = 1
                    let strided = try buffer.stridedSpan(of: Float.self, ndim: 1)
                    return try buffer.span(of: Float.self)[0] + strided[0]
                }
                """, error: nil),
        Program(
            testDescription: "a span returned from the function that holds the buffer",
            body: """
                @_lifetime(immortal)
                func leak(_ object: borrowing PythonObject) throws(PythonError) -> Span<Float> {
                    let buffer = try PythonBuffer(object)
                    let span = try buffer.span(of: Float.self)
                    return span
                }
                """, error: "lifetime-dependent"),
        Program(
            testDescription: "a strided span returned from the function that holds the buffer",
            body: """
                @_lifetime(immortal)
                func leak(_ object: borrowing PythonObject) throws(PythonError) -> StridedSpan<Float> {
                    let buffer = try PythonBuffer(object)
                    let span = try buffer.stridedSpan(of: Float.self)
                    return span
                }
                """, error: "lifetime-dependent"),
        Program(
            testDescription: "bytes used after the buffer has ended",
            body: """
                func leak(_ object: borrowing PythonObject) throws(PythonError) -> Int {
                    let buffer = try PythonBuffer(object)
                    let bytes = try buffer.bytes
                    end(buffer)
                    return bytes.byteCount
                }
                func end(_ buffer: consuming PythonBuffer) {}
                """, error: "borrowed by a non-Escapable type"),
        Program(
            testDescription: "a span kept in a variable outside",
            body: """
                func leak(_ object: borrowing PythonObject) throws(PythonError) -> Int {
                    var kept = Span<UInt8>()
                    do {
                        let buffer = try PythonBuffer(object)
                        kept = try buffer.span(of: UInt8.self)
                    }
                    return kept.count
                }
                """, error: "lifetime-dependent"),
        Program(
            testDescription: "a span that is read while another writes",
            body: """
                func alias(_ object: borrowing PythonObject) throws(PythonError) {
                    var buffer = try PythonBuffer(object, .full)
                    var writable = try buffer.mutableSpan(of: Float.self)
                    let readable = try buffer.span(of: Float.self)
                    writable[0] = readable[1]
                }
                """, error: "overlapping accesses to 'buffer'"),
        Program(
            testDescription: "two strided spans that write",
            body: """
                func alias(_ object: borrowing PythonObject) throws(PythonError) {
                    var buffer = try PythonBuffer(object, .full)
                    var first = try buffer.mutableStridedSpan(of: Float.self)
                    var second = try buffer.mutableStridedSpan(of: Float.self)
                    first[0] = 1
                    second[0] = 2
                    first[0] = 3
                }
                """, error: "overlapping accesses to 'buffer'"),
        Program(
            testDescription: "a buffer held twice",
            body: """
                func double(_ object: borrowing PythonObject) throws(PythonError) {
                    let buffer = try PythonBuffer(object)
                    let again = buffer
                    print(buffer.byteCount, again.byteCount)
                }
                """, error: "'buffer' used after consume"),
        Program(
            testDescription: "a span of Bool, which not every byte is",
            body: """
                func flags(_ buffer: borrowing PythonBuffer) throws(PythonError) -> Bool {
                    try buffer.span(of: Bool.self)[0]
                }
                """, error: "requires that 'Bool' conform to 'DirectBufferElement'"),
        Program(
            testDescription: "a span of an exporter's memory that outlives it",
            body: """
                @_lifetime(immortal)
                func leak() throws(PythonError) -> Span<Float> {
                    let memory = try BufferMemory(count: 4, of: Float.self)
                    let span = memory.span(of: Float.self)
                    return span
                }
                """, error: "lifetime-dependent"),
    ]

    @Test(arguments: programs)
    func theCompilerAcceptsWhatIsSafeAndNothingElse(program: Program) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "swiftbuffer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let source = folder.appending(path: "program.swift")
        try "import PythonBuffers\n\(program.body)\n".write(to: source, atomically: true, encoding: .utf8)

        let compiler = Process()
        let output = Pipe()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        // Lifetimes are checked after type checking, when code is generated.
        compiler.arguments =
            ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-parse-as-library"]
            + ["-enable-experimental-feature", "Lifetimes", "-module-cache-path", folder.path(), source.path()]
            + (try Self.searchPaths())
        compiler.standardError = output
        compiler.standardOutput = FileHandle.nullDevice
        try compiler.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        compiler.waitUntilExit()
        if let error = program.error {
            #expect(compiler.terminationStatus != 0)
            #expect(said.contains(error), "\(said)")
        } else {
            #expect(compiler.terminationStatus == 0, "\(said)")
        }
    }

    /// Where the modules of this build are, and the headers of the interpreter that it was built for.
    private static func searchPaths() throws -> [String] {
        let products = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
        var headers = ""
        try withPython { headers = try evaluate("__import__('sysconfig').get_path('include')").string() }
        var paths = ["-I", products.appending(path: "Modules").path(), "-Xcc", "-I\(headers)"]
        paths += ["-Xcc", "-fmodule-map-file=\(sources.appending(path: "CPython/module.modulemap").path())"]
        for folder in try FileManager.default.contentsOfDirectory(at: products, includingPropertiesForKeys: nil)
        where folder.lastPathComponent.hasSuffix("Shims.build") {
            paths += ["-Xcc", "-fmodule-map-file=\(folder.appending(path: "module.modulemap").path())"]
        }
        return paths
    }
}
