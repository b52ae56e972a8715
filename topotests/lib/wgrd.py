# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrd on a node: its configuration as text, its life, and what wgrctl says."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lib.node import Node, Process
from lib.wait import LabError, until

TOP = Path(__file__).resolve().parents[2]
VTY = "/run/wgrd/wgrd.vty"
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

    def lines(self) -> list[str]:
        lines = [f" peer {self.name}", f"  public-key {self.public_key}"]
        if self.preshared_key:
            lines.append(f"  preshared-key {self.preshared_key}")
        if self.endpoint:
            lines.append(f"  endpoint {self.endpoint}")
        if self.keepalive:
            lines.append(f"  persistent-keepalive {self.keepalive}")
        lines += [f"  overlay-address {a}" for a in self.overlay]
        lines += [f"  allowed-ip {p}" for p in self.allowed_ips]
        return lines + [" exit-peer"]


@dataclass
class WireguardConf:
    private_key: str
    addresses: list[str]
    peers: list[PeerConf]
    name: str = "wg0"
    listen_port: int = 51820
    tenant: str = ""

    def lines(self) -> list[str]:
        lines = [f"wireguard {self.name}", f" private-key {self.private_key}",
                 f" listen-port {self.listen_port}"]
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

    def lines(self) -> list[str]:
        lines = [f"tenant {self.name}", f" table {self.table}"]
        lines += [f" interface {i}" for i in self.interfaces]
        lines += [f" supernet {p}" for p in self.supernets]
        lines += [f" advertise {p}" for p in self.advertise]
        if self.tag:
            lines.append(f" advertise-tag {self.tag}")
        return lines + ["exit-tenant"]


@dataclass
class WgrdConf:
    wireguards: list[WireguardConf]
    tenants: list[TenantConf]
    settle_seconds: int = 3

    def text(self) -> str:
        lines = [f"zebra settle-time {self.settle_seconds}"]
        for part in [*self.wireguards, *self.tenants]:
            lines += part.lines()
        return "\n".join(lines) + "\n"


class Wgrd:
    def __init__(self, node: Node, conf: WgrdConf) -> None:
        self.node = node
        self.conf = conf
        self.path = node.folder / "wgrd.conf"
        self.process: Process | None = None
        node.questions += [self._wgrctl_argv(f"show {what}") for what in
                           ("running-config", "wireguard", "wireguard peers", "wireguard routes",
                            "wireguard permissions", "wireguard tenants", "wireguard zebra",
                            "wireguard dataplane")]

    # ---- life ----

    def write_conf(self) -> None:
        self.path.touch(mode=0o600)
        self.path.write_text(self.conf.text(), encoding="utf-8")

    def argv(self, *options: str) -> list[str]:
        return [str(build_dir() / "wgrd" / "wgrd"), "--yang-dir", str(TOP / "yang"), *options]

    def start(self, *options: str) -> None:
        """Starts it with the configuration written last, or with conf if none was."""
        if not self.path.exists():
            self.write_conf()
        process = self.node.start("wgrd", *self.argv("-f", str(self.path), "--vty-socket", VTY, *options))
        self.process = process

        def answers() -> str:
            if not process.alive():
                raise LabError(f"it ended with status {process.status()}:\n{process.output()[-2000:]}")
            return self.node.run(*self._wgrctl_argv("show version"))

        until(f"wgrd of {self.node.name} answers", answers, bool, 20, str(process.log))

    def stop(self) -> int:
        assert self.process
        return self.process.stop()

    def check(self, path: str) -> tuple[int, str]:
        """`wgrd -C`: exit status and what it says about a configuration file."""
        script = f'{" ".join(self.argv("-C", "-f", path))} && echo "status 0" || echo "status $?"'
        text, _, status = self.node.sh(script).rpartition("status ")
        return int(status), text.strip()

    # ---- wgrctl ----

    @staticmethod
    def _wgrctl_argv(*commands: str) -> list[str]:
        argv = [str(build_dir() / "wgrd" / "wgrctl"), "--socket", VTY]
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

    def drops(self) -> dict[str, int]:
        return {d["name"]: d["value"] for d in self.show("dataplane")["drops"]}

    def own_rules(self) -> list[str]:
        """The kernel's rules that are wgrd's."""
        return [r for r in self.node.rules() if f"proto {PROTOCOL}" in r]
