#!/bin/sh
# Nights after nights against a sandbox with trouble on: memory, open files and the state folder stay as they are, and
# every referral ends as it should.
#
#   sh benches/soak.sh [MINUTES]        3 minutes if nothing is said; 60 for an hour of nights without days
#
# Needs a release build (REFSHEET=…), Linux for its /proc, and a python3 (PYTHON=…). Ends with 1 if something grew or
# is not as it should be; what, is in its last lines.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
refsheet=${REFSHEET:-$here/../target/release/refsheet}
[ -x "$refsheet" ] || { echo "there is no $refsheet: cargo build --release makes it" >&2; exit 2; }
export PYTHONPATH="$here/tools" PYTHONDONTWRITEBYTECODE=1
exec "${PYTHON:-python3}" "$here/soak/soak.py" "$refsheet" "${1:-3}"
