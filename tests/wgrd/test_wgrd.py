#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts, asks, signals and stops the program wgrd, in a network namespace of its own.

The environment says where things are: WGRD_BUILDDIR, WGRD_SRCDIR and WGRD_YANG_DIR. Needs root and /dev/net/tun.
"""

import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_reader
from prometheus_client.parser import text_string_to_metric_families as prometheus_reader

sys.path.insert(0, str(Path(os.environ.get("WGRD_SRCDIR", "."), "tests/lib")))
from show_schema import ShowSchema

BUILD = os.environ.get("WGRD_BUILDDIR", ".")
WGRD = [BUILD + "/wgrd/wgrd", "--yang-dir", os.environ.get("WGRD_YANG_DIR", "yang")]
WGRCTL = BUILD + "/wgrd/wgrctl"
SOURCE = Path(os.environ.get("WGRD_SRCDIR", "."))
DOC = SOURCE / "doc"
PATIENCE_S = 20
SKIPPED = 77

PUBLIC_KEY = "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw="
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
        self.wg_sockets = Path(self.directory.name, "wireguard")
        self.log = Path(self.directory.name, "log")
        self.log.touch()

    def write(self, text: str) -> None:
        self.config.touch(mode=0o600)
        self.config.write_text(text, encoding="utf-8")

    def argv(self, *options: str) -> list[str]:
        return [*WGRD, "-f", str(self.config), "--vty-socket", self.vty,
                "--netconf-socket", self.directory.name + "/wgrd.netconf",
                "--wg-socket-dir", str(self.wg_sockets),
                "--state-dir", self.directory.name + "/state", *options]

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

        # the rules for NETCONF are read again before, and said to be
        self.wait("the reload is in the log",
                  lambda: "nothing changed" in news() or f"{self.config} read again" in news())
        return news()

    # ---- the configuration file ----

    def test_options_of_frrs_daemons_are_taken(self) -> None:
        self.write(CONFIGURATION)
        status, said = self.run_to_end("-C", "-F", "traditional", "-A", "127.0.0.1", "-P", "0", "-M", "snmp",
                                       "-o", "default", "--moduledir", "/x", "--scriptdir", "/x", "--limit-fds",
                                       "100", "--command-log-always", "--tcli", "--log", "stdout",
                                       "--log-level", "informational", "-u", "frr", "-g", "frr", "--vty_socket", "/x",
                                       "--frr", "-N", "inside")
        self.assertEqual((status, said), (0, f"{self.config} is right\n"))

    def test_wrong_options_are_explained(self) -> None:
        self.write(CONFIGURATION)
        for options, part in ((("-N", "x"), "without --frr"), (("--frr", "-N", "a/b"), "slashes"),
                              (("--log-level", "x"), "debug"), (("--log-level", "errata"), "debug")):
            status, said = self.run_to_end(*options)
            self.assertEqual(status, 2, said)
            self.assertIn(part, said)
        status, said = self.run_to_end("-u", "no-such-user")
        self.assertEqual((status, said), (1, 'wgrd: -u: there is no user "no-such-user"\n'))

    def test_a_user_gets_one_capability(self) -> None:
        self.write("no zebra enabled\n")
        self.config.chmod(0o644)
        os.chmod(self.directory.name, 0o777)
        self.log.chmod(0o666)
        process = self.start("-u", "nobody")
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        self.assertEqual(len(set(fields["Uid"].split())), 1)
        self.assertNotEqual(fields["Uid"].split()[0], "0")
        for name in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(fields[name], 16), 1 << 12, name)
        self.assertEqual(fields["NoNewPrivs"], "1")

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

    def test_wrong_rules_for_netconf_do_not_pass_the_check(self) -> None:
        self.write("no zebra enabled\n")
        rules = Path(self.directory.name, "nacm.xml")
        rules.write_text('<nacm xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-acm"><foo/></nacm>\n', encoding="utf-8")
        status, said = self.run_to_end("-C", "--nacm", str(rules))
        self.assertEqual(status, 2)
        self.assertIn(f'{rules}:1: "nacm": ', said)
        self.assertIn("foo", said)

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

    def test_json_is_what_the_schema_says(self) -> None:
        self.write(CONFIGURATION.replace("exit-wireguard", f" peer a\n  public-key {PUBLIC_KEY}\n"
                                         "  allowed-ip 192.0.2.0/24\n peer b\nexit-wireguard"))
        self.start()
        schema = ShowSchema(DOC)
        ends = {"show wireguard peer": " a", "show wireguard why": " 192.0.2.1", "show wireguard commit": " 1"}
        for command in schema.schema["properties"]:
            command += ends.get(command, "")
            with self.subTest(command):
                schema.check(command, self.ask(command + " json"))
        self.assertIn('"name": "a"', self.ask("show wireguard peers json"))

    # ---- metrics ----

    def scrape(self, path: str, method: str = "GET", accept: str = "*/*") -> tuple[int, str, str]:
        """Status, content type and body, over the UNIX socket."""
        client = http.client.HTTPConnection("wgrd")
        client.sock = socket.socket(socket.AF_UNIX)
        client.sock.settimeout(PATIENCE_S)
        client.sock.connect(self.directory.name + "/metrics.sock")
        client.request(method, path, headers={"Accept": accept})
        answer = client.getresponse()
        body = answer.read().decode()
        client.close()
        return answer.status, answer.getheader("Content-Type"), body

    def start_with_metrics(self) -> None:
        ip("link", "set", "lo", "up")
        peer = " peer a\n  overlay-address 10.99.0.2\n exit-peer\nexit-wireguard"
        self.write(CONFIGURATION.replace("exit-wireguard", peer)
                   + f"metrics socket {self.directory.name}/metrics.sock\nmetrics listen 127.0.0.1:9586\n")
        self.start()

    def test_metrics_satisfy_a_strict_reader(self) -> None:
        self.start_with_metrics()
        status, kind, text = self.scrape("/metrics", accept="application/openmetrics-text;version=1.0.0")
        self.assertEqual(status, 200)
        self.assertTrue(kind.startswith("application/openmetrics-text; version=1.0.0"), kind)
        families = {f.name: f for f in openmetrics_reader(text)}
        self.assertEqual(families["wgrd_interface_up"].samples[0].labels, {"interface": "wg0", "tenant": "red"})
        self.assertEqual(families["wgrd_peer_receive_bytes"].unit, "bytes")
        self.assertEqual(families["wgrd_peer_session_up"].samples[0].labels, {"interface": "wg0", "peer": "a"})
        status, kind, text = self.scrape("/metrics")
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        names = {s.name for f in prometheus_reader(text) for s in f.samples}
        self.assertEqual(names, {s.name for f in families.values() for s in f.samples})
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                  check=False)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_metrics_are_at_one_place_and_only_read(self) -> None:
        self.start_with_metrics()
        self.assertEqual(self.scrape("/")[0], 404)
        self.assertEqual(self.scrape("/metrics", "POST")[0], 405)
        self.assertEqual(self.scrape("/metrics", "HEAD")[2], "")
        with urllib.request.urlopen("http://127.0.0.1:9586/metrics", timeout=PATIENCE_S) as answer:
            self.assertIn(b"wgrd_build_info{", answer.read())

    def test_who_says_nothing_keeps_nobody_from_metrics(self) -> None:
        self.start_with_metrics()
        silent = [socket.create_connection(("127.0.0.1", 9586)) for _ in range(12)]
        silent[0].sendall(b"GET /met")
        self.assertEqual(self.scrape("/metrics")[0], 200)
        self.assertIn("wgrd", self.ask("show version"))
        for connection in silent:
            connection.close()

    def test_metrics_that_cannot_be_had_are_refused(self) -> None:
        self.start_with_metrics()
        with socket.create_server(("127.0.0.1", 9587)):
            self.assertIn("metrics listen: cannot be listened on: Address already in use",
                          self.ask_config("metrics listen 127.0.0.1:9587"))
        self.assertIn("expected 127.0.0.1 or [::1]", self.ask_config("metrics listen 192.0.2.1:9586"))
        self.assertIn("Socket operation on non-socket", self.ask_config(f"metrics socket {self.config}"))
        self.assertEqual(self.scrape("/metrics")[0], 200)
        self.assertEqual(self.ask_config("no metrics socket"), "")
        self.assertFalse(Path(self.directory.name, "metrics.sock").exists())

    def ask_config(self, line: str) -> str:
        done = subprocess.run([WGRCTL, "--socket", self.vty, "-c", "configure terminal", "-c", line],
                              capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        return done.stdout + done.stderr

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
        self.assertEqual(list(self.wg_sockets.iterdir()), [])

    def test_wg8_is_answered_and_a_killed_wgrd_is_no_obstacle(self) -> None:
        self.write(CONFIGURATION)
        process = self.start()
        process.kill()
        process.wait(PATIENCE_S)  # its interface goes before its sockets do
        self.assertTrue(Path(self.wg_sockets, "wg0.sock").exists())
        Path(self.vty).unlink()
        self.start()
        with socket.socket(socket.AF_UNIX) as wg8, wg8.makefile("rw", encoding="ascii") as talk:
            wg8.settimeout(PATIENCE_S)
            wg8.connect(str(self.wg_sockets / "wg0.sock"))
            talk.write("get=1\n\n")
            talk.flush()
            said = list(iter(talk.readline, "\n"))
        self.assertEqual(said, [f"private_key={base64.b64decode(PRIVATE_KEY).hex()}\n", "listen_port=51820\n",
                                "errno=0\n"])

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
