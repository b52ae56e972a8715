#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Listens to the kernel's route messages and says when the routes of each protocol came.

Runs inside a node until it is killed. Twice a second, when there is news, it prints what it has heard
so far as one line of JSON: protocol number to {"count", "first", "last"}, in seconds of
CLOCK_MONOTONIC. Routes that are deleted are not counted back. "lost" says whether messages were lost,
which makes the rest worthless.
"""

from __future__ import annotations

import errno
import json
import select
import socket
import struct
import time

RTMGRP_IPV4_ROUTE = 0x40
RTM_NEWROUTE = 24
SO_RCVBUFFORCE = 33
BUFFER = 1 << 29
HEADER = struct.Struct("=IH")  # length, type
HEADER_LEN = 16
PROTOCOL_AT = HEADER_LEN + 5  # in struct rtmsg
SAY_SECONDS = 0.5


def listen() -> socket.socket:
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    s.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    s.bind((0, RTMGRP_IPV4_ROUTE))
    s.setblocking(False)
    return s


class Heard:
    """A message each for most routes, so this is kept short: it competes with what is measured."""

    def __init__(self) -> None:
        self.count = [0] * 256
        self.first = [0.0] * 256
        self.last = [0.0] * 256
        self.lost = False

    def take(self, data: bytes, now: float) -> None:
        at = 0
        while at + PROTOCOL_AT < len(data):
            length, kind = HEADER.unpack_from(data, at)
            if kind == RTM_NEWROUTE:
                protocol = data[at + PROTOCOL_AT]
                if not self.count[protocol]:
                    self.first[protocol] = now
                self.count[protocol] += 1
                self.last[protocol] = now
            at += (length + 3) & ~3

    def read(self, s: socket.socket) -> None:
        while True:
            try:
                self.take(s.recv(1 << 16), time.monotonic())
            except BlockingIOError:
                return
            except OSError as e:
                if e.errno != errno.ENOBUFS:
                    raise
                self.lost = True

    def text(self) -> str:
        routes = {p: {"count": n, "first": self.first[p], "last": self.last[p]}
                  for p, n in enumerate(self.count) if n}
        return json.dumps({"lost": self.lost, "routes": routes})


def main() -> None:
    heard = Heard()
    said, said_at = "", 0.0
    with listen() as s:
        poll = select.poll()
        poll.register(s, select.POLLIN)
        print("ready", flush=True)
        while True:
            poll.poll(round(SAY_SECONDS * 1000))
            heard.read(s)
            now = time.monotonic()
            if now - said_at >= SAY_SECONDS and heard.text() != said:
                said, said_at = heard.text(), now
                print(said, flush=True)


if __name__ == "__main__":
    main()
