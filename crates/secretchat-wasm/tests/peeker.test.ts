// Notifications from records alone, and what support is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, End, secretchat, talk } from "./world.js";

/** Sends a text that does not arrive yet. */
async function underWay(from: End, text: string): Promise<Uint8Array> {
  from.chat.send({ text });
  const sent = [];
  for (const output of from.chat.outputs()) {
    if (output.kind === "persist") await from.store.apply(output.batch, (head) => from.chat.batchFits(head));
    if (output.kind === "transmit" && output.transmit.type === "ciphertext") sent.push(output.transmit.bytes);
  }
  return sent.at(-1)!;
}

test("a notification from records alone changes nothing", async () => {
  const [alice, bob] = await End.pair("hybrid");
  const { id } = bob.chat.state;
  const bytes = await underWay(alice, "hello");
  const rows = (await bob.store.load(id!))!;
  const before = bob.chat.state;
  const peeker = secretchat.peeker(id!, rows, bob.storeKey);
  for (const preview of [peeker.peek(bytes), peeker.peek(bytes), bob.chat.peek(bytes)]) {
    assert(preview.kind === "message");
    assert.deepEqual([preview.content, preview.isEarly], [{ text: "hello", entities: [] }, false]);
  }
  const next = peeker.peek(await underWay(alice, "and then"));
  assert(next.kind === "message" && next.isEarly);
  assert.deepEqual(peeker.hostData, new Uint8Array());

  const changed = bytes.slice();
  changed[40]! ^= 1;
  assert.throws(() => peeker.peek(changed), { reason: "not_authentic" });
  peeker.free();
  assert.deepEqual(bob.chat.state, before);
  assert.equal(bob.chat.ciphertext(bytes), "applied");
  await talk(alice, bob);
  const later = secretchat.peeker(id!, (await bob.store.load(id!))!, bob.storeKey);
  assert.equal(later.peek(bytes).kind, "seen");
  later.free();
});

test("records that are damaged, foreign or not there give no peeker", async () => {
  const [, bob] = await End.pair("x25519");
  const { id } = bob.chat.state;
  const rows = (await bob.store.load(id!))!;
  assert.throws(() => secretchat.peeker(id!, rows, secretchat.random(32)), { reason: "damaged" });
  assert.throws(() => secretchat.peeker(secretchat.random(16), rows, bob.storeKey), { reason: "damaged" });
  assert.throws(() => secretchat.peeker(id!, [], bob.storeKey), { reason: "missing" });
  assert.throws(() => secretchat.peeker(id!, rows, new Uint8Array(31)), TypeError);
});

test("support is told what became of the last calls", async () => {
  const alice = secretchat.request({ profile: "x25519", localId: "alice", peerId: "bob" });
  for (const _ of [1, 2, 3]) assert.throws(() => alice.send({ text: "too early" }), { reason: "not_ready" });
  clock.now += 60_000;
  assert.throws(() => alice.accepted(new Uint8Array(32), 1n));
  const minute = (time: number) => Math.floor(time / 60_000) * 60_000;
  const [begun, sent, accepted] = alice.outcomes;
  assert.deepEqual(begun, { cause: "begin", name: "done", times: 1, minute: minute(clock.now - 60_000) });
  assert.deepEqual(sent, { cause: "send", name: "not_ready", times: 3, minute: minute(clock.now - 60_000) });
  assert.deepEqual([accepted?.cause, accepted?.times, accepted?.minute], ["accepted", 1, minute(clock.now)]);
  assert.equal(alice.outcomes.length, 3);
  assert.equal(alice.diagnosis.split("\n").filter((line) => line.includes(" x")).length, 3);
});
