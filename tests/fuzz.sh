#!/bin/sh
# 10,000 damaged sheets through `refsheet plan --offline`: it must end with 0, 1 or 3, within 10 s and 1 GiB. For a
# coffee break, not for CI. Arguments as in tests/fuzz/run.py; -n 500 is a quick look.
#
#   tests/fuzz.sh [-n MUTANTS] [--seed SEED] [--go-on]
set -eu
cd "$(dirname "$0")/.."
cargo build --release --quiet
exec python3 -B tests/fuzz/run.py "$@"
