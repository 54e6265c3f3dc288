# SPDX-License-Identifier: Apache-2.0
"""Tensors that end on threads that Python does not know, in other interpreters, and after the interpreter."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

import swiftbuffer as sb
from tensors import Consumer

SUPPORT = Path(__file__).parents[1] / "support"
_libc = ctypes.CDLL(None)


def end_on_a_foreign_thread(tensor: Consumer) -> None:
    """Calls the deleter on a thread of the system's own, whose function it is."""
    thread = ctypes.c_ulong()
    assert _libc.pthread_create(ctypes.byref(thread), None, ctypes.c_void_p(tensor.deleter), tensor.argument) == 0
    assert _libc.pthread_join(thread, None) == 0


def run(script: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(SUPPORT)}
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, check=False, timeout=120, env=environment,
    )  # fmt: skip
    assert child.returncode == 0, child.stdout + child.stderr
    assert child.stderr == ""
    return child.stdout


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_thread_that_python_does_not_know_ends_the_export(version: tuple[int, int] | None) -> None:
    array = sb.zeros(3)
    tensor = Consumer(array.__dlpack__(max_version=version))
    end_on_a_foreign_thread(tensor)
    array.append(1)


def test_a_foreign_thread_ends_the_array_itself() -> None:
    base = bytearray(8)
    tensor = Consumer(sb.View(base).__dlpack__())
    with pytest.raises(BufferError):
        base.append(0)
    end_on_a_foreign_thread(tensor)
    base.append(0)


def test_many_threads_end_exports_at_once() -> None:
    array = sb.zeros(3)

    def use() -> None:
        for _ in range(200):
            tensor = Consumer(array.__dlpack__(max_version=(1, 0)))
            tensor.delete()
        end_on_a_foreign_thread(Consumer(array.__dlpack__()))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    array.append(1)


def test_a_deleter_keeps_the_exception_that_is_being_raised() -> None:
    class Holder:
        def __init__(self, tensor: Consumer) -> None:
            self.tensor = tensor

        def __del__(self) -> None:
            self.tensor.delete()

    array = sb.zeros(3)

    def use() -> None:
        holder = Holder(Consumer(array.__dlpack__()))
        raise KeyError(holder is None)

    with pytest.raises(KeyError):
        use()
    array.append(1)


ENDINGS = {
    "by a destructor of the C library": "ctypes.CDLL(None).__cxa_atexit(ctypes.c_void_p(t.deleter), t.argument, None)",
    "in the last atexit function": "atexit.register(t.delete)",
    "never": "pass",
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("version", [None, (1, 0)])
def test_tensors_may_outlive_the_interpreter(ending: str, version: tuple[int, int] | None) -> None:
    output = run(f"""
        import atexit, ctypes
        import swiftbuffer as sb
        from tensors import Consumer
        a = sb.zeros(3)
        v = sb.View(bytearray(8))
        for x in (a, v):
            t = Consumer(x.__dlpack__(max_version={version}))
            {ending}
        print("survived")
        """)
    assert "survived" in output


def test_a_thread_that_is_late_does_not_stop_the_end() -> None:
    """The deleter is called by a thread that sleeps until the interpreter ends or has ended."""
    output = run("""
        import ctypes, threading, time
        import swiftbuffer as sb
        from tensors import Consumer
        arrays = [sb.zeros(3) for _ in range(40)]
        tensors = [Consumer(a.__dlpack__()) for a in arrays]
        libc = ctypes.CDLL(None)
        def end():
            for t in tensors:
                t.delete()
                libc.usleep(500)
        threading.Thread(target=end, daemon=True).start()
        time.sleep(0.005)
        print("survived")
        """)
    assert "survived" in output


MODULES = {(3, 11): "_xxsubinterpreters", (3, 12): "_xxsubinterpreters"}
INTERPRETERS = MODULES.get(sys.version_info[:2], "_interpreters")
# CPython 3.12 loads ctypes only into interpreters that share the GIL.
CREATE = "create(isolated=False)" if sys.version_info[:2] == (3, 12) else "create()"


def test_tensors_of_an_interpreter_end_in_another_and_after_it() -> None:
    pytest.importorskip(INTERPRETERS)
    output = run(f"""
        import ctypes
        import {INTERPRETERS} as interpreters
        import swiftbuffer as sb
        libc = ctypes.CDLL(None)
        code = '''
        import ctypes
        import swiftbuffer as sb
        def tensor(memory):
            capsule = memory.__dlpack__()
            api = ctypes.pythonapi
            api.PyCapsule_GetPointer.restype = ctypes.c_void_p
            api.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
            api.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
            pointer = api.PyCapsule_GetPointer(capsule, b"dltensor")
            global names
            names = b"used_dltensor"
            api.PyCapsule_SetName(capsule, names)
            return pointer, ctypes.c_void_p.from_address(pointer + 56).value
        one, two = sb.zeros(3), sb.zeros(3)
        import os
        pairs = tensor(one) + tensor(two)
        os.write(PIPE, repr(pairs).encode())
        '''
        import os, textwrap
        code = textwrap.dedent(code)
        read, write = os.pipe()
        other = interpreters.{CREATE}
        def run(code):
            failure = interpreters.run_string(other, code)
            assert failure is None, failure
        run(f"PIPE = {{write}}\\n" + code)
        one, delete_one, two, delete_two = eval(os.read(read, 999))
        prototype = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        prototype(delete_one)(one)
        run("one.append(1)\\ntry: two.append(1)\\nexcept BufferError: pass\\nelse: raise AssertionError")
        interpreters.destroy(other)
        prototype(delete_two)(two)
        print("survived")
        """)
    assert "survived" in output


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_tensor_of_another_interpreter_is_imported_and_ends_with_its_view(version: tuple[int, int] | None) -> None:
    """Interpreters share no objects: what goes over is the tensor's address, and each side has a capsule of its own."""
    pytest.importorskip(INTERPRETERS)
    name = "dltensor" if version is None else "dltensor_versioned"
    output = run(f"""
        import ctypes, textwrap
        import {INTERPRETERS} as interpreters
        import swiftbuffer as sb
        from tensors import Consumer
        array = sb.array([1, 2, 3], "i")
        first, second = (Consumer(array.__dlpack__(max_version={version})) for _ in range(2))
        other = interpreters.{CREATE}
        def run(code):
            failure = interpreters.run_string(other, textwrap.dedent(code))
            assert failure is None, failure
        def standing():
            try:
                array.append(4)
            except BufferError as error:
                return str(error).partition("(")[2].split()[0]
            array.pop()
            return "0"
        run(f'''
        import ctypes
        import swiftbuffer as sb
        api = ctypes.pythonapi
        api.PyCapsule_New.restype = ctypes.py_object
        api.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        name = b"{name}"
        view, left = (
            sb.from_dlpack(api.PyCapsule_New(tensor, name, None)) for tensor in ({{first.address}}, {{second.address}})
        )
        assert (view.tolist(), view.address, view.readonly) == ([1, 2, 3], {{array.address}}, {version is None})
        if not view.readonly:
            view[1] = 7
        ''')
        assert array.tolist() == [1, {2 if version is None else 7}, 3]
        assert standing() == "2"
        run("del view")
        assert standing() == "1"
        # The other view goes with its interpreter.
        interpreters.destroy(other)
        assert standing() == "0"
        print("survived")
        """)
    assert "survived" in output
