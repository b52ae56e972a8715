# SPDX-License-Identifier: GPL-2.0-or-later
"""BIRD 2 on a node: an iBGP speaker that shares no code with FRR."""

from __future__ import annotations

from pathlib import Path

from lib.frr import ASN
from lib.node import Node, Process
from lib.wait import until

CONF = """\
router id {router_id};
protocol device {{ scan time 1; }}
protocol direct {{ ipv4; ipv6; }}
protocol kernel k4 {{ ipv4 {{ export all; }}; }}
protocol kernel k6 {{ ipv6 {{ export all; }}; }}
protocol static own4 {{ ipv4; {routes4} }}
protocol static own6 {{ ipv6; {routes6} }}
"""

SESSION = """\
protocol bgp {name} {{
  local {local} as {asn};
  neighbor {neighbor} as {asn};
  hold time 3; connect retry time 1; connect delay time 1;
  {family} {{ import all; export where source = RTS_STATIC; next hop self; }};
}}
"""


TENANTS = Path(__file__).resolve().parents[2] / "doc" / "examples" / "bird" / "wgrd-tenants.conf"
LOG = "log stderr all;\ndebug protocols { states, events };\n"
TIMERS = "hold time 3; connect retry time 1; connect delay time 1; error wait time 1, 2;"


class Bird:
    def __init__(self, node: Node) -> None:
        self.node = node
        self.path = node.folder / "bird.conf"
        self.process: Process | None = None

    def configure(self, router_id: str, sessions: list[tuple[str, str]], networks: list[str]) -> None:
        """@sessions: own address and neighbour's. @networks are announced."""
        routes = {six: " ".join(f"route {n} blackhole;" for n in networks if (":" in n) == six)
                  for six in (False, True)}
        text = CONF.format(router_id=router_id, routes4=routes[False], routes6=routes[True])
        for i, (local, neighbor) in enumerate(sessions):
            text += SESSION.format(name=f"peer{i}", local=local, neighbor=neighbor, asn=ASN,
                                   family="ipv6" if ":" in local else "ipv4")
        self.path.write_text(text, encoding="utf-8")

    def configure_tenants(self, red: list[str], blue: list[str], neighbors: list[str],
                          passive: bool = False) -> None:
        """The configuration for tenants that is shipped. @red, @blue: own overlay addresses, IPv4
        and IPv6; @neighbors are on red's. @passive: it waits for them, see bird.conf there."""
        text = f"{LOG}router id {red[0]};\n"
        for name, value in zip(("RED4", "RED6", "BLUE4", "BLUE6"), red + blue):
            text += f"define {name} = {value};\n"
        text += f'include "{TENANTS}";\n'
        for i, neighbor in enumerate(neighbors):
            six = ":" in neighbor
            text += (f"protocol bgp peer{i} from overlay{6 if six else 4} {{ local {red[six]} as {ASN}; "
                     f"neighbor {neighbor} as {ASN}; {'passive; ' if passive else ''}{TIMERS} }}\n")
        self.path.write_text(text, encoding="utf-8")

    def restart(self) -> None:
        """As for an upgrade: routes stay while it is away."""
        assert self.process
        self.birdc("graceful restart")
        self.process.wait(10)
        self.start("-R")

    def start(self, *options: str) -> None:
        self.process = self.node.start("bird", "bird", "-f", "-c", str(self.path), "-s", "/run/bird.ctl",
                                       *options)
        until(f"bird of {self.node.name} answers", lambda: self.birdc("show status"),
              lambda text: "up and running" in text, 20, str(self.process.log))

    def birdc(self, command: str) -> str:
        return self.node.run("birdc", "-s", "/run/bird.ctl", command)

    def recovering(self) -> bool:
        """Is a graceful restart under way, its own or a neighbour's? Another failure before it has ended
        is no longer graceful."""
        return ("recovery in progress" in self.birdc("show status")
                or "graceful restart active" in self.birdc("show protocols all"))

    def learned(self) -> list[str]:
        """Prefixes heard by BGP."""
        lines = self.birdc("show route where source = RTS_BGP").splitlines()
        return sorted(line.split()[0] for line in lines if "unicast" in line and "/" in line.split()[0])
