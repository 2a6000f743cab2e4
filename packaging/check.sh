#!/usr/bin/env bash
# Looks at what packaging/make.sh has made and at the samples, with the tools that are here; says which are not.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
out=target/packaging
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

check() { # what, command …
  local what=$1
  shift
  if ! command -v "$1" > /dev/null; then
    echo "left out  $what: there is no $1"
  elif "$@" > "$folder/said" 2>&1; then
    echo "fine      $what"
  else
    echo "NOT FINE  $what"
    sed 's/^/          /' "$folder/said"
    failed=1
  fi
}

man_pages() { # every page, without a warning
  for page in "$out"/man/*.1; do
    warnings=$(man --warnings --local-file --encoding=UTF-8 "$page" 2>&1 > "$folder/page") || return 1
    [ -z "$warnings" ] && [ -s "$folder/page" ] || { echo "$page: $warnings"; return 1; }
  done
}

# The units as they are installed, on a machine that has the program.
mkdir -p "$folder/root/usr/bin" "$folder/root/etc/systemd/system"
cp "$out/refsheet" "$folder/root/usr/bin/"
units() {
  for unit in service timer; do
    sed "s|/usr/bin/refsheet|$folder/root/usr/bin/refsheet|" "samples/systemd/refsheet@.$unit" > "$folder/refsheet@.$unit"
  done
  said=$(systemd-analyze verify --man=no "$folder/refsheet@.service" "$folder/refsheet@.timer" 2>&1) && [ -z "$said" ] || {
    echo "$said"
    return 1
  }
}
hardening() { # 0 is locked up, 10 is wide open
  systemd-analyze security --offline=true --threshold=20 samples/systemd/refsheet@.service
}
completes() { # what bash offers behind these words
  bash --norc -c "source $out/completions/refsheet; COMP_WORDS=($1); COMP_CWORD=$2
    _refsheet refsheet \"\${COMP_WORDS[$2]}\" \"\${COMP_WORDS[$(($2 - 1))]}\"; printf '%s\n' \"\${COMPREPLY[@]}\"" | grep -qx -- "$3"
}
completions() {
  completes "refsheet ap" 1 apply && completes "refsheet apply --max-f" 2 --max-failures &&
    completes "refsheet apply --log-format j" 3 json
}

command -v man > /dev/null && check "the manual renders" man_pages
command -v systemd-analyze > /dev/null && check "the units" units && check "their hardening" hardening
check "completions in bash" completions
check "licences" python3 packaging/licences.py --check
check "the Dockerfile" hadolint Dockerfile
check "the jobs of Kubernetes" kubernetes-validate samples/kubernetes/*.yaml
check "the job of GitHub" actionlint samples/github-actions/referrals.yml
for package in "$out"/*.deb; do
  [ -e "$package" ] && check "$(basename "$package")" lintian --fail-on error "$package"
done
exit "$failed"
