#!/usr/bin/env bash
# Builds what a package holds, into target/packaging: the program, its manual, completions, and the licences of all
# that it is made of. The same sources give the same files: no path of this machine and no clock gets into them.
#
#   packaging/make.sh                    everything
#   packaging/make.sh deb                and a Debian package of it (needs cargo-deb)
set -euo pipefail
cd "$(dirname "$0")/.."

out=target/packaging
if [ -z "${REFSHEET_COMMIT:-}" ]; then
  REFSHEET_COMMIT=$(git rev-parse --short=12 HEAD 2>/dev/null || true)
fi
export REFSHEET_COMMIT
export RUSTFLAGS="--remap-path-prefix=$PWD=/refsheet --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo ${RUSTFLAGS:-}"
# The clock of the last change, for archives that have one.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH

rm -rf "$out"
mkdir -p "$out/man" "$out/completions"
cargo build --release --locked
program=${CARGO_TARGET_DIR:-target}/release/refsheet
cp "$program" "$out/refsheet"
"$program" man "$out/man"
"$program" completions bash > "$out/completions/refsheet"
"$program" completions zsh > "$out/completions/_refsheet"
"$program" completions fish > "$out/completions/refsheet.fish"
python3 packaging/licences.py > "$out/LICENCES.txt"

if [ "${1:-}" = deb ]; then
  cargo deb --no-build --locked --compress-system --output "$out/"
fi
ls -l "$out"
