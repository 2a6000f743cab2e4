#!/bin/sh
# Sheet to patches: refsheet beside the same work in Python, one after the other in each round.
#
#   sh benches/peers/patches.sh [ROWS] [ROUNDS]        1,000,000 rows and 3 rounds if nothing is said
#
# Needs a release build, and a python3 with openpyxl, polars, fastexcel and xlsxwriter (PYTHON=…). The sheets are made
# once, in FOLDER (benches/peers/data). It prints a table: medians of the seconds on the wall and of the processor, of
# the ratios to refsheet in the same round, and the most memory that was used.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rows=${1:-1000000}
rounds=${2:-3}
python=${PYTHON:-python3}
refsheet=${REFSHEET:-$here/../../target/release/refsheet}
folder=${FOLDER:-$here/data}/$rows
if [ ! -e "$folder/sheet.xlsx" ]; then
    "$python" "$here/make_sheet.py" "$rows" "$folder"
fi
export PYTHONPATH="$here/../tools" PYTHONDONTWRITEBYTECODE=1
exec "$python" "$here/side_by_side.py" "$rounds" \
    "CSV, refsheet=$refsheet plan $folder/sheet.csv --offline --no-report --quiet --patches $folder/refsheet.jsonl" \
    "CSV, csv module=$python $here/patches_csv.py $folder/sheet.csv $folder/peer.jsonl" \
    "CSV, polars=$python $here/patches_polars.py $folder/sheet.csv $folder/peer.jsonl" \
    "xlsx, refsheet=$refsheet plan $folder/sheet.xlsx --offline --no-report --quiet --patches $folder/refsheet.jsonl" \
    "xlsx, polars=$python $here/patches_polars.py $folder/sheet.xlsx $folder/peer.jsonl" \
    "xlsx, openpyxl read-only=$python $here/patches_openpyxl.py $folder/sheet.xlsx $folder/peer.jsonl"
