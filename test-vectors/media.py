#!/usr/bin/env python3
"""Media as one AES-256-IGE chain, computed from SPEC IGE-1, MED-1 and MED-2.

    media.py            writes media.json
    media.py --check    compares it with what this program computes

Needs `pip install cryptography` for the AES block cipher; IGE is written out here and checked against the 80-byte
vector that was published with its wrong third block, the one of a chain that starts again in its second part.
"""

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from vector_file import cases, publish


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(i ^ j for i, j in zip(a, b, strict=True))


def blocks(data: bytes) -> list[bytes]:
    assert len(data) % 16 == 0
    return [data[i : i + 16] for i in range(0, len(data), 16)]


# SPEC IGE-1: the iv is the previous ciphertext block, then the previous plaintext block.


def ige_encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    aes = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    c, p, out = iv[:16], iv[16:], []
    for block in blocks(plain):
        c, p = xor(aes.update(xor(block, c)), p), block
        out.append(c)
    return b"".join(out)


def ige_decrypt(key: bytes, iv: bytes, cipher: bytes) -> bytes:
    aes = Cipher(algorithms.AES256(key), modes.ECB()).decryptor()
    c, p, out = iv[:16], iv[16:], []
    for block in blocks(cipher):
        c, p = block, xor(aes.update(xor(block, p)), c)
        out.append(p)
    return b"".join(out)


def stream(label: str, length: int) -> bytes:
    """Bytes that look random and are the same in each run."""
    hashes = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(hashes)[:length]


def case(key: bytes, iv: bytes, plain: bytes) -> dict:
    padding = stream(f"media padding {len(plain)}", -len(plain) % 16)
    cipher = ige_encrypt(key, iv, plain + padding)
    assert ige_decrypt(key, iv, cipher) == plain + padding
    values = {"key": key, "iv": iv, "plain": plain, "padding": padding, "cipher": cipher}
    return {"size": len(plain)} | {name: value.hex() for name, value in values.items()}


def file(size: int) -> dict:
    return case(stream(f"media key {size}", 32), stream(f"media iv {size}", 32), stream(f"media plain {size}", size))


KEY, IV, PLAIN = bytes(range(32)), bytes(range(32, 64)), bytes(range(80))

PUBLISHED = (
    "42e66e1a756cccf5b27acc47523ad074ee39bf54e3db37bbdf415df6b400fca9"
    "77f708327c9e9341cc3dc8efd31e76463daa65b1f0d0252f790d77f1824a662c9da1c08a9a34e749203d698683b58746"
)
PUBLISHED_RESTART = "c2a132851e7ca9e791caa051e11349bf"


def restart() -> dict:
    """Parts of 32 and 48 bytes, the second wrongly with the first iv again."""
    cipher = ige_encrypt(KEY, IV, PLAIN)
    wrong = ige_encrypt(KEY, IV, PLAIN[:32]) + ige_encrypt(KEY, IV, PLAIN[32:])
    assert cipher.hex() == PUBLISHED
    assert wrong[32:48].hex() == PUBLISHED_RESTART
    return case(KEY, IV, PLAIN) | {"parts": [32, 48], "wrong_cipher": wrong.hex()}


def wrong_lengths(size: int) -> list[int]:
    whole = size + -size % 16
    return sorted({0, whole - 16, whole - 1, whole + 1, whole + 16})


def wrong_length(size: int, length: int) -> dict:
    """What a carrier cut or lengthened."""
    whole = size + -size % 16
    cipher = (bytes.fromhex(file(size)["cipher"]) + stream("behind", 16))[:length]
    case = {"what": f"{length} bytes of {whole}"} | {name: file(size)[name] for name in ("key", "iv")}
    error = "TooLong" if length > whole else "Truncated"
    return case | {"size": size, "cipher": cipher.hex(), "error": error}


def splice() -> dict:
    """Four blocks in another order, with corrections that take known plaintext and no key.

    The state of the chain behind them is what it was, so that three blocks change, into bytes that were computed
    before anything was decrypted, and all others stay.
    """
    key, iv, plain = stream("splice key", 32), stream("splice iv", 32), stream("splice plain", 192)
    cipher = ige_encrypt(key, iv, plain)
    p, c, i = blocks(plain), blocks(cipher), 2
    spliced, predicted = c[:i], p[:i]
    for j in (i + 2, i + 3, i, i + 1):
        last_c, last_p = spliced[-1], predicted[-1]
        spliced.append(xor(xor(c[j], p[j - 1]), last_p))
        predicted.append(xor(xor(p[j], c[j - 1]), last_c))
    spliced += c[i + 4 :]
    predicted += p[i + 4 :]
    changed = [n for n in range(len(p)) if predicted[n] != p[n]]
    assert changed == [2, 3, 4]
    assert ige_decrypt(key, iv, b"".join(spliced)) == b"".join(predicted)
    spliced_bytes = {"spliced_cipher": b"".join(spliced).hex(), "predicted_plain": b"".join(predicted).hex()}
    return case(key, iv, plain) | {"changed_blocks": changed} | spliced_bytes


def main() -> None:
    sizes = (1, 15, 16, 17, 80, 1000)
    file_ = {
        "format": "media-1",
        "clause": "IGE-1 MED-1 MED-2",
        "comment": "Files as one chain. A chain has no integrity, so that of all wrong files only lengths are refused.",
        "cases": cases("file", [{"what": f"{size} bytes"} | file(size) for size in sizes])
        + cases("restart", [{"what": "in parts; wrong_cipher begins each with the first iv"} | restart()], ["known-bug"])
        + cases("splice", [{"what": "blocks in another order decrypt to foreseen bytes"} | splice()], ["no-integrity"])
        + cases("length", [wrong_length(size, length) for size in sizes for length in wrong_lengths(size)]),
    }
    publish(__file__, __doc__, {"media.json": file_})


if __name__ == "__main__":
    main()
