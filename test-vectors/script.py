#!/usr/bin/env python3
"""Scripts of an end whose peer, or whose carrier, breaks the rules, from SPEC alone.

    script.py            writes script.json
    script.py --check    compares it with what this program computes

Needs `pip install cryptography kyber-py`. The ends are in ends.py.
"""

import itertools
import struct

import ends
from chats import Chat, ciphertexts
from ends import End
from vector_file import cases, publish


def begun(profile: str, name: str, policy: str) -> tuple[Chat, End]:
    chat = Chat(profile, f"script {name} {policy}", ("responder",), policy)
    chat.meet()
    chat.says("responder", "mine")
    return chat, chat.ends["initiator"]


def ends_the_chat(chat: Chat, sealed: bytes, why: str) -> None:
    """The end of a chat is told by a Discard, proved unless the profile is Telegram's (OUT-1)."""
    proof = chat.ends["responder"].discard_proof(False)
    chat.receives("responder", sealed, [f"closed {why}"], [{"discard": False, "proof": proof}], "ChatClosed")


def number_scripts(profile: str, policy: str) -> list[dict]:
    """OUT-1, rows of the numbers. The peer has processed NotifyLayer (slot 0) when it says so."""
    given = [
        ("out_seq_no of the wrong parity", {"out": 2}, "SeqParity"),
        ("in_seq_no of the wrong parity", {"in": 1}, "SeqParity"),
        ("out_seq_no negative", {"out": -1}, "SeqNegative"),
        ("in_seq_no negative", {"in": -2}, "SeqNegative"),
        ("in_seq_no far ahead", {"in": 2**31 - 2}, "InSeqAhead"),
    ]
    made = []
    for what, numbers, error in given:
        chat, i = begun(profile, what, policy)
        sealed = i.say(ends.text(i.long(), "wrong"), **numbers)
        ends_the_chat(chat, sealed, error)
        made.append(chat.case(f"{what}, {profile}", error))
    chat, i = begun(profile, "ahead by one", policy)
    sealed = i.say(ends.text(i.long(), "wrong"), received=chat.ends["responder"].sent + 1)
    ends_the_chat(chat, sealed, "InSeqAhead")
    made.append(chat.case(f"in_seq_no ahead by one, {profile}", "InSeqAhead"))
    chat, i = begun(profile, "back", policy)
    chat.receives("responder", i.say(ends.text(i.long(), "acknowledges")), ["message acknowledges"])
    sealed = i.say(ends.text(i.long(), "back"), received=i.received - 1)
    ends_the_chat(chat, sealed, "InSeqBack")
    made.append(chat.case(f"in_seq_no back, {profile}", "InSeqBack"))
    chat, i = begun(profile, "old parity", policy)
    chat.receives("responder", i.say(ends.text(i.long(), "one")), ["message one"])
    ends_the_chat(chat, i.say(ends.text(i.long(), "old"), out=2), "SeqParity")
    made.append(chat.case(f"an old slot of the wrong parity, {profile}", "SeqParity"))
    return made


def resend_scripts(profile: str, policy: str) -> list[dict]:
    """SEQ-3, SEQ-7 and OUT-1 of Resend."""
    made = []
    strict = profile == "x25519"
    # Own messages of the responder: x25519 has slot 0 alone, Telegram a NotifyLayer before it.
    for what, first, last in (
        ("reversed", 2, 0), ("of wrong parity", 1, 1), ("beyond what was sent", 0, 2 * 50),
        ("of more than 1,000 slots", 0, 2 * 1000), ("negative", -2, 0),
    ):  # fmt: skip
        if not strict:
            continue
        chat, i = begun(profile, f"resend {what}", policy)
        sealed = i.act(ends.resend(first, last), received=0)
        ends_the_chat(chat, sealed, "ResendRange")
        made.append(chat.case(f"Resend {what}, strict", "ResendRange"))
    chat, i = begun(profile, "duplicate", policy)
    one = i.say(ends.text(i.long(), "one"))
    chat.receives("responder", one, ["message one"])
    chat.receives("responder", one, handled="Duplicate")
    again = i.say(ends.text(i.long(), "another content"), slot=1)
    chat.receives("responder", again, handled="Duplicate")
    chat.receives("responder", i.say(ends.text(i.long(), "two")), ["message two"])
    made.append(chat.case(f"a slot with two contents: the first counts, {profile}"))
    chat, i = begun(profile, "too far", policy)
    far = i.say(ends.text(i.long(), "far"), slot=i.sent + 20_000)
    chat.receives("responder", far, handled="NoRoom")
    chat.receives("responder", i.say(ends.text(i.long(), "near")), ["message near"])
    made.append(chat.case(f"a slot beyond LIM-2 has no room, {profile}"))
    return made


def content_scripts() -> list[dict]:
    """OUT-1, the strict policy: layer, bare object, body, and what is not authentic."""
    made = []
    chat, i = begun("x25519", "layer back", "strict")
    ends_the_chat(chat, i.say(ends.text(i.long(), "x"), layer=143), "LayerBack")
    made.append(chat.case("a layer below one that was seen, strict", "LayerBack"))
    chat, i = begun("x25519", "bare", "strict")
    ends_the_chat(chat, i.seal(ends.service(i.long(), ends.NOOP)), "BareObject")
    made.append(chat.case("a bare object", "BareObject"))
    chat, i = begun("x25519", "unknown", "strict")
    ends_the_chat(chat, i.act(struct.pack("<I", 0xDEADBEEF)), "BodyNotUnderstood")
    made.append(chat.case("an unknown action, strict", "BodyNotUnderstood"))
    for what, change in (("a bit of the ciphertext", -1), ("a bit of the msg_key", 8)):
        chat, i = begun("x25519", what, "strict")
        sealed = bytearray(i.say(ends.text(i.long(), "on its way")))
        sealed[change] ^= 1
        chat.receives("responder", bytes(sealed), handled="NotAuthentic")
        sealed[change] ^= 1
        chat.receives("responder", bytes(sealed), ["message on its way"])
        made.append(chat.case(f"{what} changed, then the message: nothing was lost", "NotAuthentic"))
    chat, i = begun("x25519", "unknown key", "strict")
    sealed = i.say(ends.text(i.long(), "x"))
    chat.receives("responder", bytes([sealed[0] ^ 1]) + sealed[1:], handled="UnknownKey")
    made.append(chat.case("a fingerprint of no key", "UnknownKey"))
    return made


def lenient_scripts() -> list[dict]:
    """OUT-1, the default policy in the Telegram profile: the slot is used, and the chat goes on."""
    made = []

    def add(what: str, told: list, message, policy: str = "default", notifies: bool = False, **other: int) -> None:
        chat, i = begun("telegram", f"lenient {what}", policy)
        r = chat.ends["responder"]
        sealed = i.say(message(i), **other)
        r.received += 1
        # Once for each layer of the peer: it had 73 when it was told before.
        answer = [r.act(ends.notify_layer(144))] if notifies else []
        chat.receives("responder", sealed, told, ciphertexts(answer))
        i.received += len(answer)
        chat.receives("responder", i.say(ends.text(i.long(), "after")), ["message after"])
        made.append(chat.case(f"{what}, Telegram, {policy}"))

    def words(i: End) -> bytes:
        return ends.text(i.long(), "text")

    def acts(action: bytes):
        return lambda i: ends.service(i.long(), action)

    for layer in (101, 143, 73):
        add(f"layer {layer} after 144", ["message text"], words, layer=layer)
    for length in (0, 14):
        add(f"{length} random bytes", ["unsupported"], words, random_bytes=length)
        add(f"{length} random bytes", ["message text"], words, "tolerant", random_bytes=length)
    add("15 random bytes", ["message text"], words, random_bytes=15)
    add("an unknown action", ["unsupported"], acts(struct.pack("<I", 0xDEADBEEF)), notifies=True)
    add("bytes left over", ["unsupported"], acts(ends.NOOP + bytes(4)), notifies=True)
    add("AcceptKey without an exchange", [], acts(ends.accept_key(7, bytes(256), bytes(8))))
    add("CommitKey without an exchange", [], acts(ends.commit_key(7, bytes(8))))
    add("AbortKey without an exchange", [], acts(ends.abort_key(7)))
    return made


# A value that is refused, by what is wrong with a good one (X25-2, HYB-2).
BAD_REQUESTS = {
    "x25519": {
        "zeros": lambda good: bytes(32),
        "2^255 - 19": lambda good: (2**255 - 19).to_bytes(32, "little"),
        "31 bytes": lambda good: b"\x09" * 31,
    },
    "hybrid": {
        "no X25519 secret": lambda good: bytes(32) + good[32:],
        "2^255 - 19": lambda good: (2**255 - 19).to_bytes(32, "little") + good[32:],
        "first number of 4,095": lambda good: good[:32] + b"\xff" * 3 + good[35:],
        "last number of 4,095": lambda good: good[:1182] + b"\xff" * 2 + good[1184:],
        "32 bytes, of the X25519 profile": lambda good: good[:32],
        "1,120 bytes, of an answer": lambda good: good[:1120],
        "1,217 bytes": lambda good: good + b"\0",
    },
}
BAD_ANSWERS = {
    "x25519": {"zeros": lambda good: bytes(32), "33 bytes": lambda good: good + b"\0"},
    "hybrid": {
        "no X25519 secret": lambda good: bytes(32) + good[32:],
        "32 bytes, of the X25519 profile": lambda good: good[:32],
        "1,216 bytes, of a request": lambda good: good + bytes(96),
    },
}
# Nothing but the fingerprint tells that they are wrong (HYB-3).
OTHER_ANSWERS = {
    "x25519": {"of another scalar": lambda good: b"\x09" + bytes(31)},
    "hybrid": {
        "with another X25519 value": lambda good: b"\x09" + bytes(31) + good[32:],
        "with the first bit of ct changed": lambda good: good[:32] + bytes([good[32] ^ 1]) + good[33:],
        "with the last bit of ct changed": lambda good: good[:-1] + bytes([good[-1] ^ 0x80]),
        "with a ct of zeros": lambda good: good[:32] + bytes(1088),
    },
}


def rekey_scripts(profile: str) -> list[dict]:
    """REKEY-2 at an idle end, at one that asked and at one that accepted, strict; values that X25-2 and HYB-2 refuse."""
    made = []
    request_of, answer_of = BAD_REQUESTS[profile], BAD_ANSWERS[profile] | OTHER_ANSWERS[profile]
    for what, action in (
        ("AcceptKey", lambda end: ends.accept_key(7, bytes(32), bytes(8))),
        ("CommitKey", lambda end: ends.commit_key(7, bytes(8))),
    ):
        chat, i = begun(profile, f"{what} idle", "strict")
        ends_the_chat(chat, i.act(action(i)), "RekeyUnexpected")
        made.append(chat.case(f"{what} without an exchange, {profile}", "RekeyUnexpected"))
    chat, i = begun(profile, "AbortKey idle", "strict")
    chat.receives("responder", i.act(ends.abort_key(7)))
    made.append(chat.case(f"AbortKey without an exchange is ignored, {profile}"))
    for what, spoil in request_of.items():
        chat, i = begun(profile, f"bad value {what}", "strict")
        r = chat.ends["responder"]
        sealed = i.act(ends.request_key(7, spoil(i.request())))
        r.received += 1
        answer = r.act(ends.abort_key(7))
        chat.receives("responder", sealed, ["rekey failed BadValue"], ciphertexts([answer]))
        made.append(chat.case(f"RequestKey with a bad value, {what}, {profile}", "BadValue"))
    for what, spoil in answer_of.items():
        chat, i = begun(profile, f"answer {what}", "strict")
        r = chat.ends["responder"]
        exchange_id = r.long()
        p = r.request()
        chat.step("responder", "rekey", ciphertexts([r.act(ends.request_key(exchange_id, p))]))
        i.received += 1
        q = i.answer(p)
        new = i.next_key(exchange_id, "responder", p, q)
        accept = i.act(ends.accept_key(exchange_id, spoil(q), new.fingerprint))
        r.received += 1
        abort = r.act(ends.abort_key(exchange_id))
        error = "BadValue" if what in BAD_ANSWERS[profile] else "FingerprintMismatch"
        chat.receives("responder", accept, [f"rekey failed {error}"], ciphertexts([abort]))
        i.received += 1
        chat.receives("responder", i.say(ends.text(i.long(), "under the key before")), ["message under the key before"])
        made.append(chat.case(f"AcceptKey with a value {what}, {profile}", error))
    for what, wrong_id, fingerprint, error in (
        ("of another exchange", 1, None, "RekeyUnexpected"),
        ("with another fingerprint", 0, bytes(8), None),
    ):
        chat, i = begun(profile, f"commit {what}", "strict")
        r = chat.ends["responder"]
        p = i.request()
        sealed = i.act(ends.request_key(7, p))
        r.received += 1
        q = r.answer(p)
        new = r.next_key(7, "initiator", p, q)
        accept = r.act(ends.accept_key(7, q, new.fingerprint))
        chat.receives("responder", sealed, sent=ciphertexts([accept]))
        i.received += 1
        commit = i.act(ends.commit_key(7 + wrong_id, fingerprint or new.fingerprint))
        if error:
            ends_the_chat(chat, commit, error)
        else:
            chat.receives("responder", commit, ["rekey failed FingerprintMismatch"])
        made.append(chat.case(f"CommitKey {what}, {profile}", error or "FingerprintMismatch"))
    return made


def answer_scripts(profile: str) -> list[dict]:
    """X25-5, HYB-3 and MODP-6: answers of somebody on the way. The initiator is under test."""
    made = []
    spoilt = {
        "another fingerprint": lambda b, fp: (b, bytes([fp[0] ^ 1]) + fp[1:]),
        "a value of zeros": lambda b, fp: (bytes(len(b)), fp),
        "a value of ff": lambda b, fp: (b"\xff" * len(b), fp),
        "no value": lambda b, fp: (b"", fp),
        "a value that is a byte longer": lambda b, fp: (b + b"\0", fp),
    }
    if profile == "hybrid":
        of_values = BAD_ANSWERS[profile] | OTHER_ANSWERS[profile]
        spoilt |= {f"a value {what}": lambda b, fp, spoil=spoil: (spoil(b), fp) for what, spoil in of_values.items()}
    for what, spoil in spoilt.items():
        chat = Chat(profile, f"answer {profile} {what}", ("initiator",))
        i, r = chat.ends["initiator"], chat.ends["responder"]
        a = i.request()
        b = r.answer(a)
        chat.step("initiator", "request", [{"request": a.hex()}])
        r.first_key(a, b)
        i.exchange.finish(b)
        i.first_key(a, b)
        public, fingerprint = spoil(b, r.key.fingerprint)
        if not i.profile.binds:
            # A wrong answer ends the chat and is told.
            told, sent = ["closed BadAnswer"], [{"discard": False, "proof": None}]
            chat.step("initiator", "accepted", sent, told, public=public, fingerprint=fingerprint, handled="ChatClosed")
            made.append(chat.case(f"an answer with {what}, Telegram", "BadAnswer"))
            continue
        other = public == b or what.removeprefix("a value ") in OTHER_ANSWERS[profile]
        error = "FingerprintMismatch" if other else "BadPublicValue"
        chat.step("initiator", "accepted", public=public, fingerprint=fingerprint, handled=error)
        first = i.act(ends.notify_layer(144))
        right = {"public": b, "fingerprint": r.key.fingerprint, "handled": "Applied"}
        chat.step("initiator", "accepted", ciphertexts([first]), ["ready"], **right)
        made.append(chat.case(f"an answer with {what} is refused, the right one is taken, {profile}", error))
    return made


def discard_scripts(profile: str) -> list[dict]:
    """X25-6 and X25-9: Discards of somebody on the way."""
    made = []
    for what, proof in (
        ("no key's proof", {"sent": 1, "mac": bytes(32).hex()}), ("its own proof", "own"), ("no proof", None),
        ("another count", "count"), ("the proof of the root before", "old"),
    ):  # fmt: skip
        chat = Chat(profile, f"discard {what}", ("responder",), "strict")
        chat.meet()
        r = chat.ends["responder"]
        if proof == "old":
            proof = r.key.discard_proof("initiator", False, 4)
            chat.rekey("initiator", 1)
            # Nobody holds the old key any more.
            chat.says("initiator", "under the new key")
        elif proof == "own":
            proof = r.key.discard_proof("responder", False, r.sent)
        elif proof == "count":
            proof = r.key.discard_proof("initiator", False, 1) | {"sent": 2}
        chat.step("responder", "discarded", history=False, proof=proof, handled="NotAuthentic")
        other = r.key.discard_proof("initiator", True, chat.ends["initiator"].sent)
        chat.step("responder", "discarded", history=False, proof=other, handled="NotAuthentic")
        chat.says("responder", "still there")
        made.append(chat.case(f"a Discard with {what}, and one for the other history flag, {profile}", "NotAuthentic"))
    return made


def main() -> None:
    bound = ("x25519", "hybrid")
    policies = {"x25519": "strict", "telegram": "default"}
    scripts = [make(*item) for make in (number_scripts, resend_scripts) for item in policies.items()]
    scripts += [content_scripts(), lenient_scripts(), *map(rekey_scripts, bound)]
    scripts += [*map(answer_scripts, ("x25519", "telegram", "hybrid")), *map(discard_scripts, bound)]
    scripts += [number_scripts("hybrid", "strict")]
    script = {
        "format": "script-1",
        "uses": ("chats.py", "ends.py", "agreements.py"),
        "clause": "X25-5 X25-6 X25-9 HYB-2 HYB-3 HYB-6 MODP-6 SEQ-1 SEQ-2 SEQ-3 SEQ-4 SEQ-7 LIM-2 LAY-1 TL-5 ENV-4 OUT-1 REKEY-2 REKEY-3",
        "comment": "One end, and a peer or a carrier that breaks the rules.",
        "cases": cases("script", list(itertools.chain(*scripts))),
    }
    publish(__file__, __doc__, {"script.json": script})


if __name__ == "__main__":
    main()
