# SPDX-License-Identifier: GPL-2.0-or-later
"""What the topotests with VRFs share: a hub that has two tenants, red and blue, whose LANs and sites have the
same prefixes to the last bit.

    user 172.16.0.10 fd16::10 ---- hub ==== site ---- host 10.0.0.10 fd10::10
"""

from __future__ import annotations

from functools import partial

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import ping, who_is

OWN, SITE = ["172.16.0.0/24", "fd16::/48"], ["10.0.0.0/24", "fd10::/48"]
HOST = ["10.0.0.10", "fd10::10"]


def lan_addresses(prefixes: list[str], host: int) -> list[str]:
    """Of a host in a LAN, which is a part of what is advertised."""
    return [prefixes[0].replace("0/24", f"{host}/25"), prefixes[1].replace("::/48", f"::{host}/64")]


def host_behind(lab: Lab, router: Node, interface: str, name: str, prefixes: list[str]) -> Node:
    """A host on a cable to @interface of @router, which has no addresses yet."""
    host = lab.node(name)
    lab.link(router, interface, host, "eth0")
    host.address("eth0", *lan_addresses(prefixes, 10))
    host.default_route(*(a.partition("/")[0] for a in lan_addresses(prefixes, 1)))
    return host


def reaches_its_own(t: Report, colour: str, user: Node, host: Node) -> None:
    """@user reaches the addresses that both sites have, and it is @host that answers, a Server."""
    for address in HOST:
        t.wait(f"{colour} reaches {address}", partial(ping, user, address))
        t.equal("and it is its own", who_is(user, address), host.name)
