# SPDX-License-Identifier: GPL-2.0-or-later
"""wgrd and a stock WireGuard: every way to begin, data both ways, and a rekey crossed.

              .--- wi-4      wgrd begins, IPv4 endpoint
    wgrd --- switch --- wi-4-psk, wi-6, wi-6-psk
              '--- si-4, si-4-psk, si-6, si-6-psk      the stock one begins

One wgrd with eight peers, each a wireguard-go (in the VM: the kernel's) on a node of its own. Only one side knows the other's
address, so it is the one that begins; it is also the one that renews the session, after 120 seconds
(WireGuard's REKEY_AFTER_TIME). All eight wait for that at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from operator import lt

from lib.lab import Lab
from lib.node import Node
from lib.report import Report
from lib.traffic import Ping, Server, ping, transfer
from lib.wait import PATIENCE
from lib.wgrd import PeerConf, Wgrd, WgrdConf, WireguardConf
from lib.wireguard_go import STOCK, KeyPair, Stock, StockPeer, generate_keys, generate_psk, stock

WGRD4, WGRD6 = "198.51.100.1", "2001:db8::1"
REKEY_SECONDS = 120
DATA = 1_000_000 if PATIENCE == 1 else 200_000  # octets; less on an emulated machine


@dataclass
class Variant:
    number: int
    wgrd_begins: bool
    six: bool
    psk: str
    keys: KeyPair = field(default_factory=generate_keys)

    @property
    def name(self) -> str:
        return f"{'wi' if self.wgrd_begins else 'si'}-{6 if self.six else 4}{'-psk' if self.psk else ''}"

    @property
    def what(self) -> str:
        return (f"{'wgrd' if self.wgrd_begins else STOCK} begins, "
                f"IPv{6 if self.six else 4} endpoint, {'with' if self.psk else 'without'} PSK")

    @property
    def overlay(self) -> list[str]:
        return [f"10.70.0.{self.number}", f"fd70::{self.number}"]

    @property
    def underlay4(self) -> str:
        return f"198.51.100.{self.number}"

    @property
    def underlay6(self) -> str:
        return f"2001:db8::{self.number}"

    def endpoint(self) -> str:
        return f"[{self.underlay6}]:51820" if self.six else f"{self.underlay4}:51820"


def variants() -> list[Variant]:
    return [Variant(11 + i, bool(i & 4), bool(i & 2), generate_psk() if i & 1 else "") for i in range(8)]


class Interop:
    def __init__(self, lab: Lab, chosen: list[Variant]) -> None:
        self.chosen = chosen
        self.keys = generate_keys()
        self.node = lab.node("wgrd")
        self.ends = {v.name: lab.node(v.name) for v in chosen}
        lab.switch("switch", (self.node, "wan"), *((n, "wan") for n in self.ends.values()))
        self.node.address("wan", f"{WGRD4}/24", f"{WGRD6}/64")
        peers = [PeerConf(v.name, v.keys.public, overlay=v.overlay, preshared_key=v.psk,
                          endpoint=v.endpoint() if v.wgrd_begins else "") for v in chosen]
        wireguard = WireguardConf(self.keys.private, ["10.70.0.1/24", "fd70::1/64"], peers)
        self.wgrd = Wgrd(self.node, WgrdConf([wireguard], []))
        self.stock = {v.name: self._stock(v) for v in chosen}

    def _stock(self, v: Variant) -> Stock:
        node = self.ends[v.name]
        node.address("wan", f"{v.underlay4}/24", f"{v.underlay6}/64")
        endpoint = "" if v.wgrd_begins else f"[{WGRD6}]:51820" if v.six else f"{WGRD4}:51820"
        peer = StockPeer(self.keys.public, ["10.70.0.1/32", "fd70::1/128"], endpoint, v.psk)
        return stock(node, v.keys, [peer])

    def handshakes(self, v: Variant) -> int:
        """As wgrd counts them."""
        return int(self.wgrd.peers()[v.name]["handshakes"])

    def handshake_time(self, v: Variant) -> int:
        """Of the last one, as the stock one tells it."""
        return self.stock[v.name].handshake_time(self.keys.public)

    def start(self) -> None:
        self.wgrd.start()
        for v in self.chosen:
            self.stock[v.name].start(f"{v.overlay[0]}/24", f"{v.overlay[1]}/64")


def begin(t: Report, x: Interop, v: Variant) -> None:
    """The first packet comes from the side that knows where the other is."""
    first: Node = x.node if v.wgrd_begins else x.ends[v.name]
    target = v.overlay if v.wgrd_begins else ["10.70.0.1", "fd70::1"]
    peer = x.wgrd.peers()[v.name]
    other_knows = x.stock[v.name].show("endpoints").get(x.keys.public, "(none)") != "(none)"
    t.check(f"{v.what}: before, the other side does not know where to send",
            not other_knows if v.wgrd_begins else peer["endpoint"] is None,
            {"wgrd": peer["endpoint"], STOCK: other_knows})
    for address in target:
        t.wait(f"{v.what}: {first.name} pings {address}", partial(ping, first, address))
    t.equal(f"{v.what}: one handshake", x.handshakes(v), 1)
    t.equal(f"{v.what}: the endpoint is the peer's", x.wgrd.peers()[v.name]["endpoint"], v.endpoint())


def data(t: Report, x: Interop, v: Variant) -> None:
    end = x.ends[v.name]
    for source, addresses in ((x.node, v.overlay), (end, ["10.70.0.1", "fd70::1"])):
        for address in addresses:
            done = transfer(source, address, DATA)
            t.check(f"{v.what}: {DATA / 1e6:g} MB {source.name} to {address} arrives intact", done.intact, str(done))


def rekey(t: Report, x: Interop, chosen: list[Variant]) -> None:
    t.step(f"a rekey crossed: all eight wait {REKEY_SECONDS} s with pings both ways")
    counted = {v.name: x.handshakes(v) for v in chosen}
    seen = {v.name: x.handshake_time(v) for v in chosen}
    pings = {v.name: [Ping(x.node, v.overlay[0], 0.1), Ping(x.ends[v.name], "fd70::1", 0.1)]
             for v in chosen}
    for v in chosen:
        t.wait(f"{v.what}: wgrd counts a new handshake", partial(x.handshakes, v),
               partial(lt, counted[v.name]), REKEY_SECONDS + 30)
        t.wait(f"{v.what}: wg(8) sees it too", partial(x.handshake_time, v), partial(lt, seen[v.name]))
    answered = {p: p.replies() for v in chosen for p in pings[v.name]}
    for v in chosen:
        for p in pings[v.name]:
            t.wait(f"{v.what}: pings to {p.address} go on under the new keys", p.replies,
                   partial(lt, answered[p] + 20))
            loss = p.stop()
            t.check(f"{v.what}: {loss.sent} pings to {p.address}, none lost", not loss.lost, str(loss))


def wrong_psk(t: Report, x: Interop, v: Variant) -> None:
    t.step("a preshared key that differs")
    failed = x.wgrd.drops()
    x.wgrd.edit("wireguard wg0", f"peer {v.name}", f"preshared-key {generate_psk()}", "end",
                f"clear wireguard peer {v.name}")
    t.check("no ping passes", not ping(x.ends[v.name], "10.70.0.1", 3))
    t.check("and that is counted", sum(x.wgrd.drops().values()) > sum(failed.values()), x.wgrd.drops())
    x.wgrd.edit("wireguard wg0", f"peer {v.name}", f"preshared-key {v.psk}")
    t.wait("with the right one it works again", lambda: ping(x.ends[v.name], "10.70.0.1"), seconds=40)


def run(lab: Lab, t: Report) -> None:
    chosen = variants()
    x = Interop(lab, chosen)
    x.start()
    Server(x.node)
    t.step("sessions")
    for v in chosen:
        Server(x.ends[v.name])
        begin(t, x, v)
    t.step("data both ways, both families inside")
    for v in chosen:
        data(t, x, v)
    rekey(t, x, chosen)
    wrong_psk(t, x, next(v for v in chosen if v.psk and not v.wgrd_begins))
    drops = x.wgrd.drops()
    t.equal("nothing was forged, replayed or spoofed",
            [drops[d] for d in ("rx-forged", "rx-replayed", "rx-spoofed")], [0, 0, 0])
