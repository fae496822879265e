"""What is tried with the other client. A scenario returns if all of it worked, and says in a `Fails` what did not."""

from __future__ import annotations

import os
from hashlib import md5
from typing import Any, Awaitable, Callable

import telethon_secret_chat.secret_methods as methods
from network import CHAT, LOADED, Network
from telethon.crypto import AES

# Telethon's parts for a file of this size: so large are those that it sends, and so large those that it asks for.
SENT_PART, READ_PART = 128 * 1024, 64 * 1024
SCENARIOS: dict[str, Callable[[Network], Awaitable[None]]] = {}


class Fails(Exception):
    pass


def scenario(name: str) -> Callable[[Callable[[Network], Awaitable[None]]], Callable[[Network], Awaitable[None]]]:
    def add(run: Callable[[Network], Awaitable[None]]) -> Callable[[Network], Awaitable[None]]:
        SCENARIOS[name] = run
        return run

    return add


def need(condition: Any, otherwise: str) -> None:
    if not condition:
        raise Fails(otherwise)


def messages(net: Network) -> list[dict[str, Any]]:
    return [event for event in net.shim.events if event["event"] == "message"]


def count(net: Network, event: str) -> int:
    return sum(said["event"] == event for said in net.shim.events)


async def theirs(net: Network, text: str, **options: Any) -> None:
    await net.manager.send_secret_message(CHAT, text, **options)


def ours(net: Network, text: str) -> None:
    net.shim.tell("send", text=text)


async def talk(net: Network, number: int, at_once: int) -> None:
    """Sends that many texts each way, so many of them at once, and checks each."""
    came, went = len(messages(net)), len(net.received)
    for i in range(number):
        await theirs(net, f"to us {i} é😀")
        ours(net, f"to them {i} é😀")
        if (i + 1) % at_once == 0:
            await net.carry()
    await net.carry()
    got = [message["text"] for message in messages(net)[came:]]
    need(got == [f"to us {i} é😀" for i in range(number)], f"{len(got)} of {number} reach us")
    got = [getattr(message, "message", None) for message in net.received[went:]]
    need(got == [f"to them {i} é😀" for i in range(number)], f"{len(got)} of {number} reach them")


@scenario("texts, one at a time")
async def texts(net: Network) -> None:
    await talk(net, 20, 1)


@scenario("texts, 40 each way in flight")
async def in_flight(net: Network) -> None:
    await talk(net, 40, 40)


@scenario("texts, 900 each way in flight")
async def many_in_flight(net: Network) -> None:
    await talk(net, 900, 900)


@scenario("texts, 120 each way one at a time")
async def many_in_turn(net: Network) -> None:
    await talk(net, 120, 1)


@scenario("texts, 120 each way one at a time, and we ask for no key")
async def no_key_of_ours(net: Network) -> None:
    await talk(net, 120, 1)
    need(count(net, "rekeyed") > 0, "no new key")


@scenario("texts, when their module is a minute old")
async def old_module(net: Network) -> None:
    methods.time = lambda: LOADED + 60
    before = len(net.calls)
    await talk(net, 10, 1)
    need(len(net.calls) - before == 10, f"{len(net.calls) - before} calls of theirs for 10 texts")


@scenario("entities, to us")
async def entities_to_us(net: Network) -> None:
    await theirs(net, "**bold** __it__ `c` [l](http://a.b/)")
    await net.carry()
    need(messages(net), "does not arrive")
    got = [(entity["kind"], entity["offset"], entity["length"]) for entity in messages(net)[0]["entities"]]
    need(got == [("bold", 0, 4), ("italic", 5, 2), ("code", 8, 1), ("text_url", 10, 1)], f"they are {got}")


@scenario("entities, to them")
async def entities_to_them(net: Network) -> None:
    bold, under = ({"kind": kind, "offset": at, "length": 4} for kind, at in (("bold", 0), ("underline", 5)))
    net.shim.tell("send", text="bold line", entities=[bold, under])
    await net.carry()
    need(net.received, "does not arrive")
    got = [(type(entity).__name__, entity.offset) for entity in net.received[0].entities]
    need(got == [("MessageEntityBold", 0), ("MessageEntityUnderline", 5)], f"they are {got}")


@scenario("reply, to us")
async def reply(net: Network) -> None:
    ours(net, "question")
    await net.carry()
    need(net.received, "does not arrive")
    await theirs(net, "answer", reply_to_id=net.received[0].random_id)
    await net.carry()
    need(messages(net), "does not arrive")
    need(messages(net)[0]["reply_to"] == str(net.received[0].random_id), "its target is lost")


def check_file(net: Network, size: int, content: bytes) -> None:
    need(messages(net), "does not arrive")
    media = messages(net)[0]["media"]
    key, iv = bytes.fromhex(media["key"]), bytes.fromhex(media["iv"])
    ((_, sealed),) = net.files.values()
    if AES.decrypt_ige(sealed, key, iv)[:size] != content:
        need(in_parts(sealed, SENT_PART, key, iv)[:size] == content, "another content")
        raise Fails("another content: their upload begins the chain anew at each part")


def in_parts(sealed: bytes, size: int, key: bytes, iv: bytes) -> bytes:
    """Decrypts a file as Telethon does: each part as a chain of its own."""
    parts = (sealed[at : at + size] for at in range(0, len(sealed), size))
    return b"".join(AES.decrypt_ige(part, key, iv) for part in parts)


async def photo_from_them(net: Network, size: int, caption: str = "") -> None:
    content = os.urandom(size)
    await net.manager.send_secret_photo(CHAT, content, b"\xff\xd8", 10, 10, 100, 90, size, caption=caption)
    await net.carry()
    check_file(net, size, content)
    need(messages(net)[0]["media"]["kind"] == "photo", "it is no photo")
    need(messages(net)[0]["text"] == caption, f"its text is {messages(net)[0]['text']!r}")


@scenario("photo of one part, to us")
async def photo(net: Network) -> None:
    await photo_from_them(net, 50_000)


@scenario("photo with a caption, to us")
async def captioned(net: Network) -> None:
    await photo_from_them(net, 5_000, "caption")


@scenario("document of several parts, to us")
async def document(net: Network) -> None:
    content = os.urandom(300_000)
    await net.manager.send_secret_document(CHAT, content, b"", 0, 0, "f.bin", "application/x", len(content))
    await net.carry()
    check_file(net, len(content), content)


async def file_to_them(net: Network, size: int, **media: Any) -> None:
    await theirs(net, "first")
    await net.carry()
    content, key, iv = os.urandom(size), os.urandom(32), os.urandom(32)
    digest = md5(key + iv).digest()
    fingerprint = int.from_bytes(bytes(a ^ b for a, b in zip(digest[:4], digest[4:8])), "little", signed=True)
    reference = net.keep(AES.encrypt_ige(content + bytes(-size % 16), key, iv), fingerprint)
    net.shim.tell("send", media={"size": size, "key": key.hex(), "iv": iv.hex(), **media}, file=reference)
    await net.carry()
    need(net.received, "does not arrive")
    got = await net.manager.download_secret_media(net.received[0])
    if got[:size] != content:
        need(got == in_parts(net.files[reference][1], READ_PART, key, iv), "another content")
        raise Fails("another content: their download begins the chain anew at each part")


PHOTO = {"kind": "photo", "w": 100, "h": 90, "thumb": "ffd8", "thumb_w": 10, "thumb_h": 9}
DOCUMENT = {"kind": "document", "mime_type": "application/x", "file_name": "f.bin"}


@scenario("photo of one part, to them")
async def photo_to_them(net: Network) -> None:
    await file_to_them(net, 50_000, **PHOTO)


@scenario("photo of several parts, to them")
async def large_photo_to_them(net: Network) -> None:
    await file_to_them(net, 300_000, **PHOTO)


@scenario("document of one part, to them")
async def document_to_them(net: Network) -> None:
    await file_to_them(net, 50_000, **DOCUMENT)


@scenario("document of one part, to them, with layer 101 here")
async def document_at_101(net: Network) -> None:
    await file_to_them(net, 50_000, **DOCUMENT)


@scenario("timer of the chat, set by us")
async def timer_to_them(net: Network) -> None:
    net.shim.tell("set_ttl", seconds=30)
    await net.carry()
    need(net.manager.get_secret_chat(CHAT).ttl == 30, "they do not take it")


@scenario("timer of one text, to us")
async def timer_to_us(net: Network) -> None:
    await theirs(net, "soon gone", ttl=20)
    await net.carry()
    need(messages(net), "does not arrive")
    need(messages(net)[0]["ttl"] == 20, "the timer is lost")


@scenario("deletion by us")
async def deletion(net: Network) -> None:
    ours(net, "text")
    await net.carry()
    need(net.received, "does not arrive")
    net.shim.tell("delete", ids=[str(net.received[0].random_id)])
    await net.carry()
    action = getattr(net.received[-1], "action", None)
    need(action and action.random_ids == [net.received[0].random_id], "their host does not hear of it")


@scenario("a text of theirs is lost")
async def theirs_lost(net: Network) -> None:
    await theirs(net, "first")
    await net.carry(lose_theirs=1)
    await theirs(net, "second")
    await net.carry()
    got = [message["text"] for message in messages(net)]
    need(got == ["first", "second"], f"{len(got)} of 2 reach us: they do not send it again")


@scenario("a text of ours is lost")
async def ours_lost(net: Network) -> None:
    ours(net, "first")
    await net.carry(lose_ours=1)
    ours(net, "second")
    await net.carry()
    got = [message.message for message in net.received]
    need(got == ["first", "second"], f"{len(got)} of 2 reach them: they ask for nothing")


@scenario("a text of ours comes twice")
async def ours_twice(net: Network) -> None:
    ours(net, "text")
    net.shim.transmits.append(dict(net.shim.transmits[-1]))
    await net.carry()
    await theirs(net, "answer")
    await net.carry()
    need(messages(net), "they count it twice, and nothing more of theirs is taken")
    need(len(net.received) == 1, f"they show it {len(net.received)} times")


async def renewed(net: Network) -> None:
    await net.carry()
    need(count(net, "rekeyed") == 1, "no new key")
    await talk(net, 5, 1)


@scenario("new key, asked for by us")
async def our_rekey(net: Network) -> None:
    net.shim.tell("rekey")
    await renewed(net)


@scenario("new key, asked for by them")
async def their_rekey(net: Network) -> None:
    await net.manager.rekey(CHAT)
    await renewed(net)


@scenario("new key, asked for by both at once")
async def both_rekey(net: Network) -> None:
    net.shim.tell("rekey")
    await net.manager.rekey(CHAT)
    await renewed(net)


@scenario("we restart")
async def we_restart(net: Network) -> None:
    await talk(net, 5, 1)
    net.shim.tell("restart")
    await talk(net, 5, 1)


@scenario("texts, with their SQLite storage")
async def sqlite(net: Network) -> None:
    await talk(net, 5, 1)


@scenario("they restart, with their SQLite storage")
async def they_restart(net: Network) -> None:
    net.start()
    await talk(net, 5, 1)


@scenario("we end the chat")
async def we_end(net: Network) -> None:
    net.shim.tell("close", history=False)
    await net.carry()
    need(net.manager.session.get_secret_chat_by_id(CHAT) is None, "they keep it as open")


@scenario("they end the chat")
async def they_end(net: Network) -> None:
    await net.manager.close_secret_chat(net.manager.get_secret_chat(CHAT))
    await net.carry()
    need(count(net, "closed") == 1, "we keep it as open")
