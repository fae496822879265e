"""The queries: name, what they ask, ProVerif's text.

`hon(x)` and `hon(y)` are honest users. k is the root of a chat; k0 and k1 are the old and the new root of a rekey, P and Q its
values, s the role of its starter; m is a message or the flag of a Discard, and e its count or the exchange's id. The query of
a name with `-more` does not ask that each event answers another one; one with `-hybrid` asks of the X25519 half of a value.
Queries whose name begins with `reach` say that something never happens, and must fail.
"""

VARIABLES = (
    "x: bitstring, y: bitstring, xi: id, xr: id, yi: id, yr: id, c: bitstring, d: bitstring, e: bitstring, "
    "f: bitstring, P: bitstring, Q: bitstring, P2: bitstring, Q2: bitstring, k0: bitstring, k1: bitstring, "
    "j0: bitstring, s: role, t: role, A: bitstring, B: bitstring, A2: bitstring, B2: bitstring, k: bitstring, "
    "k2: bitstring, m: bitstring, p: role, q: role, v: form, l: elem"
)

# Written short in the queries.
SHORT = {
    "COMPARED_AGAIN": "event(Verified1(q, hon(x), hon(y), k0, k1))",
    "COMPARED_OLD": "event(Verified(q, hon(x), hon(y), c, A, B, k0))",
    "COMPARED": "event(Verified(q, hon(x), hon(y), c, A, B, k))",
    "HONEST_REKEY": "event(Made(P)) && event(Made(Q))",
    "HONEST": "event(Made(A)) && event(Made(B))",
}

QUERIES = {
    "reach-initiator": (
        "the initiator compares with an honest peer",
        "event(Verified(I, hon(x), hon(y), c, A, B, k)) ==> false",
    ),
    "reach-responder": (
        "the responder compares with an honest peer",
        "event(Verified(R, hon(x), hon(y), c, A, B, k)) ==> false",
    ),
    "reach-message": (
        "a message arrives in a chat that was compared",
        "event(Got(p, hon(x), hon(y), k, m)) && event(Verified(R, hon(x), hon(y), c, A, B, k)) ==> false",
    ),
    "reach-confirmed": (
        "the responder is confirmed",
        "event(Confirmed(hon(x), hon(y), c, A, B, k)) && event(Verified(R, hon(x), hon(y), c, A, B, k)) ==> false",
    ),
    "1": (
        "messages of a chat that either user compared are secret, those sent before too",
        "attacker(m) && event(Sent(p, hon(x), hon(y), k, m)) && COMPARED ==> false",
    ),
    "1b": (
        "the root of a chat that either user compared is secret",
        "attacker(k) && COMPARED ==> false",
    ),
    "2a": (
        "the ends agree, once, as the initiator compared",
        "inj-event(Verified(I, hon(x), hon(y), c, A, B, k)) ==> inj-event(Key(R, hon(x), hon(y), c, A, B, k))",
    ),
    "2b": (
        "the ends agree, once, as the responder compared (the initiator has accepted the fingerprint)",
        "inj-event(Verified(R, hon(x), hon(y), c, A, B, k)) ==> inj-event(Key(I, hon(x), hon(y), c, A, B, k))",
    ),
    "2c": (
        "the first authentic message confirms the responder",
        "inj-event(Confirmed(hon(x), hon(y), c, A, B, k)) && COMPARED ==> inj-event(Greeted(hon(x), hon(y), c, A, "
        "B, k))",
    ),
    "2d": (
        "what the initiator gets is the responder's: authentic and not reflected",
        "event(Got(I, hon(x), hon(y), k, m)) && COMPARED ==> event(Sent(R, hon(x), hon(y), k, m))",
    ),
    "2e": (
        "what the responder gets is the initiator's: authentic and not reflected",
        "event(Got(R, hon(x), hon(y), k, m)) && COMPARED ==> event(Sent(I, hon(x), hon(y), k, m))",
    ),
    "3": (
        "messages of a chat that nobody compared are secret",
        "attacker(m) && event(Sent(p, hon(x), hon(y), k, m)) ==> false",
    ),
    "3b": (
        "the ends of a chat that nobody compared agree",
        "event(Confirmed(hon(x), hon(y), c, A, B, k)) ==> event(Key(I, hon(x), hon(y), c, A, B, k))",
    ),
    "6a": (
        "no unknown key share: initiator and responder with one root agree on ids, context and values",
        "event(Key(I, xi, xr, c, A, B, k)) && event(Key(R, yi, yr, d, A2, B2, k)) ==> xi = yi && xr = yr && c = d "
        "&& A = A2 && B = B2",
    ),
    "7a": (
        "two initiators with one root are one",
        "event(Key(I, xi, xr, c, A, B, k)) && event(Key(I, yi, yr, d, A2, B2, k)) ==> xi = yi && xr = yr && c = d "
        "&& A = A2 && B = B2",
    ),
    "7b": (
        "two responders with one root are one",
        "event(Key(R, xi, xr, c, A, B, k)) && event(Key(R, yi, yr, d, A2, B2, k)) ==> xi = yi && xr = yr && c = d "
        "&& A = A2 && B = B2",
    ),
    "7c": (
        "nobody is in a chat with himself",
        "event(Key(I, xi, xr, c, A, B, k)) && event(Key(R, yi, yr, d, A2, B2, k)) ==> xi <> yr",
    ),
    "8a": (
        "the initiator takes no value of small order",
        "event(Key(I, xi, xr, c, A, pub(low, v), k)) ==> false",
    ),
    "8b": (
        "the responder takes no value of small order",
        "event(Key(R, xi, xr, c, pub(low, v), B, k)) ==> false",
    ),
    "8c": (
        "the own value sent back is refused",
        "event(Key(I, xi, xr, c, A, A, k)) ==> false",
    ),
    "9": (
        "an initiator that takes an honest responder's value has its root, ids and context",
        "event(Key(I, xi, xr, c, A, B, k)) && event(Key(R, yi, yr, d, A2, B, k2)) ==> xi = yi && xr = yr && c = d "
        "&& A = A2 && k = k2",
    ),
    "10": (
        "nobody compared, but the relay only listened: messages are secret",
        "attacker(m) && event(Sent(p, hon(x), hon(y), k, m)) && event(Key(q, hon(x), hon(y), c, A, B, k)) && "
        "HONEST ==> false",
    ),
    "11a": (
        "a Discard that the initiator takes was made by the responder, with its flag and count, once",
        "inj-event(DiscardGot(I, hon(x), hon(y), k, m, e)) && COMPARED ==> inj-event(DiscardSent(R, hon(x), "
        "hon(y), k, m, e))",
    ),
    "11b": (
        "a Discard that the responder takes was made by the initiator, with its flag and count, once",
        "inj-event(DiscardGot(R, hon(x), hon(y), k, m, e)) && COMPARED ==> inj-event(DiscardSent(I, hon(x), "
        "hon(y), k, m, e))",
    ),
    "reach-discard": (
        "a Discard is taken in a chat that was compared",
        "event(DiscardGot(p, hon(x), hon(y), k, m, e)) && COMPARED ==> false",
    ),
    "2a-more": (
        "2a, but for *once*",
        "event(Verified(I, hon(x), hon(y), c, A, B, k)) ==> event(Key(R, hon(x), hon(y), c, A, B, k))",
    ),
    "2b-more": (
        "2b, but for *once*",
        "event(Verified(R, hon(x), hon(y), c, A, B, k)) ==> event(Key(I, hon(x), hon(y), c, A, B, k))",
    ),
    "reach-rekey-message": (
        "a message arrives under the new key, and nothing is revealed",
        "event(Got1(p, hon(x), hon(y), k0, k1, m)) && COMPARED_OLD ==> event(Revealed(k0)) || event(Revealed(k1))",
    ),
    "reach-commit": (
        "the other end of the exchange commits",
        "event(Committed(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && COMPARED_OLD ==> event(Revealed(k0))",
    ),
    "R1": (
        "messages under the new key are secret unless old or new root is revealed",
        "attacker(m) && event(Sent1(p, hon(x), hon(y), k0, k1, m)) && COMPARED_OLD ==> event(Revealed(k0)) || "
        "event(Revealed(k1))",
    ),
    "R4": (
        "a message falls only with the root of its own key, whatever else is revealed",
        "attacker(m) && event(Sent(p, hon(x), hon(y), k0, m)) && COMPARED_OLD ==> event(Revealed(k0))",
    ),
    "reach-healing": (
        "R5a is not empty: the old root is revealed, and both values are honest",
        "event(Sent1(p, hon(x), hon(y), k0, k1, m)) && event(Started(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && "
        "HONEST_REKEY && event(Revealed(k0)) ==> false",
    ),
    "R5a": (
        "healing: the old root is known at any time, both values are honest: secret, as the starter sees it",
        "attacker(m) && event(Sent1(p, hon(x), hon(y), k0, k1, m)) && event(Started(s, hon(x), hon(y), c, k0, e, "
        "P, Q, k1)) && HONEST_REKEY ==> event(Revealed(k1))",
    ),
    "R5b": (
        "healing, as the other end sees it",
        "attacker(m) && event(Sent1(p, hon(x), hon(y), k0, k1, m)) && event(Committed(s, hon(x), hon(y), c, k0, "
        "e, P, Q, k1)) && HONEST_REKEY ==> event(Revealed(k1))",
    ),
    "R5c": (
        "an active thief of the old root is shut out",
        "attacker(m) && event(Sent1(p, hon(x), hon(y), k0, k1, m)) && COMPARED_OLD ==> event(Revealed(k1))",
    ),
    "R5d": (
        "after comparing again messages are secret, whatever happened before",
        "attacker(m) && event(Sent1(p, hon(x), hon(y), k0, k1, m)) && COMPARED_AGAIN ==> event(Revealed(k1))",
    ),
    "reach-compared-again": (
        "the users compare again",
        "COMPARED_AGAIN ==> false",
    ),
    "R6a": (
        "no unknown key share in the rekey: starter and other end agree on everything",
        "event(Started(s, xi, xr, c, k0, e, P, Q, k1)) && event(Answered(t, yi, yr, d, j0, f, P2, Q2, k1)) ==> s "
        "= t && xi = yi && xr = yr && c = d && e = f && P = P2 && Q = Q2 && k0 = j0",
    ),
    "R6b": (
        "two starters with one root are one",
        "event(Started(s, xi, xr, c, k0, e, P, Q, k1)) && event(Started(t, yi, yr, d, j0, f, P2, Q2, k1)) ==> s = "
        "t && xi = yi && xr = yr && c = d && e = f && P = P2 && Q = Q2 && k0 = j0",
    ),
    "R6c": (
        "two other ends with one root are one",
        "event(Answered(s, xi, xr, c, k0, e, P, Q, k1)) && event(Answered(t, yi, yr, d, j0, f, P2, Q2, k1)) ==> s "
        "= t && xi = yi && xr = yr && c = d && e = f && P = P2 && Q = Q2 && k0 = j0",
    ),
    "R8a": (
        "the starter takes no value of small order",
        "event(Started(s, xi, xr, c, k0, e, P, pub(low, v), k1)) ==> false",
    ),
    "R8b": (
        "the other end takes no value of small order",
        "event(Answered(s, xi, xr, c, k0, e, pub(low, v), Q, k1)) ==> false",
    ),
    "R2a": (
        "the ends agree on the exchange, as the starter sees it",
        "event(Started(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && COMPARED_OLD ==> event(AnsweredV(s, hon(x), "
        "hon(y), c, k0, e, P, Q, k1))",
    ),
    "R2b": (
        "the ends agree on the exchange, as the other end sees it",
        "event(Committed(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && COMPARED_OLD ==> event(StartedV(s, hon(x), "
        "hon(y), c, k0, e, P, Q, k1))",
    ),
    "R2c": (
        "R2b, where a message under the new key stands for CommitKey",
        "event(CommittedByMessage(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && COMPARED_OLD ==> event(StartedV(s, "
        "hon(x), hon(y), c, k0, e, P, Q, k1))",
    ),
    "R9a": (
        "what the initiator gets under the new key is authentic",
        "event(Got1(I, hon(x), hon(y), k0, k1, m)) && COMPARED_OLD ==> event(Sent1V(R, hon(x), hon(y), k0, k1, "
        "m)) || event(Revealed(k1))",
    ),
    "R9b": (
        "what the responder gets under the new key is authentic",
        "event(Got1(R, hon(x), hon(y), k0, k1, m)) && COMPARED_OLD ==> event(Sent1V(I, hon(x), hon(y), k0, k1, "
        "m)) || event(Revealed(k1))",
    ),
    "R2d": (
        "R2a, once",
        "inj-event(Started(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && COMPARED_OLD ==> inj-event(AnsweredV(s, "
        "hon(x), hon(y), c, k0, e, P, Q, k1))",
    ),
    "R2e": (
        "R2b, once",
        "inj-event(Committed(s, hon(x), hon(y), c, k0, e, P, Q, k1)) && COMPARED_OLD ==> inj-event(StartedV(s, "
        "hon(x), hon(y), c, k0, e, P, Q, k1))",
    ),
    "reach-new-discard": (
        "a Discard is taken under the new root, and nothing is revealed",
        "event(Discard1Got(p, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> event(Revealed(k0)) || "
        "event(Revealed(k1))",
    ),
    "reach-candidate": (
        "a Discard is taken under the candidate",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && event(Answered(R, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && COMPARED_OLD ==> event(Revealed(k0)) || event(Revealed(k1))",
    ),
    "D1a": (
        "a Discard under the new root, taken by the initiator, was made by the peer under it, with its flag and count",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> event(Discard1SentV(R, hon(x), "
        "hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D1b": (
        "a Discard under the new root, taken by the responder, was made by the peer under it, with its flag and count",
        "event(Discard1Got(R, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> event(Discard1SentV(I, hon(x), "
        "hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D3a": (
        "a Discard under the old root, taken by the initiator at any time, was made by the peer unless that root is revealed",
        "event(DiscardGot(I, hon(x), hon(y), k0, m, e)) && COMPARED_OLD ==> event(DiscardSent(R, hon(x), hon(y), "
        "k0, m, e)) || event(Revealed(k0))",
    ),
    "D3b": (
        "a Discard under the old root, taken by the responder at any time, was made by the peer unless that root is revealed",
        "event(DiscardGot(R, hon(x), hon(y), k0, m, e)) && COMPARED_OLD ==> event(DiscardSent(I, hon(x), hon(y), "
        "k0, m, e)) || event(Revealed(k0))",
    ),
    "D1c": (
        "D1a, once",
        "inj-event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> inj-event(Discard1Sent(R, "
        "hon(x), hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D1d": (
        "D1b, once",
        "inj-event(Discard1Got(R, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> inj-event(Discard1Sent(I, "
        "hon(x), hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "reach-discard-healing": (
        "D2 is not empty: the old root is revealed, and both values are honest",
        "event(Discard1Got(p, hon(x), hon(y), k0, k1, m, e)) && event(Started(s, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && HONEST_REKEY && event(Revealed(k0)) ==> false",
    ),
    "D2a": (
        "healing for Discards that the initiator takes, as the starter saw the exchange",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && event(Started(s, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && HONEST_REKEY ==> event(Discard1Sent(R, hon(x), hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D2b": (
        "healing for Discards that the responder takes, as the starter saw the exchange",
        "event(Discard1Got(R, hon(x), hon(y), k0, k1, m, e)) && event(Started(s, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && HONEST_REKEY ==> event(Discard1Sent(I, hon(x), hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D2c": (
        "healing for Discards that the initiator takes, as the other end saw the exchange",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && event(Answered(s, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && HONEST_REKEY ==> event(Discard1Sent(R, hon(x), hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D2d": (
        "healing for Discards that the responder takes, as the other end saw the exchange",
        "event(Discard1Got(R, hon(x), hon(y), k0, k1, m, e)) && event(Answered(s, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && HONEST_REKEY ==> event(Discard1Sent(I, hon(x), hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D2e": (
        "an active thief of the old root makes no Discard that is taken under the new one",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> event(Discard1Sent(R, hon(x), "
        "hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D2f": (
        "after comparing again a Discard that the initiator takes was made by the peer",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && COMPARED_AGAIN ==> event(Discard1Sent(R, hon(x), "
        "hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D2g": (
        "after comparing again a Discard that the responder takes was made by the peer",
        "event(Discard1Got(R, hon(x), hon(y), k0, k1, m, e)) && COMPARED_AGAIN ==> event(Discard1Sent(I, hon(x), "
        "hon(y), k0, k1, m, e)) || event(Revealed(k1))",
    ),
    "D3c": (
        "a thief of the old root makes no Discard that is taken under it",
        "event(DiscardGot(I, hon(x), hon(y), k0, m, e)) && COMPARED_OLD ==> event(DiscardSent(R, hon(x), hon(y), "
        "k0, m, e))",
    ),
    "11a-more": (
        "11a, but for *once*",
        "event(DiscardGot(I, hon(x), hon(y), k, m, e)) && COMPARED ==> event(DiscardSent(R, hon(x), hon(y), k, m, "
        "e))",
    ),
    "11b-more": (
        "11b, but for *once*",
        "event(DiscardGot(R, hon(x), hon(y), k, m, e)) && COMPARED ==> event(DiscardSent(I, hon(x), hon(y), k, m, "
        "e))",
    ),
    "11c": (
        "the flag alone of a Discard that the initiator takes is the responder's",
        "event(DiscardGot(I, hon(x), hon(y), k, m, e)) && COMPARED ==> event(DiscardSent(R, hon(x), hon(y), k, m, "
        "f))",
    ),
    "D2h": (
        "a Discard under the new root was made by the peer under some root; the old root is revealed, both values are honest",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && event(Started(s, hon(x), hon(y), c, k0, f, P, Q, "
        "k1)) && HONEST_REKEY ==> event(Discard1Sent(R, hon(x), hon(y), k0, k2, m, e)) || event(DiscardSent(R, "
        "hon(x), hon(y), k0, m, e)) || event(Revealed(k1))",
    ),
    "D2h-none": (
        "a Discard under the new root was made by the peer under some root; nothing is revealed",
        "event(Discard1Got(I, hon(x), hon(y), k0, k1, m, e)) && COMPARED_OLD ==> event(Discard1Sent(R, hon(x), "
        "hon(y), k0, k2, m, e)) || event(DiscardSent(R, hon(x), hon(y), k0, m, e)) || event(Revealed(k1))",
    ),
    "R6d": (
        "starter and other end with one root agree on both ids",
        "event(Started(s, xi, xr, c, k0, e, P, Q, k1)) && event(Answered(t, yi, yr, d, j0, f, P2, Q2, k1)) ==> xi "
        "= yi && xr = yr",
    ),
    "R6e": (
        "starter and other end with one new root had one old root",
        "event(Started(s, xi, xr, c, k0, e, P, Q, k1)) && event(Answered(t, yi, yr, d, j0, f, P2, Q2, k1)) ==> k0 "
        "= j0",
    ),
    "R5c-keys": (
        "an active thief of the message keys alone is shut out",
        "attacker(m) && event(Sent1(p, hon(x), hon(y), k0, k1, m)) && COMPARED_OLD ==> event(Revealed(k1))",
    ),
    "Q1": (
        "messages of a chat that was compared are secret, though recorded, and X25519 is broken later",
        "attacker(m) phase 1 && event(Sent(p, hon(x), hon(y), k, m)) && COMPARED ==> false",
    ),
    "Q2": (
        "nobody compared, but the relay only listened: messages are secret, and X25519 is broken later",
        "attacker(m) phase 1 && event(Sent(p, hon(x), hon(y), k, m)) && event(Key(q, hon(x), hon(y), c, A, B, k)) "
        "&& HONEST ==> false",
    ),
    "8a-hybrid": (
        "8a, of the X25519 half",
        "event(Key(I, xi, xr, c, A, (pub(low, v), e), k)) ==> false",
    ),
    "8b-hybrid": (
        "8b, of the X25519 half",
        "event(Key(R, xi, xr, c, (pub(low, v), e), B, k)) ==> false",
    ),
    "8c-hybrid": (
        "8c, of the X25519 half",
        "event(Key(I, xi, xr, c, (P, e), (P, f), k)) ==> false",
    ),
    "reach-hybrid": (
        "a hybrid chat is compared",
        "event(Verified(q, hon(x), hon(y), c, (P, e), B, k)) ==> false",
    ),
    "reach-classic": (
        "an X25519 chat is compared",
        "event(Verified(q, hon(x), hon(y), c, pub(l, v), B, k)) ==> false",
    ),
    "X1": (
        "two ends with one root have one profile",
        "event(Key(p, xi, xr, c, pub(l, v), B, k)) && event(Key(q, yi, yr, d, (P, e), B2, k)) ==> false",
    ),
    "X2": (
        "messages of a compared hybrid chat are secret, though the same users run the X25519 profile",
        "attacker(m) && event(Sent(p, hon(x), hon(y), k, m)) && event(Verified(q, hon(x), hon(y), c, (P, e), B, "
        "k)) ==> false",
    ),
    "X3": (
        "messages of a compared X25519 chat are secret, though the same users run the hybrid profile",
        "attacker(m) && event(Sent(p, hon(x), hon(y), k, m)) && event(Verified(q, hon(x), hon(y), c, pub(l, v), "
        "B, k)) ==> false",
    ),
    "R8a-hybrid": (
        "R8a, of the X25519 half",
        "event(Started(s, xi, xr, c, k0, e, P, (pub(low, v), m), k1)) ==> false",
    ),
    "R8b-hybrid": (
        "R8b, of the X25519 half",
        "event(Answered(s, xi, xr, c, k0, e, (pub(low, v), m), Q, k1)) ==> false",
    ),
}
