#!/bin/sh
# Hostile strings in every captured field do nothing in any format.
# Relies on python3 and tests/injection.py.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

python=${PYTHON3:-python3}
"$python" -c 'import json, xml.parsers.expat, zipfile' 2> /dev/null ||
    skip_all 'no python3'
"$python" "$srcdir/tests/injection.py" "$AIKTRIAGE" "$SAMPLES" "$work"
