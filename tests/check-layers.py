#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fails when a source file includes a header that its folder may not see.

tests/layers.txt says which folder may include which. A folder that is not in it may not have
sources, so that a new one has to be placed before it is used.

usage: check-layers.py [SOURCE-TREE]
"""

import os
import re
import sys

INCLUDE = re.compile(r'\s*#\s*include\s+"([^"]+)"')
CHECKED = ("proto", "wgrd", "vtysh-ext")


def read_layers(path):
    allowed = {}
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            if ":" not in line:
                sys.exit(f"{path}:{n}: expected 'folder: folders it may include'")
            folder, deps = line.split(":", 1)
            allowed[folder.strip()] = deps.split()
    return allowed


def find_cycle(allowed):
    done = set()

    def visit(folder, path):
        if folder in path:
            return path[path.index(folder):] + [folder]
        if folder in done:
            return None
        for dep in allowed.get(folder, []):
            cycle = dep != "*" and visit(dep, path + [folder])
            if cycle:
                return cycle
        done.add(folder)
        return None

    for folder in allowed:
        cycle = visit(folder, [])
        if cycle:
            return cycle
    return None


def sources(root):
    for top in CHECKED:
        for base, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(base, root), name


def check_file(root, folder, name, allowed):
    bad = []
    if folder not in allowed:
        return [f"{folder}/{name}: tests/layers.txt does not place this folder"]
    with open(os.path.join(root, folder, name), encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            m = INCLUDE.match(line)
            if not m:
                continue
            header = m.group(1)
            target = os.path.dirname(header)
            if not target:
                if header != "config.h":
                    bad.append(f"{folder}/{name}:{n}: include {header} by its path from the top")
            elif target != folder and target not in allowed[folder] and "*" not in allowed[folder]:
                bad.append(f"{folder}/{name}:{n}: {folder} may not include {header}")
    return bad


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    allowed = read_layers(os.path.join(root, "tests", "layers.txt"))
    cycle = find_cycle(allowed)
    if cycle:
        sys.exit("tests/layers.txt has a cycle: " + " -> ".join(cycle))
    bad, files = [], 0
    for folder, name in sources(root):
        files += 1
        bad += check_file(root, folder, name, allowed)
    print("\n".join(bad + [f"layers: {files} files, {len(bad)} violations"]))
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main())
