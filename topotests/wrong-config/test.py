# SPDX-License-Identifier: GPL-2.0-or-later
"""A configuration that is wrong: file, line, word and what was expected, and nothing changes.

    a ------ b      two wgrd's, one tunnel, no FRR; a is the one that is told nonsense
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from lib.lab import Lab
from lib.node import Node
from lib.pair import pair
from lib.report import Report
from lib.traffic import Ping, ping
from lib.wait import LabError
from lib.wgrd import TenantConf, Wgrd, WgrdConf
from lib.wireguard_go import generate_keys

TAKEN_PORT = 51999


@dataclass(frozen=True)
class Wrong:
    """A file with @text; the offending @word is in the line that ends in '# here'."""

    what: str
    text: str
    word: str
    sentence: str  # a part of it

    @property
    def line(self) -> int:
        return next(n for n, line in enumerate(self.text.splitlines(), 1) if line.endswith("# here"))

    @property
    def file(self) -> str:
        return self.text.replace(" # here", "")


def cases(key: str) -> list[Wrong]:
    interface = f"wireguard wg0\n private-key {key}\n"
    peer_a = f"{interface} peer a\n  public-key {key}\n"
    return [
        Wrong("an unknown word", "wireguard wg0\n listen-prot 51820 # here\n",
              "listen-prot", "not known"),
        Wrong("a word that belongs elsewhere", "tenant red\n listen-port 51820 # here\n",
              "listen-port", "not known"),
        Wrong("a key that is too short", "wireguard wg0\n private-key AAAA # here\n",
              "private-key", "44 characters"),
        Wrong("a key that is not base64", f"{interface} peer a\n  public-key no-key-at-all # here\n",
              "no-key-at-all", "44 characters"),
        Wrong("a port that is none", "wireguard wg0\n listen-port 65536 # here\n",
              "65536", "0 to 65535"),
        Wrong("a prefix with host bits", f"{peer_a}  allowed-ip 10.0.0.1/24 # here\n",
              "10.0.0.1/24", "10.0.0.0/24"),
        Wrong("a prefix that is too long", "tenant red\n table 100\n supernet 10.0.0.0/33 # here\n",
              "10.0.0.0/33", "192.0.2.0/24"),
        Wrong("an endpoint without a port", f"{peer_a}  endpoint 192.0.2.1 # here\n",
              "192.0.2.1", "ADDRESS:PORT"),
        Wrong("the same key for two peers", f"{peer_a} exit-peer\n peer b\n  public-key {key} # here\n",
              "public-key", "peer a"),
        Wrong("the same overlay address for two peers",
              f"{peer_a}  overlay-address 10.0.0.2\n exit-peer\n peer b\n  overlay-address 10.0.0.2 # here\n",
              "10.0.0.2", "peer a"),
        Wrong("the same table for two tenants",
              "tenant blue\n table 100\nexit-tenant\ntenant red\n table 100 # here\n",
              "table", "tenant blue"),
        Wrong("the same interface in two tenants",
              "tenant blue\n table 100\n interface lan\nexit-tenant\n"
              "tenant red\n table 101\n interface lan # here\n",
              "lan", "tenant blue"),
        Wrong("the main table", "tenant red\n table 254 # here\n", "254", "main"),
        Wrong("an instance that zebra would cut", "tenant red\n advertise-instance 300 # here\n", "300", "1 to 255"),
        Wrong("the same own prefix with another instance",
              "tenant blue\n advertise 10.0.0.0/8\nexit-tenant\n"
              "tenant red\n advertise-instance 253\n advertise 10.0.0.0/8 # here\n", "10.0.0.0/8", "tenant blue"),
        Wrong("the same own prefix in the main table",
              "tenant blue\n advertise 10.0.0.0/8\nexit-tenant\n"
              "tenant red\n advertise-kernel\n advertise 10.0.0.0/8 # here\n", "10.0.0.0/8", "tenant blue"),
    ]


def wrong_files(t: Report, a: Wgrd, key: str) -> None:
    t.step("wrong files")
    for case in cases(key):
        path = a.node.folder / "wrong.conf"
        path.write_text(case.file, encoding="utf-8")
        status, said = a.check(str(path))
        expected = f'{path}:{case.line}: "{case.word}": '
        ok = status == 2 and said.startswith(expected) and case.sentence in said
        t.check(f"{case.what}: {said.replace(str(path), 'wgrd.conf')}", ok,
                f"exit {status}: {said}; expected exit 2: {expected}...{case.sentence}...")
    path.write_text(a.conf.text(), encoding="utf-8")
    t.equal("and the right one is right", a.check(str(path))[0], 0)


def reload(t: Report, a: Wgrd, before: str) -> None:
    t.step("a wrong file is read again by a running wgrd")
    assert a.process
    good = a.path.read_text(encoding="utf-8")
    bad = good.replace("overlay-address 10.9.0.2", "overlay-address 10.9.0.300")
    a.path.write_text(bad, encoding="utf-8")
    process = a.process
    process.send_signal(signal.SIGHUP)
    t.wait("it says what is wrong in its log", lambda: process.output(),
           lambda text: "10.9.0.300" in text and "nothing changed" in text)
    t.equal("nothing changed", a.cli("show running-config"), before)
    a.path.write_text(good, encoding="utf-8")


def wrong_edits(t: Report, a: Wgrd, before: str, key: str) -> None:
    t.step("wrong edits")
    for what, lines, part in (
            ("an unknown word", ["wireguard wg0", "listen-prot 1"], "listen-prot"),
            ("a bad key", ["wireguard wg0", "peer b", "public-key x"], "x"),
            ("a prefix with host bits", ["wireguard wg0", "peer b", "allowed-ip 10.3.3.3/8"], "10.0.0.0/8"),
            ("a table that is taken", ["tenant blue", "table 100"], "red"),
            ("the key of another peer", ["wireguard wg0", "peer c", f"public-key {key}"], "b")):
        answer = a.wgrctl("configure terminal", *lines)
        t.check(f"{what}: {answer.strip()}", "%" in answer and part in answer, answer)
    # Making an entry is an edit of its own, which was right.
    a.edit("no tenant blue", "wireguard wg0", "no peer c")
    t.equal("nothing changed", a.cli("show running-config"), before)


def taken_port(t: Report, a: Wgrd, before: str) -> None:
    t.step("a port that is taken")
    script = ("import socket,time; s=socket.socket(socket.AF_INET6, socket.SOCK_DGRAM); "
              f"s.bind(('::', {TAKEN_PORT})); print('bound', flush=True); time.sleep(3600)")
    other = a.node.start("other", "python3", "-c", script)
    t.wait("somebody has it", other.output, lambda text: "bound" in text.splitlines())
    answer = a.wgrctl("configure terminal", "wireguard wg0", f"listen-port {TAKEN_PORT}")
    t.contains(f"it is refused: {answer.strip()}", answer, "%", str(TAKEN_PORT))
    t.equal("nothing changed", a.cli("show running-config"), before)
    t.equal("the old port is still the one", a.show("")["interfaces"][0]["listen-port"], 51820)
    other.kill()
    a.edit("wireguard wg0", f"listen-port {TAKEN_PORT}")
    t.equal("free again, it is taken", a.show("")["interfaces"][0]["listen-port"], TAKEN_PORT)
    a.edit("wireguard wg0", "listen-port 51820")


def wrong_start(t: Report, node: Node) -> None:
    t.step("a start with a wrong file")
    path = node.folder / "start.conf"
    path.write_text("wireguard wg7\n mtu 12\n", encoding="utf-8")
    w = Wgrd(node, WgrdConf([], []))
    process = node.start("wgrd-wrong", *w.argv("-f", str(path), "--vty-socket", "/run/wgrd/other.vty",
                                            "--netconf-socket", "/run/wgrd/other.netconf"))
    t.equal("ends with status 2", process.wait(10), 2)
    t.contains("says where and what", process.output(), f"{path}:2: ", '"12"')
    t.check("leaves no interface", not node.succeeds("ip", "link", "show", "wg7"))


def saving(t: Report, a: Wgrd, before: str) -> None:
    t.step("what is saved can be read")
    t.contains("write memory says so", a.cli("write memory"), "[OK]")
    t.equal("the file is right", a.check(str(a.path)), (0, f"{a.path} is right"))
    t.equal("and nobody else can read it", oct(a.path.stat().st_mode & 0o777), "0o600")
    text = a.path.read_text(encoding="utf-8")
    t.check("it never has a bare exit", not re.search(r"^\s*exit\s*$", text, re.M), text)
    t.check("show running-config shows no key", a.conf.wireguards[0].private_key not in before)
    a.stop()
    a.start()
    t.equal("a restart brings the same configuration", a.cli("show running-config"), before)


def run(lab: Lab, t: Report) -> None:
    ends = pair(lab, [TenantConf("red", 100)])
    a = ends[0]
    wrong_files(t, a, generate_keys().public)
    wrong_start(t, a.node)
    for w in ends:
        w.start()
    before = a.cli("show running-config")
    if "peer b" not in before:
        raise LabError(f"show running-config: {before}")
    t.wait("the tunnel works", lambda: ping(a.node, "10.9.0.2"))
    pings = Ping(a.node, "10.9.0.2")
    handshakes = a.peers()["b"]["handshakes"]
    reload(t, a, before)
    wrong_edits(t, a, before, a.conf.wireguards[0].peers[0].public_key)
    loss = pings.stop()
    t.check(f"{loss.sent} pings through the tunnel all the while, none lost", not loss.lost, str(loss))
    t.equal("no session was made anew", a.peers()["b"]["handshakes"], handshakes)
    taken_port(t, a, before)
    saving(t, a, before)
