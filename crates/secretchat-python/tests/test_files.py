"""Sealed files at any place, in the parts of an upload, and after an interruption: with the vectors of test-vectors."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import pytest

from conftest import REPOSITORY, check_fields
from secretchat import media
from secretchat.errors import MediaError
from shim_json import snake


def cases(name: str, kind: str) -> list[Any]:
    """Returns the cases of a kind."""
    file = json.loads((REPOSITORY / "test-vectors" / f"{name}.json").read_text())
    found = [case for case in file["cases"] if case["kind"] == kind]
    assert found
    return [pytest.param(case, id=case["id"]) for case in found]


def content_of(name: str, size: int) -> bytes:
    """Returns the content that the vectors name."""
    blocks = (hashlib.sha256(f"{name} content {index}".encode()).digest() for index in range(-(-size // 32)))
    return b"".join(blocks)[:size]


def unhex(case: Any, *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


# Parts of an upload.


@pytest.mark.parametrize("case", cases("resume", "run"))
def test_parts(case: Any) -> None:
    key, iv, padding, plain, cipher = unhex(case, "key", "iv", "padding", "plain", "cipher")
    encryptor = media.PartEncryptor(case["size"], case["part_size"], random=key + iv + padding)
    assert encryptor.key.form == "chain" and encryptor.key.hazmat_parts() == (key, iv)
    decryptor = media.PartDecryptor(encryptor.key, case["size"], case["part_size"])
    done = 0
    while (part := encryptor.next_part) is not None:
        check_fields(part)
        assert part == decryptor.next_part and part.offset == part.number * case["part_size"]
        content = plain[done : done + part.content_length]
        sealed = encryptor.encrypt(content)
        assert sealed == cipher[part.offset : part.offset + part.length]
        assert decryptor.decrypt(sealed) == content
        done += len(content)
        assert encryptor.progress == decryptor.progress == (done, case["size"])
    encryptor.finish()
    decryptor.finish()
    assert done == case["size"]


def test_parts_of_a_wrong_length() -> None:
    encryptor = media.PartEncryptor(1500, 1024)
    for wrong in (b"", bytes(1023), bytes(1025)):
        with pytest.raises(MediaError) as error:
            encryptor.encrypt(wrong)
        assert error.value.name == "part_length"
    first = encryptor.encrypt(bytes(1024))
    with pytest.raises(MediaError):
        encryptor.encrypt(bytes(480))
    assert encryptor.progress == (1024, 1500)
    decryptor = media.PartDecryptor(encryptor.key, 1500, 1024)
    with pytest.raises(MediaError):
        decryptor.decrypt(first[:-16])
    with pytest.raises(MediaError) as error:
        decryptor.finish()
    assert error.value.name == "truncated"
    with pytest.raises(MediaError) as error:
        media.PartEncryptor(1500, 1000)
    assert error.value.name == "part_size"
    with pytest.raises(MediaError) as error:
        media.PartEncryptor(0)
    assert error.value.name == "empty"
    with pytest.raises(ValueError, match="segments"):
        media.PartDecryptor(media.seal(b"x")[0], 1)


# Any place of a file in segments.


def stored_of(case: Any) -> bytes:
    """Returns the sealed file of a case. Of long ones the vectors keep the hash."""
    if "stored" in case:
        return bytes.fromhex(case["stored"])
    secret, salt = unhex(case, "secret", "salt")
    stored = media.seal(content_of(case["name"], case["size"]), random=secret + salt)[1]
    assert hashlib.sha256(stored).hexdigest() == case["stored_sha256"]
    return stored


def is_padded(case: Any) -> bool:
    """Returns whether the package seals as the case does: with padding, in segments of 64 KiB."""
    return case["padding"] == 1 and "segment_code" not in case


FILES = [one for one in cases("segments", "file") if "stored" in one.values[0] or is_padded(one.values[0])]


@pytest.mark.parametrize("case", FILES)
def test_any_place_of_a_file(case: Any) -> None:
    size, content = case["size"], content_of(case["name"], case["size"])
    key = media.MediaKey("segments", *unhex(case, "secret", "commitment"))
    reader = media.SegmentReader(io.BytesIO(stored_of(case)), key, size)
    assert reader.readable() and reader.seekable() and not reader.writable()
    for place in (0, size // 2, size - 1, 65_000, size, size + 10):
        assert reader.seek(place) == reader.tell() == place
        assert reader.read(100) == content[place : place + 100]
    assert reader.seek(-1, io.SEEK_END) == size - 1 and reader.seek(1, io.SEEK_CUR) == size
    reader.seek(0)
    assert io.BufferedReader(reader).read() == content


def film() -> tuple[media.MediaKey, bytes, bytearray]:
    """Returns a key, a content of four segments, and the sealed file."""
    content = content_of("film", 200_000)
    key, sealed = media.seal(content)
    return key, content, bytearray(sealed)


def test_a_file_that_was_changed_opens_elsewhere() -> None:
    key, content, sealed = film()
    sealed[100_000] ^= 1
    reader = media.SegmentReader(io.BytesIO(sealed), key, len(content))
    reader.seek(70_000)
    for _ in range(2):
        with pytest.raises(MediaError) as error:
            reader.read(10)
        assert error.value.name == "not_authentic"
    for place in (0, 140_000):
        reader.seek(place)
        assert reader.read(10) == content[place : place + 10]


def test_hostile_files() -> None:
    key, content, sealed = film()
    size = len(content)
    changed = bytearray(sealed)
    changed[0] ^= 1
    other = media.seal(content)[0]
    for wrong, name in [(b"", "truncated"), (bytes(sealed[:39]), "truncated"), (bytes(changed), "header")]:
        with pytest.raises(MediaError) as error:
            media.SegmentReader(io.BytesIO(wrong), key, size)
        assert error.value.name == name
    with pytest.raises(MediaError):
        media.SegmentReader(io.BytesIO(sealed), other, size)
    cut = media.SegmentReader(io.BytesIO(sealed[:100_000]), key, size)
    assert cut.read(10) == content[:10]
    cut.seek(size - 1)
    with pytest.raises(MediaError):
        cut.read(1)
    with pytest.raises(ValueError, match="start alone"):
        media.SegmentReader(io.BytesIO(sealed), media.seal(b"x", "chain")[0], 1)
    reader = media.SegmentReader(io.BytesIO(sealed), key, size)
    for offset, whence in [(-1, 0), (-size - 1, 2), (-1, 1), (0, 3)]:
        with pytest.raises(ValueError, match="place"):
            reader.seek(offset, whence)


def test_sources_that_fail() -> None:
    key, content, sealed = film()

    class Disk(io.BytesIO):
        fails: Any = None

        def read(self, n: Any = -1, /) -> bytes:
            if isinstance(self.fails, Exception):
                raise self.fails
            return super().read(n) if self.fails is None else self.fails

    disk = Disk(sealed)
    reader = media.SegmentReader(disk, key, len(content))
    wrong: list[tuple[Any, type[Exception]]] = [
        (OSError("the disk is gone"), OSError), (b"x" * 1_000_000, ValueError), ("text", TypeError), (b"", MediaError),
    ]  # fmt: skip
    for fails, error in wrong:
        disk.fails = fails
        with pytest.raises(error):
            reader.read(10)
    disk.fails = None
    assert reader.read(10) == content[:10]


# Files that go on after an interruption.


@pytest.mark.parametrize("case", [one for one in cases("resume", "segments") if is_padded(one.values[0])])
def test_tokens_of_segments(case: Any) -> None:
    size, content = case["size"], content_of(case["name"], case["size"])
    secret, salt, host_key = unhex(case, "key", "salt", "host")
    host = media.ResumeKey(host_key)
    first = case["tokens"][0]
    plan = media.EncryptionPlan(size, random=secret + salt)
    plan.take(content[: size // 3])
    plan.take(content[size // 3 :])
    run, token = plan.finish(host, random=bytes.fromhex(first["seal_nonce"]))
    assert token.hex() == first["seal_token"]
    key = run.key
    assert key.hazmat_parts() == tuple(unhex(case, "key", "iv"))
    whole = media.seal(content, random=secret + salt)[1]
    assert run.encrypted_len == len(whole)
    opening = media.ResumableMediaDecryptor(key, size)
    assert opening.token(host, random=bytes.fromhex(first["open_nonce"])).hex() == first["open_token"]

    # Each token of the vectors goes on where it was sealed.
    for known in case["tokens"]:
        resuming = media.ResumableMediaEncryptor.resume(key, size, bytes.fromhex(known["seal_token"]), host)
        assert resuming.offset == known["offset"]
        resuming.check(content)
        run = resuming.finish()
        assert run.token(host, random=bytes.fromhex(known["seal_nonce"])).hex() == known["seal_token"]
        place = run.place
        assert run.update(content[known["offset"] :]) == whole[place:]
        run.finish()

        if "open_token" not in known:
            continue
        again = media.ResumableMediaDecryptor.resume(key, size, bytes.fromhex(known["open_token"]), host)
        assert again.offset == known["offset"]
        again.check(content[: known["offset"]])
        opening = again.finish()
        assert opening.token(host, random=bytes.fromhex(known["open_nonce"])).hex() == known["open_token"]
        assert opening.update(whole[opening.place :]) == content[known["offset"] :]
        opening.finish()


@pytest.mark.parametrize("case", cases("resume", "segments-token"))
def test_hostile_tokens(case: Any) -> None:
    token, secret, commitment, host = unhex(case, "token", "key", "iv", "host")
    key = media.MediaKey("segments", secret, commitment)
    run: Any = media.ResumableMediaEncryptor if case["doing"] == "sealing" else media.ResumableMediaDecryptor
    if case["result"] == "valid":
        run.resume(key, case["size"], token, media.ResumeKey(host))
        return
    with pytest.raises(MediaError) as error:
        run.resume(key, case["size"], token, media.ResumeKey(host))
    assert error.value.name == snake(case["error"])


@pytest.mark.parametrize("form", ["segments", "chain"])
def test_a_content_that_changed_is_refused(form: Any) -> None:
    content, host = content_of("film", 200_000), media.ResumeKey(b"h" * 32)
    plan = media.EncryptionPlan(len(content), form)
    plan.take(content)
    run, start = plan.finish(host)
    sealed = run.update(content[:100_000])
    token = run.token(host)
    assert 0 < len(sealed) == run.place
    resuming = media.ResumableMediaEncryptor.resume(run.key, len(content), token, host)
    resuming.check(content[:-1] + b"?")
    with pytest.raises(MediaError) as error:
        resuming.finish()
    assert error.value.name == "resume_mismatch"
    # What was not planned does not come out either.
    with pytest.raises(MediaError) as error:
        run.update(b"?" * 100_000)
    assert error.value.name == "resume_mismatch"
    again = media.ResumableMediaEncryptor.resume(run.key, len(content), token, host)
    again.check(content)
    offset, rest = again.offset, again.finish()
    assert media.open(rest.key, len(content), sealed + rest.update(content[offset:])) == content


@pytest.mark.parametrize("form", ["segments", "chain"])
def test_an_opened_file_goes_on(form: Any) -> None:
    content, host = content_of("film", 200_000), media.ResumeKey(b"h" * 32)
    key, sealed = media.seal(content, form)
    run = media.ResumableMediaDecryptor(key, len(content))
    came = run.update(sealed[:150_000])
    token = run.token(host)
    resuming = media.ResumableMediaDecryptor.resume(key, len(content), token, host)
    assert resuming.offset == len(came) == run.progress[0]
    resuming.check(came)
    rest = resuming.finish()
    assert came + rest.update(sealed[rest.place :]) == content
    rest.finish()
    with pytest.raises(RuntimeError):
        rest.update(b"")
    wrong = media.ResumableMediaDecryptor.resume(key, len(content), token, host)
    wrong.check(bytes(len(came)))
    with pytest.raises(MediaError) as error:
        wrong.finish()
    assert error.value.name == "resume_mismatch"
    with pytest.raises(MediaError):
        media.ResumableMediaDecryptor.resume(key, len(content), token, media.ResumeKey(b"H" * 32))
    with pytest.raises(MediaError):
        media.ResumableMediaEncryptor.resume(key, len(content), token, host)
