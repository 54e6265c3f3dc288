// swift-tools-version: 6.2
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

let package = Package(
    name: "swiftbuffer",
    products: [
        .library(name: "BufferLayout", targets: ["BufferLayout"]),
        .library(name: "BufferKernels", targets: ["BufferKernels"]),
        .library(name: "PythonBuffers", targets: ["PythonBuffers"]),
        .library(name: "SwiftBufferCore", type: .dynamic, targets: ["SwiftBufferCore"]),
    ],
    targets: [
        .systemLibrary(name: "CPython", pkgConfig: "python3", providers: [.apt(["python3-dev"])]),
        .target(name: "CPythonShims", dependencies: ["CPython"]),
        .target(name: "BufferLayout", swiftSettings: settings),
        .target(name: "KernelShims"),
        .target(name: "KernelLoops", dependencies: ["KernelShims", "BufferLayout"], swiftSettings: settings),
        .target(
            name: "BufferKernels", dependencies: ["BufferLayout", "KernelLoops", "KernelShims"],
            swiftSettings: settings),
        .target(
            name: "PythonBuffers",
            dependencies: ["BufferKernels", "BufferLayout", "CPythonShims", "CPython"],
            swiftSettings: settings),
        .target(
            name: "SwiftBufferCore",
            dependencies: ["PythonBuffers", "BufferKernels", "BufferLayout", "CPythonShims", "CPython"],
            exclude: ["exports.map"],
            swiftSettings: settings),
        .systemLibrary(name: "CPythonEmbed", path: "Tests/CPythonEmbed", pkgConfig: "python3-embed"),
        .testTarget(
            name: "PythonBuffersTests",
            dependencies: ["PythonBuffers", "BufferLayout", "CPythonShims", "CPython", "CPythonEmbed"],
            swiftSettings: settings),
        .testTarget(name: "BufferLayoutTests", dependencies: ["BufferLayout"], swiftSettings: settings),
        .testTarget(
            name: "BufferKernelsTests", dependencies: ["BufferKernels", "BufferLayout"], swiftSettings: settings),
    ]
)
