// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, so that nothing of it reaches users of the library.
let package = Package(
    name: "KernelBenchmark",
    dependencies: [.package(name: "swiftbuffer", path: "../..")],
    targets: [
        .executableTarget(
            name: "KernelBenchmark",
            dependencies: [
                .product(name: "BufferKernels", package: "swiftbuffer"),
                .product(name: "BufferLayout", package: "swiftbuffer"),
            ],
            swiftSettings: [.strictMemorySafety(), .enableExperimentalFeature("Lifetimes")])
    ]
)
