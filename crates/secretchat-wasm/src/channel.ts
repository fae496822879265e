// A connection as two streams of bytes, and the request that comes over it.
import type { Config } from "./config.js";
import type { Frame } from "./frame.js";
import type { Secretchat } from "./secretchat.js";

/**
 * A connection: two streams of bytes. `WebTransport`, `WebSocketStream` and Node's `Duplex.toWeb(socket)` give one. Closing
 * `writable` has to end `readable` at the other end.
 */
export interface Channel {
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
}

export type Request = Extract<Frame, { type: "request" }>;

/**
 * Waits for the peer's request for a chat. Gives it with the channel that has everything which came, the request included.
 * Throws if the connection ends, or carries something else.
 */
export async function readRequest(
  secretchat: Secretchat, { readable, writable }: Channel,
): Promise<{ request: Request; channel: Channel }> {
  const [reader, decoder, came] = [readable.getReader(), secretchat.decoder(), [] as Uint8Array[]];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the connection ended before a request came");
      came.push(value);
      const [frame] = decoder.push(value);
      if (frame?.type === "request") return { request: frame, channel: { readable: again(came, reader), writable } };
      if (frame) throw new Error("the connection carries something else than a request");
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    throw error;
  } finally {
    decoder.free();
  }
}

/** Sends the answer that the user declines. */
export async function decline(secretchat: Secretchat, request: Request, config: Config, channel: Channel): Promise<void> {
  const transmit = secretchat.invitation(request.publicValue, config).decline();
  if (transmit.type !== "discard") throw new TypeError("a declined request is answered by a discard");
  const writer = channel.writable.getWriter();
  await writer.write(secretchat.encodeFrame({ type: "discard", tag: request.tag, history: transmit.history }));
  await Promise.all([writer.close(), channel.readable.cancel()]);
}

/** A stream that begins with what was read of another one. */
function again(came: Uint8Array[], reader: ReadableStreamDefaultReader<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { value, done } = came.length > 0 ? { value: came.shift()!, done: false } : await reader.read();
      if (done) controller.close();
      else controller.enqueue(value!);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
