# SPDX-License-Identifier: GPL-2.0-or-later
"""A second tenant, blue, beside red on the two spokes of lib/sites.py.

    blue1 ---- spoke1 ===== wg1, tenant blue ===== spoke2 ---- blue2
               192.168.211.0/24                    192.168.212.0/24
               fd00:192:211::/48                   fd00:192:212::/48

BGP runs in red's tunnels and announces blue's prefixes with the large community 65000:1:200, so zebra has
them over wg0. Whose they are is for the test to arrange; blue's peers have the overlay addresses of red's.
"""

from __future__ import annotations

from lib.lab import Lab
from lib.node import Node
from lib.sites import SPOKE1, SPOKE2, Address, Router, Sites
from lib.wgrd import PeerConf, TenantConf, WireguardConf
from lib.wireguard_go import KeyPair, generate_keys

BLUE, BLUE_TABLE, BLUE_TAG = "blue", 1002, 200
SITE = {"spoke1": 211, "spoke2": 212}


def blue_prefixes(router: str) -> list[str]:
    return [f"192.168.{SITE[router]}.0/24", f"fd00:192:{SITE[router]}::/48"]


def blue_hosts(router: str) -> list[str]:
    return [f"192.168.{SITE[router]}.10", f"fd00:192:{SITE[router]}:1::10"]


def blue_lan(lab: Lab, router: Router, name: str) -> Node:
    n = SITE[router.name]
    host = lab.node(name)
    lab.link(router.node, "lan-blue", host, "eth0")
    router.node.address("lan-blue", f"192.168.{n}.1/25", f"fd00:192:{n}:1::1/64")
    host.address("eth0", f"192.168.{n}.10/25", f"fd00:192:{n}:1::10/64")
    host.default_route(f"192.168.{n}.1", f"fd00:192:{n}:1::1")
    return host


def blue_wireguard(me: Address, other: Address, mine: KeyPair, theirs: KeyPair) -> WireguardConf:
    return WireguardConf(mine.private, [f"10.98.0.{me.number}/24"], name="wg1", tenant=BLUE, peers=[
        PeerConf(f"{other.name}-blue", theirs.public, overlay=other.overlay, endpoint=other.endpoint(False),
                 keepalive=5)])


class Blue:
    """To be made before the sites start."""

    def __init__(self, lab: Lab, sites: Sites, **learn: object) -> None:
        """@learn: what of TenantConf says where blue's prefixes come from."""
        self.sites = sites
        self.spokes = [sites.spoke1, sites.spoke2]
        self.hosts = [blue_lan(lab, r, f"blue{n}") for n, r in enumerate(self.spokes, 1)]
        keys = {a.name: generate_keys() for a in (SPOKE1, SPOKE2)}
        for me, other in ((SPOKE1, SPOKE2), (SPOKE2, SPOKE1)):
            conf = sites.routers[me.name].wgrd.conf
            conf.wireguards.append(blue_wireguard(me, other, keys[me.name], keys[other.name]))
            conf.tenants.append(TenantConf(BLUE, BLUE_TABLE, ["lan-blue"], **learn))  # type: ignore[arg-type]

    def announce(self) -> None:
        """Both spokes announce their blue site."""
        for router in self.spokes:
            for prefix in blue_prefixes(router.name):
                announce(router, prefix, BLUE_TAG)


def announce(router: Router, prefix: str, tag: int) -> None:
    """@router announces @prefix with the large community 65000:1:@tag."""
    family = f"address-family ipv{6 if ':' in prefix else 4} unicast"
    router.frr.edit(f"route-map FOR-{tag} permit 10", f"set large-community 65000:1:{tag}", "exit",
                    "router bgp 65000", family, f"network {prefix} route-map FOR-{tag}")
