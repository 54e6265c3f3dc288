// swift-tools-version: 6.3
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let package = Package(
    name: "jpeg",
    products: [.library(name: "jpeg", type: .dynamic, targets: ["jpeg"])],
    // The build backend makes this link, to the library compiled for the Python that builds.
    dependencies: [.package(name: "swiftbuffer", path: ".swiftbuffer")],
    targets: [
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .target(
            name: "jpeg", dependencies: ["CTurboJPEG", .product(name: "PythonModules", package: "swiftbuffer")]),
    ]
)
