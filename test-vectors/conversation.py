#!/usr/bin/env python3
"""Whole conversations of both ends in all profiles, from SPEC alone.

    conversation.py            writes conversation.json
    conversation.py --check    compares it with what this program computes

Needs `pip install cryptography kyber-py`. The ends are in ends.py.
"""

import struct

import ends
from chats import PEER, Chat, ciphertexts
from vector_file import cases, publish


def talk(profile: str) -> dict:
    chat = Chat(profile, f"talk {profile}", tuple(PEER))
    chat.meet()
    first = chat.says("initiator", "one")
    chat.says("responder", "Grüße 👋")
    chat.says("initiator", "x" * 300)
    chat.acts("initiator", "delete", ends.delete([first]), [f"deleted {first}"], random_ids=[str(first)])
    chat.acts("responder", "acknowledge", ends.NOOP, [])
    # DES-1: carried by what is sealed from then on, by either end.
    chat.acts("responder", "set_ttl", ends.set_ttl(3600), ["ttl 3600"], seconds=3600)
    chat.ttl = 3600
    chat.says("responder", "for an hour")
    chat.says("initiator", "also for an hour")
    return chat.case("texts of both, a deletion, an acknowledgement, a timer")


def gap(profile: str) -> dict:
    """SEQ-3, SEQ-7, SEQ-9: the first of three comes last."""
    chat = Chat(profile, f"gap {profile}", tuple(PEER))
    chat.meet()
    i, r = chat.ends["initiator"], chat.ends["responder"]
    one, two, three = (chat.writes("initiator", words)[0] for words in ("one", "two", "three"))
    # In the numbers of the peer, as it writes them.
    ask = r.act(ends.resend(2 * 1 + 1, 2 * 1 + 1))
    chat.receives("responder", two, sent=ciphertexts([ask]), handled="Waiting")
    chat.receives("responder", three, handled="Waiting")
    chat.receives("responder", three, handled="Duplicate")
    i.received += 1
    chat.receives("initiator", ask, sent=ciphertexts([one]))
    r.received += 3
    chat.receives("responder", one, ["message one", "message two", "message three"])
    chat.receives("responder", one, handled="Duplicate")
    chat.says("responder", "all there")
    return chat.case("the first of three messages comes last and is asked for once")


def rekeys(profile: str) -> dict:
    chat = Chat(profile, f"rekeys {profile}", tuple(PEER))
    chat.meet()
    chat.says("initiator", "before")
    chat.says("responder", "before too")
    chat.rekey("initiator", 1)
    chat.says("initiator", "under the second key")
    chat.says("responder", "also")
    chat.says("initiator", "and acknowledged")
    chat.rekey("responder", 2)
    chat.says("responder", "under the third key")
    return chat.case("two rekeys, one asked for by each end")


def asks(profile: str) -> dict:
    """RIGHT-6, DES-14: what a sender asks for by flags. A hidden text is not told before it is opened."""
    chat = Chat(profile, f"asks {profile}", tuple(PEER))
    chat.meet()
    chat.says("initiator", "quietly", "silent")
    chat.says("initiator", "not to be kept", "protected")
    chat.acts("responder", "set_ttl", ends.set_ttl(60), ["ttl 60"], seconds=60)
    chat.ttl = 60
    chat.says("responder", "for a minute, once it is opened", "hidden")
    chat.says("initiator", "all of it", "silent", "protected", "hidden")
    return chat.case("messages that ask to be shown quietly, not to be kept, and to be hidden until they are opened")


def sizes(profile: str) -> dict:
    """ENV-2: each size that a sender pads to, and texts at their borders."""
    chat = Chat(profile, f"sizes {profile}", tuple(PEER))
    chat.meet()
    # A text of 48 bytes and more has 76 or 77 bytes around it.
    for size in (128, 192, 256, 384, 512, 768, 1024, 1280, 1728, 2176, 2624):
        longest = size - 4 - 12 - 76
        for length in (longest - 8, longest, longest + 4):
            chat.says("initiator" if length % 8 else "responder", f"{size} ".ljust(length, "."))
    return chat.case("texts at the borders of the sizes that are padded to")


def closing(profile: str, role: str, history: bool, rekeys: int = 0, missing: int = 0) -> dict:
    """X25-6, X25-9: under the key of today, with what was sent until then."""
    chat = Chat(profile, f"closing {role} {history} {rekeys} {missing}", tuple(PEER))
    chat.meet()
    chat.says("initiator", "one")
    for number in range(rekeys):
        if number:
            # The other end wipes the old key.
            chat.says(PEER[role], "under the new key")
        chat.rekey(role if number % 2 else PEER[role], number + 1)
    for number in range(missing):
        chat.writes(role, f"lost {number}")
    proof = chat.ends[role].discard_proof(history)
    chat.step(role, "close", [{"discard": history, "proof": proof}], ["closed ByUs"], history=history)
    told = [f"closed ByPeer, missing {missing}"]
    chat.step(PEER[role], "discarded", told=told, history=history, proof=proof, handled="ChatClosed")
    return chat.case(f"{profile}: the {role} closes, history {history}, {rekeys} rekeys, {missing} missing")


def worked() -> dict:
    """The chat of SPEC's worked examples. Its agreement and its rekey are the first of x25519-profile-published.json."""
    chat = Chat("x25519", "worked", tuple(PEER))
    i, r = chat.ends["initiator"], chat.ends["responder"]
    a, b, p, q = (bytes(range(first, first + 32)) for first in (0x00, 0x20, 0x40, 0x60))
    i.given, r.given = [a], [b]
    chat.meet()
    chat.says("responder", "Hello, Alice")
    loses_first(chat, "initiator", "Hello, Bob", "Did you see the first one?")
    loses_first(chat, "responder", "Yes", "It came last")
    i.given, r.given = [struct.pack("<q", 1), p], [q]
    chat.rekey("initiator", 1)
    return chat.case("the chat of the worked examples: its service messages, a gap at either end, a rekey")


def loses_first(chat: Chat, writer: str, first: str, second: str) -> None:
    """SEQ-7, SEQ-9: the first of two comes last, after the reader asked for it in the numbers of the writer."""
    w, reader = chat.ends[writer], chat.ends[PEER[writer]]
    number = 2 * w.sent + (writer == "initiator")
    late, early = (chat.writes(writer, words)[0] for words in (first, second))
    ask = reader.act(ends.resend(number, number))
    chat.receives(PEER[writer], early, sent=ciphertexts([ask]), handled="Waiting")
    w.received += 1
    chat.receives(writer, ask, sent=ciphertexts([late]))
    reader.received += 2
    chat.receives(PEER[writer], late, [f"message {first}", f"message {second}"])


def main() -> None:
    whole = (talk, gap, rekeys)
    talks = [make(profile) for profile in ("x25519", "telegram") for make in whole]
    talks += [sizes("x25519")]
    talks += [closing("x25519", role, history) for role in PEER for history in (False, True)]
    after_rekeys = ((1, 0), (2, 3))
    talks += [closing("x25519", role, True, *counts) for role in PEER for counts in after_rekeys]
    talks += [make("hybrid") for make in whole]
    talks += [closing("hybrid", role, True, *counts) for role in PEER for counts in after_rekeys]
    talks += [asks(profile) for profile in ("x25519", "hybrid")]
    talks += [worked()]
    conversation = {
        "format": "conversation-1",
        "uses": ("chats.py", "ends.py", "agreements.py"),
        "clause": "RNG-1 RNG-3 RIGHT-6 DES-14 X25-4 X25-5 X25-6 X25-7 X25-9 HYB-4 HYB-5 HYB-6 MODP-6 ENV-1 ENV-2 SEQ-1 SEQ-7 SEQ-9 LAY-1 LAY-2 ACT-1 REKEY-1 REKEY-4 OUT-2",
        "comment": "Both ends: every draw, every byte on the wire, and what the hosts are told.",
        "cases": cases("conversation", talks),
    }
    publish(__file__, __doc__, {"conversation.json": conversation})


if __name__ == "__main__":
    main()
