"""Chats that begin by `request` and `accept`: over TCP, with strangers, and with lines that break."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import configs
from secretchat import Chat, Config, Draft, Link, MemoryFiles, StoreKey, events, frames, media
from secretchat.aio import Reader, Session, Writer, accept, request
from secretchat.errors import FrameError, PeerFault
from secretchat.store import MemoryStore, SqliteStore
from test_aio import CAT, FullStore, Pipe, next_of

ALICE, BOB = configs("x25519")
KEY = StoreKey(b"k" * 32)


def in_time(story: Callable[[], Awaitable[None]]) -> None:
    """Runs a story, which ends within 20 seconds."""

    async def run() -> None:
        await asyncio.wait_for(story(), 20)

    asyncio.run(run())


def request_of(config: Config) -> bytes:
    """Returns the frame that asks for a chat."""
    link = Link(b"t" * 16, Chat.request(config), MemoryStore(), MemoryFiles())
    link.connected()
    assert link.next_action() is None
    frame = link.next_frame()
    assert frame is not None
    return frame


@pytest.mark.parametrize("profile", ["x25519", "hybrid", "telegram"])
def test_a_photo_over_tcp(profile: str) -> None:
    async def story() -> None:
        alice, bob = configs(profile)
        shown: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def answer(reader: Reader, writer: Writer) -> None:
            async with accept(reader, writer, bob) as session:
                message = await next_of(session, events.Message)
                shown.set_result(session.open(message))
                await session.wait_closed()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        async with request(lambda: asyncio.open_connection(*address), alice) as session:
            content = CAT.read_bytes()
            file, key = session.link.seal(content)
            await session.send(Draft("cat", media.Photo(451, 300, len(content), key), file=file))
            assert await shown == content
            session.act(Chat.close)
            await session.wait_closed()
        server.close()

    in_time(story)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"", EOFError),
        (request_of(ALICE)[:-1], EOFError),
        (frames.encode(b"t" * 16, frames.Receipt(7)), EOFError),
        (b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", FrameError),
        (b"\xff" * 300, FrameError),
        (frames.encode(b"t" * 16, frames.Request(b"\0" * 32)), PeerFault),
        (request_of(Config.hybrid("alice", "bob")), PeerFault),
        (request_of(configs("telegram")[0]), PeerFault),
    ],
)
def test_what_is_no_request_ends_the_connection(sent: bytes, error: type[Exception]) -> None:
    async def story() -> None:
        there, back = Pipe(), Pipe()
        there.write(sent)
        there.close()
        with pytest.raises(error):
            async with accept(there, back, BOB):
                raise AssertionError("there is a chat")
        assert back.is_closed and not back.bytes

    in_time(story)


def test_a_stranger_who_says_nothing() -> None:
    async def story() -> None:
        there, back = Pipe(), Pipe()
        with pytest.raises(asyncio.TimeoutError):
            async with accept(there, back, BOB, timeout=0.05):
                raise AssertionError("there is a chat")
        assert back.is_closed

    in_time(story)


def test_a_stranger_who_knows_only_how_to_ask() -> None:
    """Noise after the request ends the connection, and with it the session."""

    async def story() -> None:
        there, back = Pipe(), Pipe()
        there.write(request_of(ALICE) + b"\xff" * 300)
        async with accept(there, back, BOB) as session:
            assert [event async for event in session] == []
            with pytest.raises(ConnectionError):
                await session.send(Draft("is anybody there?"))
            with pytest.raises(ConnectionError):
                await session.wait_closed()
            assert session.chat.state == "accepted"
        assert back.is_closed

    in_time(story)


def joined(bob: Config = BOB, **options: Any) -> tuple[Any, Any, list[Pipe]]:
    """Returns the blocks of two ends that two pipes join."""
    there, back = Pipe(), Pipe()

    async def dial() -> tuple[Reader, Writer]:
        if there.is_closed:
            raise ConnectionRefusedError
        return back, there

    return request(dial, ALICE), accept(there, back, bob, **options), [there, back]


def test_an_exception_in_the_block_ends_the_connection() -> None:
    async def story() -> None:
        asks, answers, (there, back) = joined()
        async with asks as alice:
            with pytest.raises(ZeroDivisionError):
                async with answers as bob:
                    await next_of(bob, events.Ready)
                    raise ZeroDivisionError
            assert back.is_closed
            await next_of(alice, events.Ready)
        assert there.is_closed
        assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    asyncio.run(story())


def test_a_store_that_fails_is_raised_by_the_block() -> None:
    async def story() -> None:
        asks, answers, _ = joined(BOB.with_store(KEY), store=FullStore(1))
        async with asks as alice:
            with pytest.raises(OSError, match="disk is full"):
                async with answers as bob:
                    await alice.send(Draft("x"))
                    await next_of(bob, events.Closed)

    in_time(story)


def test_a_request_is_repeated_over_a_new_line() -> None:
    async def story() -> None:
        lines: list[list[Pipe]] = []

        async def dial() -> tuple[Reader, Writer]:
            lines.append([Pipe(), Pipe()])
            return lines[-1][1], lines[-1][0]

        async with request(dial, ALICE) as alice:
            while not lines or not lines[0][0].bytes:
                await asyncio.sleep(0)
            # Whoever had it is gone.
            for pipe in lines[0]:
                pipe.close()
            while len(lines) < 2:
                await asyncio.sleep(0.01)
            async with accept(lines[1][0], lines[1][1], BOB) as bob:
                await alice.send(Draft("second try"))
                assert (await next_of(bob, events.Message)).text == "second try"

    in_time(story)


def test_a_chat_with_records_is_restored_without_its_tag(tmp_path: Path) -> None:
    async def story() -> None:
        stores = [SqliteStore(sqlite3.connect(tmp_path / name)) for name in ("alice.db", "bob.db")]
        there, back = Pipe(), Pipe()

        async def dial() -> tuple[Reader, Writer]:
            return back, there

        asks = request(dial, ALICE.with_store(KEY), stores[0], tmp_path / "alice")
        answers = accept(there, back, BOB.with_store(KEY), stores[1], tmp_path / "bob")
        async with asks as alice, answers as bob:
            await alice.send(Draft("before"))
            await next_of(bob, events.Message)
            tag = alice.link.tag
        ends = []
        for store, folder in zip(stores, ("alice", "bob")):
            [chat] = store.chats()
            ends.append(Session(Link.restore(store, chat, KEY, tmp_path / folder)))
        assert ends[0].link.tag == ends[1].link.tag == tag
        there, back = Pipe(), Pipe()
        tasks = [asyncio.create_task(ends[0].run(back, there)), asyncio.create_task(ends[1].run(there, back))]
        await ends[1].send(Draft("after"))
        assert (await next_of(ends[0], events.Message)).text == "after"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    in_time(story)


def test_files_that_can_be_opened_and_others() -> None:
    async def story() -> None:
        asks, answers, _ = joined()
        async with asks as alice, answers as bob:
            await alice.send(Draft("no file"))
            with pytest.raises(FileNotFoundError):
                bob.open(await next_of(bob, events.Message))
            content = CAT.read_bytes()
            file, key = alice.link.seal(content)
            await alice.send(Draft("", media.Photo(451, 300, len(content), key), file=file, ttl=30))
            message = await next_of(bob, events.Message)
            assert isinstance(message.media, media.Photo) and message.media.key is None
            with pytest.raises(FileNotFoundError):
                bob.open(message)
            bob.act(Chat.open_view, message.random_id)
            opened = await next_of(bob, events.Opened)
            assert bob.open(opened) == content
            bob.link.remove(message.file.reference)
            with pytest.raises(FileNotFoundError):
                bob.open(opened)

    in_time(story)
