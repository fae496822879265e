// What goes wrong: errors have numbers, names and advice, and nothing changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Frame, SecretchatError } from "secretchat";
import { End, secretchat } from "./world.js";

test("a changed message is refused, and changes nothing", async () => {
  const [alice, bob] = await End.pair("x25519");
  alice.chat.send({ text: "hello" });
  let seen = 0;
  for (const output of alice.chat.outputs()) {
    if (output.kind !== "transmit" || output.transmit.type !== "ciphertext") continue;
    const before = bob.chat.state;
    const changed = output.transmit.bytes.slice();
    changed[changed.length - 1]! ^= 1;
    assert.throws(() => bob.chat.ciphertext(changed), { code: 302, reason: "not_authentic" });
    assert.deepEqual(bob.chat.state, before);
    assert.equal(bob.chat.ciphertext(output.transmit.bytes), "applied");
    assert.equal(bob.chat.ciphertext(output.transmit.bytes), "duplicate");
    seen += 1;
  }
  assert.equal(seen, 1);
});

test("an error says what to do", async () => {
  const [alice] = await End.pair("x25519");
  assert.throws(
    () => alice.chat.send({}),
    (error) => error instanceof SecretchatError && error.reason === "empty_message" && error.message.length > 20,
  );
  assert.throws(() => alice.chat.markReadUpTo(1), { reason: "not_in_profile" });
  assert.throws(() => secretchat.request({ profile: "x25519", localId: "a", peerId: "a" }), { reason: "ids_equal" });
});

test("wrong lengths and freed chats are mistakes of the program", async () => {
  const [alice, bob] = await End.pair("x25519");
  assert.throws(() => alice.chat.frame(new Uint8Array(15)), TypeError);
  assert.throws(() => alice.chat.markVerified(new Uint8Array(35)), TypeError);
  assert.throws(() => secretchat.restore(new Uint8Array(16), [], new Uint8Array(31)), TypeError);
  bob.chat.free();
  bob.chat.free();
  assert.throws(() => bob.chat.state, TypeError);
});

test("frames survive any cut of the stream", () => {
  const tag = secretchat.random(16);
  const frames: Frame[] = [
    { type: "ciphertext", tag, transmitId: 7n, bytes: secretchat.random(300), fileId: secretchat.random(16) },
    { type: "file_part", tag, fileId: secretchat.random(16), offset: 10, total: 1000, bytes: secretchat.random(99) },
    { type: "discard", tag, history: "delete", proof: { mac: secretchat.random(32), sent: 3 } },
    { type: "receipt", tag, transmitId: 9n },
  ];
  const stream = new Uint8Array(frames.flatMap((frame) => [...secretchat.encodeFrame(frame)]));
  for (const size of [1, 7, 64, stream.length]) {
    const decoder = secretchat.decoder();
    const found = [];
    for (let at = 0; at < stream.length; at += size) found.push(...decoder.push(stream.subarray(at, at + size)));
    decoder.finish();
    assert.deepEqual(found, frames);
  }
  const decoder = secretchat.decoder();
  assert.deepEqual([...decoder.push(stream.subarray(0, 20))], []);
  assert.throws(() => decoder.finish(), { reason: "truncated" });
  assert.throws(() => secretchat.decodeFrame(new Uint8Array(40)), SecretchatError);
});

test("people can compare", async () => {
  const [alice, bob] = await End.pair("hybrid");
  const { verification } = alice.chat.state;
  const shown = secretchat.verification(verification!);
  assert.equal(shown.words.length, 36);
  assert.equal(shown.digits.replace(/\s/g, ""), Buffer.from(verification!.subarray(0, 32)).toString("hex"));
  assert.equal(shown.cells.flat().length, 144);
  assert(shown.svg.startsWith("<svg"));
  alice.chat.markScanned(bob.chat.scanCode);
  assert.equal(alice.chat.state.isVerified, true);
  assert.throws(() => alice.chat.markScanned(alice.chat.scanCode), { reason: "own_code" });
});
