// The stores keep what batches say, and refuse a batch that does not follow.
import assert from "node:assert/strict";
import { test } from "node:test";
import "fake-indexeddb/auto";
import { IndexedDbStore, MemoryStore, type Store, Superseded } from "secretchat";
import { End, secretchat, talk } from "./world.js";

const stores: [string, () => Promise<Store>][] = [
  ["memory", async () => new MemoryStore()],
  ["IndexedDB", () => IndexedDbStore.open("test")],
];

for (const [name, open] of stores) {
  test(`two chats in ${name}`, async () => {
    const store = await open();
    const [alice, bob] = await End.pair("x25519", () => store);
    alice.chat.send({ text: "one" });
    await talk(alice, bob);
    const ids = [alice, bob].map(({ chat }) => chat.state.id!);
    assert.deepEqual((await store.chats()).map(String).sort(), ids.map(String).sort());
    await alice.restart();
    await bob.restart();
    alice.chat.send({ text: "two" });
    await talk(alice, bob);
    assert.deepEqual(bob.texts(), ["one", "two"]);

    // A twin of Alice's chat writes first: she cannot write any more, and nothing of her batch is there.
    const twin = secretchat.restore(ids[0]!, (await store.load(ids[0]!))!, alice.storeKey);
    twin.send({ text: "of the twin" });
    for (const output of twin.outputs()) {
      if (output.kind === "persist") await store.apply(output.batch, (head) => twin.batchFits(head));
    }
    const before = await store.load(ids[0]!);
    alice.chat.send({ text: "three" });
    await assert.rejects(alice.lose(), Superseded);
    assert.deepEqual(await store.load(ids[0]!), before);

    await store.delete(ids[0]!);
    assert.equal(await store.load(ids[0]!), undefined);
    assert.deepEqual(await store.chats(), [ids[1]]);
  });
}

test("records that were set back are noticed", async () => {
  const [alice] = await End.pair("x25519");
  const { id } = alice.chat.state;
  const old = await alice.store.load(id!);
  alice.chat.send({ text: "one" });
  await alice.lose();
  const { checkpoint } = alice.chat.state;
  assert.throws(() => secretchat.restore(id!, old!, alice.storeKey, checkpoint), { reason: "rolled_back" });
  const damaged = old!.map((row) => ({ ...row, value: changed(row.value) }));
  assert.throws(() => secretchat.restore(id!, damaged, alice.storeKey), { reason: "damaged" });
});

function changed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
}
