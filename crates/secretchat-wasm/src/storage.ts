// Where the sealed files of a chat are (SPEC FILE-2, FILE-4, FILE-5).
import { hex, unhex } from "./hex.js";

/**
 * Where a sealed file is: on its way out until the peer acknowledged its message, on its way in, or with a message that the chat
 * took. Strangers choose the ids of files that arrive, so the same id in two places means two files.
 */
export type Place = "leaving" | "arriving" | "kept";

/**
 * Keeps the sealed files of one chat. Ids have 16 bytes. A promise that is broken ends the session. **Never say that a file is
 * missing if it may be there**: the message that names it would be deleted.
 */
export interface Files {
  /** The files in a place. */
  list(place: Place): Promise<Uint8Array[]>;
  /** The length of a file in bytes, or nothing if it is not there. */
  length(place: Place, file: Uint8Array): Promise<number | undefined>;
  /** Stores a file that leaves, durably. */
  insert(file: Uint8Array, sealed: Uint8Array): Promise<void>;
  /** Reads bytes of a file that leaves. */
  read(file: Uint8Array, start: number, end: number): Promise<Uint8Array>;
  /** Writes bytes of a file that arrives, and creates it if it is not there. */
  write(file: Uint8Array, offset: number, bytes: Uint8Array): Promise<void>;
  /** Makes what was written of a file durable, and then notes its length and which bytes these are: `there` is opaque. */
  note(file: Uint8Array, total: number, there: Uint8Array): Promise<void>;
  /** The last note about a file that arrives. */
  noted(file: Uint8Array): Promise<{ total: number; there: Uint8Array } | undefined>;
  /** Moves a file that arrived to the kept ones, durably. Does nothing if it is not there. */
  keep(file: Uint8Array): Promise<void>;
  /** A whole file that is kept. */
  kept(file: Uint8Array): Promise<Uint8Array | undefined>;
  /** Deletes a file and the note about it, if it is there. */
  remove(place: Place, file: Uint8Array): Promise<void>;
}

/** Sealed files in memory, for tests and for chats that need not outlive the page. */
export class MemoryFiles implements Files {
  readonly #files: Record<Place, Map<string, Uint8Array>> = { leaving: new Map(), arriving: new Map(), kept: new Map() };
  readonly #notes = new Map<string, { total: number; there: Uint8Array }>();

  async list(place: Place): Promise<Uint8Array[]> {
    return [...this.#files[place].keys()].map(unhex);
  }

  async length(place: Place, file: Uint8Array): Promise<number | undefined> {
    return this.#files[place].get(hex(file))?.length;
  }

  async insert(file: Uint8Array, sealed: Uint8Array): Promise<void> {
    this.#files.leaving.set(hex(file), sealed.slice());
  }

  async read(file: Uint8Array, start: number, end: number): Promise<Uint8Array> {
    return this.#files.leaving.get(hex(file))?.slice(start, end) ?? new Uint8Array();
  }

  async write(file: Uint8Array, offset: number, bytes: Uint8Array): Promise<void> {
    const content = withRoom(this.#files.arriving.get(hex(file)) ?? new Uint8Array(), offset + bytes.length);
    content.set(bytes, offset);
    this.#files.arriving.set(hex(file), content);
  }

  async note(file: Uint8Array, total: number, there: Uint8Array): Promise<void> {
    this.#notes.set(hex(file), { total, there });
  }

  async noted(file: Uint8Array): Promise<{ total: number; there: Uint8Array } | undefined> {
    return this.#notes.get(hex(file));
  }

  async keep(file: Uint8Array): Promise<void> {
    const { arriving, kept } = this.#files;
    const content = arriving.get(hex(file));
    if (content) kept.set(hex(file), content);
    await this.remove("arriving", file);
  }

  async kept(file: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#files.kept.get(hex(file))?.slice();
  }

  async remove(place: Place, file: Uint8Array): Promise<void> {
    this.#files[place].delete(hex(file));
    if (place === "arriving") this.#notes.delete(hex(file));
  }
}

/** The same bytes with room for so many. What is behind them in memory doubles, so that growing by parts stays cheap. */
function withRoom(bytes: Uint8Array, length: number): Uint8Array {
  if (length <= bytes.length) return bytes;
  if (length <= bytes.buffer.byteLength) return new Uint8Array(bytes.buffer, 0, length);
  const longer = new Uint8Array(Math.max(length, 2 * bytes.length));
  longer.set(bytes);
  return longer.subarray(0, length);
}
