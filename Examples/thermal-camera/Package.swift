// swift-tools-version: 6.3
import PackageDescription

let package = Package(
    name: "thermal",
    products: [.library(name: "thermal", type: .dynamic, targets: ["thermal"])],
    dependencies: [
        // Outside of this repository: .package(url: "https://github.com/<owner>/swiftbuffer", from: "1.0.0")
        .package(name: "swiftbuffer", path: "../..")
    ],
    targets: [
        .target(name: "thermal", dependencies: [.product(name: "PythonModules", package: "swiftbuffer")])
    ]
)
