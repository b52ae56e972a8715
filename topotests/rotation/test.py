# SPDX-License-Identifier: GPL-2.0-or-later
"""The hub's private key is replaced while pings run, and none is lost.

    spoke ---- internet ---- hub        10.99.0.2 -- 10.99.0.1, wgrd at both ends
                  |
                 site                   10.99.0.3, wireguard-go, which knows one key of a peer

The spoke follows the four steps of wgrd.conf(5). The site is told at its own time: until then it goes on
with the former key, which the hub keeps.
"""

from __future__ import annotations

from typing import Any

from lib.lab import Lab
from lib.report import Report
from lib.traffic import Ping
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import KeyPair, StockPeer, WireguardGo, generate_keys

HUB, SPOKE, SITE = "198.51.100.1", "198.51.100.2", "198.51.100.3"


def in_one_commit(w: Wgrd, *lines: str) -> None:
    """As vtysh sends a file. Line by line the two keys would be the same for a moment, which is refused."""
    w.edit("XFRR_start_configuration", *lines, "XFRR_end_configuration")


class Rotation:
    def __init__(self, lab: Lab) -> None:
        self.hub_node, self.spoke_node, self.site_node = (lab.node(n) for n in ("hub", "spoke", "site"))
        nodes = ((self.hub_node, HUB), (self.spoke_node, SPOKE), (self.site_node, SITE))
        lab.switch("internet", *((node, "wan") for node, _ in nodes))
        for node, address in nodes:
            node.address("wan", f"{address}/24")
        self.former, self.next = generate_keys(), generate_keys()
        spoke, site = generate_keys(), generate_keys()
        self.hub = self._wgrd(self.hub_node, self.former, "10.99.0.1", [
            PeerConf("spoke", spoke.public, overlay=["10.99.0.2"], allowed_ips=["10.99.0.2/32"],
                     endpoint=f"{SPOKE}:51820"),
            PeerConf("site", site.public, overlay=["10.99.0.3"], allowed_ips=["10.99.0.3/32"])])
        self.spoke = self._wgrd(self.spoke_node, spoke, "10.99.0.2", [
            PeerConf("hub", self.former.public, overlay=["10.99.0.1"], allowed_ips=["10.99.0.1/32"],
                     endpoint=f"{HUB}:51820")])
        self.site = WireguardGo(self.site_node, site, peers=[self._stock_hub(self.former)])

    @staticmethod
    def _wgrd(node: Any, keys: KeyPair, address: str, peers: list[PeerConf]) -> Wgrd:
        return Wgrd(node, WgrdConf([WireguardConf(keys.private, [f"{address}/24"], peers)], []))

    @staticmethod
    def _stock_hub(keys: KeyPair) -> StockPeer:
        return StockPeer(keys.public, ["10.99.0.1/32"], endpoint=f"{HUB}:51820")

    def start(self) -> None:
        self.hub.start()
        self.spoke.start()
        self.site.start("10.99.0.3/24")

    def in_use(self) -> tuple[Any, Any]:
        """Names of the hub's key, as the hub and as the spoke see it; "" is the one to begin with."""
        hub, spoke = self.hub.peers()["spoke"]["keys-in-use"], self.spoke.peers()["hub"]["keys-in-use"]
        return hub and hub["own"], spoke and spoke["peer"]

    def handshakes(self) -> int:
        return int(self.hub.peers()["spoke"]["handshakes"])

    def exchange(self, first: KeyPair, second: KeyPair) -> None:
        """One commit of the hub: @first to begin with, @second additional."""
        in_one_commit(self.hub, "wireguard wg0", f"private-key {first.private}", "additional-key other",
                      f"private-key {second.private}")


def announce(t: Report, x: Rotation) -> None:
    t.step("1. the new key is announced")
    before = x.handshakes()
    x.hub.edit("wireguard wg0", "additional-key other", f"private-key {x.next.private}")
    x.spoke.edit("wireguard wg0", "peer hub", "additional-key other", f"public-key {x.next.public}")
    t.equal("both go on with the former one", x.in_use(), ("", ""))
    t.equal("and no handshake was needed", x.handshakes(), before)
    shown = x.hub.cli("show wireguard")
    t.check("show has the new public key", f"{x.next.public} (other)" in shown, shown)
    t.check("and no private one", x.next.private not in x.hub.cli("show running-config"))


def cut_over(t: Report, x: Rotation) -> None:
    t.step("2. and 3. both ends begin with it")
    x.exchange(x.next, x.former)
    t.wait("the hub has called the spoke at once", x.in_use, lambda v: v == ("", "other"), 5)
    in_one_commit(x.spoke, "wireguard wg0", "peer hub", f"public-key {x.next.public}",
                  "additional-key other", f"public-key {x.former.public}")
    t.wait("the spoke names them the other way round", x.in_use, lambda v: v == ("", ""), 5)


def remove(t: Report, x: Rotation) -> None:
    t.step("4. the spoke forgets the former key, and then so do the others")
    before = x.handshakes()
    x.spoke.edit("wireguard wg0", "peer hub", "no additional-key other")
    t.equal("no handshake was needed", x.handshakes(), before)
    t.equal("the site's session came from the former one", x.hub.peers()["site"]["keys-in-use"],
            {"own": "other", "peer": ""})
    x.site_node.run("wg", "set", "wg0", "peer", x.next.public, "endpoint", f"{HUB}:51820",
                    "allowed-ips", "10.99.0.1/32")
    x.site_node.run("wg", "set", "wg0", "peer", x.former.public, "remove")
    t.wait("the site has called by the new one", lambda: x.hub.peers()["site"]["keys-in-use"],
           lambda v: v == {"own": "", "peer": ""}, 15)
    x.hub.edit("wireguard wg0", "no additional-key other")


def run(lab: Lab, t: Report) -> None:
    x = Rotation(lab)
    x.start()
    pings = [Ping(x.spoke_node, "10.99.0.1", label="to-the-hub"),
             Ping(x.hub_node, "10.99.0.2", label="to-the-spoke")]
    other = Ping(x.site_node, "10.99.0.1", label="of-the-site")
    for step in (announce, cut_over, remove):
        step(t, x)
        for p in pings:
            so_far = p.replies()
            t.wait("pings go on", p.replies, lambda n, before=so_far: n > before + 50)
    for p, way in zip(pings, ("to the hub", "to the spoke")):
        loss = p.stop()
        t.check(f"{loss.sent} pings {way} through all that, none lost", not loss.lost, str(loss))
    # wireguard-go takes prefixes away from one peer to give them to another
    replies = other.replies()
    t.wait("the site's pings go on", other.replies, lambda n: n > replies + 5)
    other.stop()
