# SPDX-License-Identifier: GPL-2.0-or-later
"""What wg(8) and the kernel say to each other over generic netlink, as nlmon(4) sees it.

Makes tests/wgrd/kernel/kwg_recorded.txt: `topotests/vm/run vm/record` and copy it from BUILD/vm/0/vm/record/.
The keys are made of single digits and secret to nobody.
"""

from __future__ import annotations

import base64
import struct
import subprocess
from pathlib import Path

from lib.lab import Lab
from lib.node import Node
from lib.report import Report

SLOW = True

IFINDEX = 77
NOT_OF_A_FAMILY = 0x10  # this is GENL_ID_CTRL; below are NLMSG_ERROR, NLMSG_DONE
SETTINGS = """[Interface]
PrivateKey = {private}
ListenPort = 51820
FwMark = 0xca6c
[Peer]
PublicKey = {one}
PresharedKey = {psk}
Endpoint = 192.0.2.1:1234
PersistentKeepalive = 25
AllowedIPs = 10.1.0.0/16, 2001:db8:1::/48
[Peer]
PublicKey = {two}
Endpoint = [2001:db8::2]:5678
AllowedIPs = 0.0.0.0/0
"""


def key(digit: int) -> str:
    return base64.b64encode(bytes([digit]) * 32).decode()


# In a process inside the node: the capture has to be in its network namespace.
CAPTURE = r"""
import socket, subprocess, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
s.bind(("nlmon0", 0))
s.settimeout(2)
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
try:
    while True:
        data, address = s.recvfrom(65536)
        if address[1] == 16:
            print(data.hex())
except TimeoutError:
    pass
"""


def messages(data: bytes) -> list[bytes]:
    found = []
    while len(data) >= 16:
        length = struct.unpack_from("=I", data)[0]
        found.append(data[:length])
        data = data[(length + 3) & ~3:]
    return found


def capture(node: Node, *argv: str) -> list[bytes]:
    """Messages of WireGuard's family, requests and answers, while @argv runs."""
    out = node.run("python3", "-c", CAPTURE, *argv)
    every = [m for line in out.split() for m in messages(bytes.fromhex(line))]
    return [m for m in every if struct.unpack_from("=H", m, 4)[0] > NOT_OF_A_FAMILY]


def run(lab: Lab, t: Report) -> None:
    node = lab.node("node")
    node.run("ip", "link", "add", "name", "nlmon0", "type", "nlmon")
    node.run("ip", "link", "set", "nlmon0", "up")
    node.run("ip", "link", "add", "name", "wg0", "index", str(IFINDEX), "type", "wireguard")
    conf = node.folder / "wg0.conf"
    conf.write_text(SETTINGS.format(private=key(1), one=key(2), two=key(3), psk=key(4)), encoding="utf-8")
    recorded = {
        "set": capture(node, "wg", "addconf", "wg0", str(conf)),
        "remove": capture(node, "wg", "set", "wg0", "peer", key(3), "remove"),
        "get": capture(node, "wg", "show", "wg0", "dump"),
    }
    node.run("ip", "link", "set", "wg0", "up")
    many = [f"10.{i >> 8}.{i & 255}.0/24" for i in range(600)]
    node.run("wg", "set", "wg0", "peer", key(2), "allowed-ips", ",".join(many))
    recorded["get-many"] = capture(node, "wg", "show", "wg0", "dump")
    with open(lab.folder / "kwg_recorded.txt", "w", encoding="ascii") as out:
        out.write("# Made by topotests/vm/record with Linux %s and %s.\n" % (
            Path("/proc/sys/kernel/osrelease").read_text(encoding="ascii").strip(),
            subprocess.run(["wg", "--version"], capture_output=True, text=True, check=True).stdout.split(" - ")[0]))
        for what, list_ in recorded.items():
            for m in list_:
                out.write(f"{what} {m.hex()}\n")
    for what, list_ in recorded.items():
        t.check(f"{what}: {len(list_)} messages", list_, [m.hex() for m in list_])
