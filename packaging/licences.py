#!/usr/bin/env python3
"""Prints the licences of all crates that the program is made of, each text once. Fails if one of them is not permissive.

With --check, only the latter.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# Licences that ask for no more than their own text in copies.
PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}
TEXTS = re.compile(r"(licen[cs]e|copying|notice|unlicense)", re.IGNORECASE)
TARGET = "x86_64-unknown-linux-gnu"


def crates() -> list[dict]:
    """What is linked: neither tests nor build scripts."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET]
    metadata = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    found, queue = set(), [metadata["resolve"]["root"]]
    while queue:
        for dependency in nodes[queue.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if is_linked and dependency["pkg"] not in found:
                found.add(dependency["pkg"])
                queue.append(dependency["pkg"])
    return sorted((packages[id] for id in found), key=lambda package: (package["name"], package["version"]))


def is_permissive(expression: str) -> bool:
    """Whether one may choose permissive licences only. Of `A/B`, as older crates write it, either may be chosen."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def either() -> bool:
        value = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            other = both()
            value = value or other
        return value

    def both() -> bool:
        value = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            other = one()
            value = value and other
        return value

    def one() -> bool:
        token = tokens.pop(0)
        if token == "(":
            value = either()
            tokens.pop(0)
            return value
        if tokens[:1] == ["WITH"]:
            token = f"{token} WITH {tokens[1]}"
            del tokens[:2]
        return token in PERMISSIVE

    return either() and not tokens


def texts(package: dict) -> list[str]:
    folder = Path(package["manifest_path"]).parent
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and TEXTS.search(path.name)]
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in files]


def main() -> int:
    linked = crates()
    strict = [p for p in linked if not is_permissive(p["license"] or "")]
    for package in strict:
        print(f"{package['name']} {package['version']}: {package['license']}", file=sys.stderr)
    if strict:
        print("these licences are not known to be permissive", file=sys.stderr)
        return 1
    if "--check" in sys.argv[1:]:
        print(f"{len(linked)} crates, all under permissive licences")
        return 0
    print("refsheet is under the MIT licence. It is made of these crates as well:\n")
    users: dict[str, list[str]] = {}
    for package in linked:
        name = f"{package['name']} {package['version']}"
        print(f"  {name:40} {package['license']}")
        for text in texts(package):
            users.setdefault(text, []).append(name)
    print("\nSQLite, which is part of it, is in the public domain.")
    for text, names in sorted(users.items(), key=lambda item: item[1]):
        print(f"\n{'-' * 80}\n{', '.join(names)}\n\n{text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
