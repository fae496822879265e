// Sessions over connections that end at any byte, with stores that fail and processes that go on from their records.
import assert from "node:assert/strict";
import { test as plain } from "node:test";
import {
  type Channel, type Event, MemoryFiles, MemoryStore, Secretchat, Session, type SessionOptions, VIEW_ONCE,
} from "secretchat";

/** What waits for ever fails. */
const test = (name: string, work: () => Promise<void>) => plain(name, { timeout: 20_000 }, work);
const secretchat = await Secretchat.load();
const storeKey = secretchat.random(32);
const config = (localId: string, peerId: string) => ({ profile: "x25519", localId, peerId, storeKey }) as const;
const timing = { acknowledgeAfter: 20, retransmitAfter: 200 };
const photo = secretchat.random(200_000);
const describe = { kind: "photo", width: 1, height: 1, size: photo.length } as const;

/** Two ends of a connection, which breaks after so many bytes that the first end wrote. */
function connection(breaksAfter = Infinity): [Channel, Channel] & { carried: () => number } {
  let carried = 0;
  const there = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      carried += chunk.length;
      if (carried > breaksAfter) throw new Error("the connection broke");
      controller.enqueue(chunk);
    },
  });
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const ends: [Channel, Channel] = [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
  return Object.assign(ends, { carried: () => carried });
}

/** Two sessions that run, and what becomes of the first one's connection. */
async function pair(ours: SessionOptions = {}, theirs: SessionOptions = {}): Promise<[Session, Session, Promise<void>]> {
  const [here, there] = connection();
  const alice = await Session.request(secretchat, config("alice", "bob"), { timing, ...ours });
  const running = alice.run(here);
  const bob = await (await Session.incoming(secretchat, there)).accept(config("bob", "alice"), { timing, ...theirs });
  return [alice, bob, running];
}

async function next<Type extends Event["type"]>(session: Session, type: Type): Promise<Extract<Event, { type: Type }>> {
  for await (const event of session) if (event.type === type) return event as Extract<Event, { type: Type }>;
  throw new Error(`no ${type} came`);
}

const message = async (session: Session) => (await next(session, "message")).message;

test("two people talk, and hang up", async () => {
  const [alice, bob, running] = await pair();
  const id = await alice.send({ text: "hello" });
  assert.equal((await message(bob)).content.text, "hello");
  await bob.send({ text: "hello yourself", replyTo: id });
  const answer = await message(alice);
  assert.deepEqual([answer.content.text, answer.replyTo], ["hello yourself", id]);
  assert.deepEqual(alice.chat.state.verification, bob.chat.state.verification);
  bob.close();
  await running;
  assert.equal((await next(alice, "closed")).reason, "by_peer");
  assert.equal((await next(bob, "closed")).reason, "by_us");
  assert(alice.isOver && bob.isOver);
  for await (const event of alice) assert.fail(event.type);
});

test("a photo goes on where the connection broke", async () => {
  for (const breaksAfter of [10, 1_000, 20_000, 150_000, 199_000, 201_000]) {
    const first = connection(breaksAfter);
    const alice = await Session.request(secretchat, config("alice", "bob"), { timing });
    const running = alice.run(first[0]);
    const { file, key } = await alice.seal(photo);
    const sent = alice.send({ text: "my cat", media: { ...describe, key }, file });
    const incoming = await Session.incoming(secretchat, first[1]).catch(() => undefined);
    const accepted = await incoming?.accept(config("bob", "alice"), { timing });
    await running;
    while (accepted?.isRunning) await new Promise((resolve) => setTimeout(resolve, 1));
    const second = connection();
    const bob = accepted ?? (await answered(alice, second));
    if (accepted) (void alice.run(second[0]), void bob.run(second[1]));
    await sent;
    const came = await message(bob);
    assert.deepEqual(await bob.open(came), photo);
    assert(second.carried() < 210_000 - Math.min(breaksAfter, 199_000) + 40_000, `${second.carried()} bytes again`);
    alice.close();
    await next(bob, "closed");
  }
});

async function answered(alice: Session, [here, there]: [Channel, Channel]): Promise<Session> {
  void alice.run(here);
  return (await Session.incoming(secretchat, there)).accept(config("bob", "alice"), { timing });
}

test("another process goes on from the records", async () => {
  const options = { store: new MemoryStore(), files: new MemoryFiles() };
  const [alice, bob, running] = await pair(options);
  await alice.send({ text: "one" });
  assert.equal((await message(bob)).content.text, "one");
  const { id } = alice.chat.state;
  await alice.stop();
  await running;
  const { file, key } = await bob.seal(photo);
  await bob.send({ text: "while you were away", media: { ...describe, key }, file });
  const again = await Session.restore(secretchat, id!, storeKey, { ...options, timing });
  const [here, there] = connection();
  void again.run(here);
  void bob.run(there);
  const came = await message(again);
  assert.equal(came.content.text, "while you were away");
  assert.deepEqual(await again.open(came), photo);
  again.close("delete");
  assert.equal((await next(bob, "closed")).history, "delete");
});

test("a store that fails ends the session, and nothing leaves", async () => {
  const store = new MemoryStore();
  const [alice, bob, running] = await pair({ store });
  await next(alice, "ready");
  await next(bob, "ready");
  const failed = new Error("the disk is full");
  store.apply = () => Promise.reject(failed);
  await alice.send({ text: "never" }).catch(() => {});
  await assert.rejects(running, failed);
  await assert.rejects(message(alice), failed);
  await assert.rejects(alice.send({ text: "nor this" }), failed);
  assert.throws(() => alice.act((chat) => chat.setTtl(5)), failed);
  assert.equal(bob.chat.state.received, 1, "what made it ready, and nothing else");
  await bob.stop();
});

test("events are taken before their records are written", async () => {
  const order: string[] = [];
  const store = new MemoryStore();
  const apply = store.apply.bind(store);
  store.apply = (batch, fits) => (order.push("batch"), apply(batch, fits));
  let [told, heard] = [() => {}, new Promise<void>(() => {})];
  heard = new Promise((resolve) => (told = resolve));
  const onEvent = async ({ type }: Event) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(type);
    if (type === "message") told();
  };
  const [alice, bob] = await pair({}, { store, onEvent });
  await alice.send({ text: "hello" });
  await heard;
  assert.deepEqual(order, ["batch", "ready", "batch", "message"]);
  await Promise.all([alice.stop(), bob.stop()]);
});

test("who takes no events reads no more, and loses none", async () => {
  const [alice, bob] = await pair({}, { maxEvents: 2 });
  const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
  for (const text of texts) await alice.send({ text });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(bob.chat.state.received < 6, `${bob.chat.state.received} were read`);
  for (const text of texts) assert.equal((await message(bob)).content.text, text);
  await Promise.all([alice.stop(), bob.stop()]);
});

test("frames that come all at once wait for room, too", async () => {
  const [here, there] = connection();
  let [held, controller]: [Uint8Array[] | undefined, TransformStreamDefaultController?] = [undefined];
  const bundle = new TransformStream<Uint8Array, Uint8Array>({
    start: (its) => void (controller = its),
    transform: (chunk) => (held ? void held.push(chunk) : controller!.enqueue(chunk)),
  });
  void bundle.readable.pipeTo(here.writable).catch(() => {});
  const alice = await Session.request(secretchat, config("alice", "bob"), { timing });
  void alice.run({ readable: here.readable, writable: bundle.writable });
  const bob = await (await Session.incoming(secretchat, there)).accept(config("bob", "alice"), { timing, maxEvents: 2 });
  await next(alice, "ready");
  await next(bob, "ready");
  const frames: Uint8Array[] = (held = []);
  const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
  for (const text of texts) await alice.send({ text });
  while (frames.length < texts.length) await new Promise((resolve) => setTimeout(resolve, 1));
  held = undefined;
  controller!.enqueue(new Uint8Array(await new Blob(frames as BlobPart[]).arrayBuffer()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(bob.chat.state.received < 6, `${bob.chat.state.received} were taken`);
  for (const text of texts) assert.equal((await message(bob)).content.text, text);
  await Promise.all([alice.stop(), bob.stop()]);
});

test("who takes no events does not keep the clock busy", async () => {
  let [skew, looks, scrubs] = [0, 0, 0];
  const late = await Secretchat.load({ now: () => ((looks += 1), Date.now() + skew) });
  const store = Object.assign(new MemoryStore(), { scrub: async () => ((scrubs += 1), false) });
  const [here, there] = connection();
  const alice = await Session.request(late, config("alice", "bob"), { timing, store, maxEvents: 2 });
  void alice.run(here);
  const bob = await (await Session.incoming(secretchat, there)).accept(config("bob", "alice"), { timing });
  await next(bob, "ready");
  for (const text of ["one", "two"]) await bob.send({ text });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = scrubs;
  assert(before > 0, "the acceptance replaced the secret of the request");
  skew = 2_000; // the store is to be asked again
  alice.act((chat) => chat.typing("typing"));
  looks = 0;
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert(looks < 50, `${looks} looks at the clock`);
  for (const text of ["one", "two"]) assert.equal((await message(alice)).content.text, text);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(scrubs > before, "and then it is");
  await Promise.all([alice.stop(), bob.stop()]);
});

test("a connection that carries something else ends, and the chat goes on", async () => {
  const [alice, bob, running] = await pair();
  await next(alice, "ready");
  await bob.stop();
  await running;
  const [here, there] = connection();
  const garbled = alice.run(here);
  const writer = there.writable.getWriter();
  await writer.write(secretchat.encodeFrame({ type: "receipt", tag: secretchat.random(16), transmitId: 16n })).catch(() => {});
  await writer.write(new Uint8Array(100)).catch(() => {});
  await garbled;
  assert.equal(alice.chat.state.state, "ready");
  const empty = connection();
  const reading = Session.incoming(secretchat, empty[1]);
  await empty[0].writable.getWriter().write(new Uint8Array(100)).catch(() => {});
  await assert.rejects(reading);
  await alice.stop();
});

test("a connection that somebody else reads is refused, and another one is not", async () => {
  const [alice, bob, running] = await pair();
  await next(alice, "ready");
  await bob.stop();
  await running;
  const [here, there] = connection();
  const elsewhere = here.readable.getReader();
  await assert.rejects(alice.run(here), TypeError);
  assert.equal(alice.isRunning, false);
  elsewhere.releaseLock();
  void alice.run(here);
  assert.equal(alice.isRunning, true);
  await Promise.all([alice.stop(), there.readable.cancel()]);
});

test("a request is declined", async () => {
  const [here, there] = connection();
  const alice = await Session.request(secretchat, config("alice", "bob"), { timing });
  const running = alice.run(here);
  const incoming = await Session.incoming(secretchat, there);
  const [, closed] = await Promise.all([incoming.decline(config("bob", "alice")), next(alice, "closed")]);
  assert.equal(closed.reason, "unproved");
  await running;
  assert(alice.isOver);
});

test("dials again until somebody answers", async () => {
  const [here, there] = connection();
  let dials = 0;
  const alice = await Session.request(secretchat, config("alice", "bob"), { timing });
  const connecting = alice.connect(async () => {
    dials += 1;
    if (dials < 3) throw new Error("nobody is there");
    return here;
  }, 5);
  const bob = await (await Session.incoming(secretchat, there)).accept(config("bob", "alice"), { timing });
  await alice.send({ text: "at last" });
  assert.equal((await message(bob)).content.text, "at last");
  bob.close();
  await connecting;
  assert.equal(dials, 3);
});

test("a photo to view once comes with its lease, and then its file is gone", async () => {
  const [alice, bob] = await pair();
  const { file, key } = await alice.seal(photo);
  await alice.send({ media: { ...describe, key }, file, ttl: VIEW_ONCE });
  const came = await message(bob);
  await assert.rejects(bob.open(came), TypeError);
  bob.act((chat) => chat.openView(came.id));
  const { lease } = await next(bob, "opened");
  assert.deepEqual(lease!.open(await bob.sealed(came.file!.reference)), photo);
  lease!.free();
  bob.act((chat) => chat.closeView(came.id));
  await next(bob, "expired");
  await assert.rejects(bob.sealed(came.file!.reference), TypeError);
  await Promise.all([alice.stop(), bob.stop()]);
});
