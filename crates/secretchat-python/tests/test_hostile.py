"""Wrong values from programs and from peers: each is an exception, and changes nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest

import secretchat
from conftest import REPOSITORY, Pair, configs, join, of_type
from secretchat import Chat, Config, Draft, Invitation, Link, MemoryFiles, StoreKey, events, frames, media, transmits
from secretchat.errors import ApiMisuse, FrameError, MediaError, PeerFault, StoreError
from secretchat.store import MemoryStore


def test_noise_is_refused_and_changes_nothing(pair: Pair) -> None:
    noise = random.Random(7)
    pair.alice.chat.send(Draft("real"))
    _, sent, _ = pair.alice.outputs()
    real = sent[0].bytes
    for length in [0, 1, 8, 24, 25, 40, 120, 5000]:
        with pytest.raises(PeerFault):
            pair.bob.chat.on_ciphertext(noise.randbytes(length))
    for at in range(0, len(real), 7):
        changed = bytearray(real)
        changed[at] ^= 1
        with pytest.raises(PeerFault):
            pair.bob.chat.on_ciphertext(bytes(changed))
    assert pair.bob.outputs() == ([], [], [])
    assert pair.bob.chat.on_ciphertext(real) == "applied"


@pytest.mark.parametrize("public", [b"", b"\0" * 32, b"\xff" * 31, b"x" * 5000])
def test_a_request_must_be_a_public_value(public: bytes) -> None:
    with pytest.raises(PeerFault):
        Invitation(public, configs("x25519")[1])


def test_wrong_arguments() -> None:
    pair = join(*configs("x25519"))
    chat: Any = pair.alice.chat
    wrong: list[tuple[type[BaseException], Any]] = [
        (TypeError, lambda: chat.on_ciphertext("text")),
        (TypeError, lambda: chat.on_ciphertext(None)),
        (ValueError, lambda: chat.on_accepted(b"", b"1234567")),
        (ValueError, lambda: chat.typing("juggling")),
        (ValueError, lambda: chat.close("burn")),
        (AttributeError, lambda: chat.send("text")),
        (TypeError, lambda: chat.send(Draft("x", media="photo"))),  # type: ignore[arg-type]
        (TypeError, lambda: chat.send(Draft(7))),  # type: ignore[arg-type]
        (OverflowError, lambda: chat.delete([1 << 64])),
        (OverflowError, lambda: chat.set_ttl(-1)),
        (ApiMisuse, lambda: chat.set_ttl(1 << 31)),
        (ApiMisuse, lambda: chat.send(Draft(""))),
        (ApiMisuse, lambda: chat.send(Draft("x" * (1 << 24)))),
        (ValueError, lambda: chat.send(Draft("x", entities=(media.Entity("pre", 0, 1),)))),
        (ValueError, lambda: chat.send(Draft("x", entities=(media.Entity("bold", 0, 1, "argument"),)))),
        (ApiMisuse, lambda: chat.send(Draft("x", entities=(media.Entity("bold", 0, 9),)))),
        (ApiMisuse, lambda: chat.send(Draft("", media.Photo(1, 1, 9)))),
        (ApiMisuse, lambda: chat.send(Draft("", media.GeoPoint(float("nan"), 0)))),
        (ValueError, lambda: StoreKey(b"short")),
        (ValueError, lambda: media.MediaKey("parcels", b"k" * 32, b"i" * 32)),  # type: ignore[arg-type]
        (ValueError, lambda: media.MediaKey("chain", b"k" * 31, b"i" * 32)),
        (ValueError, lambda: Config.telegram(secretchat.DhGroup.published(), "lax")),  # type: ignore[arg-type]
        (ApiMisuse, lambda: secretchat.DhGroup.published(8)),
        (secretchat.errors.DhGroupError, lambda: secretchat.DhGroup.check(3, b"\xff" * 256)),
        (ValueError, lambda: Link(b"short", Chat.request(configs("x25519")[0]), MemoryStore(), MemoryFiles())),
        (TypeError, lambda: chat.__class__()),
    ]
    for error, call in wrong:
        with pytest.raises(error):
            call()
    chat.send(Draft("still alive"))
    _, told = pair.carry()
    assert [message.text for message in of_type(told, events.Message)] == ["still alive"]


def test_a_refused_call_keeps_the_chat_of_a_link() -> None:
    """A link that cannot be made leaves the chat to its owner."""
    chat = Chat.request(configs("x25519")[0])
    bounds: Any = {"moons": 1}
    with pytest.raises(ValueError, match="no bound"):
        Link(b"t" * 16, chat, MemoryStore(), MemoryFiles(), bounds=bounds)
    assert chat.state == "requested"
    Link(b"t" * 16, chat, MemoryStore(), MemoryFiles())
    with pytest.raises(RuntimeError, match="went into"):
        chat.state  # noqa: B018


def test_damaged_files() -> None:
    key, sealed = media.seal(b"content" * 30_000)
    size = len(b"content" * 30_000)
    for at in (0, 39, 40, 70_000, len(sealed) - 1):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(MediaError):
            media.open(key, size, bytes(changed))
    for wrong in (b"", sealed[:-1], sealed + b"\0"):
        with pytest.raises(MediaError):
            media.open(key, size, wrong)
    with pytest.raises(MediaError):
        media.open(key, size - 1, sealed)
    decryptor = media.MediaDecryptor(key, size)
    decryptor.update(sealed[:100_000])
    with pytest.raises(MediaError) as error:
        decryptor.finish()
    assert error.value.name == "truncated"
    with pytest.raises(RuntimeError):
        decryptor.update(b"")


def test_damaged_records() -> None:
    key = StoreKey(b"k" * 32)
    store = MemoryStore()
    config = configs("x25519")[0].with_store(key)
    chat = Chat.request(config)
    id = chat.id
    assert id is not None
    for output in chat:
        if isinstance(output, secretchat.Persist):
            store.apply([output])
    rows = store.load(id)
    assert rows
    assert Chat.restore(id, rows, key).state == "requested"
    for wrong in ([], [(b"short", b"")], [(name, row[:-1]) for name, row in rows], [(b"x" * 9, b"")]):
        with pytest.raises(StoreError):
            Chat.restore(id, wrong, key)
    with pytest.raises(StoreError):
        Chat.restore(id, rows, StoreKey(b"K" * 32))
    with pytest.raises(StoreError):
        Chat.restore(bytes(16), rows, key)


def test_seeds_of_the_fuzzers_never_panic() -> None:
    """A panic would be an exception that is no `Exception`."""
    pair = join(*configs("x25519"))
    seeds = [file.read_bytes() for file in (REPOSITORY / "fuzz" / "seeds").rglob("*") if file.is_file()]
    assert len(seeds) > 20
    key, _ = media.seal(b"x")
    for seed in seeds:
        calls: list[Any] = [
            lambda seed=seed: pair.bob.chat.on_ciphertext(seed),
            lambda seed=seed: Invitation(seed, configs("hybrid")[0]),
            lambda seed=seed: frames.decode_one(seed),
            lambda seed=seed: list(frames.Decoder().feed(seed)),
            lambda seed=seed: frames.Reassembler().take(seed, 1),
            lambda seed=seed: media.open(key, max(1, len(seed)), seed),
            lambda seed=seed: pair.bob.chat.mark_scanned(seed.decode("latin-1")),
        ]
        for call in calls:
            try:
                call()
            except (secretchat.SecretchatError, ValueError):
                pass
    assert pair.bob.chat.state == "ready"


def test_a_stream_that_is_broken() -> None:
    frame = frames.encode(b"t" * 16, frames.Receipt(7))
    decoder = frames.Decoder()
    found = [item for byte in frame for item in decoder.feed(bytes([byte]))]
    assert found == [(b"t" * 16, frames.Receipt(7, None))]
    decoder = frames.Decoder().feed(frame + b"\xff" * 64)
    assert next(decoder) == found[0]
    with pytest.raises(FrameError):
        next(decoder)


def test_a_generator_that_fails_ends_the_chat() -> None:
    """What had changed when it failed is unknown."""
    left = [300]

    def draw(count: int) -> bytes:
        left[0] -= count
        if left[0] < 0:
            raise OSError("no randomness")
        return b"\x5a" * count

    chat = Chat.request(configs("x25519")[0], random=draw)
    [request] = chat
    assert isinstance(request, transmits.Request)
    bob = Invitation(request.public, configs("x25519")[1]).accept()
    accept = bob.poll_output()
    assert isinstance(accept, transmits.Accept)
    with pytest.raises((OSError, RuntimeError)) as error:
        chat.on_accepted(accept.public, accept.fingerprint)
        for _ in range(10):
            chat.send(Draft("x"))
    assert "randomness" in str(error.value)
    with pytest.raises(RuntimeError, match="generator failed"):
        chat.send(Draft("x"))
    for wrong in (lambda count: b"", lambda count: None, b"short"):
        with pytest.raises((ValueError, TypeError)):
            Chat.request(configs("x25519")[0], random=wrong)  # type: ignore[arg-type]
