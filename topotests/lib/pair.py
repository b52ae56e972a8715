# SPDX-License-Identifier: GPL-2.0-or-later
"""Two wgrd's and a tunnel between them, without FRR.

    a ---- wan ---- b        198.51.100.1 and .2; in the tunnel, which is tenant red's, 10.9.0.1 and .2
"""

from __future__ import annotations

from lib.lab import Lab
from lib.wgrd import PeerConf, TenantConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys


def pair(lab: Lab, tenants: list[TenantConf], zebra: bool = True) -> tuple[Wgrd, Wgrd]:
    """Not started yet."""
    nodes = [lab.node(n, forward=True) for n in ("a", "b")]
    lab.link(nodes[0], "wan", nodes[1], "wan")
    keys = [generate_keys() for _ in nodes]
    ends: list[Wgrd] = []
    for i, node in enumerate(nodes):
        node.address("wan", f"198.51.100.{i + 1}/24")
        other = 1 - i
        peer = PeerConf("ab"[other], keys[other].public, overlay=[f"10.9.0.{other + 1}"],
                        endpoint=f"198.51.100.{other + 1}:51820")
        conf = WireguardConf(keys[i].private, [f"10.9.0.{i + 1}/24"], [peer], tenant="red")
        ends.append(Wgrd(node, WgrdConf([conf], tenants, zebra=zebra)))
    return ends[0], ends[1]
