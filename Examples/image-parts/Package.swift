// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "images",
    products: [.library(name: "images", type: .dynamic, targets: ["images"])],
    // The build backend makes this link, to the library compiled for the Python that builds.
    dependencies: [.package(name: "swiftbuffer", path: ".swiftbuffer")],
    targets: [
        .target(name: "images", dependencies: [.product(name: "PythonModules", package: "swiftbuffer")])
    ]
)
