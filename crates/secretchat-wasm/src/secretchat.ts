// The library: loaded once, it makes everything else.
import { STRUCTS, type ProfileName } from "./abi.js";
import { Chat } from "./chat.js";
import { type Config, withConfig } from "./config.js";
import * as files from "./files.js";
import { Driver } from "./driver.js";
import { Decoder, type Frame, decodeFrame, encodeFrame } from "./frame.js";
import { type Host, Library } from "./library.js";
import type { FileKey } from "./media.js";
import { Peeker } from "./peeker.js";
import { type Checkpoint, type Row, type Transmit, readTransmit, writtenRow } from "./output.js";
import type { Timing } from "./schedule.js";
import type { Store } from "./store.js";
import { Verification } from "./verification.js";

/** How to load the library. */
export interface Loading extends Partial<Host> {
  /** The bytes of `secretchat.wasm`, or its module. Otherwise it is read from beside this file. */
  wasm?: BufferSource | WebAssembly.Module;
}

/**
 * One instance of the library, with a memory of its own. If a call ever throws a `WebAssembly.RuntimeError`, which is a
 * defect, drop the instance with all its chats, and restore them in a new one.
 */
export class Secretchat {
  readonly #library: Library;

  private constructor(library: Library) {
    this.#library = library;
  }

  /** Loads the library. Randomness comes from `crypto.getRandomValues`, the time from `Date.now`. */
  static async load({ wasm, ...host }: Loading = {}): Promise<Secretchat> {
    const module = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm ?? (await beside()));
    return new Secretchat(await Library.instantiate(module, { random, now: Date.now, ...host }));
  }

  /** Asks the peer for a chat. One of its outputs is the request to carry. */
  request(config: Config): Chat {
    const library = this.#library;
    return withConfig(library, config, (address, lent) =>
      new Chat(library, lent.result((out) => library.check("sc_chat_request", address, library.env(), out))),
    );
  }

  /** Checks a request of the peer: its public value, and the configuration that the chat would have. */
  invitation(publicValue: Uint8Array, config: Config): Invitation {
    const library = this.#library;
    return withConfig(library, config, (address, lent) => {
      const value = lent.bytes(publicValue);
      return new Invitation(library, lent.result((out) =>
        library.check("sc_invitation_parse", value, publicValue.length, address, out),
      ));
    });
  }

  /**
   * Restores a chat from its records. `expected` is a checkpoint that was kept elsewhere: records that are older are
   * refused.
   */
  restore(chatId: Uint8Array, rows: readonly Row[], storeKey: Uint8Array, expected?: Checkpoint): Chat {
    const library = this.#library;
    return library.lend((lent) => {
      const [id, key] = [lent.exactly(chatId, 16), lent.exactly(storeKey, 32)];
      const records = lent.structs("ScRow", rows.map(writtenRow));
      const checkpoint = expected ? lent.struct("ScCheckpoint", expected) : 0;
      return new Chat(library, lent.result((out) =>
        library.check("sc_chat_restore", id, records, rows.length, key, checkpoint, library.env(), out),
      ));
    });
  }

  /**
   * Reads messages for notifications from the records of a chat, and changes nothing: in a service worker, for example, while
   * a page may have the chat itself.
   */
  peeker(chatId: Uint8Array, rows: readonly Row[], storeKey: Uint8Array): Peeker {
    return new Peeker(this.#library, chatId, rows, storeKey);
  }

  /** Drives a chat that was just requested or accepted. */
  driver(chat: Chat, store: Store, timing?: Partial<Timing>): Driver {
    return new Driver(chat, store, () => this.now(), timing);
  }

  /** Restores a chat from a store, and drives it. `expected` is a checkpoint that was kept elsewhere. */
  async restoreDriver(
    chatId: Uint8Array, store: Store, storeKey: Uint8Array,
    { expected, timing }: { expected?: Checkpoint; timing?: Partial<Timing> } = {},
  ): Promise<Driver> {
    const chat = this.restore(chatId, (await store.load(chatId)) ?? [], storeKey, expected);
    return this.driver(chat, store, timing).resume(expected);
  }

  /** The time of the library's clock, in milliseconds since 1970. */
  now(): number {
    return this.#library.now();
  }

  /** Returns random bytes: for a store key, an id or a tag. */
  random(length: number): Uint8Array {
    return this.#library.lend((lent) => {
      const out = lent.room(Math.max(length, 1));
      this.#library.check("sc_env_fill", this.#library.env(), out, length);
      return this.#library.copy(out, length);
    });
  }

  /** Seals a whole file for a chat of this profile, under a new key. */
  seal(profile: ProfileName, content: Uint8Array): files.Sealed {
    return files.seal(this.#library, profile, content);
  }

  /** Opens a whole file. The size is that of the medium: its length before it was sealed. */
  open(profile: ProfileName, key: FileKey, size: number, sealed: Uint8Array): Uint8Array {
    return files.open(this.#library, profile, key, size, sealed);
  }

  /** Seals a file of this size as it streams through. */
  sealing(profile: ProfileName, size: number): files.Sealing {
    return files.sealing(this.#library, profile, size);
  }

  /** Opens a file as it streams through. A Telegram file is **never** authentic. */
  opening(profile: ProfileName, key: FileKey, size: number): TransformStream<Uint8Array, Uint8Array> {
    return files.opening(this.#library, profile, key, size);
  }

  /** Returns the bytes of a frame. */
  encodeFrame(frame: Frame): Uint8Array {
    return encodeFrame(this.#library, frame);
  }

  /** Reads a frame that is alone and whole. */
  decodeFrame(bytes: Uint8Array): Frame {
    return decodeFrame(this.#library, bytes);
  }

  /** Returns a decoder, which takes frames out of a stream of bytes. */
  decoder(): Decoder {
    return new Decoder(this.#library);
  }

  /** Shows a verification value to people. */
  verification(value: Uint8Array): Verification {
    return new Verification(this.#library, value);
  }
}

/** A request of the peer that the user has not answered yet. */
export class Invitation {
  readonly #library: Library;
  #handle: number;

  /** Invitations come from `Secretchat.invitation`. */
  constructor(library: Library, handle: number) {
    this.#library = library;
    this.#handle = handle;
  }

  /** Accepts, and frees the invitation. */
  accept(): Chat {
    const library = this.#library;
    const chat = library.lend((lent) =>
      lent.result((out) => library.check("sc_invitation_accept", this.#handle, library.env(), out)),
    );
    this.free();
    return new Chat(library, chat);
  }

  /** Declines, and frees the invitation. Carry what is returned. */
  decline(): Transmit {
    const library = this.#library;
    const transmit = library.lend((lent) => {
      const out = lent.room(STRUCTS.ScOutput.size);
      library.check("sc_invitation_decline", this.#handle, out);
      return readTransmit(library.read("ScOutput", out));
    });
    this.free();
    return transmit;
  }

  free(): void {
    this.#library.call("sc_invitation_free", this.#handle);
    this.#handle = 0;
  }
}

/** Fills bytes of any length; one call of the platform fills 64 KiB at most. */
function random(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += 65536) {
    // The memory of the module may not be filled in place where it is shared.
    bytes.set(crypto.getRandomValues(new Uint8Array(Math.min(65536, bytes.length - at))), at);
  }
}

async function beside(): Promise<BufferSource> {
  const url = new URL("./secretchat.wasm", import.meta.url);
  if (url.protocol !== "file:") return (await fetch(url)).arrayBuffer();
  const name = "node:fs/promises"; // not for bundlers
  const { readFile } = (await import(name)) as { readFile(url: URL): Promise<Uint8Array<ArrayBuffer>> };
  return readFile(url);
}

