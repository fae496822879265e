"""Another binding at the other end: `examples/peer.c` of the C interface, over frames."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from secretchat import Chat, Config, DhGroup, Draft, Invitation, Link, MemoryFiles, StoreKey, events, frames, media
from secretchat.aio import Session, read_request
from secretchat.errors import Unavailable
from secretchat.frames import Decoder
from secretchat.store import MemoryStore, SqliteStore
from test_aio import CAT, next_of

FFI = REPOSITORY / "crates/secretchat-ffi"
KEY = StoreKey(b"k" * 32)
TAG = b"python and C too"
# What examples/peer.c sends.
LAKE = bytes(index * 31 % 256 for index in range(100_000))

pytestmark = pytest.mark.skipif("SECRETCHAT_FFI" not in os.environ, reason="no library for C was built")


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, compiled without a warning, with sanitizers."""
    program = tmp_path_factory.mktemp("c") / "peer"
    warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    sanitizers = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    inputs = [f"-I{FFI / 'include'}", str(FFI / "examples/peer.c"), os.environ["SECRETCHAT_FFI"], "-lm", "-o", str(program)]
    subprocess.run(["gcc", "-std=c11", *warnings, *sanitizers, *inputs], check=True)
    return program


class Line:
    """The standard input of a program, which outlives a session."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    async def drain(self) -> None:
        await self.writer.drain()

    def close(self) -> None:
        """The next session goes on with it."""


class Program:
    """A running program, and what it tells."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout and process.stderr
        self.process, self.told = process, process.stderr
        self.line, self.reader = Line(process.stdin), process.stdout
        self.seen: list[str] = []

    async def wait_for(self, line: str) -> None:
        """Waits until the program tells this."""
        while line not in self.seen:
            told = await self.told.readline()
            assert told, self.seen
            self.seen.append(told.decode().rstrip("\n"))


def with_peer(peer: Path, arguments: list[str], story: Callable[[Program], Awaitable[None]]) -> None:
    """Runs a story with the program, of at most 60 seconds."""

    async def run() -> None:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(peer, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)
        try:
            await asyncio.wait_for(story(Program(process)), 60)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    asyncio.run(run())


def config_of(profile: str) -> Config:
    """Returns the configuration of the Python end."""
    if profile == "telegram":
        config = Config.telegram(DhGroup.published())
    else:
        config = (Config.hybrid if profile == "hybrid" else Config.x25519)("python", "c")
    return config.with_store(KEY)


async def hear_photo(session: Session) -> None:
    """Opens the photo with a timer."""
    message = await next_of(session, events.Message)
    assert (message.text, message.ttl) == ("the lake", 2)
    assert message.media.key is None and message.media.size == len(LAKE)
    session.act(Chat.open_view, message.random_id)
    assert session.open(await next_of(session, events.Opened)) == LAKE
    assert (await next_of(session, events.Expired)).random_id == message.random_id


async def send_photo(session: Session, caption: str) -> bytes:
    """Sends a photo without a timer, and returns it."""
    content = CAT.read_bytes()
    file, key = session.link.seal(content)
    await session.send(Draft(caption, media.Photo(451, 300, len(content), key), file=file))
    return content


async def rekey(session: Session) -> None:
    """Asks for a new key, as soon as C has shown that it uses the last one."""
    while True:
        try:
            session.act(Chat.rekey)
            return
        except Unavailable as error:
            assert error.name == "rekey_in_progress"
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("role", ["asks", "answers"])
@pytest.mark.parametrize("profile", ["x25519", "hybrid", "telegram"])
def test_python_talks_with_c(peer: Path, tmp_path: Path, profile: str, role: str) -> None:
    async def story(program: Program) -> None:
        config, folder = config_of(profile), tmp_path / "files"
        database = sqlite3.connect(tmp_path / "chat.db")
        store, decoder, tag = SqliteStore(database), Decoder(), TAG
        if role == "asks":
            tag, request, decoder = await read_request(program.reader)
            chat = Invitation(request.public, config.with_host_data(tag)).accept()
        else:
            chat = Chat.request(config.with_host_data(tag))
        session = Session(Link(tag, chat, store, folder))
        assert session.chat.role == ("responder" if role == "asks" else "initiator")
        async with session.running(session.run(program.reader, program.line, decoder)):
            assert (await next_of(session, events.Message)).text == "hello from C"
            await hear_photo(session)
            await program.wait_for("expired")
            content = await send_photo(session, "a cat")
            await program.wait_for("message: a cat")
            await program.wait_for(f"photo: {len(content)} bytes, {zlib.adler32(content):08x}")
            await rekey(session)
            assert (await next_of(session, events.Rekeyed)).rekeys == 1
            await session.send(Draft("under a new key"))
            await program.wait_for("key: 2")
            await program.wait_for("message: under a new key")
            # It may have left when the process ends, or not.
            await session.send(Draft("last words"))
            await send_photo(session, "last cat")
        database.close()

        store = SqliteStore(sqlite3.connect(tmp_path / "chat.db"))
        session = Session(Link.restore(store, store.chats()[0], KEY, folder))
        assert session.link.tag == tag and session.chat.rekeys == 1
        async with session.running(session.run(program.reader, program.line, decoder)):
            await session.send(Draft("back again"))
            for text in ("last words", "last cat", "back again"):
                await program.wait_for(f"message: {text}")
            await rekey(session)
            await program.wait_for("key: 3")
            session.act(Chat.close)
            await session.wait_closed()
        assert await program.process.wait() == 0
        assert (await program.told.read()).startswith(b"closed: ")
        told = [line for line in program.seen if not line.startswith("photo: ")]
        assert told == [
            "expired", "message: a cat", "key: 2", "message: under a new key",
            "message: last words", "message: last cat", "message: back again", "key: 3",
        ]  # fmt: skip
        assert program.seen.count(f"photo: {len(content)} bytes, {zlib.adler32(content):08x}") == 2

    with_peer(peer, [profile, role], story)


def test_c_refuses_what_is_no_request_and_lives_on(peer: Path) -> None:
    async def story(program: Program) -> None:
        hostile: list[Any] = [
            frames.Request(b"\0" * 32),
            frames.Request(b"x" * 1000),
            frames.Receipt(7),
            frames.FilePart(b"f" * 16, 0, 1 << 40, b"part"),
        ]
        for frame in hostile:
            program.line.write(frames.encode(TAG, frame))
        session = Session(Link(TAG, Chat.request(Config.x25519("python", "c")), MemoryStore(), MemoryFiles()))
        async with session.running(session.run(program.reader, program.line)):
            assert (await next_of(session, events.Message)).text == "hello from C"
            # Frames of the chat that nobody has sealed.
            forgeries: list[Any] = [
                frames.Ciphertext(99, b"\x5a" * 200),
                frames.Discard("delete"),
                frames.FilePart(b"f" * 16, 0, 1 << 40, b"part"),
                frames.FileCancel(b"f" * 16),
            ]
            for forged in forgeries:
                program.line.write(frames.encode(TAG, forged))
            # A photo whose file is nowhere.
            await session.send(Draft("no cat", media.Photo(1, 1, 1, media.seal(b"x")[0])))
            await program.wait_for("message: no cat")
            await send_photo(session, "a cat")
            await program.wait_for("message: a cat")
            session.act(Chat.close)
            await session.wait_closed()
        assert await program.process.wait() == 0
        codes = [line for line in program.seen if line.startswith("refused: ")]
        assert codes == ["refused: 303", "refused: 303", "refused: 301", "refused: 302"]

    with_peer(peer, ["x25519", "answers"], story)


def test_noise_ends_the_program_in_c(peer: Path) -> None:
    async def story(program: Program) -> None:
        program.line.write(b"\xff" * 300)
        assert await program.process.wait() == 1
        assert b"error 701" in await program.told.read()

    with_peer(peer, ["x25519", "answers"], story)
