# SPDX-License-Identifier: GPL-2.0-or-later
"""shoot.py ADDRESS PORT COUNT [PUBLIC-KEY]: initiations as fast as they go.

With the public key of who is shot at they have a good mac1 and nothing else; without it they have not
even that. Prints how many were sent.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import sys
import time

MESSAGES = 2000


def initiation(mac1_key: bytes | None) -> bytes:
    body = bytes((1, 0, 0, 0)) + os.urandom(112)
    if mac1_key is None:
        return body + os.urandom(32)
    return body + hashlib.blake2s(body, digest_size=16, key=mac1_key).digest() + bytes(16)


def main() -> None:
    address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    key = None
    if len(sys.argv) > 4:
        key = hashlib.blake2s(b"mac1----" + base64.b64decode(sys.argv[4])).digest()
    messages = [initiation(key) for _ in range(MESSAGES)]
    begun = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect((address, port))
        for i in range(count):
            try:
                s.send(messages[i % MESSAGES])
            except OSError:  # no buffers, or an ICMP error
                pass
    print(int(count / (time.monotonic() - begun)))


if __name__ == "__main__":
    main()
