#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The user guide against the programs: its configurations are accepted, its commands exist.

The environment says where things are: WGRD_BUILDDIR, WGRD_SRCDIR and WGRD_YANG_DIR.
"""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("WGRD_BUILDDIR", "."))
SOURCE = Path(os.environ.get("WGRD_SRCDIR", "."))
WGRD = [str(BUILD / "wgrd/wgrd"), "--yang-dir", os.environ.get("WGRD_YANG_DIR", str(SOURCE / "yang"))]
KEYS = ["6Mk3EA+QDGwTBQmpjSZAUONIoZSzuRmLJPFZ6yeSnVY=", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
COMMANDS = ("show ", "clear ", "ping ", "wireguard commit", "wireguard rollback", "write ")


def guide() -> str:
    return (SOURCE / "doc/guide.md").read_text(encoding="utf-8")


def reference() -> str:
    return subprocess.run([str(BUILD / "doc/make_reference")], capture_output=True, text=True, check=True).stdout


def word_fits(given: str, pattern: str) -> bool:
    pattern = pattern.strip("[]")
    if pattern.isupper() or pattern.startswith("<") or re.match(r"[A-Z/:.]+(\(|$)", pattern):
        return True
    return given in pattern.split("|")


def fits(command: str, pattern: str) -> bool:
    given, words = command.split(), pattern.split()
    needed = [w for w in words if not w.startswith("[")]
    return len(needed) <= len(given) <= len(words) and all(map(word_fits, given, words))


class Guide(unittest.TestCase):
    def test_its_configurations_are_accepted(self) -> None:
        blocks = re.findall(r"^```wgrd\n(.*?)^```$", guide(), re.M | re.S)
        self.assertGreater(len(blocks), 3, "the guide has lost its examples")
        with tempfile.TemporaryDirectory() as directory:
            for i, key in enumerate(KEYS):
                path = Path(directory, f"wg{i}.key")
                path.touch(mode=0o600)
                path.write_text(key + "\n", encoding="utf-8")
            for block in blocks:
                conf = Path(directory, "wgrd.conf")
                conf.write_text(block.replace("/etc/wgrd/", directory + "/"), encoding="utf-8")
                done = subprocess.run([*WGRD, "-C", "-f", str(conf)], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}{done.stderr}")

    def test_its_commands_exist(self) -> None:
        patterns = re.findall(r"^`([^`]+)`", reference(), re.M)
        text = re.sub(r"^```.*?^```$", "", guide(), flags=re.M | re.S)
        text = re.sub(r"\s+", " ", text)
        commands = [c for c in re.findall(r"`([^`]+)`", text) if c.startswith(COMMANDS)]
        self.assertGreater(len(commands), 10, "the guide has lost its commands")
        for command in commands:
            self.assertTrue(any(fits(command, p) for p in patterns), f"there is no command `{command}`")

    def test_the_reference_explains_each_word(self) -> None:
        text = reference()
        for word in ("`show wireguard why PREFIX [json]`", "- `supernet`: Prefix that peers may announce parts of",
                     "`shutdown`, `no`: takes it away", "- `permit`: What it matches may be learned"):
            self.assertIn(word, text)
        self.assertNotIn("XFRR", text, "what only tools say is not for people")


if __name__ == "__main__":
    unittest.main()
