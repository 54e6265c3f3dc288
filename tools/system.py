# SPDX-License-Identifier: Apache-2.0
"""Install Debian packages where the user may, and otherwise print the command; NO_SYSTEM=1 forbids to install."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence


def advice(packages: Sequence[str]) -> str:
    """The command for the user to type."""
    return f"install it with `sudo apt-get install {' '.join(packages)}`"


def install(packages: Sequence[str]) -> bool:
    """Installs Debian packages without asking questions, and says so first; False if this user may not, or apt is not
    here or fails."""
    if shutil.which("apt-get") is None or os.environ.get("NO_SYSTEM", "0") not in ("", "0"):
        return False
    prefix: list[str] = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None or subprocess.run(["sudo", "-n", "true"], check=False).returncode != 0:
            return False
        prefix = ["sudo", "-n"]
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    line = [*command, "install", "--no-install-recommends", *packages]
    print(f"-- installing on this machine: {', '.join(packages)} (NO_SYSTEM=1 forbids it)", flush=True)
    print("+", shlex.join(line), flush=True)
    if subprocess.run(line, stdin=subprocess.DEVNULL, check=False).returncode == 0:
        return True
    # The package lists may be older than the archive.
    subprocess.run([*command, "update"], stdin=subprocess.DEVNULL, check=False)
    return subprocess.run(line, stdin=subprocess.DEVNULL, check=False).returncode == 0


def require(packages: Sequence[str]) -> None:
    """Installs those of some Debian packages that are not there; raises `FileNotFoundError` where that fails."""
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}\n"]
    missing = [
        name
        for name in packages
        if subprocess.run([*query, name], capture_output=True, text=True, check=False).stdout != "installed\n"
    ]
    if missing and not install(missing):
        raise FileNotFoundError(f"{', '.join(missing)} cannot be installed; {advice(missing)}")
