// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "inswift",
    products: [.library(name: "inswift", type: .dynamic, targets: ["inswift"])],
    dependencies: [.package(name: "swiftbuffer", path: ".swiftbuffer")],
    targets: [
        .target(name: "inswift", dependencies: [.product(name: "PythonModules", package: "swiftbuffer")])
    ]
)
