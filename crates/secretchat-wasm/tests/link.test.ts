// Two links over a bad network, whose processes die at every write: each message and each file comes, whole, once, in order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Phone, type Wish } from "./phone.js";
import { clock, secretchat } from "./world.js";

/** Numbers from 0 up to 1 that only the seed decides. */
function numbers(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

interface Faults {
  lost: number;
  doubled: number;
  late: number;
}

const NONE: Faults = { lost: 0, doubled: 0, late: 0 };

/** Runs until both ends have all. */
async function run(phones: [Phone, Phone], { lost, doubled, late }: Faults, random: () => number): Promise<void> {
  const ways: [Uint8Array[], Uint8Array[]] = [[], []];
  const post = (way: Uint8Array[], frames: Uint8Array[]) => {
    for (const frame of frames) {
      if (random() < lost) continue;
      way.splice(random() < late ? Math.floor(random() * way.length) : way.length, 0, frame);
      if (random() < doubled) way.push(frame);
    }
  };
  for (let round = 0; !phones.every(({ isDone }) => isDone); round += 1) {
    assert(round < 20_000, "it is stuck");
    let isIdle = true;
    for (const side of [0, 1] as const) {
      const bytes = ways[1 - side]!.shift();
      if (bytes) isIdle = false;
      post(ways[side], await phones[side].live(bytes && secretchat.decodeFrame(bytes)));
    }
    if (isIdle) clock.now += 250;
  }
}

function wishes(random: () => number, photos: (number | undefined)[]): Wish[] {
  return ["one", "two", "three", "four"].map((text, index) => {
    const size = photos[index];
    const photo = size === undefined ? undefined : Uint8Array.from({ length: size }, () => random() * 256);
    return { id: BigInt(Math.ceil(random() * 2 ** 50)), text, ...(photo && { photo }) };
  });
}

async function check(from: Phone, to: Phone): Promise<void> {
  const came = [...to.came].sort(([, one], [, other]) => one.order - other.order);
  assert.deepEqual(came.map(([id, { content }]) => [id, content.text]), from.wishes.map(({ id, text }) => [id, text]));
  // A crash between an event and its batch tells it once more.
  for (const [, { times }] of came) assert(times <= 1 + to.crashes, `${times} times`);
  for (const { id, photo } of from.wishes) {
    const { content, file } = to.came.get(id)!;
    assert.equal(content.media?.kind, photo && "photo");
    if (!photo || content.media?.kind !== "photo") continue;
    const sealed = await to.files.kept(file!);
    assert.deepEqual(secretchat.open("x25519", content.media.key!, content.media.size, sealed!), photo);
  }
}

async function story(seed: number, faults: Faults, setUp: (phones: [Phone, Phone]) => void = () => {}): Promise<[Phone, Phone]> {
  const random = numbers(seed);
  const phones = await Phone.pair();
  // Both are ready before something breaks.
  await run([phones[0], phones[1]], NONE, random);
  for (let round = 0; round < 8; round += 1) {
    for (const frame of await phones[1].live()) await phones[0].live(secretchat.decodeFrame(frame));
    for (const frame of await phones[0].live()) await phones[1].live(secretchat.decodeFrame(frame));
    clock.now += 1_000;
  }
  setUp(phones);
  phones[0].wishes.push(...wishes(random, [40_000, undefined, 300_000]));
  phones[1].wishes.push(...wishes(random, [undefined, 100]));
  await run(phones, faults, random);
  await check(phones[0], phones[1]);
  await check(phones[1], phones[0]);
  return phones;
}

test("a good network carries each byte of a file once", async () => {
  const phones = await story(1, NONE);
  for (const [from, to] of [phones, [phones[1], phones[0]] as const]) {
    const files = await Promise.all((await to.files.list("kept")).map((file) => to.files.length("kept", file)));
    assert.equal(from.carried, files.reduce<number>((sum, length) => sum + length!, 0));
  }
  for (const phone of phones) assert.deepEqual(await phone.files.list("leaving"), [], "acknowledged files are deleted");
  for (const phone of phones) assert.deepEqual(await phone.files.list("arriving"), []);
});

test("a question that fell due since the last look is still waited for", async () => {
  const [alice, bob] = await Phone.pair();
  await run([alice, bob], NONE, numbers(1));
  const { link } = alice;
  await link.seal(new Uint8Array(100_000));
  await link.nextFrame();
  link.connected();
  await alice.live();
  clock.now += 2_000;
  assert.equal(link.timeout, clock.now);
  await alice.live();
  assert(link.timeout! > clock.now);
});

test("lost, doubled and late frames", async () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    await story(seed, { lost: 0.2, doubled: 0.2, late: 0.3 });
    await story(seed, { lost: 0, doubled: 0.5, late: 1 });
    await story(seed, { lost: 0.5, doubled: 0, late: 0 });
  }
});

for (const victim of [0, 1] as const) {
  for (const isDone of [false, true]) {
    test(`${victim === 0 ? "Alice" : "Bob"} dies ${isDone ? "after" : "before"} each of the writes`, async () => {
      let writes = 0;
      for (let crashes = 1; crashes > 0; writes += 1) {
        const faults = { lost: 0.1, doubled: 0.1, late: 0.2 };
        const phones = await story(7, faults, (phones) => phones[victim].fuse.set(writes, isDone));
        crashes = phones[victim].crashes;
      }
      assert(writes > 20, `${writes} writes`);
    });
  }
}
