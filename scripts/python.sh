#!/bin/sh
# Prints the Python to build the environment with: 3.11 or later. PYTHON=... decides otherwise.
for candidate in "${PYTHON:-}" python3.11 python3 python3.12 python3.13 python3.14 python; do
    [ -n "$candidate" ] || continue
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        command -v "$candidate"
        exit 0
    fi
done
echo "Gridloom needs Python 3.11 or later: install it, or name it with PYTHON=/path/to/python3.11" >&2
exit 1
