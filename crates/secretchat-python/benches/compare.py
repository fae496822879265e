"""Compares speeds with other packages, all in one run: the minimum of several rounds of CPU time each, and the ratios.

    pip install secretchat Telethon==1.45.0 telethon-secret-chat==0.2.4 cryptg==0.6.0 TgCrypto==1.2.5
    python benches/compare.py
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import cryptg
import tgcrypto
from telethon_secret_chat.secret_chat_manager import SecretChatManager, patch_tlobjects
from telethon_secret_chat.secret_methods import SecretChat
from telethon_secret_chat.secret_sechma.secretTL import DecryptedMessage
from telethon_secret_chat.storage.memory import SecretMemorySession

from secretchat import Chat, Config, DhGroup, Draft, Invitation, Persist, StoreKey, media, transmits

ROUNDS, MESSAGES, TEXT = 7, 400, "A message of a usual length, which somebody has written to somebody else."
FILE = os.urandom(4 << 20)


def fastest(run: Callable[[], object]) -> float:
    """Returns the least CPU time of a run in seconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def chats(profile: str, records: bool, rekeys: bool = False) -> Callable[[], None]:
    """Returns a run of messages from one end of a chat to the other, with everything that a chat does."""
    configs = {
        "telegram": lambda: [Config.telegram(DhGroup.published())] * 2,
        "x25519": lambda: [Config.x25519("alice", "bob"), Config.x25519("bob", "alice")],
        "hybrid": lambda: [Config.hybrid("alice", "bob"), Config.hybrid("bob", "alice")],
    }[profile]()
    if not rekeys:
        configs = [config.with_rekey(messages=1 << 30, limit_messages=1 << 30) for config in configs]
    if records:
        configs = [config.with_store(StoreKey(b"k" * 32)) for config in configs]
    alice = Chat.request(configs[0])
    request = next(output for output in alice if isinstance(output, transmits.Request))
    bob = Invitation(request.public, configs[1]).accept()
    carry(alice, bob)

    def run() -> None:
        for n in range(MESSAGES):
            alice.send(Draft(TEXT))
            if n % 40 == 39 or rekeys:
                carry(alice, bob)
                bob.acknowledge()
                carry(alice, bob)
            else:
                pass_on(alice, bob)

    return run


def pass_on(sender: Chat, receiver: Chat) -> bool:
    """Carries what one end has for the other, and takes all outputs. Returns whether there was something."""
    any_sent = False
    for output in sender:
        if isinstance(output, transmits.Ciphertext):
            receiver.on_ciphertext(output.bytes)
            any_sent = True
        elif isinstance(output, transmits.Accept):
            receiver.on_accepted(output.public, output.fingerprint)
            any_sent = True
        elif isinstance(output, Persist):
            # What a store would write.
            output.put, output.delete
    return any_sent


def carry(alice: Chat, bob: Chat) -> None:
    """Carries until both ends are at rest."""
    while pass_on(alice, bob) | pass_on(bob, alice):
        pass


class Client:
    """What `telethon-secret-chat` asks of a client when nothing is carried."""

    def __init__(self) -> None:
        """Makes a client that hears nothing."""
        import logging

        self._log = {"secret_chat": logging.getLogger("secret_chat")}

    def add_event_handler(self, handler: object) -> None:
        """Does nothing."""


def done(coroutine: Any) -> Any:
    """Returns the result of a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits")


def telethon_secret_chat() -> Callable[[], None]:
    """Returns a run that seals and opens by `telethon-secret-chat`, which checks no sequence numbers and keeps no records."""
    patch_tlobjects()
    key, ends = os.urandom(256), []
    for admin in (True, False):
        manager = SecretChatManager(Client(), SecretMemorySession())
        chat = SecretChat(7, 8, key, admin, 1, None, layer=101, ttr=1 << 30, updated=time.time(), created=time.time(), mtproto=2)
        manager.session.save_chat(chat)
        ends.append((manager, chat))
    (alice, ours), (bob, _) = ends

    def run() -> None:
        for _ in range(MESSAGES):
            sealed = done(alice.encrypt_secret_message(ours, DecryptedMessage(0, TEXT)))
            opened = bob.decrypt_mtproto2(sealed[8:24], 7, sealed[24:])
            assert opened.message.message == TEXT
            ours.outgoing.clear()

    return run


def main() -> None:
    """Prints the table."""
    print("| messages from one end to the other, with | messages a second | ratio |\n|---|---|---|")
    runs = [
        ("`telethon-secret-chat`: seals and opens alone", telethon_secret_chat()),
        ("Telegram profile, a whole chat without records, its 2,048-bit renewals left out", chats("telegram", False)),
        ("Telegram profile, a whole chat without records, renewed every 100 messages", chats("telegram", False, rekeys=True)),
        ("X25519 profile, a whole chat without records", chats("x25519", False)),
        ("X25519 profile, a whole chat with records", chats("x25519", True)),
        ("hybrid profile, a whole chat with records", chats("hybrid", True)),
    ]
    floor = None
    for name, run in runs:
        rate = MESSAGES / fastest(run)
        floor = floor or rate
        print(f"| {name} | {rate:,.0f} | {rate / floor:.2f} |")
    key, iv = os.urandom(32), os.urandom(32)
    chain, sealed = media.seal(FILE, "chain")
    segments, in_segments = media.seal(FILE)
    print("\n| a file of 4 MiB, with | MB a second | ratio |\n|---|---|---|")
    floor = None
    for name, run in [
        ("`tgcrypto.ige256_encrypt`", lambda: tgcrypto.ige256_encrypt(FILE, key, iv)),
        ("`cryptg.encrypt_ige`", lambda: cryptg.encrypt_ige(FILE, key, iv)),
        ('`media.seal(.., "chain")`', lambda: media.seal(FILE, "chain")),
        ("`media.seal`, in segments: authentic", lambda: media.seal(FILE)),
        ("`tgcrypto.ige256_decrypt`", lambda: tgcrypto.ige256_decrypt(FILE, key, iv)),
        ("`cryptg.decrypt_ige`", lambda: cryptg.decrypt_ige(FILE, key, iv)),
        ("`media.open` of a chain", lambda: media.open(chain, len(FILE), sealed)),
        ("`media.open` of segments: authentic", lambda: media.open(segments, len(FILE), in_segments)),
    ]:
        rate = len(FILE) / 1e6 / fastest(run)
        floor = floor or rate
        print(f"| {name} | {rate:,.0f} | {rate / floor:.2f} |")


if __name__ == "__main__":
    main()
