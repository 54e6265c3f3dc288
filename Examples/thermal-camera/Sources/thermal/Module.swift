import PythonBuffers

// What Python sees: each function as its caller writes it, then the Swift behind it.

private let new = Callable("Frame", "height, width", "")
private let load = Callable(
    "load", "raw",
    """
    Take a picture: a two-dimensional buffer of format "H", in hundredths of a kelvin.

    Memoryviews and arrays of this frame see the new temperatures.
    """)
private let hottest = Callable("hottest", "", "Return the highest temperature in degrees Celsius, or None.")
private let resize = Callable(
    "resize", "height, width",
    "Start over at another size. Raises BufferError while memoryviews or arrays of this frame live.")

nonisolated(unsafe) private let frameType = TypeDefinition(
    exporting: Frame.self, name: "thermal.Frame",
    documentation: """
        Frame(height, width)
        --

        A picture of a thermal camera, in degrees Celsius; a buffer of shape (height, width) and format "f".
        """,
    new: {
        new.construct(Frame.self, $0, $1, $2) { arguments throws(PythonError) in
            try Frame(height: arguments.int(0), width: arguments.int(1))
        }
    },
    methods: [
        load.method {
            load.update(Frame.self, $0, $1, $2, $3) { frame, arguments throws(PythonError) in
                try frame.load(PythonBuffer(arguments.object(0)))
                return .none
            }
        },
        hottest.method {
            hottest.read(Frame.self, $0, $1, $2, $3) { frame, _ throws(PythonError) in
                guard let celsius = frame.hottest else { return .none }
                return try PythonObject(Double(celsius))
            }
        },
        resize.method {
            resize.resize(Frame.self, $0, $1, $2, $3) { frame, arguments throws(PythonError) in
                try frame.resize(height: arguments.int(0), width: arguments.int(1))
                return .none
            }
        },
    ])

nonisolated(unsafe) private let module = ModuleDefinition(
    name: "thermal", documentation: "Pictures of a thermal camera, shared with NumPy and others without a copy."
) { module in
    returningStatus { () throws(PythonError) in
        _ = try ModuleBuilder(module).add(frameType)
    }
}

/// What Python calls when it imports the module.
@c(PyInit_thermal) public func initialize() -> ObjectResult { module.initialize() }
