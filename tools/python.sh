#!/bin/sh
# SPDX-License-Identifier: Apache-2.0

# Runs its arguments with the first CPython on this machine that is new enough for the tools: 3.11.
# A name on PATH may be a pyenv shim that leads nowhere, so each candidate is tried.
for candidate in ${PYTHON:-} python3 python3.13 python3.14 python3.15 python3.12 python3.11 /usr/bin/python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[1-9]*/bin/python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11) or sys.implementation.name != "cpython")' \
        >/dev/null 2>&1; then
        exec "$candidate" "$@"
    fi
done
echo "error: no CPython 3.11 or newer found; install one, for example with \`apt-get install python3\`" >&2
exit 1
