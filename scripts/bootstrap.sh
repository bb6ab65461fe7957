#!/bin/sh
# Makes .venv ready, or finds in a few hundredths of a second that it is. Needs a Python 3.11-3.13 with venv, no more.
# PYTHON=… chooses the interpreter; without it an existing .venv is kept and a new one takes the first that fits.
set -eu
cd "$(dirname "$0")/.."

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
fits() { case "$1" in 3.11|3.12|3.13) return 0 ;; *) return 1 ;; esac; }

want=
if [ -n "${PYTHON:-}" ]; then
    want=$(version "$PYTHON") || { echo "Error: '$PYTHON' (PYTHON=…) is not a Python that runs." >&2; exit 2; }
    if ! fits "$want"; then
        echo "Error: '$PYTHON' is Python $want; this project needs 3.11, 3.12 or 3.13. Try: make PYTHON=python3.12" >&2
        exit 2
    fi
fi

if [ -x .venv/bin/python ] && .venv/bin/python -I -S scripts/bootstrap.py --check "$want" 2>/dev/null; then
    exit 0
fi

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3 python3.13 python3.12 python3.11; do
        found=$(version "$candidate") || continue
        if fits "$found"; then python=$candidate; break; fi
    done
fi
if [ -z "$python" ]; then
    echo "Error: no Python 3.11, 3.12 or 3.13 found (python3 is: $(version python3 || echo 'not there'))." >&2
    echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2
    exit 2
fi
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "Error: '$python' comes without venv. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 2
fi
exec "$python" -I scripts/bootstrap.py "$want"
