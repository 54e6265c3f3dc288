// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "signals",
    products: [.library(name: "signals", type: .dynamic, targets: ["signals"])],
    // The build backend makes this link, to the library compiled for the Python that builds.
    dependencies: [.package(name: "swiftbuffer", path: ".swiftbuffer")],
    targets: [
        .target(name: "signals", dependencies: [.product(name: "PythonModules", package: "swiftbuffer")])
    ]
)
