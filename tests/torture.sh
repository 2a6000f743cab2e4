#!/bin/sh
# The torture with many seeds, one line for each torture and seed. For a weekend, not for CI.
#
#   tests/torture.sh [SEEDS] [FIRST]      20 seeds from 100 unless told otherwise
#
# TORTURE_ROWS and TORTURE_KILLS make each longer: the issue's own numbers are 2000 and 20.
# Ends with 1 if a seed failed; what it said is then above its line.
set -u
cd "$(dirname "$0")/.." || exit 2
seeds=${1:-20}
seed=${2:-100}
last=$((seed + seeds))
failed=0
cargo test --quiet --test torture --no-run || exit 2
while [ "$seed" -lt "$last" ]; do
    if said=$(TORTURE_SEED=$seed cargo test --quiet --test torture -- --nocapture 2>&1); then
        printf '%s\n' "$said" | grep -o '[a-z]*: seed .*'
    else
        printf '%s\n' "$said"
        printf 'seed %s FAILED\n' "$seed"
        failed=1
    fi
    seed=$((seed + 1))
done
exit $failed
