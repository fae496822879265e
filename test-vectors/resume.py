#!/usr/bin/env python3
"""Parts of a chain and resume tokens of both forms, computed from SPEC RES-1 to RES-6, SEG-3 and SEG-11.

    resume.py            writes resume.json
    resume.py --check    compares it with what this program computes

Needs `pip install cryptography` for the AES block cipher and AES-256-GCM-SIV; IGE and HKDF are written out here and
checked against primitives.json and the published 80-byte vector.
"""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from vector_file import cases, publish, standard

LABEL = b"secretchat/1 resume token"


def mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def expand_32(prk: bytes, info: bytes) -> bytes:
    return mac(prk, info + b"\1")


def ige_encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    assert len(plain) % 16 == 0
    aes = Cipher(algorithms.AES256(key), modes.ECB()).encryptor()
    c, p, out = int.from_bytes(iv[:16]), int.from_bytes(iv[16:]), b""
    for at in range(0, len(plain), 16):
        block = int.from_bytes(plain[at : at + 16])
        c, p = int.from_bytes(aes.update((block ^ c).to_bytes(16))) ^ p, block
        out += c.to_bytes(16)
    return out


def check_primitives() -> None:
    published = "42e66e1a756cccf5b27acc47523ad074ee39bf54e3db37bbdf415df6b400fca9"
    assert ige_encrypt(bytes(range(32)), bytes(range(32, 64)), bytes(range(80)))[:32].hex() == published
    cases = standard("rfc5869")
    assert cases
    for case in cases:
        ikm, salt, info, okm = (bytes.fromhex(case[name]) for name in ("ikm", "salt", "info", "okm"))
        assert expand_32(mac(salt or bytes(32), ikm), info) == okm[:32]


def stream(label: str, length: int) -> bytes:
    """Bytes that look random and are the same in each run."""
    hashes = (hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(length // 32 + 1))
    return b"".join(hashes)[:length]


HOST = stream("resume host key", 32)


def token(key: bytes, iv: bytes, nonce: bytes, state: bytes, version: bytes = b"\2", host: bytes = HOST) -> bytes:
    token_key = expand_32(mac(key + iv, host), LABEL)
    return version + nonce + AESGCMSIV(token_key).encrypt(nonce, state, LABEL + version)


def state(direction: int, power: int, size: int, done: int, iv: bytes, padding: bytes, digest: bytes) -> bytes:
    numbers = bytes([direction, power]) + size.to_bytes(8, "little") + done.to_bytes(8, "little")
    return numbers + iv + padding + digest


def content_hash(content: bytes, part: int) -> bytes:
    """RES-4: d of the parts that the content has."""
    digest = bytes(32)
    for at in range(0, len(content), part):
        digest = hashlib.sha256(b"secretchat/1 resume part" + digest + content[at : at + part]).digest()
    return digest


def run(size: int, power: int) -> dict:
    """A token at each border of a file, both directions."""
    name, part = f"resume {size}", 1024 << power
    key, iv, plain = stream(f"{name} key", 32), stream(f"{name} iv", 32), stream(f"{name} plain", size)
    padding = stream(f"{name} padding", -size % 16)
    padded = plain + padding
    cipher = ige_encrypt(key, iv, padded)
    tokens = []
    for done in range(-(-len(padded) // part) + 1):
        end = min(done * part, len(padded))
        chain = cipher[end - 16 : end] + padded[end - 16 : end] if done else iv
        case = {"parts_done": done, "offset": min(end, size)}
        for direction, what in enumerate(("encrypt", "decrypt")):
            nonce = stream(f"{name} {what} nonce {done}", 12)
            # An encryption's token is about all of the content, a decryption's about what came out.
            digest = content_hash(plain if direction == 0 else plain[:end], part)
            pad = (padding if direction == 0 else b"").ljust(16, b"\0")
            sealed = token(key, iv, nonce, state(direction, power, size, done, chain, pad, digest))
            case |= {f"{what}_nonce": nonce.hex(), f"{what}_token": sealed.hex()}
        tokens.append(case)
    values = {"key": key, "iv": iv, "host": HOST, "plain": plain, "padding": padding, "cipher": cipher}
    return {"what": f"{size} bytes in parts of {part}", "size": size, "part_size": part} | {name: value.hex() for name, value in values.items()} | {"tokens": tokens}


def refused() -> list[dict]:
    """Tokens that open, or nearly, and must not be taken; all for the encryption of 2,500 bytes."""
    size = 2500
    key, iv = stream(f"resume {size} key", 32), stream(f"resume {size} iv", 32)
    rest = (stream("refused iv", 32), bytes(16), bytes(32))
    nonce = stream("refused nonce", 12)
    good = token(key, iv, nonce, state(0, 0, size, 1, *rest))
    wrong = {
        "the direction of a decryption": token(key, iv, nonce, state(1, 0, size, 1, *rest)),
        "a direction of 2": token(key, iv, nonce, state(2, 0, size, 1, *rest)),
        "a part size of 1 MiB": token(key, iv, nonce, state(0, 10, size, 0, *rest)),
        "a part size that is no number": token(key, iv, nonce, state(0, 255, size, 0, *rest)),
        "another size": token(key, iv, nonce, state(0, 0, size + 1, 1, *rest)),
        "more parts than the file has": token(key, iv, nonce, state(0, 0, size, 4, *rest)),
        "parts without end": token(key, iv, nonce, state(0, 0, size, 2**64 - 1, *rest)),
        "version 3": token(key, iv, nonce, state(0, 0, size, 1, *rest), version=b"\3"),
        "version 3 on top of version 2": b"\3" + good[1:],
        "version 1": token(key, iv, nonce, state(0, 0, size, 1, *rest), version=b"\1"),
        "version 1 on top of version 2": b"\1" + good[1:],
        "another host": token(key, iv, nonce, state(0, 0, size, 1, *rest), host=stream("another host", 32)),
        "another file key": token(iv, iv, nonce, state(0, 0, size, 1, *rest)),
        "another file iv": token(key, key, nonce, state(0, 0, size, 1, *rest)),
        "a state that is a byte longer": token(key, iv, nonce, state(0, 0, size, 1, *rest) + b"\0"),
        "a state that is a byte shorter": token(key, iv, nonce, state(0, 0, size, 1, *rest)[:-1]),
        "nothing": b"",
        "version 0": token(key, iv, nonce, state(0, 0, size, 1, *rest), version=b"\0"),
        "a byte behind it": good + b"\0",
    }
    wrong |= {f"cut to {length} bytes": good[:length] for length in (1, 13, 29, len(good) - 1)}
    for what, at in (("nonce", 1), ("direction", 13), ("digest", len(good) - 17), ("tag", len(good) - 1)):
        wrong[f"a bit of the {what} changed"] = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
    # The first only so that the others are known to be refused for what they say.
    given = {"size": size, "key": key.hex(), "iv": iv.hex(), "host": HOST.hex()}
    return [{"what": "good", "token": good.hex()} | given] + [
        {"what": what, "token": sealed.hex(), "error": "ResumeToken"} | given for what, sealed in wrong.items()
    ]


def shown(case: dict) -> list[dict]:
    """RES-6: content that the host shows to go on, behind each token of a run: all of it to encrypt, what was done to decrypt."""
    plain, padding, size, part = bytes.fromhex(case["plain"]), bytes.fromhex(case["padding"]), case["size"], case["part_size"]
    given = {"size": size} | {name: case[name] for name in ("key", "iv", "host")}
    made = []
    for border in case["tokens"]:
        for direction in ("encrypt", "decrypt"):
            offset = size if direction == "encrypt" else border["offset"]
            right, back = plain[:offset], (offset - 1) // part * part
            wrong = {"a byte too much": (plain + padding)[: offset + 1], "all and its padding": plain + padding}
            if offset < size:
                wrong |= {"a part too much": plain[: offset + part], "all": plain}
            if offset:
                wrong |= {"nothing": b"", "a byte too little": right[:-1], "a part too little": right[:back]}
                wrong |= {"its first byte changed": bytes([right[0] ^ 1]) + right[1:], "its last byte changed": right[:-1] + bytes([right[-1] ^ 0x80])}
            if offset >= 2 * part:
                wrong |= {"its first two parts the other way round": right[part : 2 * part] + right[:part] + right[2 * part :]}
            if direction == "encrypt" and border["offset"] < size:
                done = border["offset"]
                wrong |= {"what was done and nothing else": plain[:done], "the byte behind what was done changed": right[:done] + bytes([right[done] ^ 1]) + right[done + 1 :]}
            # Two of them may be the same content.
            wrong = {content: what for what, content in wrong.items()}
            assert right not in wrong
            after = {"direction": direction, "token": border[f"{direction}_token"]}
            said = f"{direction}ion, {border['parts_done']} parts done"
            made.append({"what": said, "content": right.hex()} | given | after)
            made += [
                {"what": f"{said}: {what}", "content": content.hex(), "error": "ResumeMismatch"} | given | after
                for content, what in wrong.items()
            ]
    return made


def changed(case: dict) -> list[dict]:
    """RES-6: the content of one part, given to a run that went on from a token with the whole content shown."""
    plain, cipher, size, part = bytes.fromhex(case["plain"]), bytes.fromhex(case["cipher"]), case["size"], case["part_size"]
    given = {"size": size} | {name: case[name] for name in ("key", "iv", "host", "plain")}
    made = []
    for border in case["tokens"]:
        start = border["offset"]
        if start == size:
            continue
        right = plain[start : start + part]
        wrong = {"its first byte changed": bytes([right[0] ^ 1]) + right[1:], "its last byte changed": right[:-1] + bytes([right[-1] ^ 1])}
        if border["parts_done"]:
            wrong["the content of the first part"] = plain[: len(right)]
        after = {"token": border["encrypt_token"], "part": border["parts_done"]}
        said = f"part {border['parts_done']}"
        end = min(start + part, len(cipher))
        made.append({"what": said, "content": right.hex(), "part_cipher": cipher[start:end].hex()} | given | after)
        made += [{"what": f"{said}: {what}", "content": content.hex(), "error": "ResumeMismatch"} | given | after for what, content in wrong.items()]
    return made


def beyond_32_bits() -> dict:
    """9,000 parts of 512 KiB are done: 4,718,592,000 bytes."""
    size, done = 5_000_000_001, 9000
    key, iv = stream("far key", 32), stream("far iv", 32)
    sealed = token(key, iv, stream("far nonce", 12), state(1, 9, size, done, stream("far chain", 32), bytes(16), bytes(32)))
    return {"what": "9,000 parts done", "key": key.hex(), "iv": iv.hex(), "host": HOST.hex(), "size": size, "offset": done << 19, "decrypt_token": sealed.hex()}


SEGMENT = 65536


def commitment(secret: bytes, salt: bytes, size: int, padding: int, code: int = 16) -> bytes:
    """SEG-3."""
    form = b"scseg" + bytes([1, code, padding])
    return expand_32(mac(salt, secret), b"secretchat/1 file commitment" + form + size.to_bytes(8, "little"))


def stored_segments(size: int, padding: int, segment: int) -> int:
    """SEG-5, SEG-6: the segments of the file, those of padding alone included."""
    if padding and size > 1:
        e = size.bit_length() - 1
        size = -(-size // (unit := 1 << (e - e.bit_length()))) * unit
    return -(-(size + -size % 16) // segment)


def segment_state(direction: int, size: int, done: int, salt: bytes, padding: int, digest: bytes, power: int = 6) -> bytes:
    """SEG-11: the salt stands in the place of the iv, how it is padded in that of the padding."""
    return state(direction, power, size, done, salt, bytes([padding]).ljust(16, b"\0"), digest)


def segments_file(size: int, padding: int, code: int = 16) -> tuple[bytes, ...]:
    name = f"resume segments {size}" if code == 16 else f"resume small segments {size}"
    secret, salt, content = stream(f"{name} secret", 32), stream(f"{name} salt", 32), stream(f"{name} content", size)
    return name.encode(), secret, salt, commitment(secret, salt, size, padding, code), content


def segments_run(size: int, padding: int, borders: list[int] | None = None, code: int = 16) -> dict:
    """A token behind each segment of a file, or behind some of them: of its sealing, and of its opening where content ends there."""
    name, secret, salt, commits, content = segments_file(size, padding, code)
    segment, power = 1 << code, code - 10
    count, with_content, tokens = stored_segments(size, padding, segment), -(-size // segment), []
    for done in borders or range(count + 1):
        offset = min(done * segment, size)
        nonce = stream(f"{name.decode()} seal nonce {done}", 12)
        sealed = token(secret, commits, nonce, segment_state(2, size, done, salt, padding, content_hash(content, segment), power))
        case = {"segments_done": done, "offset": offset, "seal_nonce": nonce.hex(), "seal_token": sealed.hex()}
        if done <= with_content:
            nonce = stream(f"{name.decode()} open nonce {done}", 12)
            # Before its first segment a reader knows neither salt nor padding.
            known = (salt, padding) if done else (bytes(32), 0)
            sealed = token(secret, commits, nonce, segment_state(3, size, done, *known, content_hash(content[:offset], segment), power if done else 6))
            case |= {"open_nonce": nonce.hex(), "open_token": sealed.hex()}
        tokens.append(case)
    values = {"key": secret, "iv": commits, "salt": salt, "host": HOST}
    given = {"name": name.decode(), "size": size, "padding": padding, "count": count}
    given |= {"segment_code": code} if code != 16 else {}
    return {"what": f"{size} bytes in {count} segments"} | given | {name: value.hex() for name, value in values.items()} | {"tokens": tokens}


def segments_refused() -> list[dict]:
    """Tokens that open, or nearly, and must not be taken; all for a file of 65,537 bytes in two segments, sealed or opened."""
    size, padding = 65537, 0
    _, secret, salt, commits, content = segments_file(size, padding)
    nonce, digest = stream("refused nonce", 12), content_hash(content, SEGMENT)
    made = []
    for what, direction in (("sealing", 2), ("opening", 3)):
        right = (size, 1, salt, padding, digest)
        rest = bytes([padding]).ljust(16, b"\0")

        def sealed(plain: bytes, version: bytes = b"\2", host: bytes = HOST, key: bytes = secret, iv: bytes = commits) -> bytes:
            return token(key, iv, nonce, plain, version, host)

        good = sealed(segment_state(direction, *right))
        wrong = {f"direction {other}": sealed(segment_state(other, *right)) for other in (0, 1, 2, 3, 4, 255) if other != direction}
        wrong |= {
            "parts of 32 KiB": sealed(state(direction, 5, size, 1, salt, rest, digest)),
            "parts of 128 KiB": sealed(state(direction, 7, size, 1, salt, rest, digest)),
            "a part size that is no number": sealed(state(direction, 255, size, 1, salt, rest, digest)),
            "another size": sealed(segment_state(direction, size - 1, 1, salt, padding, digest)),
            "the other padding": sealed(segment_state(direction, size, 1, salt, 1, digest)),
            "a padding of 2": sealed(segment_state(direction, size, 1, salt, 2, digest)),
            "something behind the padding": sealed(state(direction, 6, size, 1, salt, bytes(15) + b"\1", digest)),
            "another salt": sealed(segment_state(direction, size, 1, stream("another salt", 32), padding, digest)),
            "more segments than the file has": sealed(segment_state(direction, size, 3, salt, padding, digest)),
            "segments without end": sealed(segment_state(direction, size, 2**64 - 1, salt, padding, digest)),
            "version 3": sealed(segment_state(direction, *right), version=b"\3"),
            "another host": sealed(segment_state(direction, *right), host=stream("another host", 32)),
            "another secret": sealed(segment_state(direction, *right), key=salt),
            "another commitment": sealed(segment_state(direction, *right), iv=salt),
            "cut by a byte": good[:-1],
            "a byte behind it": good + b"\0",
            "a bit of the tag changed": good[:-1] + bytes([good[-1] ^ 1]),
        }
        given = {"doing": what, "size": size, "key": secret.hex(), "iv": commits.hex(), "host": HOST.hex()}
        made.append({"what": f"{what}: good", "token": good.hex()} | given)
        made += [{"what": f"{what}: {why}", "token": sealed_wrong.hex(), "error": "ResumeToken"} | given for why, sealed_wrong in wrong.items()]
    for what, direction in (("sealing", 2), ("opening", 3)):
        short = segment_state(direction, size, 1, salt, padding, content_hash(content, 4096), power=2)
        given = {"doing": what, "size": size, "key": secret.hex(), "iv": commits.hex(), "host": HOST.hex()}
        made.append({"what": f"{what}: parts of 4 KiB", "token": token(secret, commits, nonce, short).hex(), "error": "ResumeToken"} | given)
    for power in (5, 2):
        # A reader that has nothing yet does not know the segments, and says 64 KiB.
        none_done = token(secret, commits, nonce, segment_state(3, size, 0, bytes(32), 0, bytes(32), power))
        what = f"opening: nothing done, parts of {1 << power} KiB"
        made.append({"what": what, "token": none_done.hex(), "error": "ResumeToken"} | given)
    return made


def main() -> None:
    check_primitives()
    runs = [run(1, 0), run(1024, 0), run(2500, 0), run(4096, 1), run(4097, 1), run(3000, 9)]
    file = {
        "format": "resume-1",
        "clause": "RES-1 RES-2 RES-4 RES-5 RES-6 SEG-11",
        "comment": "Parts of a chain, and the tokens at their borders and behind segments.",
        "cases": cases("run", runs)
        + cases("token", refused())
        + cases("shown", shown(runs[2]))
        + cases("changed", changed(runs[2]))
        + cases("beyond-32-bits", [beyond_32_bits()], ["large-numbers"])
        + cases("segments", [segments_run(1, 1), segments_run(65536, 0), segments_run(65537, 0), segments_run(200_001, 1), segments_run((1 << 22) + 1, 1, [0, 1, 64, 65, 66]), segments_run(10_001, 1, code=12), segments_run((1 << 18) + 1, 1, [0, 1, 64, 65, 66], code=12)])
        + cases("segments-token", segments_refused()),
    }
    publish(__file__, __doc__, {"resume.json": file})


if __name__ == "__main__":
    main()
