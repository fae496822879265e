"""Names, documentation and pictures of the package."""

from __future__ import annotations

import inspect
import struct
import threading
import time
import zlib
from types import ModuleType
from typing import Any, get_args

import pytest

import secretchat
from conftest import REPOSITORY
from secretchat import Verification, _native, aio, begin, errors, events, frames, media, names, picture, reader, session, store, transmits


@pytest.mark.parametrize(
    "name", ["Handled", "History", "Role", "RekeyLimit", "RekeyFailure", "PeerPolicy", "Notification", "TypingAction", "Violation"]
)
def test_each_type_of_names_has_those_of_the_crate(name: str) -> None:
    assert set(get_args(getattr(names, name))) == {word for _, word in _native.names(name)}


def test_no_variant_of_the_crate_is_missing() -> None:
    """Reads the crate's own lists, which the native half cannot give: their variants have fields."""
    event = (REPOSITORY / "src/output/event.rs").read_text()
    assert listed(event, "ref Event") == {snake(kind.__name__) for kind in get_args(events.Event)}
    transmit = (REPOSITORY / "src/output/transmit.rs").read_text()
    assert listed(transmit, "ref TransmitKind") == {snake(kind.__name__) for kind in get_args(transmits.Transmit)}
    medium = (REPOSITORY / "src/message/media.rs").read_text()
    assert listed(medium, "ref Media") == {snake(kind.__name__) for kind in get_args(media.Media)}
    document = (REPOSITORY / "src/message/document.rs").read_text()
    assert listed(document, "ref DocumentKind") == {snake(kind.__name__) for kind in get_args(media.Kind)}
    entity = (REPOSITORY / "src/message/entity.rs").read_text()
    kinds = {word for part in get_args(names.EntityKind) for word in (get_args(part) or [part])}
    assert listed(entity, "ref EntityKind") == kinds


def listed(source: str, head: str) -> set[str]:
    """Returns the names in a list of `names!`."""
    body = source.split(f"{head} {{")[1].split("}")[0]
    return {line.split('"')[1] for line in body.splitlines() if '"' in line}


def snake(name: str) -> str:
    """Returns the name of a class as the crate writes it."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def test_each_error_of_the_crate_has_its_class() -> None:
    for name in ("ApiMisuse", "DhGroupError", "FrameError", "MediaError", "PeerFault", "StoreError", "Unavailable", "VerifyError"):
        assert issubclass(getattr(errors, name), errors.SecretchatError)
        assert _native.names(name)


MODULES: list[ModuleType] = [
    secretchat, aio, begin, errors, events, frames, media, names, picture, reader, session, store, transmits,
]  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_everything_is_documented(module: ModuleType) -> None:
    assert module.__doc__
    for name in module.__all__:
        value = getattr(module, name)
        if not (inspect.isclass(value) or callable(value)) or not str(getattr(value, "__module__", "")).startswith("secretchat"):
            continue
        # A data class without a text gets its signature.
        assert value.__doc__ and not value.__doc__.startswith(f"{name}("), name
        for member, method in vars(value).items() if inspect.isclass(value) else []:
            if not member.startswith("_") and (callable(method) or isinstance(method, property)):
                assert method.__doc__, f"{name}.{member}"


def native() -> list[Any]:
    """Returns the native classes."""
    return [value for value in vars(_native).values() if inspect.isclass(value)]


def test_each_native_member_is_documented() -> None:
    assert len(native()) > 15
    for kind in native():
        assert kind.__doc__, kind
        for name, member in vars(kind).items():
            if not name.startswith("_") and not isinstance(member, (tuple, staticmethod)):
                assert getattr(member, "__doc__", None), f"{kind.__name__}.{name}"


def test_values_are_frozen_and_can_be_matched() -> None:
    for kind in [*get_args(events.Event), *get_args(transmits.Transmit), *get_args(frames.Frame), *get_args(media.Media)]:
        assert kind.__dataclass_params__.frozen
        assert list(kind.__match_args__) == [name for name in kind.__dataclass_fields__]
    with pytest.raises(AttributeError):
        events.Rekeyed(1).rekeys = 2  # type: ignore[misc]
    with pytest.raises(AttributeError):
        Verification(bytes(36)).words = ()  # type: ignore[misc]


VALUE = Verification(bytes([0b11_10_01_00] * 36))


def test_the_picture_as_text_and_svg() -> None:
    # The crate's own examples.
    assert str(VALUE).splitlines()[0] == "··░░▓▓▒▒··░░▓▓▒▒··░░▓▓▒▒  e4 e4 e4 e4 e4 e4 e4 e4"
    assert VALUE.text(coloured=True).startswith("\x1b[48;2;255;255;255m  \x1b[48;2;213;230;243m")
    assert VALUE.svg().startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 12"')
    assert VALUE.cells[0] == [0, 1, 2, 3] * 3
    assert len(VALUE.words) == 36 and len(VALUE.hex_lines) == 4
    assert bytes(VALUE) == bytes([0b11_10_01_00] * 36)


def test_the_picture_as_png() -> None:
    image = picture.png(VALUE, scale=3)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, rest = {}, image[8:]
    while rest:
        length, kind = struct.unpack(">I4s", rest[:8])
        data = rest[8 : 8 + length]
        assert struct.unpack(">I", rest[8 + length : 12 + length]) == (zlib.crc32(kind + data),)
        chunks[kind], rest = data, rest[12 + length :]
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (36, 36, 8, 3, 0, 0, 0)
    assert chunks[b"PLTE"].hex() == "ffffff" "d5e6f3" "2d5775" "2f99c9"
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == 36 * 37
    for y in range(36):
        line = pixels[37 * y : 37 * (y + 1)]
        assert line[0] == 0 and list(line[1:]) == [cell for cell in VALUE.cells[y // 3] for _ in range(3)]
    with pytest.raises(ValueError, match="pixels"):
        picture.png(VALUE, 0)


def test_other_threads_run_while_a_file_is_sealed() -> None:
    content = bytes(96 << 20)
    sealing = threading.Thread(target=lambda: media.seal(content))
    sealing.start()
    turns = 0
    while sealing.is_alive():
        turns += 1
        time.sleep(0.0005)
    # With the lock held there would be one turn or two.
    assert turns > 10
