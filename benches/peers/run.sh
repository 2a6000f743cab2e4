#!/bin/sh
# Sheet to service: the same rows sent by refsheet, by Python scripts, by newman and by wrk, one after the other in each
# round, each to a `refsheet sandbox` of its own.
#
#   sh benches/peers/run.sh [ROWS] [ROUNDS]        100,000 rows and 3 rounds if nothing is said
#
# Needs a release build (REFSHEET=…), and a python3 with requests, aiohttp, uvloop and openpyxl (PYTHON=…). wrk takes
# part if it is installed. newman does if NEWMAN names it, or if there is an npm, which then gets it into FOLDER
# (benches/peers/data). BASE_URL and TOKEN name another service than the sandbox: its referrals are changed.
#
# It prints a table: medians of the rows a second, of ratios in the same round, of the requests that the sandbox counted,
# of the processor time of the client; and the most memory that it used.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rows=${1:-100000}
rounds=${2:-3}
python=${PYTHON:-python3}
refsheet=${REFSHEET:-$here/../../target/release/refsheet}
[ -x "$refsheet" ] || { echo "there is no $refsheet: cargo build --release makes it" >&2; exit 2; }
export FOLDER="${FOLDER:-$here/data}"
mkdir -p "$FOLDER"
if [ -z "${NEWMAN:-}" ] && command -v npm >/dev/null; then
    NEWMAN=$FOLDER/newman/node_modules/.bin/newman
    [ -e "$NEWMAN" ] || npm install --silent --no-save --prefix "$FOLDER/newman" newman >&2 || NEWMAN=
fi
export NEWMAN="${NEWMAN:-}" PYTHONPATH="$here/../tools" PYTHONDONTWRITEBYTECODE=1
exec "$python" "$here/sending.py" "$refsheet" "$rows" "$rounds" "$FOLDER/sending"
