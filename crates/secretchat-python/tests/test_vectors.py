"""The conversations of test-vectors through this package, byte for byte, with the recorded draws."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import REPOSITORY
from secretchat import Chat, Config, DhGroup, Draft, Invitation, Persist, events, transmits
from secretchat.errors import PeerFault


def cases() -> list[Any]:
    """Returns the cases of both files."""
    found = []
    for name in ("conversation", "script"):
        file = json.loads((REPOSITORY / "test-vectors" / f"{name}.json").read_text())
        assert file["format"] == f"secretchat/{name}-1"
        found += [pytest.param(case, id=case["id"]) for case in file["cases"]]
    assert found
    return found


class Draws:
    """The recorded random bytes of one call. A chat may ask once for several values: the order of the bytes is fixed."""

    def __init__(self) -> None:
        self.rest = b""

    def __call__(self, count: int) -> bytes:
        assert count <= len(self.rest), "more random bytes than recorded"
        drawn, self.rest = self.rest[:count], self.rest[count:]
        return drawn


class Player:
    """One end of a case."""

    def __init__(self, case: Any, end: str) -> None:
        self.case = case
        self.draws = Draws()
        self.chat: Chat | None = None
        ids = [bytes.fromhex(case["id_i"]), bytes.fromhex(case["id_r"])]
        if end == "responder":
            ids.reverse()
        if case["profile"] == "telegram":
            self.config = Config.telegram(DhGroup.published(case["g"]), case["policy"])
        else:
            self.config = getattr(Config, case["profile"])(*ids)

    def take(self, step: Any) -> None:
        """Takes a step, and compares all that comes of it."""
        self.draws.rest = bytes.fromhex("".join(step["draws"]))
        host: Any = {"random": self.draws, "clock": lambda: 1_700_000_000_000}
        if step["call"] == "request":
            self.chat = Chat.request(self.config, **host)
        elif step["call"] == "accept":
            self.chat = Invitation(bytes.fromhex(step["public"]), self.config).accept(**host)
        else:
            self.call(step)
        assert self.draws.rest == b"", "fewer random bytes than recorded"
        sent, told = [], []
        assert self.chat is not None
        for output in self.chat:
            if type(output).__module__ == "secretchat.transmits":
                sent.append(shown(output))
            elif not isinstance(output, Persist):
                told += news(output)
        assert sent == step["sent"]
        assert told == step["told"]

    def call(self, step: Any) -> None:
        """Makes the call of a step."""
        chat = self.chat
        assert chat is not None
        call = step["call"]
        try:
            handled: str
            if call == "accepted":
                handled = chat.on_accepted(bytes.fromhex(step["public"]), bytes.fromhex(step["fingerprint"]))
            elif call == "receive":
                handled = chat.on_ciphertext(bytes.fromhex(step["bytes"]))
            elif call == "discarded":
                proof = step.get("proof")
                proof = proof and (proof["sent"], bytes.fromhex(proof["mac"]))
                handled = chat.on_discarded("delete" if step["history"] else "keep", proof)
            elif call == "send":
                asks: Any = {flag: True for flag in step.get("asks", [])}
                chat.send(Draft(step["text"], **asks))
                return
            elif call == "delete":
                chat.delete([int(id) for id in step["random_ids"]])
                return
            elif call == "set_ttl":
                chat.set_ttl(step["seconds"])
                return
            elif call == "close":
                chat.close("delete" if step["history"] else "keep")
                return
            else:
                getattr(chat, {"acknowledge": "acknowledge", "rekey": "rekey"}[call])()
                return
        except PeerFault as fault:
            handled = fault.name
        assert camel(handled) == step["handled"]


def camel(name: str) -> str:
    """Returns a name as the vectors write it."""
    return "".join(word.capitalize() for word in name.split("_"))


def shown(transmit: Any) -> Any:
    """Returns a transmission as the vectors write it."""
    match transmit:
        case transmits.Request(public=public):
            return {"request": public.hex()}
        case transmits.Accept(public=public, fingerprint=fingerprint):
            return {"accept": public.hex(), "fingerprint": fingerprint.hex()}
        case transmits.Ciphertext(bytes=sealed):
            return {"ciphertext": sealed.hex()}
        case transmits.Discard(history=history, proof=proof):
            shown_proof = proof and {"sent": proof[0], "mac": proof[1].hex()}
            return {"discard": history == "delete", "proof": shown_proof}
    raise AssertionError(transmit)


def news(event: Any) -> list[str]:
    """Returns what the vectors say of an event."""
    match event:
        case events.Ready():
            return ["ready"]
        case events.Message(text=text):
            return [f"message {text}"]
        case events.Deleted(random_ids):
            return ["deleted " + " ".join(map(str, random_ids))]
        case events.TtlChanged(ttl=ttl):
            return [f"ttl {ttl}"]
        case events.Rekeyed(rekeys):
            return [f"rekeyed {rekeys}"]
        case events.RekeyFailed(reason):
            return [f"rekey failed {camel(reason)}"]
        case events.Unsupported():
            return ["unsupported"]
        case events.Closed(reason=reason, missing=missing, set_back=set_back):
            rest = "" if missing is None else f", missing {missing}"
            return [f"closed {camel(reason)}{rest}{', set back' if set_back else ''}"]
    return []


@pytest.mark.parametrize("case", cases())
def test_conversation(case: Any) -> None:
    ends: dict[str, Player] = {}
    for step in case["steps"]:
        ends.setdefault(step["end"], Player(case, step["end"])).take(step)
    for end in ends.values():
        assert end.chat is not None
        if (value := end.chat.verification) is not None:
            assert bytes(value).hex() == case["verification"]
