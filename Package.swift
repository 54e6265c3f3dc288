// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// Every target is held to the same rules: unsafe code is marked, and a warning is an error.
let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

/// The inner loops once more for newer CPUs: `KernelLoops` under other names (symbolic links), built with instructions
/// that are used only after the machine has said that it has them.
#if arch(x86_64)
    let loops: [(name: String, march: [String])] = [
        ("KernelLoopsAVX2", ["-march=x86-64-v3"]),
        ("KernelLoopsAVX512", ["-march=x86-64-v4", "-mavx512vbmi", "-mprefer-vector-width=512"]),
    ]
#else
    let loops: [(name: String, march: [String])] = []
#endif

let package = Package(
    name: "swiftbuffer",
    products: [
        .library(name: "BufferLayout", targets: ["BufferLayout"]),
        .library(name: "BufferKernels", targets: ["BufferKernels"]),
        .library(name: "Interchange", targets: ["Interchange"]),
        .library(name: "PythonBuffers", targets: ["PythonBuffers"]),
        .library(name: "PythonModules", targets: ["PythonModules"]),
    ],
    targets: [
        .systemLibrary(name: "CPython", pkgConfig: "python3", providers: [.apt(["python3-dev"])]),
        .target(name: "InterchangeShims"),
        .target(name: "CPythonShims", dependencies: ["InterchangeShims", "CPython"]),
        .target(name: "BufferLayout", swiftSettings: settings),
        .target(name: "KernelShims"),
        .target(name: "KernelInterface", dependencies: ["BufferLayout"], swiftSettings: settings),
        .target(
            name: "KernelLoops", dependencies: ["KernelShims", "KernelInterface", "BufferLayout"],
            swiftSettings: settings),
        .target(
            name: "BufferKernels",
            dependencies: ["BufferLayout", "KernelInterface", "KernelLoops", "KernelShims"]
                + loops.map { .target(name: $0.name) },
            swiftSettings: settings),
        .target(name: "Interchange", dependencies: ["BufferLayout", "InterchangeShims"], swiftSettings: settings),
        .target(
            name: "PythonBuffers",
            dependencies: [
                "Interchange", "InterchangeShims", "BufferKernels", "BufferLayout", "CPythonShims", "CPython",
            ],
            swiftSettings: settings),
        .target(name: "ModuleShims"),
        .target(
            name: "PythonModules",
            dependencies: ["PythonBuffers", "BufferLayout", "ModuleShims", "CPythonShims", "CPython"],
            swiftSettings: settings),
    ]
        + loops.map { loop in
            .target(
                name: loop.name, dependencies: ["KernelShims", "KernelInterface", "BufferLayout"],
                swiftSettings: settings + [.unsafeFlags(loop.march.flatMap { ["-Xcc", $0] })])
        }
)

// The installed package brings the sources of the library alone, which are compiled to one archive on users' machines.
if Context.environment["SWIFTBUFFER_LIBRARY_ONLY"] == nil {
    // The file of both extension modules, which share one Swift runtime.
    package.products.append(
        .library(name: "SwiftBufferCore", type: .dynamic, targets: ["SwiftBufferCore", "SwiftBufferTesting"]))
    package.products.append(.library(name: "PythonEmbedding", targets: ["PythonEmbedding"]))
    package.targets += [
        .target(
            name: "SwiftBufferCore",
            dependencies: [
                "PythonBuffers", "InterchangeShims", "BufferKernels", "BufferLayout", "CPythonShims", "CPython",
            ],
            exclude: ["exports.map"],
            swiftSettings: settings),
        .target(
            name: "SwiftBufferTesting",
            dependencies: ["PythonBuffers", "BufferKernels", "BufferLayout", "CPythonShims", "CPython"],
            swiftSettings: settings),
        .systemLibrary(name: "CPythonEmbed", path: "Tests/CPythonEmbed", pkgConfig: "python3-embed"),
        .target(
            name: "PythonEmbedding", dependencies: ["PythonModules", "CPython", "CPythonEmbed"],
            swiftSettings: settings),
        .testTarget(
            name: "PythonBuffersTests",
            dependencies: [
                "PythonEmbedding", "PythonModules", "PythonBuffers", "BufferLayout", "CPythonShims", "CPython",
                "CPythonEmbed",
            ],
            swiftSettings: settings),
        .testTarget(name: "BufferLayoutTests", dependencies: ["BufferLayout"], swiftSettings: settings),
        .testTarget(
            name: "BufferKernelsTests", dependencies: ["BufferKernels", "KernelInterface", "BufferLayout"],
            // Its plain implementations compute every item with wide integers, which takes minutes without.
            swiftSettings: settings + [.unsafeFlags(["-O"])]),
    ]
} else {
    package.products.append(.library(name: "PythonModulesArchive", type: .static, targets: ["PythonModules"]))
}
