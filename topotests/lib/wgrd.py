# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrd on a node: its configuration as text, its life, and what wgrctl says."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.node import Node, Process, child_of
from lib.wait import LabError, until

TOP = Path(__file__).resolve().parents[2]
MANAGER = str(Path(__file__).with_name("manager.py"))
# Who forwards for every wgrd of the tests: wgrd itself, or in the VM the kernel.
BACKEND = os.environ.get("WGRD_BACKEND", "user")
DIGEST_LINES = 5  # of the log
PROTOCOL = "157"  # of every route and rule that is wgrd's, see wgrd(8)


def build_dir() -> Path:
    return Path(os.environ.get("WGRD_BUILD", TOP / "build")).resolve()


@dataclass
class PeerConf:
    name: str
    public_key: str
    overlay: list[str] = field(default_factory=list)
    endpoint: str = ""
    preshared_key: str = ""
    keepalive: int = 0
    allowed_ips: list[str] = field(default_factory=list)
    prefix_list: str = ""
    max_prefix: int = 0
    max_prefix_hold: int = 0
    advertise_always: bool = False

    def lines(self) -> list[str]:
        lines = [f" peer {self.name}", f"  public-key {self.public_key}"]
        if self.prefix_list:
            lines.append(f"  prefix-list {self.prefix_list}")
        if self.max_prefix:
            lines.append(f"  max-prefix {self.max_prefix}")
        if self.max_prefix_hold:
            lines.append(f"  max-prefix-hold {self.max_prefix_hold}")
        if self.preshared_key:
            lines.append(f"  preshared-key {self.preshared_key}")
        if self.endpoint:
            lines.append(f"  endpoint {self.endpoint}")
        if self.keepalive:
            lines.append(f"  persistent-keepalive {self.keepalive}")
        lines += [f"  overlay-address {a}" for a in self.overlay]
        lines += [f"  allowed-ip {p}" for p in self.allowed_ips]
        if self.advertise_always:
            lines.append("  advertise-always")
        return lines + [" exit-peer"]


@dataclass
class WireguardConf:
    private_key: str
    addresses: list[str]
    peers: list[PeerConf]
    name: str = "wg0"
    listen_port: int = 51820
    tenant: str = ""
    backend: str = BACKEND
    extra: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        lines = [f"wireguard {self.name}", f" private-key {self.private_key}",
                 f" listen-port {self.listen_port}"]
        if self.backend != "user":
            lines.append(f" backend {self.backend}")
        lines += [f" {line}" for line in self.extra]
        lines += [f" address {a}" for a in self.addresses]
        if self.tenant:
            lines.append(f" tenant {self.tenant}")
        for p in self.peers:
            lines += p.lines()
        return lines + ["exit-wireguard"]


@dataclass
class TenantConf:
    name: str
    table: int
    interfaces: list[str] = field(default_factory=list)
    supernets: list[str] = field(default_factory=list)
    advertise: list[str] = field(default_factory=list)
    tag: int = 0
    learn_table: int = 0
    advertise_instance: int = 0  # no more than one of these three
    advertise_table: int = 0
    advertise_kernel: bool = False
    learn_tags: list[int] = field(default_factory=list)
    learn_protocols: list[str] = field(default_factory=list)
    vrf: str = "default"
    prefix_list: str = ""
    max_prefix: int = 0  # wgrd's default, which no test reaches
    max_prefix_hold: int = 0
    priority: int = 1000

    def lines(self) -> list[str]:
        lines = [f"tenant {self.name}", f" table {self.table}"]
        if self.vrf != "default":
            lines.append(f" vrf {self.vrf}")
        if self.prefix_list:
            lines.append(f" prefix-list {self.prefix_list}")
        if self.max_prefix:
            lines.append(f" max-prefix {self.max_prefix}")
        if self.max_prefix_hold:
            lines.append(f" max-prefix-hold {self.max_prefix_hold}")
        if self.priority != 1000:
            lines.append(f" priority {self.priority}")
        lines += [f" learn-protocol {p}" for p in self.learn_protocols]
        lines += [f" learn-tag {n}" for n in self.learn_tags]
        lines += [f" interface {i}" for i in self.interfaces]
        lines += [f" supernet {p}" for p in self.supernets]
        lines += [f" advertise {p}" for p in self.advertise]
        if self.tag:
            lines.append(f" advertise-tag {self.tag}")
        if self.learn_table:
            lines.append(f" learn-table {self.learn_table}")
        if self.advertise_instance:
            lines.append(f" advertise-instance {self.advertise_instance}")
        if self.advertise_kernel:
            lines.append(" advertise-kernel")
        if self.advertise_table:
            lines.append(f" advertise-table {self.advertise_table}")
        return lines + ["exit-tenant"]


@dataclass
class PrefixList:
    """Entries as they are typed after the number: "permit 10.0.0.0/8 le 24"."""

    name: str
    entries: list[str]

    def lines(self) -> list[str]:
        return [f"prefix-list {self.name} seq {5 * n} {e}" for n, e in enumerate(self.entries, 1)]

    @staticmethod
    def _matches(words: list[str], prefix: str) -> bool:
        cover, net = ipaddress.ip_network(words[0]), ipaddress.ip_network(prefix)
        bounds = dict(zip(words[1::2], map(int, words[2::2])))
        low = bounds.get("ge", cover.prefixlen)
        high = bounds.get("le", net.max_prefixlen if "ge" in bounds else cover.prefixlen)
        inside = net.version == cover.version and net.subnet_of(cover)  # type: ignore[arg-type]
        return inside and low <= net.prefixlen <= high

    def permits(self, prefix: str) -> bool:
        """The first entry that matches decides; what none matches is refused."""
        for action, *words in map(str.split, self.entries):
            if self._matches(words, prefix):
                return action == "permit"
        return False


@dataclass
class WgrdConf:
    wireguards: list[WireguardConf]
    tenants: list[TenantConf]
    settle_seconds: int = 3
    dataplane: list[str] = field(default_factory=list)  # "no dataplane udp-offload"
    zebra: bool = True
    prefix_lists: list[PrefixList] = field(default_factory=list)

    def text(self) -> str:
        lines = [f"zebra settle-time {self.settle_seconds}", *self.dataplane]
        if not self.zebra:
            lines.append("no zebra enabled")
        for part in [*self.prefix_lists, *self.wireguards, *self.tenants]:
            lines += part.lines()
        return "\n".join(lines) + "\n"


class Wgrd:
    def __init__(self, node: Node, conf: WgrdConf, build: Path | None = None) -> None:
        """@build: where this wgrd was built, if it is another than the one under test."""
        self.node = node
        self.build = build or build_dir()
        self.conf = conf
        self.path = node.folder / "wgrd.conf"
        self.vty = f"{node.wgrd_dir}/wgrd.vty"
        self.netconf = f"{node.wgrd_dir}/wgrd.netconf"
        self.process: Process | None = None
        self.managed = False  # by a manager that holds its interfaces and starts it again
        node.questions += [self._wgrctl_argv(f"show {what}") for what in
                           ("running-config", "wireguard", "wireguard peers", "wireguard routes",
                            "wireguard permissions", "wireguard tenants", "wireguard zebra",
                            "wireguard dataplane", "wireguard tables")]
        node.digests.append(self.digest)

    def digest(self) -> str:
        """Peers, drops and the end of the log, after a test that failed."""
        if not self.process or not self.process.alive():
            return "wgrd does not run"
        peers = ", ".join(f"{name} {session}" for name, session in self.sessions().items())
        drops = ", ".join(f"{name} {n}" for name, n in self.drops().items() if n)
        log = self.process.output().splitlines()[-DIGEST_LINES:]
        return "\n  ".join([f"wgrd: peers {peers or '-'}; drops {drops or '-'}", *log])

    # ---- life ----

    def write_conf(self) -> None:
        self.path.touch(mode=0o600)
        self.path.write_text(self.conf.text(), encoding="utf-8")

    def argv(self, *options: str) -> list[str]:
        return [str(self.build / "wgrd" / "wgrd"), "--yang-dir", str(TOP / "yang"),
                "--wg-socket-dir", self.node.wg_dir, *options]

    def start(self, *options: str) -> None:
        """Starts it with the configuration written last, or with conf if none was."""
        if not self.path.exists():
            self.write_conf()
        argv = self.argv("-f", str(self.path), "--vty-socket", self.vty,
                         "--netconf-socket", self.netconf, "--state-dir", str(self.path) + ".state", *options)
        if self.managed:
            argv = ["python3", MANAGER, "/run/wgrd/notify", *argv]
        process = self.node.start("wgrd", *argv)
        self.process = process

        def answers() -> str:
            if not process.alive():
                raise LabError(f"it ended with status {process.status()}:\n{process.output()[-2000:]}")
            return self.node.run(*self._wgrctl_argv("show version"))

        until(f"wgrd of {self.node.name} answers", answers, bool, 20, str(process.log))

    def stop(self) -> int:
        assert self.process
        return self.process.stop()

    def pid(self) -> int:
        """Of wgrd itself, not of its manager."""
        assert self.process and self.process.pid
        found = child_of(self.process.pid) if self.managed else self.process.pid
        assert found
        return found

    def restart(self) -> None:
        """By its manager."""
        assert self.process and self.managed
        self.process.send_signal(signal.SIGHUP)

    def starts(self) -> int:
        """How often it has started."""
        return self.process.output().count(" started\n") if self.process else 0

    def kill(self) -> None:
        """kill -9. A manager starts it again, otherwise start() has to."""
        assert self.process
        if self.managed:
            os.kill(self.pid(), signal.SIGKILL)
        else:
            self.process.kill()

    def check(self, path: str) -> tuple[int, str]:
        """`wgrd -C`: exit status and what it says about a configuration file."""
        script = f'{" ".join(self.argv("-C", "-f", path))} && echo "status 0" || echo "status $?"'
        text, _, status = self.node.sh(script).rpartition("status ")
        return int(status), text.strip()

    # ---- wgrctl ----

    def _wgrctl_argv(self, *commands: str) -> list[str]:
        argv = [str(build_dir() / "wgrd" / "wgrctl"), "--socket", self.vty]
        for c in commands:
            argv += ["-c", c]
        return argv

    def wgrctl(self, *commands: str) -> str:
        return self.node.run(*self._wgrctl_argv(*commands), check=False)

    def cli(self, command: str) -> str:
        return self.wgrctl(command)

    def edit(self, *lines: str) -> None:
        """Lines as typed after `configure terminal`, which all must be taken."""
        answer = self.wgrctl("configure terminal", *lines)
        if "%" in answer:
            raise LabError(f"{self.node.name}: wgrctl: {answer.strip()}")

    def show(self, what: str) -> Any:
        """`show wireguard WHAT json`"""
        return json.loads(self.cli(f"show wireguard {what} json"))

    # ---- what tests ask ----

    def peers(self) -> dict[str, dict[str, Any]]:
        return {p["name"]: p for p in self.show("peers")["peers"]}

    def sessions(self) -> dict[str, str]:
        return {name: p["session"] for name, p in self.peers().items()}

    def routes(self, tenant: str = "") -> dict[str, dict[str, Any]]:
        return {r["prefix"]: r for r in self.show("routes")["routes"]
                if not tenant or r["tenant"] == tenant}

    def permissions(self, interface: str = "wg0") -> dict[str, dict[str, list[str]]]:
        """Prefix to {"egress": peers, "ingress": peers} of one interface."""
        for i in self.show("permissions")["interfaces"]:
            if i["name"] == interface:
                return {p["prefix"]: {way: sorted(m["peer"] for m in p[way])
                                      for way in ("egress", "ingress")}
                        for p in i["permissions"]}
        return {}

    def zebra(self) -> dict[str, Any]:
        return self.show("zebra")

    def counters(self) -> dict[str, int]:
        return {c["name"]: c["value"] for c in self.show("dataplane")["counters"]}

    def drops(self) -> dict[str, int]:
        return {d["name"]: d["value"] for d in self.show("dataplane")["drops"]}

    def own_rules(self) -> list[str]:
        """The kernel's rules that are wgrd's."""
        return [r for r in self.node.rules() if f"proto {PROTOCOL}" in r]
