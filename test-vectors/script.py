#!/usr/bin/env python3
"""Scripts of an end whose peer, or whose carrier, breaks the rules, from SPEC alone.

    script.py            writes script.json
    script.py --check    compares it with what this program computes

Needs `pip install cryptography`. The ends are in ends.py.
"""

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
    """The end of a chat is told by a Discard, proved in the X25519 profile (OUT-1)."""
    r = chat.ends["responder"]
    proof = r.key.discard_proof("responder", False, r.sent) if chat.profile == "x25519" else None
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


def rekey_scripts() -> list[dict]:
    """REKEY-2 at an idle end and at one that accepted, strict, and values that MODP-4 and X25-2 refuse."""
    made = []
    for what, action in (
        ("AcceptKey", lambda end: ends.accept_key(7, bytes(32), bytes(8))),
        ("CommitKey", lambda end: ends.commit_key(7, bytes(8))),
    ):
        chat, i = begun("x25519", f"{what} idle", "strict")
        ends_the_chat(chat, i.act(action(i)), "RekeyUnexpected")
        made.append(chat.case(f"{what} without an exchange, strict", "RekeyUnexpected"))
    chat, i = begun("x25519", "AbortKey idle", "strict")
    chat.receives("responder", i.act(ends.abort_key(7)))
    made.append(chat.case("AbortKey without an exchange is ignored"))
    for what, value in (("zeros", bytes(32)), ("2^255 - 19", (2**255 - 19).to_bytes(32, "little")), ("31 bytes", b"\x09" * 31)):
        chat, i = begun("x25519", f"bad value {what}", "strict")
        r = chat.ends["responder"]
        sealed = i.act(ends.request_key(7, value))
        r.received += 1
        answer = r.act(ends.abort_key(7))
        chat.receives("responder", sealed, ["rekey failed BadValue"], ciphertexts([answer]))
        made.append(chat.case(f"RequestKey with a bad value, {what}", "BadValue"))
    for what, wrong_id, fingerprint, error in (
        ("of another exchange", 1, None, "RekeyUnexpected"),
        ("with another fingerprint", 0, bytes(8), None),
    ):
        chat, i = begun("x25519", f"commit {what}", "strict")
        r = chat.ends["responder"]
        p = i.public()
        sealed = i.act(ends.request_key(7, p))
        r.received += 1
        q = r.public()
        new = r.next_key(p, 7, "initiator", p, q)
        accept = r.act(ends.accept_key(7, q, new.fingerprint))
        chat.receives("responder", sealed, sent=ciphertexts([accept]))
        i.received += 1
        commit = i.act(ends.commit_key(7 + wrong_id, fingerprint or new.fingerprint))
        if error:
            ends_the_chat(chat, commit, error)
        else:
            chat.receives("responder", commit, ["rekey failed FingerprintMismatch"])
        made.append(chat.case(f"CommitKey {what}", error or "FingerprintMismatch"))
    return made


def answer_scripts() -> list[dict]:
    """X25-5, X25-6 and MODP-6: answers and Discards of somebody on the way. The initiator is under test."""
    made = []
    for profile in ("x25519", "telegram"):
        for what, spoil in (
            ("another fingerprint", lambda b, fp: (b, bytes([fp[0] ^ 1]) + fp[1:])),
            ("a value of zeros", lambda b, fp: (bytes(len(b)), fp)),
            ("a value of ff", lambda b, fp: (b"\xff" * len(b), fp)),
            ("no value", lambda b, fp: (b"", fp)),
            ("a value that is a byte longer", lambda b, fp: (b + b"\0", fp)),
        ):
            chat = Chat(profile, f"answer {profile} {what}", ("initiator",))
            i, r = chat.ends["initiator"], chat.ends["responder"]
            a, b = i.public(), r.public()
            chat.step("initiator", "request", [{"request": a.hex()}])
            r.agree(a, a, b)
            i.agree(b, a, b)
            public, fingerprint = spoil(b, r.key.fingerprint)
            error = "FingerprintMismatch" if public == b else "BadPublicValue"
            if profile == "telegram":
                # A wrong answer ends the chat and is told.
                told, sent = ["closed BadAnswer"], [{"discard": False, "proof": None}]
                chat.step("initiator", "accepted", sent, told, public=public, fingerprint=fingerprint, handled="ChatClosed")
                made.append(chat.case(f"an answer with {what}, Telegram", "BadAnswer"))
                continue
            chat.step("initiator", "accepted", public=public, fingerprint=fingerprint, handled=error)
            first = i.act(ends.notify_layer(144))
            right = {"public": b, "fingerprint": r.key.fingerprint, "handled": "Applied"}
            chat.step("initiator", "accepted", ciphertexts([first]), ["ready"], **right)
            made.append(chat.case(f"an answer with {what} is refused, the right one is taken", error))
    for what, proof in (
        ("no key's proof", {"sent": 1, "mac": bytes(32).hex()}), ("its own proof", "own"), ("no proof", None),
        ("another count", "count"), ("the proof of the root before", "old"),
    ):  # fmt: skip
        chat = Chat("x25519", f"discard {what}", ("responder",), "strict")
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
        made.append(chat.case(f"a Discard with {what}, and one for the other history flag", "NotAuthentic"))
    return made


def main() -> None:
    scripts = number_scripts("x25519", "strict") + number_scripts("telegram", "default")
    scripts += resend_scripts("x25519", "strict") + resend_scripts("telegram", "default")
    script = {
        "format": "script-1",
        "uses": ("chats.py", "ends.py"),
        "clause": "X25-5 X25-6 MODP-6 SEQ-1 SEQ-2 SEQ-3 SEQ-4 SEQ-7 LIM-2 LAY-1 TL-5 ENV-4 OUT-1 REKEY-2 REKEY-3",
        "comment": "One end, and a peer or a carrier that breaks the rules.",
        "cases": cases("script", scripts + content_scripts() + lenient_scripts() + rekey_scripts() + answer_scripts()),
    }
    publish(__file__, __doc__, {"script.json": script})


if __name__ == "__main__":
    main()
