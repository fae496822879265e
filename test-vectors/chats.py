"""A chat of two ends (`ends.py`) and the steps of those that are under test, for `conversation.py` and `script.py`."""

import ends
from ends import End

PEER = {"initiator": "responder", "responder": "initiator"}


class Chat:
    """Two ends and the steps of those that are under test."""

    def __init__(self, profile: str, seed: str, tested: tuple[str, ...], policy: str = "default") -> None:
        self.profile, self.policy, self.tested, self.steps = profile, policy, tested, []
        self.ends = {role: End(profile, role, seed) for role in PEER}
        self.ttl = 0

    def step(self, role: str, call: str, sent: list | None = None, told: list | None = None, **given: object) -> None:
        draws = self.ends[role].take_drawn()
        if role in self.tested:
            shown = {name: value.hex() if isinstance(value, bytes) else value for name, value in given.items()}
            self.steps.append({"end": role, "call": call, **shown, "draws": draws, "sent": sent or [], "told": told or []})

    def case(self, what: str, error: str | None = None) -> dict:
        given = {"what": what, "profile": self.profile, "policy": self.policy}
        given |= {"id_i": ends.IDS["initiator"].hex(), "id_r": ends.IDS["responder"].hex(), "g": 3}
        given |= {"verification": self.ends["responder"].verification.hex()}
        return given | {"steps": self.steps} | ({"error": error} if error else {})

    def receives(self, role: str, sealed: bytes, told: list | None = None, sent: list | None = None, handled: str = "Applied") -> None:
        self.step(role, "receive", sent, told, bytes=sealed, handled=handled)

    def meet(self) -> None:
        i, r = self.ends["initiator"], self.ends["responder"]
        a = i.request()
        self.step("initiator", "request", [{"request": a.hex()}])
        b = r.answer(a)
        r.first_key(a, b)
        accept = {"accept": b.hex(), "fingerprint": r.key.fingerprint.hex()}
        first_of_r = []
        if not r.profile.binds:
            # MODP-6: either side is ready when the key exists.
            first_of_r = [r.act(ends.notify_layer(144))]
        told = ["ready"] if first_of_r else []
        self.step("responder", "accept", [accept, *ciphertexts(first_of_r)], told, public=a)
        i.exchange.finish(b)
        i.first_key(a, b)
        assert i.key.fingerprint == r.key.fingerprint and i.key.chat_key == r.key.chat_key
        first_of_i = i.act(ends.notify_layer(144))
        self.step("initiator", "accepted", ciphertexts([first_of_i]), ["ready"], public=b, fingerprint=r.key.fingerprint, handled="Applied")
        for sealed in first_of_r:
            i.received, i.layer = 1, 144
            self.receives("initiator", sealed)
        r.received, r.layer = 1, 144
        self.receives("responder", first_of_i, [] if first_of_r else ["ready"])

    def writes(self, role: str, words: str, *asks: str) -> tuple[bytes, int]:
        """`asks` are the flags of the message by name."""
        end = self.ends[role]
        random_id = end.long()
        sealed = end.say(ends.text(random_id, words, self.ttl, sum(ends.FLAGS[name] for name in asks)))
        self.step(role, "send", ciphertexts([sealed]), text=words, **({"asks": list(asks)} if asks else {}))
        return sealed, random_id

    def says(self, role: str, words: str, *asks: str) -> int:
        sealed, random_id = self.writes(role, words, *asks)
        self.ends[PEER[role]].received += 1
        self.receives(PEER[role], sealed, [f"message {'' if 'hidden' in asks else words}"])
        return random_id

    def acts(self, role: str, call: str, action: bytes, told: list, **given: object) -> None:
        sealed = self.ends[role].act(action)
        self.step(role, call, ciphertexts([sealed]), **given)
        self.ends[PEER[role]].received += 1
        self.receives(PEER[role], sealed, told)

    def rekey(self, role: str, number: int) -> None:
        """REKEY-1 to REKEY-4, without anything in between. The Noop behind a rekey that follows another at once is held back."""
        i, r = self.ends[role], self.ends[PEER[role]]
        exchange_id = i.long()
        p = i.request()
        request = i.act(ends.request_key(exchange_id, p))
        self.step(role, "rekey", ciphertexts([request]))
        r.received += 1
        q = r.answer(p)
        new = r.next_key(exchange_id, role, p, q)
        accept = r.act(ends.accept_key(exchange_id, q, new.fingerprint))
        self.receives(PEER[role], request, sent=ciphertexts([accept]))
        i.received += 1
        i.exchange.finish(q)
        assert i.next_key(exchange_id, role, p, q).chat_key == new.chat_key
        commit = i.act(ends.commit_key(exchange_id, new.fingerprint))
        i.key = new
        self.receives(role, accept, [f"rekeyed {number}"], ciphertexts([commit]))
        r.received += 1
        r.key = new
        if number > 1:
            self.receives(PEER[role], commit, [f"rekeyed {number}"])
            return
        noop = r.act(ends.NOOP)
        self.receives(PEER[role], commit, [f"rekeyed {number}"], ciphertexts([noop]))
        i.received += 1
        self.receives(role, noop)


def ciphertexts(sealed: list[bytes]) -> list[dict]:
    return [{"ciphertext": one.hex()} for one in sealed]
