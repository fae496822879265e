"""Sections 2, 8, 9a and 10a: clocks, sequence numbers, the table of re-keying, timers."""

from .primitives import Refused

MOST = 2**64 - 1
YEAR, ONCE = 31_536_000, 0x7FFFFFFF
MINUTE = 60_000


def sequence(case: dict, file: dict) -> dict:
    kind = case["kind"]
    if kind == "wire":
        # SEQ-1: the bit is 1 where initiator and out_seq_no meet, or responder and in_seq_no.
        odd = (case["sender"], case["number"]) in (("initiator", "out_seq_no"), ("responder", "in_seq_no"))
        if case["wire"] < 0:
            raise Refused("SeqNegative")
        if case["wire"] & 1 != odd:
            raise Refused("SeqParity")
        # SEQ-6: the largest number is a count, and no slot.
        if case["number"] == "out_seq_no" and case["wire"] >> 1 == 2**30 - 1:
            raise Refused("SeqExhausted")
        return {"raw": case["wire"] >> 1}
    if kind == "arrival":
        difference = case["slot"] - case["received"]
        return {"arrival": "duplicate" if difference < 0 else "early" if difference else "next"}
    if kind == "receiving":
        if case["in_seq_no"] < case["acknowledged"]:
            raise Refused("InSeqBack")
        if case["in_seq_no"] > case["sent"]:
            raise Refused("InSeqAhead")
        if case["received"] > 2**30 - 2:
            raise Refused("SeqExhausted")
        return {"received_after": case["received"] + 1, "acknowledged_after": case["in_seq_no"]}
    if case["sent"] > 2**30 - 2:
        raise Refused("SeqExhausted")
    return {"slot": case["sent"], "sent_after": case["sent"] + 1}


def outcome(state: str, e: int, message: dict, ended: str | None, candidate: str | None) -> str:
    """REKEY-2, column by column."""
    r, said = int(message["exchange_id"]), message["name"]
    same = state != "idle" and r == e
    if said == "AbortKey":
        return "dropped: aborted" if same else "ignored"
    if said == "RequestKey":
        if not message["under_current_key"] or state == "answered":
            return "off the table"
        if state == "idle":
            return "answer"
        if state == "requested":
            if message["counts_ours"]:
                return "answer"
            return "both dropped" if same else "answer" if r > e else "ignored"
        return "off the table" if same else "answer instead"
    if said == "AcceptKey" and state == "requested" and same:
        return "derive"
    if said == "CommitKey" and state == "accepted" and same:
        return "switch" if message["fingerprint"] == candidate else "dropped: fingerprint mismatch"
    return "ignored" if ended is not None and int(ended) == r else "off the table"


def rekey(case: dict, file: dict) -> dict:
    kind = case["kind"]
    if kind == "table":
        state = case["state"]
        e, candidate = int(state.get("exchange_id", 0)), state.get("fingerprint")
        told = outcome(state["name"], e, case["message"], case["ended"], candidate)
        if told.startswith(("off", "dropped")):
            raise Refused(told)
        return {"outcome": told}
    if kind == "due":
        days, use = (int(case["now"]) - case["since"]) / (24 * 60 * MINUTE), case["use"]
        aged = use > 0 and days >= 7
        if "bytes" in case:
            made, bound = int(case["bytes"]), int(case["bound"])
            by_bytes = [use >= 4 and made >= least for least in (bound, min(bound + bound // 8, MOST))]
        else:
            by_bytes = [False, False]
        return {
            "initiator_asks": aged or use >= 100 or by_bytes[0],
            "responder_asks": aged or use >= 116 or by_bytes[1],
            "over_the_limit": use >= 1000 or days >= 30,
        }
    if kind == "unanswered":
        return {"given_up": case["messages"] >= 16 and case["now"] - case["asked"] >= 60 * MINUTE}
    if kind == "noop":
        young = case["now"] - case["since"] < 10 * MINUTE
        return {"held_until": case["now"] + 10 * MINUTE if young else None}
    # Ten minutes, doubling up to 32 times that.
    pause = 10 * MINUTE
    for _ in range(case["failures"] - 1):
        pause = min(2 * pause, 320 * MINUTE)
    return {"pause": pause}


def life(case: dict) -> int:
    seconds = case["view_once_limit"] // 1000 if case["ttl"] == ONCE else case["ttl"]
    plays = case["plays"]
    return 1000 * max(seconds, min(plays + 1, YEAR) if plays else 0)


# DES-4: (timer, kind) -> what starts it at the receiver, at the sender.
READ, TOLD = {"read", "opened"}, {"read date", "ReadMessages"}
STARTS = {
    ("short", "text"): (READ, TOLD),
    ("short", "file"): ({"opened"}, TOLD),
    ("short", "hideable"): ({"opened"}, {"ReadMessages"}),
    ("short", "hidden"): ({"opened"}, {"ReadMessages"}),
    "long": (READ, TOLD),
    ("long", "hidden"): ({"opened"}, {"ReadMessages"}),
    "once": ({"opened"}, set()),
    "off": (set(), set()),
}


def timer(case: dict) -> dict:
    ttl = case["ttl"]
    length = "off" if ttl == 0 else "once" if ttl == ONCE else "short" if ttl <= 60 else "long"
    of_kind = (length, case["content"])
    starts = STARTS.get(of_kind, STARTS.get(length))[case["side"] == "sender"]
    deadline, steps = None, []
    for step in case["events"]:
        at, event = int(step["at"]), step["event"]
        ends = []
        if event in starts:
            ends = [min(at + life(case), MOST)]
        elif length == "once" and event == "closed" and case["side"] == "receiver" and deadline is not None:
            ends = [at]
        deadline = min(ends + ([] if deadline is None else [deadline]), default=None)
        steps.append({"event": event, "at": step["at"], "deadline": None if deadline is None else str(deadline)})
    return {"events": steps}


def timers(case: dict, file: dict) -> dict:
    kind = case["kind"]
    if kind == "timer":
        return timer(case)
    if kind == "clock":
        raw, elapsed, last, steps = int(case["start"]), 0, None, []
        for step in case["steps"]:
            now, reading = int(step["now"]), None
            passed = max(now - raw, 0)
            if "boot" in step:
                reading = (step["boot"], int(step["monotonic"]))
                # TIME-4: readings of one start compare, unless the later one is the smaller.
                if last is not None and last[0] == reading[0] and last[1] <= reading[1]:
                    passed = reading[1] - last[1]
            elapsed, raw, last = min(elapsed + passed, MOST), now, reading
            steps.append(step | {"elapsed": str(elapsed)})
        return {"steps": steps, "told": str(min(raw + max(0, int(case["deadline"]) - elapsed), MOST))}
    if kind == "peer-ttl":
        wire = case["wire"]
        return {"meaning": wire if wire == ONCE else 0 if wire < 0 else YEAR if wire > YEAR else wire}
    if kind == "own-ttl":
        if case["seconds"] > YEAR and case["seconds"] != ONCE:
            raise Refused("TtlTooLong")
        return {"wire": case["seconds"]}
    if kind == "hidden":
        longest = {"hideable": 60, "hidden": YEAR}.get(case["content"], 0)
        return {"hidden": case["ttl"] == ONCE or 1 <= case["ttl"] <= longest}
    now, elapsed, sealed = (int(case[name]) for name in ("now", "elapsed", "sealed"))
    date = now if case["date"] is None else int(case["date"])
    return {"since": str(max(0, elapsed - max(0, now - max(date, sealed))))}


FORMATS = {"sequence-1": sequence, "rekey-1": rekey, "timers-1": timers}
