#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts, asks, signals and stops the program wgrd, in a network namespace of its own.

The environment says where things are: WGRD_BUILDDIR and WGRD_YANG_DIR. Needs root and /dev/net/tun.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

BUILD = os.environ.get("WGRD_BUILDDIR", ".")
WGRD = [BUILD + "/wgrd/wgrd", "--yang-dir", os.environ.get("WGRD_YANG_DIR", "yang")]
WGRCTL = BUILD + "/wgrd/wgrctl"
PATIENCE_S = 20
SKIPPED = 77

PRIVATE_KEY = "6Mk3EA+QDGwTBQmpjSZAUONIoZSzuRmLJPFZ6yeSnVY="
CONFIGURATION = f"""\
no zebra enabled
wireguard wg0
 private-key {PRIVATE_KEY}
 listen-port 51820
 address 10.99.0.1/24
 address fd99::1/64
 tenant red
exit-wireguard
tenant red
 table 1001
exit-tenant
"""


def ip(*words: str) -> str:
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout


class Program(unittest.TestCase):
    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.config = Path(self.directory.name, "wgrd.conf")
        self.vty = self.directory.name + "/wgrd.vty"
        self.log = Path(self.directory.name, "log")
        self.log.touch()

    def write(self, text: str) -> None:
        self.config.touch(mode=0o600)
        self.config.write_text(text, encoding="utf-8")

    def argv(self, *options: str) -> list[str]:
        return [*WGRD, "-f", str(self.config), "--vty-socket", self.vty, *options]

    def run_to_end(self, *options: str) -> tuple[int, str]:
        """Exit status and what it said, of one that is to end at once."""
        done = subprocess.run(self.argv(*options), capture_output=True, text=True, timeout=PATIENCE_S,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self.argv("--log", f"file:{self.log}", *options))
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.wait("wgrd answers", lambda: Path(self.vty).exists() and "wgrd" in self.ask("show version"))
        return process

    def ask(self, command: str) -> str:
        return subprocess.run([WGRCTL, "--socket", self.vty, "-c", command], capture_output=True, text=True,
                              check=False, timeout=PATIENCE_S).stdout

    def wait(self, what, condition) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"{what}: not so; the log:\n{self.log.read_text()}")
            time.sleep(0.02)

    def reload(self, process: subprocess.Popen[bytes]) -> str:
        """What the log says after a SIGHUP."""
        before = len(self.log.read_text())
        process.send_signal(signal.SIGHUP)

        def news() -> str:
            return self.log.read_text()[before:]

        self.wait("the reload is in the log", lambda: "nothing changed" in news() or "read again" in news())
        return news()

    # ---- the configuration file ----

    def test_a_right_file_passes_the_check(self) -> None:
        self.write(CONFIGURATION)
        self.assertEqual(self.run_to_end("-C"), (0, f"{self.config} is right\n"))

    def test_a_wrong_file_ends_the_check_the_start_and_the_daemon_with_2(self) -> None:
        self.write("wireguard wg0\n listen-port 70000\n")
        for options in ("-C",), (), ("-d",):
            with self.subTest(options=options):
                status, said = self.run_to_end(*options)
                self.assertEqual(status, 2, said)
                self.assertIn(f'{self.config}:2: "70000": ', said)

    def test_a_missing_file_does_not_pass_the_check(self) -> None:
        status, said = self.run_to_end("-C")
        self.assertEqual(status, 2, said)
        self.assertIn("No such file", said)

    def test_wgrd_starts_without_a_file(self) -> None:
        self.start()
        self.assertIn("is not there: starting with nothing configured", self.log.read_text())

    def test_a_reload_of_a_wrong_or_missing_file_changes_nothing(self) -> None:
        self.write(CONFIGURATION)
        process = self.start()
        before = self.ask("show running-config")
        self.write("wireguard wg0\n frobnicate\n")
        self.assertIn(f'nothing changed: {self.config}:2: "frobnicate": ', self.reload(process))
        self.config.unlink()
        self.assertIn("nothing changed: ", self.reload(process))
        self.assertEqual(self.ask("show running-config"), before)
        self.assertIn("wg0", ip("link"))

    # ---- what it makes ----

    def test_a_stopped_wgrd_leaves_nothing(self) -> None:
        before = ip("rule"), ip("-6", "rule")
        self.write(CONFIGURATION)
        process = self.start()
        self.assertNotEqual((ip("rule"), ip("-6", "rule")), before)
        process.terminate()
        self.assertEqual(process.wait(PATIENCE_S), 0)
        self.assertEqual((ip("rule"), ip("-6", "rule")), before)
        self.assertEqual(ip("route", "show", "table", "all", "proto", "157"), "")
        self.assertNotIn("wg0", ip("link"))
        self.assertFalse(Path(self.vty).exists())

    def test_keys_are_neither_shown_nor_logged(self) -> None:
        self.write(CONFIGURATION)
        self.start("--debug", "conf", "--debug", "wg", "--debug", "mgmt")
        said = self.ask("show running-config") + self.ask("show wireguard json") + self.log.read_text()
        self.assertIn("private-key is set", said)
        self.assertNotIn(PRIVATE_KEY, said)


def needs() -> str:
    if os.geteuid():
        return "root"
    return "" if os.access("/dev/net/tun", os.R_OK | os.W_OK) else "/dev/net/tun"


if __name__ == "__main__":
    if needs():
        print("skipped: needs", needs())
        sys.exit(SKIPPED)
    if "WGRD_TEST_INSIDE" not in os.environ:
        os.environ["WGRD_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    unittest.main()
