"""Primitives, by OpenSSL where it has them, and the values of standards."""

import hashlib

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

unhex = bytes.fromhex


class Refused(Exception):
    """By the name that the crate gives the reason, and what else is known of it."""

    def __str__(self) -> str:
        return self.args[0]


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    mac = hmac.HMAC(key, hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def hkdf_extract(salt: bytes, ikm: bytes) -> bytes:
    return hmac_sha256(salt or bytes(32), ikm)


def hkdf_expand(prk: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), length, info).derive(prk)


def aes_blocks(key: bytes, blocks: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(blocks)


def ige(key: bytes, iv: bytes, data: bytes, decrypt: bool = False) -> bytes:
    """IGE-1. The two directions differ in which of the two neighbours goes in and which comes out."""
    assert len(data) % 16 == 0 and len(key) == len(iv) == 32
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    aes = cipher.decryptor() if decrypt else cipher.encryptor()
    before_out, before_in = (iv[16:], iv[:16]) if decrypt else (iv[:16], iv[16:])
    out = bytearray()
    for at in range(0, len(data), 16):
        block = data[at : at + 16]
        masked = bytes(a ^ b for a, b in zip(block, before_out))
        before_out = bytes(a ^ b for a, b in zip(aes.update(masked), before_in))
        before_in = block
        out += before_out
    return bytes(out)


def x25519(scalar: bytes, u: bytes) -> bytes:
    """RFC 7748; OpenSSL refuses a result of zeros, which is what it then was."""
    try:
        return X25519PrivateKey.from_private_bytes(scalar).exchange(X25519PublicKey.from_public_bytes(u))
    except ValueError:
        return bytes(32)


def x25519_public(scalar: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(scalar).public_key().public_bytes_raw()


def standards(case: dict, file: dict) -> dict:
    kind = case["kind"]
    if kind == "rfc7748-single":
        return {"product": x25519(unhex(case["scalar"]), unhex(case["u"]))}
    if kind == "rfc7748-iterated":
        k = u = b"\x09" + bytes(31)
        for _ in range(case["rounds"]):
            k, u = x25519(k, u), k
        return {"product": k}
    if kind == "rfc7748-agreement":
        a, b = unhex(case["a"]), unhex(case["b"])
        public = x25519_public(a), x25519_public(b)
        assert x25519(a, public[1]) == x25519(b, public[0])
        return {"a_public": public[0], "b_public": public[1], "shared": x25519(a, public[1])}
    if kind == "rfc5869":
        prk = hkdf_extract(unhex(case["salt"]), unhex(case["ikm"]))
        return {"prk": prk, "okm": hkdf_expand(prk, unhex(case["info"]), len(case["okm"]) // 2)}
    if kind == "rfc4231":
        return {"mac": hmac_sha256(unhex(case["key"]), unhex(case["data"]))}
    if kind == "fips197":
        return {"cipher": aes_blocks(unhex(case["key"]), unhex(case["plain"]))}
    name = {"fips180-sha256": "sha256", "fips180-sha1": "sha1", "rfc1321": "md5"}[kind]
    return {"hash": hashlib.new(name, unhex(case["data"])).digest()}


FORMATS = {"primitives-1": standards}
