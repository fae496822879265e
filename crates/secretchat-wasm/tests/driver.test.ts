// The rules of a driver, one by one, with the times of SPEC LIM-4.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Action, type Batch, type Driver, MemoryStore, type Store, Superseded, type Transmit } from "secretchat";
import { clock, secretchat } from "./world.js";

const storeKey = secretchat.random(32);
const WEEK = 7 * 24 * 60 * 60 * 1000;

/** All but what is to be noted. */
async function actions(driver: Driver): Promise<Action[]> {
  const all = [];
  for await (const action of driver.actions()) if (action.kind !== "checkpoint") all.push(action);
  return all;
}

const transmits = (all: Action[]): Transmit[] => all.flatMap((action) => (action.kind === "transmit" ? [action.transmit] : []));
const kinds = (all: Action[]): string[] => all.map((action) => (action.kind === "event" ? action.event.type : action.kind));

function heard(driver: Driver, transmit: Transmit): string {
  if (transmit.type === "accept") return driver.hear((chat) => chat.accepted(transmit.publicValue, transmit.fingerprint));
  assert(transmit.type === "ciphertext");
  return driver.hear((chat) => chat.ciphertext(transmit.bytes), transmit.id);
}

/** Carries what one side asks for, and gives the receipts back. Returns what the other side is told. */
async function pass(from: Driver, to: Driver): Promise<string[]> {
  const told = [];
  for (const transmit of transmits(await actions(from))) {
    heard(to, transmit);
    for (const action of await actions(to)) {
      if (action.kind === "receipt") from.hear((chat) => chat.carried(action.transmitId));
      if (action.kind === "event") told.push(action.event.type);
    }
  }
  await actions(from);
  return told;
}

async function ready(ours: Store = new MemoryStore(), theirs: Store = new MemoryStore()): Promise<[Driver, Driver, number]> {
  const start = clock.now;
  const config = (localId: string, peerId: string) => ({ profile: "x25519", localId, peerId, storeKey }) as const;
  const alice = secretchat.driver(secretchat.request(config("alice", "bob")), ours);
  const [request] = transmits(await actions(alice));
  assert(request?.type === "request");
  const bob = secretchat.driver(secretchat.invitation(request.publicValue, config("bob", "alice")).accept(), theirs);
  const [accept] = transmits(await actions(bob));
  heard(alice, accept!);
  await pass(alice, bob);
  return [alice, bob, start];
}

/** A store that fails when it is told to, and counts. */
class Counting extends MemoryStore {
  fails = false;
  batches = 0;
  scrubs = 0;
  readersLeave = 0;

  override async apply(batch: Batch, fits: (head: Uint8Array | undefined) => boolean): Promise<void> {
    if (this.fails) throw new Error("the disk is full");
    await super.apply(batch, fits);
    this.batches += 1;
  }

  async scrub(): Promise<boolean> {
    this.scrubs += 1;
    return this.scrubs >= this.readersLeave;
  }
}

test("DRV-1: a failed write lets nothing out, and the chat goes on from its records", async () => {
  const store = new Counting();
  const [alice, bob] = await ready(store);
  alice.send({ text: "never leaves" });
  store.fails = true;
  await assert.rejects(alice.next(), /the disk is full/);
  await assert.rejects(alice.next(), /restore the chat/);
  store.fails = false;
  const again = await secretchat.restoreDriver(alice.chat.state.id!, store, storeKey);
  assert.deepEqual(again.checkpoint, again.chat.state.checkpoint);
  assert.deepEqual(await pass(again, bob), []);
  again.send({ text: "arrives" });
  assert.deepEqual(await pass(again, bob), ["message"]);
});

test("DRV-1: each checkpoint comes before what depends on it, and a missed one first", async () => {
  const store = new Counting();
  const [alice] = await ready(store);
  const noted = alice.checkpoint!;
  for (const text of ["one", "two"]) alice.send({ text });
  const order = [];
  for await (const action of alice.actions()) {
    order.push(action.kind);
    if (action.kind === "checkpoint") assert.deepEqual(action.checkpoint, alice.checkpoint);
  }
  assert.deepEqual(order, ["checkpoint", "transmit", "checkpoint", "transmit"]);
  const { id } = alice.chat.state;
  const first = async (expected?: typeof noted) =>
    (await secretchat.restoreDriver(id!, store, storeKey, expected && { expected })).next();
  assert.deepEqual(await first(), { kind: "checkpoint", checkpoint: alice.checkpoint });
  assert.equal((await first(alice.checkpoint))?.kind, "transmit");
  await assert.rejects(first(noted), { reason: "branched" });
});

test("DRV-1: of two drivers of a chat the second lets nothing out", async () => {
  const store = new MemoryStore();
  const [alice] = await ready(store);
  const twin = await secretchat.restoreDriver(alice.chat.state.id!, store, storeKey);
  twin.send({ text: "first" });
  assert.equal(transmits(await actions(twin)).length, 2, "what no batch said was carried, and the text");
  alice.send({ text: "second" });
  await assert.rejects(alice.next(), Superseded);
  await assert.rejects(alice.next());
});

test("DRV-2: what is not accepted comes again after pauses that double; what was read is acknowledged once", async () => {
  const [alice, bob, start] = await ready();
  assert.equal(alice.timeout, start + 5_000, "carried, and not acknowledged");
  alice.send({ text: "lost" });
  const first = transmits(await actions(alice));
  clock.now = start + 4_999;
  alice.handleTimeout();
  assert.deepEqual(await actions(alice), [], "early");
  clock.now = start + 5_000;
  alice.handleTimeout();
  assert.deepEqual(transmits(await actions(alice)).at(-1), first[0], "the same bytes");
  assert.equal(alice.timeout, start + 15_000, "doubled");
  clock.now = start + 6_000;
  alice.retransmit();
  assert.deepEqual(await pass(alice, bob), ["message"]);
  assert.equal(bob.timeout, start + 1_000, "since the handshake");
  clock.now = start + 7_000;
  bob.handleTimeout();
  assert.deepEqual(await pass(bob, alice), ["acknowledged"]);
  assert.equal(alice.timeout, start + WEEK, "nothing is left but a new key");
  for (let seconds = 8; seconds < 200; seconds += 1) {
    clock.now = start + seconds * 1_000;
    for (const driver of [alice, bob]) {
      driver.handleTimeout();
      assert.deepEqual(await actions(driver), [], "no endless thanks");
    }
  }
});

test("DRV-2: a request, an acceptance and a Discard come again, and a request is answered again", async () => {
  const start = clock.now;
  const alice = secretchat.driver(secretchat.request({ profile: "x25519", localId: "alice", peerId: "bob" }), new MemoryStore());
  const first = transmits(await actions(alice));
  clock.now = start + 5_000;
  alice.handleTimeout();
  assert.deepEqual(transmits(await actions(alice)), first);
  assert(first[0]?.type === "request");
  const { publicValue } = first[0];
  const config = { profile: "x25519", localId: "bob", peerId: "alice" } as const;
  const bob = secretchat.driver(secretchat.invitation(publicValue, config).accept(), new MemoryStore());
  const [accept] = transmits(await actions(bob));
  bob.handleFrame({ type: "request", tag: new Uint8Array(16), publicValue });
  assert.deepEqual(transmits(await actions(bob)), [accept]);
  bob.close("keep");
  const [discard] = transmits(await actions(bob));
  for (const pause of [5_000, 10_000, 20_000, 40_000, 80_000, 160_000]) {
    assert.equal(bob.timeout, clock.now + pause, "no bound of two minutes");
    clock.now += pause;
    bob.handleTimeout();
    assert.deepEqual(transmits(await actions(bob)), [discard]);
  }
});

test("DRV-3: receipts come after the records, none for what is refused or has no room, a proof for a Discard", async () => {
  const [alice, bob] = await ready();
  for (const text of ["one", "two"]) alice.send({ text });
  const [one, two] = transmits(await actions(alice)) as Extract<Transmit, { type: "ciphertext" }>[];
  assert.equal(heard(bob, two!), "waiting");
  assert.deepEqual((await actions(bob)).at(-1), { kind: "receipt", transmitId: two!.id }, "behind the request for the first");
  const changed = one!.bytes.slice();
  changed[30]! ^= 1;
  assert.throws(() => heard(bob, { ...one!, bytes: changed }), { reason: "not_authentic" });
  const tag = new Uint8Array(16);
  const named = { type: "ciphertext", tag, transmitId: one!.id, bytes: one!.bytes, fileId: secretchat.random(16) } as const;
  assert.equal(bob.handleFrame(named), "no_room", "it comes with its file alone");
  assert.deepEqual(await actions(bob), []);
  assert.equal(heard(bob, one!), "applied");
  const order = [];
  for await (const action of bob.actions()) order.push(action.kind);
  assert.deepEqual(order, ["event", "event", "checkpoint", "receipt"]);
  assert.equal(heard(bob, one!), "duplicate");
  assert.deepEqual(kinds(await actions(bob)), ["receipt"]);

  bob.close("keep");
  const [discard] = transmits(await actions(bob));
  assert(discard?.type === "discard");
  alice.handleFrame({ type: "discard", tag, history: discard.history, proof: discard.proof! });
  const receipt = (await actions(alice)).at(-1);
  assert(receipt?.kind === "receipt" && receipt.proof?.length === 32);
  assert.equal(alice.isOver, true);
  assert.equal(bob.isOver, false);
  bob.handleFrame({ type: "receipt", tag, transmitId: receipt.transmitId, proof: receipt.proof });
  assert.deepEqual(kinds(await actions(bob)), []);
  assert.equal(bob.isOver, true);
  for (const driver of [alice, bob]) assert.equal(driver.timeout, undefined);
});

test("DRV-6: old copies are destroyed, and again while somebody reads", async () => {
  const store = new Counting();
  const [alice, bob, start] = await ready(store);
  const before = store.scrubs;
  assert(before > 0, "the acceptance replaced the secret of the request");
  store.readersLeave = before + 3;
  const id = bob.send({ text: "soon gone", ttl: 5 });
  await pass(bob, alice);
  assert.equal(store.scrubs, before, "a new record replaces nothing");
  alice.act((chat) => chat.markRead([id]));
  await actions(alice);
  assert.equal(store.scrubs, before + 1);
  for (const [millis, times] of [[999, 1], [1_000, 2], [1_999, 2], [2_000, 3], [4_000, 3]] as const) {
    clock.now = start + millis;
    alice.handleTimeout();
    await actions(alice);
    assert.equal(store.scrubs, before + times, `${millis}`);
  }
  clock.now = start + 5_000;
  alice.handleTimeout();
  assert.deepEqual(kinds(await actions(alice)).slice(0, 1), ["expired"]);
  assert.equal(store.scrubs, before + 4);
});

test("DRV-7: what is in flight is not asked for, and what replaces it comes at once", async () => {
  for (const carries of [false, true]) {
    const [alice, , start] = await ready();
    const id = alice.send({ text: "waits for its file" });
    const [waits] = transmits(await actions(alice)).slice(-1);
    if (carries) alice.inFlight(waits!);
    clock.now = start + 5_000;
    alice.handleTimeout();
    const again = transmits(await actions(alice)).filter(({ id }) => id === waits!.id);
    assert.deepEqual(again, carries ? [] : [waits]);
    if (!carries) continue;
    alice.landed(waits!.id);
    for (const [millis, times] of [[9_999, 0], [10_000, 1]] as const) {
      clock.now = start + millis;
      alice.act((chat) => chat.retransmit());
      assert.equal(transmits(await actions(alice)).filter(({ id }) => id === waits!.id).length, times, `${millis}`);
    }
    alice.inFlight(waits!);
    alice.act((chat) => chat.delete([id]));
    const instead = transmits(await actions(alice)).filter(({ id }) => id === waits!.id);
    assert(waits?.type === "ciphertext" && instead[0]?.type === "ciphertext");
    assert.equal(instead.length, 1);
    assert.notDeepEqual(instead[0].bytes, waits.bytes);
    alice.act((chat) => chat.typing("typing"));
    assert.deepEqual(transmits(await actions(alice)).filter(({ id }) => id === waits.id), [], "once");
    alice.retransmit();
    assert.equal(transmits(await actions(alice)).filter(({ id }) => id === waits.id).length, 1, "a new connection");
  }
});

test("DRV-7: a request that a stranger repeats brings out nothing", async () => {
  const [, bob] = await ready();
  for (const text of ["not carried", "waits for its file"]) bob.send({ text });
  bob.inFlight(transmits(await actions(bob)).at(-1)!);
  bob.handleFrame({ type: "request", tag: new Uint8Array(16), publicValue: secretchat.random(32) });
  assert.deepEqual(await actions(bob), []);
});

test("DRV-8: what was accepted rests for a round, then for two, and comes until it is acknowledged", async () => {
  const [alice] = await ready();
  alice.send({ text: "accepted" });
  const [sent] = transmits(await actions(alice)).slice(-1);
  const rounds: boolean[] = [];
  for (let round = 0; round < 8; round += 1) {
    if (round === 0 || rounds.at(-1)) alice.hear((chat) => chat.carried(sent!.id));
    alice.retransmit();
    rounds.push(transmits(await actions(alice)).some(({ id }) => id === sent!.id));
  }
  assert.deepEqual(rounds, [false, true, false, false, true, false, false, false]);
});

test("DRV-9: what was accepted makes no batch of its own", async () => {
  const store = new Counting();
  const [alice] = await ready(store);
  alice.send({ text: "accepted" });
  const [sent] = transmits(await actions(alice));
  const { batches } = store;
  alice.hear((chat) => chat.carried(sent!.id));
  assert.deepEqual(kinds(await actions(alice)), ["sent"]);
  assert.equal(store.batches, batches);
});
