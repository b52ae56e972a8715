# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ends of a TCP transfer; run inside nodes by traffic.py.

    transfer.py serve PORT NAME         takes transfers for ever
    transfer.py send ADDRESS PORT SIZE  prints: digest sent, digest received there, seconds
    transfer.py who ADDRESS PORT        prints the NAME of the server
"""

import hashlib
import random
import socket
import sys
import threading
import time

CHUNK = 65536
TIMEOUT = 20


def answer(connection: socket.socket, name: str) -> None:
    digest, size = hashlib.sha256(), 0
    with connection:
        connection.settimeout(TIMEOUT)
        while data := connection.recv(CHUNK):
            digest.update(data)
            size += len(data)
        reply = digest.hexdigest() if size else name
        connection.sendall(reply.encode())


def serve(port: int, name: str) -> None:
    listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection, name), daemon=True).start()


def finish(connection: socket.socket) -> str:
    connection.shutdown(socket.SHUT_WR)
    reply = b""
    while data := connection.recv(CHUNK):
        reply += data
    return reply.decode()


def send(address: str, port: int, size: int) -> None:
    block = random.Random(size).randbytes(CHUNK)
    digest = hashlib.sha256()
    begun = time.monotonic()
    with socket.create_connection((address, port), TIMEOUT) as connection:
        left = size
        while left:
            data = block[:left]
            connection.sendall(data)
            digest.update(data)
            left -= len(data)
        received = finish(connection)
    print(digest.hexdigest(), received, f"{time.monotonic() - begun:.3f}")


def who(address: str, port: int) -> None:
    with socket.create_connection((address, port), TIMEOUT) as connection:
        print(finish(connection))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", port, name]:
            serve(int(port), name)
        case ["send", address, port, size]:
            send(address, int(port), int(size))
        case ["who", address, port]:
            who(address, int(port))
        case _:
            sys.exit(__doc__)
