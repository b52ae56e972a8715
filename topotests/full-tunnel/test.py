# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything goes through the tunnel but the tunnel itself, which its fwmark tells apart.

    left ------ router ------ right          198.51.100.0/24, 203.0.113.0/24
      wg0 =================== wg0            0.0.0.0/0 of left; 192.0.2.1 is behind right

On the left the default route into wg0 stands in a table for what is not marked, as wg-quick(8) has it.
There are four workers, so four sockets send what is encrypted, and handshakes come from one of them.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from lib.lab import Lab
from lib.report import Report
from lib.traffic import Server, ping, transfer
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import generate_keys

INSIDE = "192.0.2.1"
MARK = "0xca6c"
FLOWS = 8


def run(lab: Lab, t: Report) -> None:
    left, router, right = lab.node("left"), lab.node("router", forward=True), lab.node("right")
    lab.link(left, "eth0", router, "left")
    lab.link(right, "eth0", router, "right")
    left.address("eth0", "198.51.100.1/24")
    router.address("left", "198.51.100.254/24")
    router.address("right", "203.0.113.254/24")
    right.address("eth0", "203.0.113.1/24")
    left.default_route("198.51.100.254")
    right.default_route("203.0.113.254")
    right.address("lo", f"{INSIDE}/32")
    Server(right)

    keys = [generate_keys(), generate_keys()]
    a = Wgrd(left, WgrdConf([WireguardConf(keys[0].private, ["10.99.0.1/24"], [PeerConf(
        "right", keys[1].public, endpoint="203.0.113.1:51820", allowed_ips=["0.0.0.0/0"])])], [],
        dataplane=["dataplane workers 4"]))
    b = Wgrd(right, WgrdConf([WireguardConf(keys[1].private, ["10.99.0.2/24"], [PeerConf(
        "left", keys[0].public, allowed_ips=["10.99.0.1/32"])])], []))
    for wgrd in (a, b):
        wgrd.start()
    left.run("ip", "route", "add", "default", "dev", "wg0", "table", "51820")
    left.run("ip", "rule", "add", "priority", "100", "not", "fwmark", MARK, "table", "51820")
    left.run("ip", "rule", "add", "priority", "99", "table", "main", "suppress_prefixlength", "0")

    t.step("without a mark the tunnel is sent into itself")
    t.check("nothing gets through", not ping(left, INSIDE))
    t.equal("there is no session", a.sessions(), {"right": "handshake"})

    t.step("with the mark")
    a.edit("wireguard wg0", f"fwmark {MARK}")
    a.wgrctl("clear wireguard peer right")
    t.wait("there is a session, and a ping passes", lambda: ping(left, INSIDE))
    t.equal("left has four workers", a.show("dataplane")["workers"], 4)
    with ThreadPoolExecutor(FLOWS) as pool:
        done = list(pool.map(lambda _: transfer(left, INSIDE, 1_000_000), range(FLOWS)))
    t.check("TCP flows of all workers pass", all(d.intact for d in done), [str(d) for d in done])
    busy = [w["name"] for w in a.show("dataplane")["threads"] if w["tx-packets"] > 0]
    t.check("of more than one worker", len(busy) > 1, busy)

    t.step("without it again")
    a.edit("wireguard wg0", "no fwmark")
    t.check("nothing gets through", not ping(left, INSIDE))
