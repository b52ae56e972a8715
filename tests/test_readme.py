#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The wgrd.conf examples in README.md are configurations that wgrd accepts.

Each indented block that begins with a `wireguard` line is given to `wgrd --dryrun`, with its
key file moved to one that exists.
"""

import os
import subprocess
import sys
import tempfile

SRCDIR = os.environ.get("WGRD_SRCDIR", ".")
WGRD = os.path.join(os.environ.get("WGRD_BUILDDIR", "."), "wgrd", "wgrd")
KEY = "eBZ9dnhHn5hIeyKG2ePW3nDyB7aIC9nEMpuYYnxkQ3U="


def code_blocks(text):
    block = []
    for line in text.splitlines() + [""]:
        if line.startswith("    ") or (not line and block and block[-1]):
            block.append(line[4:])
        elif block:
            yield "\n".join(block).strip("\n") + "\n"
            block = []


def check(text, where):
    key = os.path.join(where, "wg0.key")
    with open(key, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as f:
        f.write(KEY + "\n")
    conf = os.path.join(where, "wgrd.conf")
    with open(conf, "w", encoding="ascii") as f:
        f.write(text.replace("/etc/wgrd/wg0.key", key))
    return subprocess.run(
        [WGRD, "--dryrun", "--yang-dir", os.path.join(SRCDIR, "yang"), "-f", conf],
        capture_output=True, text=True, timeout=60, check=False)


def main():
    with open(os.path.join(SRCDIR, "README.md"), encoding="utf-8") as f:
        examples = [b for b in code_blocks(f.read()) if b.startswith("wireguard ")]
    if len(examples) < 2:
        sys.exit(f"expected the hub's and the spoke's configuration in README.md, found "
                 f"{len(examples)}")
    failed = 0
    with tempfile.TemporaryDirectory() as where:
        for n, text in enumerate(examples, 1):
            r = check(text, where)
            print(f"{'ok' if r.returncode == 0 else 'not ok'} {n} - README.md example {n}")
            if r.returncode:
                failed += 1
                print(f"# expected wgrd --dryrun to accept it, it said:\n# {r.stderr.strip()}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
