#!/usr/bin/env python3
"""The record of a closed chat, computed from SPEC REC-1, REC-2 and REC-4.

    record.py            writes record.json
    record.py --check    compares it with what this program computes

Needs `pip install cryptography` for AES-256-GCM-SIV; HKDF is written out here.
"""

import hmac
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

HERE = Path(__file__).parent
DAY = 24 * 60 * 60 * 1000


def u8(*numbers: int) -> bytes:
    return bytes(numbers)


def u32(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(4, "little") for n in numbers)


def u64(*numbers: int) -> bytes:
    return b"".join(n.to_bytes(8, "little") for n in numbers)


def lp(data: bytes) -> bytes:
    return u32(len(data)) + data


def expand_32(prk: bytes, info: bytes) -> bytes:
    return hmac.digest(prk, info + b"\1", "sha256")


def tombstone() -> bytes:
    """Alice asked for a chat with Bob, and then ended it: by her, history kept, the Discard not carried yet."""
    set_up = u8(1, 0) + lp(b"alice") + lp(b"bob") + lp(b"")
    set_up += u32(1000, 1 << 24, 1000, 1 << 24, 10_000, 4096, 300)
    set_up += u32(100, 116, 1000) + u64(7 * DAY, 30 * DAY, DAY // 24) + u8(0) + u8(1)
    discard = u8(0, 1) + bytes(range(0x40, 0x60))
    return u8(1) + set_up + u8(0, 0, 1) + discard


def vector() -> dict:
    store_key, chat_id, nonce = bytes(range(32)), bytes(range(0x20, 0x30)), bytes(range(0x30, 0x3C))
    prk = hmac.digest(chat_id, store_key, "sha256")
    record_key = expand_32(prk, b"secretchat/1 record key")
    name, generation, version = u8(6) + bytes(8), u64(9), u8(1)
    data = b"secretchat/1 record" + version + chat_id + name + generation
    plain = tombstone()
    record = version + generation + nonce + AESGCMSIV(record_key).encrypt(nonce, plain, data)
    values = {
        "store_key": store_key,
        "chat_id": chat_id,
        "prk": prk,
        "record_key": record_key,
        "name": name,
        "generation": generation,
        "nonce": nonce,
        "plain": plain,
        "associated_data": data,
        "record": record,
    }
    return {"source": "computed by record.py from SPEC REC-1, REC-2, REC-4"} | {k: v.hex() for k, v in values.items()}


def main() -> None:
    path = HERE / "record.json"
    text = json.dumps(vector(), indent=1) + "\n"
    if "--check" in sys.argv[1:]:
        sys.exit(0 if path.read_text() == text else "record.json is stale")
    path.write_text(text)


if __name__ == "__main__":
    main()
