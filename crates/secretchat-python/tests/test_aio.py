"""Sessions over asyncio: streams, timers, back pressure, reconnects, failures."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

import pytest

from conftest import REPOSITORY, configs
from secretchat import Chat, Config, Draft, Invitation, Link, MemoryFiles, StoreKey, events, frames, media
from secretchat.aio import Session, read_request
from secretchat.store import MemoryStore

CAT = REPOSITORY / "examples/photos/chelsea.png"


class Pipe:
    """One direction of a connection, with room for so many bytes."""

    def __init__(self, room: int = 1 << 16) -> None:
        self.bytes = bytearray()
        self.room = room
        self.is_closed = False
        self.changed = asyncio.Event()
        self.most = 0

    async def read(self, n: int) -> bytes:
        while not self.bytes and not self.is_closed:
            self.changed.clear()
            await self.changed.wait()
        data = bytes(self.bytes[:n])
        del self.bytes[:n]
        self.changed.set()
        return data

    def write(self, data: bytes) -> None:
        self.bytes += data
        self.most = max(self.most, len(self.bytes))
        self.changed.set()

    async def drain(self) -> None:
        while len(self.bytes) > self.room and not self.is_closed:
            self.changed.clear()
            await self.changed.wait()
        if self.is_closed:
            raise ConnectionResetError

    def close(self) -> None:
        self.is_closed = True
        self.changed.set()


def ends(**options: Any) -> tuple[Session, Session]:
    """Returns the sessions of two ends, of which the second has accepted."""
    alice, bob = configs("x25519")
    chat = Chat.request(alice)
    link = Link(b"t" * 16, chat, MemoryStore(), MemoryFiles(), **options)
    link.connected()
    assert link.next_action() is None
    frame = link.next_frame()
    assert frame is not None
    _, request = frames.decode_one(frame)
    assert isinstance(request, frames.Request)
    other = Invitation(request.public, bob).accept()
    return Session(link), Session(Link(b"t" * 16, other, MemoryStore(), MemoryFiles(), **options))


async def next_of(session: Session, kind: type) -> Any:
    """Returns the next event of a class."""
    async for event in session:
        if isinstance(event, kind):
            return event
    raise AssertionError("the chat is over")


def line(alice: Session, bob: Session, room: int = 1 << 16) -> tuple[list[asyncio.Task[None]], list[Pipe]]:
    """Connects two sessions."""
    there, back = Pipe(room), Pipe(room)
    tasks = [asyncio.create_task(alice.run(back, there)), asyncio.create_task(bob.run(there, back))]
    return tasks, [there, back]


async def photo_over(alice: Session, bob: Session) -> None:
    """Sends a photo."""
    content = CAT.read_bytes()
    file, key = alice.link.seal(content)
    await alice.send(Draft("cat", media.Photo(451, 300, len(content), key), file=file))
    message = await next_of(bob, events.Message)
    sealed = bob.link.kept(message.file.reference)
    assert sealed is not None
    assert media.open(message.media.key, message.media.size, sealed) == content


def test_a_photo_with_little_room() -> None:
    async def story() -> None:
        alice, bob = ends(part_len=4096)
        tasks, pipes = line(alice, bob, room=5000)
        await asyncio.wait_for(photo_over(alice, bob), 20)
        # A frame is written whole, and then its writer waits.
        assert max(pipe.most for pipe in pipes) < 5000 + 2 * 4200
        bob.act(Chat.close, "keep")
        assert (await asyncio.wait_for(next_of(alice, events.Closed), 20)).reason
        await asyncio.wait_for(asyncio.gather(*tasks), 20)
        assert alice.link.is_over and bob.link.is_over

    asyncio.run(story())


def test_a_broken_line_is_replaced_in_the_middle_of_a_photo() -> None:
    async def story() -> None:
        alice, bob = ends(part_len=4096)
        tasks, pipes = line(alice, bob, room=3000)
        content = CAT.read_bytes()
        file, key = alice.link.seal(content)
        await alice.send(Draft("cat", media.Photo(451, 300, len(content), key), file=file))
        while bob.link.progress[0] < 20_000:
            await asyncio.sleep(0)
        for pipe in pipes:
            pipe.bytes.clear()
            pipe.close()
        await asyncio.wait_for(asyncio.gather(*tasks), 20)
        assert 20_000 <= bob.link.progress[0] < len(content)
        tasks, pipes = line(alice, bob)
        message = await asyncio.wait_for(next_of(bob, events.Message), 20)
        sealed = bob.link.kept(message.file.reference)
        assert sealed is not None and media.open(key, len(content), sealed) == content
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())


def test_timers_ring_by_themselves() -> None:
    async def story() -> None:
        alice, bob = ends()
        tasks, _ = line(alice, bob)
        id = await alice.send(Draft("soon gone", ttl=1))
        await asyncio.wait_for(next_of(bob, events.Message), 20)
        assert isinstance(bob.act(Chat.mark_read, [id]), int)
        for session in (bob, alice):
            assert (await asyncio.wait_for(next_of(session, events.Expired), 20)).random_id == id
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())


def test_a_program_that_does_not_take_events_slows_its_peer() -> None:
    async def story() -> None:
        alice, bob = ends()
        bob._max_events = 3
        tasks, _ = line(alice, bob)
        sent = 0

        async def write() -> None:
            nonlocal sent
            while True:
                await alice.send(Draft(f"{sent}" * 400))
                sent += 1

        writing = asyncio.create_task(write())
        before = -1
        while sent == 0 or sent != before:
            before = sent
            await asyncio.sleep(0.2)
        # Nobody reads: the outbox is full.
        assert len(bob._events) == 3
        stalled = sent
        for _ in range(20):
            await asyncio.wait_for(next_of(bob, events.Message), 20)
        writing.cancel()
        for task in [*tasks, writing]:
            task.cancel()
        await asyncio.gather(*tasks, writing, return_exceptions=True)
        assert stalled >= 3

    asyncio.run(story())


class FullStore(MemoryStore):
    """A store that fails after so many batches."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def apply(self, batches: Any, /) -> None:
        self.room -= 1
        if self.room < 0:
            raise OSError("the disk is full")
        super().apply(batches)


def test_a_store_that_fails_ends_the_session() -> None:
    async def story() -> None:
        config = Config.x25519("alice", "bob").with_store(StoreKey(b"k" * 32))
        alice = Session(Link(b"t" * 16, Chat.request(config), FullStore(2), MemoryFiles()))
        there, back = Pipe(), Pipe()
        running = asyncio.create_task(alice.run(back, there))
        tag, request, decoder = await read_request(there)
        chat = Invitation(request.public, configs("x25519")[1]).accept()
        bob = Session(Link(tag, chat, MemoryStore(), MemoryFiles()))
        other = asyncio.create_task(bob.run(there, back, decoder))
        with pytest.raises(OSError, match="disk is full"):
            await asyncio.wait_for(running, 20)
        with pytest.raises(OSError, match="disk is full"):
            await alice.send(Draft("x"))
        with pytest.raises(OSError, match="disk is full"):
            await next_of(alice, events.Closed)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)

    asyncio.run(story())


def test_noise_ends_the_connection_and_not_the_chat() -> None:
    async def story() -> None:
        alice, bob = ends()
        noise = Pipe()
        noise.write(os.urandom(3000))
        await asyncio.wait_for(alice.run(noise, Pipe()), 20)
        tasks, _ = line(alice, bob)
        await asyncio.wait_for(photo_over(alice, bob), 20)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with pytest.raises(EOFError):
            silent = Pipe()
            silent.close()
            await read_request(silent)

    asyncio.run(story())


def test_events_come_before_their_records_to_a_function() -> None:
    order: list[str] = []

    class Watched(MemoryStore):
        def apply(self, batches: Any, /) -> None:
            order.append("written")
            super().apply(batches)

    async def story() -> None:
        alice = Chat.request(Config.x25519("alice", "bob"))
        session: Optional[Session] = None

        def take(event: events.Event) -> None:
            if isinstance(event, events.Message):
                order.append(event.text)
                assert session is not None
                # A call at the event belongs to what follows.
                session.act(Chat.mark_read, [event.random_id])
                order.append("end of the event")

        config = Config.x25519("bob", "alice").with_store(StoreKey(b"k" * 32))
        there, back = Pipe(), Pipe()
        first = Session(Link(b"t" * 16, alice, MemoryStore(), MemoryFiles()))
        tasks = [asyncio.create_task(first.run(back, there))]
        tag, request, decoder = await read_request(there)
        session = Session(Link(tag, Invitation(request.public, config).accept(), Watched(), MemoryFiles()), take)
        tasks.append(asyncio.create_task(session.run(there, back, decoder)))
        await first.send(Draft("hello"))
        await asyncio.wait_for(next_of(first, events.ReadByPeer), 20)
        at = order.index("hello")
        assert order[at : at + 3] == ["hello", "end of the event", "written"]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())


def run_block(number: int, folder: Path) -> str:
    """Runs a program of the README as copied, and returns its output."""
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    program = readme.split("```python\n")[number].split("```")[0]
    (folder / "program.py").write_text(program)
    ran = subprocess.run([sys.executable, "program.py"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    return ran.stdout


def test_the_photo_of_the_readme(tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(CAT.read_bytes())
    assert run_block(1, tmp_path) == f"my cat {CAT.stat().st_size} bytes\n"
    lines = [line for line in (tmp_path / "program.py").read_text().splitlines() if line.strip()]
    assert len(lines) <= 20, "a chat with a photo takes 20 lines of Python"
    assert all(len(line) <= 120 and ";" not in line for line in lines)


def test_the_records_of_the_readme(tmp_path: Path) -> None:
    """The second run goes on with the chat of the first."""
    first = run_block(2, tmp_path)
    assert first.startswith("carry ") and first == run_block(2, tmp_path)


def test_nobody_answers() -> None:
    async def story() -> None:
        alice, _ = ends()
        tries = 0

        async def dial() -> Any:
            nonlocal tries
            tries += 1
            if tries == 4:
                alice.act(Chat.close, "keep")
            raise ConnectionRefusedError

        dialling = asyncio.create_task(alice.connect(dial, pause=0.01))
        while tries < 4:
            await asyncio.sleep(0.01)
        dialling.cancel()
        await asyncio.gather(dialling, return_exceptions=True)

    asyncio.run(story())


