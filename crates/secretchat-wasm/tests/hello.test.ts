// Node.js talks with Rust: the example `hello` listens on a UDP socket, and this end calls it. Needs
// `cargo build --example hello`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { type Chat, type Event, Secretchat } from "secretchat";

test("a chat with a program in Rust", { timeout: 30_000 }, async (t) => {
  const probe = createSocket("udp4").bind(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const hello = spawn("../../target/debug/examples/hello", ["listen", `127.0.0.1:${port}`]);
  t.after(() => hello.kill());
  // Without this the test would wait for lines that cannot come.
  await once(hello, "spawn");
  const lines = createInterface(hello.stdout)[Symbol.asyncIterator]();
  const line = async () => (await lines.next()).value as string;

  const secretchat = await Secretchat.load();
  const tag = secretchat.random(16);
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  const chat = secretchat.request({ profile: "hybrid", localId: "caller", peerId: "listener" });
  const events: Event[] = [];
  const news = new EventTarget();
  socket.on("message", (bytes) => {
    const frame = secretchat.decodeFrame(bytes);
    if (frame.type !== "request") chat.handleFrame(frame);
    if (frame.type === "ciphertext") {
      socket.send(secretchat.encodeFrame({ type: "receipt", tag, transmitId: frame.transmitId }), port, "127.0.0.1");
    }
    act(chat);
  });
  const heard = async <Type extends Event["type"]>(type: Type) => {
    for (;;) {
      const event = events.find((event) => event.type === type);
      if (event) return event as Extract<Event, { type: Type }>;
      await once(news, "news");
    }
  };
  function act(chat: Chat): void {
    for (const output of chat.outputs()) {
      if (output.kind === "event") events.push(output.event);
      if (output.kind === "transmit") socket.send(chat.frame(tag), port, "127.0.0.1");
    }
    news.dispatchEvent(new globalThis.Event("news"));
  }

  // The other program may not listen yet.
  act(chat);
  const repeat = setInterval(() => (chat.retransmit(), act(chat)), 200);
  t.after(() => clearInterval(repeat));
  const { verification } = await heard("ready");
  clearInterval(repeat);
  assert.equal(await line(), `= ${secretchat.verification(verification).words.slice(0, 16).join(" ")}`);
  chat.send({ text: "from Node.js" });
  act(chat);
  assert.equal(await line(), "> from Node.js");
  hello.stdin.write("from Rust\n");
  assert.equal((await heard("message")).message.content.text, "from Rust");
  hello.stdin.end();
  assert.equal((await heard("closed")).reason, "by_peer");
});
