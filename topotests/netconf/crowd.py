# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients of the NETCONF socket that mean no good, all at once. Prints "there" and stays.

usage: crowd.py SOCKET SILENT HALF SLOW GREETED     how many of each
"""

from __future__ import annotations

import signal
import socket
import sys

HELLO = (b'<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>'
         b"urn:ietf:params:netconf:base:1.1</capability></capabilities></hello>]]>]]>")
SCHEMA = (b'<rpc xmlns="urn:ietf:params:xml:ns:netconf:base:1.0" message-id="1"><get-schema '
          b'xmlns="urn:ietf:params:xml:ns:yang:ietf-netconf-monitoring"><identifier>wgrd</identifier>'
          b"</get-schema></rpc>")
FRAMED = b"\n#%d\n%s\n##\n" % (len(SCHEMA), SCHEMA)


def dial(path: str) -> socket.socket:
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s


def greet(path: str) -> socket.socket:
    s = dial(path)
    seen = b""
    while b"]]>]]>" not in seen:
        part = s.recv(65536)
        if not part:
            raise EOFError("not let in")
        seen += part
    s.sendall(HELLO)
    return s


def half(path: str) -> socket.socket:
    s = greet(path)
    s.sendall(b"\n#1000\n<rpc")
    return s


def slow(path: str) -> socket.socket:
    """Asks until nothing more is taken, and reads nothing."""
    s = greet(path)
    s.settimeout(0.2)
    try:
        while True:
            s.sendall(FRAMED)
    except TimeoutError:
        pass
    return s


def main() -> None:
    path = sys.argv[1]
    kinds = [dial, half, slow, greet]
    crowd = [make(path) for make, count in zip(kinds, map(int, sys.argv[2:])) for _ in range(count)]
    print("there", len(crowd), flush=True)
    signal.pause()


main()
