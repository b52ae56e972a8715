# SPDX-License-Identifier: GPL-2.0-or-later
"""Stock FRR on a node: zebra and bgpd in the foreground, configured by files, asked by vtysh."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import Any

from lib.node import Node, Process
from lib.wait import LabError, until

DAEMONS = "/usr/lib/frr"
ASN = 65000


@dataclass
class Bgp:
    """An iBGP speaker whose sessions run over the overlay, IPv4 and IPv6 each over its own."""

    router_id: str
    neighbors: list[str]
    reflector: bool = False
    networks: list[str] = field(default_factory=list)
    redistribute: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    vrf: str = ""

    def _family(self, six: bool) -> list[str]:
        lines = [f" address-family ipv{6 if six else 4} unicast"]
        lines += [f"  network {n}" for n in self.networks if (":" in n) == six]
        lines += [f"  redistribute {r}" for r in self.redistribute]
        for n in self.neighbors:
            if (":" in n) != six:
                continue
            lines.append(f"  neighbor {n} activate")
            if six:
                lines.append(f"  neighbor {n} route-map PREFER-GLOBAL in")
            if self.reflector:
                lines.append(f"  neighbor {n} route-reflector-client")
        return lines + [" exit-address-family"]

    def text(self) -> str:
        # A route-map that is named before it is there denies everything for five seconds.
        lines = ["route-map PREFER-GLOBAL permit 10", " set ipv6 next-hop prefer-global", "exit",
                 f"router bgp {ASN}" + (f" vrf {self.vrf}" if self.vrf else ""), f" bgp router-id {self.router_id}",
                 " no bgp default ipv4-unicast", " no bgp network import-check",
                 " timers bgp 1 3"]
        for n in self.neighbors:
            lines += [f" neighbor {n} remote-as {ASN}", f" neighbor {n} timers connect 1",
                      f" neighbor {n} advertisement-interval 0"]
        lines += self._family(False) + self._family(True) + ["exit"]
        return "\n".join(lines + self.extra) + "\n"


class Frr:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.zebra: Process | None = None
        self.bgpd: Process | None = None
        node.questions += [["vtysh", "-c", f"show {what}"] for what in
                           ("ip route", "ipv6 route", "bgp summary", "bgp ipv4 unicast", "bgp ipv6 unicast")]
        self._write("vtysh.conf", "no service integrated-vtysh-config\n")
        self._write("zebra.conf", "")

    def _write(self, name: str, text: str) -> None:
        path = self.node.folder / "frr" / name
        path.write_text(f"hostname {self.node.name}\n" + text, encoding="utf-8")
        shutil.chown(path, "frr", "frr")

    def configure(self, *bgp: Bgp) -> None:
        """For the next start of bgpd: one for each VRF."""
        self._write("bgpd.conf", "".join(b.text() for b in bgp))

    def _start(self, daemon: str, *options: str) -> Process:
        process = self.node.start(daemon, f"{DAEMONS}/{daemon}", "-A", "127.0.0.1",
                                  "-f", f"/etc/frr/{daemon}.conf", "--log", "stdout", *options)
        until(f"{daemon} of {self.node.name} answers",
              lambda: process.alive() and self.vtysh("show version", daemon=daemon),
              lambda answer: "FRRouting" in str(answer), 20, str(process.log))
        return process

    def start_zebra(self, *options: str) -> None:
        self.zebra = self._start("zebra", *options)

    def start_bgpd(self) -> None:
        self.bgpd = self._start("bgpd")

    def start(self, *zebra_options: str) -> None:
        self.start_zebra(*zebra_options)
        self.start_bgpd()

    def vtysh(self, *commands: str, daemon: str = "") -> str:
        argv = ["vtysh"] + (["-d", daemon] if daemon else [])
        for c in commands:
            argv += ["-c", c]
        return self.node.run(*argv)

    def edit(self, *lines: str) -> None:
        """Lines as typed after `configure terminal`. A line FRR does not take is an error."""
        answer = self.vtysh("configure terminal", *lines)
        if "%" in answer:
            raise LabError(f"{self.node.name}: vtysh: {answer.strip()}")

    def json(self, command: str) -> Any:
        return json.loads(self.vtysh(f"{command} json"))

    # ---- what tests ask ----

    def rib(self, vrf: str = "default") -> dict[str, list[dict[str, Any]]]:
        """zebra's RIB of one VRF, both families: prefix to entries."""
        of = "" if vrf == "default" else f" vrf {vrf}"
        return {**self.json(f"show ip route{of}"), **self.json(f"show ipv6 route{of}")}

    def selected(self, protocol: str, vrf: str = "default") -> dict[str, dict[str, Any]]:
        """Prefix to the selected entry, where that is of @protocol."""
        return {prefix: entry for prefix, entries in self.rib(vrf).items() for entry in entries
                if entry.get("selected") and entry.get("protocol") == protocol}

    def sessions(self) -> dict[str, str]:
        """BGP neighbour to state, "Established" when it works."""
        found: dict[str, str] = {}
        for family in ("ipv4", "ipv6"):
            summary = self.json(f"show bgp {family} unicast summary")
            for name, peer in summary.get("peers", {}).items():
                found[name] = peer["state"]
        return found

    def advertised(self, neighbor: str) -> list[str]:
        family = "ipv6" if ":" in neighbor else "ipv4"
        answer = self.json(f"show bgp {family} unicast neighbors {neighbor} advertised-routes")
        return sorted(answer.get("advertisedRoutes", {}))
