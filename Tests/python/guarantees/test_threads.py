# SPDX-License-Identifier: Apache-2.0
"""Objects shared by threads keep every promise, with a GIL and without one: each scenario for a moment. `make soak`
goes through them for long."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig

import pytest

import thread_stress


@pytest.mark.parametrize("name", thread_stress.SCENARIOS)
def test_threads_that_share_objects(name: str) -> None:
    scenario = thread_stress.SCENARIOS[name]()
    assert thread_stress.run(scenario, threads=8, seconds=0.3) > 0


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this interpreter has a GIL")
def test_importing_the_package_leaves_the_gil_off() -> None:
    code = "import sys, swiftbuffer, swiftbuffer.testing, swiftbuffer.capi; sys.exit(sys._is_gil_enabled())"
    variables = {name: value for name, value in os.environ.items() if name != "PYTHON_GIL"}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
