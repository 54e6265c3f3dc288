// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// A package of its own, so that nothing of it reaches users of the library. `tools/fuzz.py` builds and runs it.
let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableExperimentalFeature("Lifetimes"),
]
// libFuzzer brings the main function.
let program: [SwiftSetting] = settings + [.unsafeFlags(["-parse-as-library"])]
let layout = Target.Dependency.product(name: "BufferLayout", package: "swiftbuffer")
let interchange = Target.Dependency.product(name: "Interchange", package: "swiftbuffer")
let kernels = Target.Dependency.product(name: "BufferKernels", package: "swiftbuffer")

let package = Package(
    name: "Fuzzing",
    dependencies: [.package(name: "swiftbuffer", path: "..")],
    targets: [
        .target(name: "FuzzInput", swiftSettings: settings),
        // The references beside the targets are links to those that the Swift tests use.
        .executableTarget(name: "FuzzFormats", dependencies: ["FuzzInput", layout], swiftSettings: program),
        .executableTarget(name: "FuzzLayouts", dependencies: ["FuzzInput", layout], swiftSettings: program),
        .executableTarget(name: "FuzzCopies", dependencies: ["FuzzInput", kernels, layout], swiftSettings: program),
        .executableTarget(
            name: "FuzzExchange", dependencies: ["FuzzInput", interchange, layout], swiftSettings: program),
    ]
)
