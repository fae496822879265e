#!/usr/bin/env python3
"""Clocks and self-destruct timers, computed from SPEC TIME-1, TIME-2, TIME-4, DES-2 to DES-9 and DES-14.

    timers.py            writes timers.json
    timers.py --check    compares it with what this program computes

Standard library only.
"""

from vector_file import cases, publish

YEAR = 31_536_000
ONCE = 0x7FFFFFFF
MAX = 2**64 - 1
LIMIT = 300_000
CONTENT = (("text", 0), ("file", 0), ("hideable", 0), ("hideable", 1), ("hideable", 45), ("hideable", YEAR), ("hideable", 2**32 - 1))
HIDDEN = (("hidden", 0), ("hidden", 45))
TTLS = (0, 1, 5, 60, 61, 3600, YEAR, ONCE)


def saturate(number: int) -> int:
    return min(number, MAX)


def clocks() -> list[dict]:
    """TIME-1 and TIME-4: steps back count nothing, and a monotonic clock says how far it went where readings compare."""
    made = []
    for what, start, calls, deadline in (
        ("forward", 1000, [1000, 1500, 2000], 1600),
        ("a step back and on", 1000, [1500, 200, 260], 600),
        ("overdue", 1000, [5000], 10),
        ("far in the future and back", 1000, [MAX, 0, MAX], MAX),
        ("not started", 7, [], 100),
        ("a deadline that saturates", MAX - 5, [], 100),
        ("set forward under a monotonic clock", 1000, [(1500, 1, 70), (9500, 1, 170)], 900),
        ("set back under a monotonic clock", 1000, [(1500, 1, 70), (200, 1, 170), (300, 1, 171)], 900),
        ("another start of the device", 1000, [(1500, 1, 70), (1600, 2, 5), (9000, 2, 15)], 900),
        ("a monotonic clock that went back", 1000, [(1500, 1, 70), (1600, 1, 69), (9000, 1, 79)], 900),
        ("a call without a reading", 1000, [(1500, 1, 70), 1600, (1800, 1, 90), (9000, 1, 91)], 900),
        ("a monotonic clock far ahead", 1000, [(1000, 1, 0), (1000, 1, MAX), (1000, 1, MAX)], MAX),
    ):
        raw, elapsed, last, steps = start, 0, None, []
        for call in calls:
            now, reading = (call, None) if isinstance(call, int) else (call[0], call[1:])
            compare = reading and last and reading[0] == last[0] and reading[1] >= last[1]
            step = reading[1] - last[1] if compare else max(0, now - raw)
            elapsed, raw, last = saturate(elapsed + step), now, reading
            told = {"boot": str(reading[0]), "monotonic": str(reading[1])} if reading else {}
            steps.append({"now": str(now), **told, "elapsed": str(elapsed)})
        told = saturate(raw + max(0, deadline - elapsed))
        made.append({"what": what, "start": str(start), "steps": steps, "deadline": str(deadline), "told": str(told)})
    return made


def peer_ttls() -> list[dict]:
    """TIME-2. A number out of range is not refused, it means another."""
    made = []
    for wire in (0, 1, 60, 61, YEAR - 1, YEAR, YEAR + 1, ONCE - 1, ONCE, -1, -(2**31)):
        meaning = wire if wire == ONCE else max(0, min(wire, YEAR))
        flags = ["out-of-range"] if meaning != wire else []
        made.append({"what": f"{wire} s", "flags": flags, "wire": wire, "meaning": meaning})
    return made


def own_ttls() -> list[dict]:
    made = [{"what": f"{s} s", "seconds": s, "wire": s} for s in (0, 1, 60, 61, 86_400, YEAR, ONCE)]
    return made + [{"what": f"{s} s", "seconds": s, "error": "TtlTooLong"} for s in (YEAR + 1, ONCE - 1, ONCE + 1, 2**32 - 1)]


def short(ttl: int) -> bool:
    return 1 <= ttl <= 60


def hidden(content: str, ttl: int) -> bool:
    """DES-3 and DES-14."""
    return ttl == ONCE or content == "hideable" and short(ttl) or content == "hidden" and ttl > 0


def life(ttl: int, plays: int) -> int:
    """DES-5 and DES-7, in milliseconds."""
    play = min(plays + 1, YEAR) * 1000 if plays > 0 else 0
    return max(LIMIT if ttl == ONCE else ttl * 1000, play)


def starts(side: str, content: str, ttl: int, event: str) -> bool:
    """DES-4, row by row."""
    if ttl == 0:
        return False
    if side == "receiver":
        if ttl == ONCE:
            return event == "opened"
        if content == "hidden" or short(ttl) and content != "text":
            return event == "opened"
        return event in ("read", "opened")
    if ttl == ONCE:
        return False
    if content == "hidden" or short(ttl) and content == "hideable":
        return event == "ReadMessages"
    return event in ("read date", "ReadMessages")


EVENTS = ("read", "opened", "closed", "read date", "ReadMessages")


def timer(side: str, content: str, plays: int, ttl: int, events: list[tuple[str, int]]) -> dict:
    deadline, steps = None, []
    for event, at in events:
        end = None
        if event == "closed" and side == "receiver" and ttl == ONCE and deadline is not None:
            end = at
        elif starts(side, content, ttl, event):
            end = saturate(at + life(ttl, plays))
        # DES-6: never later.
        if end is not None:
            deadline = end if deadline is None else min(deadline, end)
        steps.append({"event": event, "at": str(at), "deadline": None if deadline is None else str(deadline)})
    told = ", ".join(event for event, _ in events)
    flags = ["nothing-starts"] if deadline is None else []
    return {
        "what": f"{side}, {content}, plays {plays} s, ttl {ttl}: {told}",
        "flags": flags,
        "side": side,
        "content": content,
        "plays": plays,
        "ttl": ttl,
        "view_once_limit": LIMIT,
        "events": steps,
    }


def timers() -> list[dict]:
    made = []
    for side in ("receiver", "sender"):
        for content, plays in CONTENT:
            for ttl in TTLS:
                made.extend(timer(side, content, plays, ttl, [(event, 5000)]) for event in EVENTS)
    for side in ("receiver", "sender"):
        for content, ttl in (("text", 30), ("hideable", 30), ("file", 30), ("text", 3600), ("hideable", ONCE)):
            made.append(timer(side, content, 0, ttl, [(event, 1000 * (n + 1)) for n, event in enumerate(EVENTS)]))
            made.append(timer(side, content, 0, ttl, [("opened", 9000), ("read", 4000), ("opened", 2000), ("opened", 10_000)]))
            made.append(timer(side, content, 0, ttl, [("ReadMessages", 9000), ("read date", 4000), ("ReadMessages", 10_000)]))
    made.append(timer("receiver", "hideable", 0, ONCE, [("closed", 100), ("opened", 200), ("closed", 300), ("closed", 250)]))
    made.append(timer("receiver", "text", 0, 60, [("opened", MAX - 1)]))
    for side in ("receiver", "sender"):
        for content, plays in HIDDEN:
            for ttl in TTLS:
                made.extend(timer(side, content, plays, ttl, [(event, 5000)]) for event in EVENTS)
        made.append(timer(side, "hidden", 0, 3600, [(event, 1000 * (n + 1)) for n, event in enumerate(EVENTS)]))
    return made


def read_dates() -> list[dict]:
    """DES-9."""
    made = []
    for what, date, sealed, now, elapsed in (
        ("a date between sealing and now", 1500, 1000, 2000, 700),
        ("no date", None, 1000, 2000, 700),
        ("a date before the sealing", 500, 1000, 2000, 5000),
        ("a date in the future", 9000, 1000, 2000, 700),
        ("the clock went back behind the sealing", 500, 3000, 2000, 700),
        ("older than the chat", 0, 0, 2000, 700),
        ("the largest date", MAX, 1000, 2000, 700),
    ):
        since = max(0, elapsed - max(0, now - max(now if date is None else date, sealed)))
        case = {"what": what, "date": None if date is None else str(date), "sealed": str(sealed)}
        made.append(case | {"now": str(now), "elapsed": str(elapsed), "since": str(since)})
    return made


def main() -> None:
    kinds = [
        {"what": f"{content}, ttl {ttl}", "content": content, "plays": plays, "ttl": ttl, "hidden": hidden(content, ttl)}
        for content, plays in (*CONTENT[:3], HIDDEN[0])
        for ttl in TTLS
    ]
    file = {
        "format": "timers-1",
        "clause": "TIME-1 TIME-2 TIME-4 DES-2 DES-3 DES-4 DES-5 DES-6 DES-7 DES-8 DES-9 DES-14",
        "comment": "Milliseconds, but for timers in seconds. An event that starts nothing is no error.",
        "cases": cases("clock", clocks())
        + cases("peer-ttl", peer_ttls())
        + cases("own-ttl", own_ttls())
        + cases("hidden", kinds)
        + cases("timer", timers())
        + cases("read-date", read_dates()),
    }
    publish(__file__, __doc__, {"timers.json": file})


if __name__ == "__main__":
    main()
