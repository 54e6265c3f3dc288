// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "camera",
    products: [.library(name: "camera", type: .dynamic, targets: ["camera"])],
    // The build backend makes this link, to the library compiled for the Python that builds.
    dependencies: [.package(name: "swiftbuffer", path: ".swiftbuffer")],
    targets: [
        .target(name: "camera", dependencies: [.product(name: "PythonModules", package: "swiftbuffer")])
    ]
)
