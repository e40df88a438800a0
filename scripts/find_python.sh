#!/bin/sh
# Prints the first interpreter that runs, is new enough, and can create virtual environments.
# Candidates are run, not looked up: the shims of version managers exist for what is not installed.
candidates=${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3 python}
lacking=
for candidate in $candidates; do
    found=$("$candidate" -c '
import sys
if sys.version_info >= (3, 11):
    print(sys.executable)
' 2>/dev/null) || continue
    [ -n "$found" ] || continue
    if "$found" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$found"
        exit 0
    fi
    lacking=$found
done
if [ -n "$lacking" ]; then
    echo "$lacking cannot create virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2
else
    echo "Python 3.11 or newer is needed (tried: $candidates); set PYTHON=/path/to/python" >&2
fi
exit 1
