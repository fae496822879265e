// What two people do, from the first key to a restart, in each profile.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { VIEW_ONCE } from "secretchat";
import { End, pass, secretchat, talk } from "./world.js";

const photo = new Uint8Array(await readFile("../../examples/photos/chelsea.png"));

for (const profile of ["x25519", "hybrid", "telegram"] as const) {
  test(`texts in ${profile}`, async () => {
    const [alice, bob] = await End.pair(profile);
    const [ours, theirs] = [alice, bob].map((end) => end.heard("ready").map(({ verification }) => verification));
    assert.equal(ours!.length, 1);
    assert.deepEqual(ours, theirs);
    const entities = [
      { kind: "bold", offset: 0, length: 5 },
      { kind: "text_url", offset: 6, length: 2, url: "https://example.org" },
    ] as const;
    const id = alice.chat.send({ text: "naïve 👋", entities: [...entities], isSilent: true });
    await talk(alice, bob);
    const [message] = bob.messages();
    assert.equal(message!.id, id);
    assert.equal(message!.content.text, "naïve 👋");
    assert.deepEqual(message!.content.entities, entities);
    assert.equal(message!.isSilent, true);
    bob.chat.send({ text: "yes", replyTo: id });
    await talk(alice, bob);
    assert.deepEqual(alice.messages().map(({ replyTo }) => replyTo), [id]);
  });

  test(`a photo in ${profile}`, async () => {
    const [alice, bob] = await End.pair(profile);
    const { key, sealed } = secretchat.seal(profile, photo);
    const file = secretchat.random(16);
    const thumbnail = { jpeg: new Uint8Array([1, 2, 3]), width: 30, height: 20 };
    const media = { kind: "photo", width: 451, height: 300, size: photo.length, key, thumbnail } as const;
    alice.chat.send({ text: "my cat", media, file });
    await talk(alice, bob);
    const [message] = bob.messages();
    assert.deepEqual(message!.content.media, media);
    assert.deepEqual(message!.file, { reference: file });
    assert.deepEqual(secretchat.open(profile, key, photo.length, sealed), photo);
  });

  test(`a file as a stream in ${profile}`, async () => {
    const content = new Blob([photo, photo, photo]);
    const { stream, key, sealedSize } = secretchat.sealing(profile, content.size);
    const sealed = await new Response(content.stream().pipeThrough(stream)).arrayBuffer();
    assert.equal(sealed.byteLength, sealedSize);
    const opened = new Blob([sealed]).stream().pipeThrough(secretchat.opening(profile, await key, content.size));
    assert.deepEqual(await new Response(opened).arrayBuffer(), await content.arrayBuffer());

    const short = new Blob([sealed.slice(0, -100)]).stream().pipeThrough(secretchat.opening(profile, await key, content.size));
    await assert.rejects(new Response(short).arrayBuffer(), { reason: "truncated" });
  });

  test(`a timer in ${profile}`, async () => {
    const [alice, bob] = await End.pair(profile);
    const id = alice.chat.send({ text: "for five seconds", ttl: 5 });
    await talk(alice, bob);
    assert.deepEqual(bob.texts(), ["for five seconds"]);
    bob.chat.markRead([id]);
    await talk(alice, bob);
    for (const [seconds, expected] of [[4, 0], [1, 1]] as const) {
      pass(seconds, alice, bob);
      await talk(alice, bob);
      for (const end of [alice, bob]) assert.equal(end.heard("expired").length, expected);
    }
  });

  test(`new keys and a restart in ${profile}`, async () => {
    const [alice, bob] = await End.pair(profile);
    const before = alice.chat.state.keyFingerprint;
    alice.chat.rekey();
    await talk(alice, bob);
    alice.chat.send({ text: "under the new key" });
    await talk(alice, bob);
    assert.deepEqual(bob.texts(), ["under the new key"]);
    assert.notEqual(alice.chat.state.keyFingerprint, before);
    assert.equal(alice.chat.state.keyFingerprint, bob.chat.state.keyFingerprint);
    assert.equal(bob.chat.state.rekeys, 1);

    const id = bob.chat.send({ text: "before the power failure" });
    await bob.lose();
    alice.heard("ready");
    await Promise.all([alice.restart(), bob.restart()]);
    await talk(alice, bob);
    assert.deepEqual(alice.messages().map((message) => [message.id, message.content.text]), [
      [id, "before the power failure"],
    ]);
  });
}

test("a photo to view once", async () => {
  const [alice, bob] = await End.pair("hybrid");
  const { key, sealed } = secretchat.seal("hybrid", photo);
  const id = alice.chat.send({
    media: { kind: "photo", width: 451, height: 300, size: photo.length, key }, file: secretchat.random(16), ttl: VIEW_ONCE,
  });
  await talk(alice, bob);
  const [message] = bob.messages();
  assert(message!.content.media?.kind === "photo" && message!.content.media.key === undefined);
  bob.chat.openView(id);
  for (let output = bob.chat.poll(); ; output = bob.chat.poll()) {
    assert(output);
    if (output.kind === "persist") await bob.store.apply(output.batch, (head) => bob.chat.batchFits(head));
    if (output.kind === "event" && output.event.type === "opened") break;
  }
  const lease = bob.chat.takeLease();
  assert.equal(lease.info.size, photo.length);
  assert.deepEqual(lease.open(sealed), photo);
  const opening = lease.opening();
  const short = new Blob([sealed.slice(0, -100)]).stream().pipeThrough(lease.opening());
  lease.free();
  const opened = new Blob([new Uint8Array(sealed)]).stream().pipeThrough(opening);
  assert.deepEqual(new Uint8Array(await new Response(opened).arrayBuffer()), photo, "a stream outlives the lease");
  await assert.rejects(new Response(short).arrayBuffer(), { reason: "truncated" });
  bob.chat.closeView(id);
  await talk(alice, bob);
  assert.equal(bob.heard("expired").length, 1);
  assert.throws(() => bob.chat.openView(id));
});

test("an album", async () => {
  const [alice, bob] = await End.pair("x25519");
  const drafts = [1, 2, 3].map((number) => ({
    text: `${number}`, file: secretchat.random(16),
    media: { kind: "file", mimeType: "text/plain", size: number, key: secretchat.seal("x25519", photo).key } as const,
  }));
  const ids = alice.chat.sendAlbum(drafts);
  await talk(alice, bob);
  const messages = bob.messages();
  assert.deepEqual(messages.map(({ id }) => id), ids);
  assert.deepEqual(messages.map(({ content }) => content.media), drafts.map(({ media }) => media));
  assert.equal(new Set(messages.map(({ groupedId }) => groupedId)).size, 1);
  assert.notEqual(messages[0]!.groupedId, undefined);
});
