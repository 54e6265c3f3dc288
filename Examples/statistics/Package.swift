// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "stats",
    products: [.library(name: "stats", type: .dynamic, targets: ["stats"])],
    // The build backend makes this link, to the library compiled for the Python that builds.
    dependencies: [.package(name: "swiftbuffer", path: ".swiftbuffer")],
    targets: [
        .target(name: "stats", dependencies: [.product(name: "PythonModules", package: "swiftbuffer")])
    ]
)
