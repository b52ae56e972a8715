#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""WireGuard handshakes computed a second time, to compare the C code with.

Written from the whitepaper (https://www.wireguard.com/papers/wireguard.pdf) and the RFCs,
in the plainest way there is: integers of any size and lists, no attention to time or to
side channels. Of the primitives only BLAKE2s and HMAC come from Python's library.

Without arguments it compares what it computes with vectors.h beside it; with --write it
writes that file.
"""

import hashlib
import hmac
import os
import struct
import sys

P = 2**255 - 19


def x25519(scalar, point):
    """RFC 7748 section 5, with the affine doubling and addition of the ladder."""
    k = int.from_bytes(scalar, "little")
    k = k & ~7 & (2**255 - 1) | 2**254
    u = int.from_bytes(point, "little") & (2**255 - 1)
    a, b = (1, 0), (u, 1)
    for i in reversed(range(255)):
        bit = k >> i & 1
        if bit:
            a, b = b, a
        total, differ = (a[0] + a[1]) % P, (a[0] - a[1]) % P
        x = (b[0] - b[1]) * total % P
        y = (b[0] + b[1]) * differ % P
        b = ((x + y) ** 2 % P, u * (x - y) ** 2 % P)
        square, other = total**2 % P, differ**2 % P
        e = square - other
        a = (square * other % P, e * (square + 121665 * e) % P)
        if bit:
            a, b = b, a
    return (a[0] * pow(a[1], P - 2, P) % P).to_bytes(32, "little")


def public(private):
    return x25519(private, bytes([9]) + bytes(31))


def rounds(state):
    """RFC 8439 section 2.3, without the final addition."""
    x = list(state)

    def rotate(v, n):
        return (v << n | v >> (32 - n)) & 0xFFFFFFFF

    def quarter(a, b, c, d):
        for i, j, k, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            x[i] = (x[i] + x[j]) & 0xFFFFFFFF
            x[k] = rotate(x[k] ^ x[i], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return x


CONSTANTS = struct.unpack("<4I", b"expand 32-byte k")


def chacha20_block(key, counter, nonce):
    state = CONSTANTS + struct.unpack("<8I", key) + (counter,) + struct.unpack("<3I", nonce)
    mixed = rounds(state)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(mixed, state)))


def hchacha20(key, nonce):
    x = rounds(CONSTANTS + struct.unpack("<8I", key) + struct.unpack("<4I", nonce))
    return struct.pack("<8I", *(x[:4] + x[12:]))


def poly1305(key, message):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        total += int.from_bytes(message[at : at + 16] + b"\1", "little")
        total = total * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) % 2**128).to_bytes(16, "little")


def seal(key, nonce, plain, ad):
    """RFC 8439 section 2.8: returns cipher text and tag."""
    stream = b"".join(
        chacha20_block(key, 1 + i, nonce) for i in range((len(plain) + 63) // 64)
    )
    text = bytes(a ^ b for a, b in zip(plain, stream))

    def padded(data):
        return data + bytes(-len(data) % 16)

    covered = padded(ad) + padded(text) + struct.pack("<QQ", len(ad), len(text))
    return text + poly1305(chacha20_block(key, 0, nonce)[:32], covered)


def aead(key, counter, plain, ad=b""):
    """The whitepaper's AEAD()."""
    return seal(key, bytes(4) + struct.pack("<Q", counter), plain, ad)


def xaead(key, nonce, plain, ad):
    """The whitepaper's XAEAD()."""
    return seal(hchacha20(key, nonce[:16]), bytes(4) + nonce[16:], plain, ad)


def hash_(data):
    return hashlib.blake2s(data).digest()


def mac(key, data):
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def kdf(n, key, data):
    secret = hmac.new(key, data, hashlib.blake2s).digest()
    out = [b""]
    for i in range(n):
        out.append(hmac.new(secret, out[-1] + bytes([i + 1]), hashlib.blake2s).digest())
    return out[1:]


def handshake(case):
    """Sections 5.4.2 to 5.4.5, both ends at once."""
    s_i, s_r = public(case["private_i"]), public(case["private_r"])
    e_i, e_r = public(case["ephemeral_i"]), public(case["ephemeral_r"])

    c = hash_(b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s")
    h = hash_(hash_(c + b"WireGuard v1 zx2c4 Jason@zx2c4.com") + s_r)

    (c,) = kdf(1, c, e_i)
    h = hash_(h + e_i)
    c, k = kdf(2, c, x25519(case["ephemeral_i"], s_r))
    sealed_static = aead(k, 0, s_i, h)
    h = hash_(h + sealed_static)
    c, k = kdf(2, c, x25519(case["private_i"], s_r))
    sealed_stamp = aead(k, 0, case["stamp"], h)
    h = hash_(h + sealed_stamp)
    initiation = struct.pack("<II", 1, case["index_i"]) + e_i + sealed_static + sealed_stamp
    initiation += mac(hash_(b"mac1----" + s_r), initiation)
    initiation += bytes(16)

    (c,) = kdf(1, c, e_r)
    h = hash_(h + e_r)
    (c,) = kdf(1, c, x25519(case["ephemeral_r"], e_i))
    (c,) = kdf(1, c, x25519(case["ephemeral_r"], s_i))
    c, tau, k = kdf(3, c, case["psk"])
    h = hash_(h + tau)
    response = struct.pack("<III", 2, case["index_r"], case["index_i"]) + e_r
    response += aead(k, 0, b"", h)
    response += mac(hash_(b"mac1----" + s_i), response)
    response += mac(case["cookie"], response) if any(case["cookie"]) else bytes(16)

    key_i, key_r = kdf(2, c, b"")
    data = struct.pack("<IIQ", 4, case["index_r"], case["counter"])
    data += aead(key_i, case["counter"], case["packet"] + bytes(-len(case["packet"]) % 16))

    reply = struct.pack("<II", 3, case["index_i"]) + case["cookie_nonce"]
    reply += xaead(
        hash_(b"cookie--" + s_r), case["cookie_nonce"], case["cookie"], initiation[-32:-16]
    )
    return {
        "public_i": s_i,
        "public_r": s_r,
        "initiation": initiation,
        "response": response,
        "key_i": key_i,
        "key_r": key_r,
        "data": data,
        "reply": reply,
    }


def made_up(label, n=32):
    """Bytes without a pattern that anyone can reproduce."""
    return hashlib.blake2s(label.encode(), digest_size=n).digest()


def cases():
    for i, (name, psk) in enumerate((("no psk", False), ("psk", True))):
        yield {
            "name": name,
            "private_i": made_up(f"initiator {i}"),
            "private_r": made_up(f"responder {i}"),
            "ephemeral_i": made_up(f"initiator's ephemeral {i}"),
            "ephemeral_r": made_up(f"responder's ephemeral {i}"),
            "psk": made_up(f"psk {i}") if psk else bytes(32),
            # 2026-01-02 03:04:05.5 UTC, nanoseconds with their low 24 bits cleared
            "stamp": struct.pack(">QI", 2**62 + 10 + 1767323045 + i, 500000000 & ~0xFFFFFF),
            "index_i": 0x01020304 + i,
            "index_r": 0xF1F2F3F4 - i,
            "cookie": made_up(f"cookie {i}", 16) if psk else bytes(16),
            "cookie_nonce": made_up(f"cookie nonce {i}", 24),
            "counter": (0, 0x1122334455667788)[i],
            "packet": (b"", b"forty-two bytes of something, or nearly so")[i],
        }


def c_bytes(name, value):
    digits = value.hex()
    lines = [digits[i : i + 64] for i in range(0, len(digits), 64)] or [""]
    return f"\t\t.{name} = " + "\n\t\t\t".join(f'"{line}"' for line in lines) + ","


def header():
    out = [
        "/* SPDX-License-Identifier: GPL-2.0-or-later */",
        "/* Written by test_vectors.py, which says how. */",
        "/* clang-format off */",
        "#ifndef WGRD_TESTS_PROTO_WG_VECTORS_H",
        "#define WGRD_TESTS_PROTO_WG_VECTORS_H",
        "",
        "#include <stdint.h>",
        "",
        "struct handshake_vector {",
        "\tconst char *name;",
        "\tuint32_t index_i, index_r;",
        "\tuint64_t counter;",
        "\t/* All in hexadecimal. key_i seals what the initiator sends. */",
        "\tconst char *private_i, *private_r, *ephemeral_i, *ephemeral_r, *psk, *stamp;",
        "\tconst char *cookie, *cookie_nonce, *packet;",
        "\tconst char *public_i, *public_r, *initiation, *response, *key_i, *key_r;",
        "\tconst char *data, *reply;",
        "};",
        "",
        "static const struct handshake_vector handshake_vectors[] = {",
    ]
    for case in cases():
        case.update(handshake(case))
        out.append("\t{")
        for name, value in case.items():
            if isinstance(value, bytes):
                out.append(c_bytes(name, value))
            elif isinstance(value, int):
                out.append(f"\t\t.{name} = {value:#x},")
            else:
                out.append(f'\t\t.{name} = "{value}",')
        out.append("\t},")
    out += ["};", "", "#endif"]
    return "\n".join(out) + "\n"


def self_check():
    """RFC 7748 section 5.2 and RFC 8439 section 2.8.2, so that both cannot err alike."""
    product = x25519(
        bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
        bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    )
    assert product.hex().startswith("c3da55379de9c6908e94ea4df28d084f"), product.hex()
    sealed = seal(
        bytes(range(0x80, 0xA0)),
        bytes.fromhex("070000004041424344454647"),
        b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
        b"for the future, sunscreen would be it.",
        bytes.fromhex("50515253c0c1c2c3c4c5c6c7"),
    )
    assert sealed[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691", sealed.hex()


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors.h")
    self_check()
    if sys.argv[1:] == ["--write"]:
        with open(path, "w") as f:
            f.write(header())
        return 0
    with open(path) as f:
        if f.read() == header():
            print("ok - vectors.h is what test_vectors.py computes")
            return 0
    print("not ok - expected vectors.h to be what test_vectors.py computes, it is not: use --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
