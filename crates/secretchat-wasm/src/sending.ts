// Files that leave, and the messages that wait for them (SPEC FILE-1 to FILE-3, FILE-5).
import type { Frame } from "./frame.js";
import { hex } from "./hex.js";
import type { Transmit } from "./output.js";
import { Pause } from "./pause.js";
import { Ranges, type Range } from "./ranges.js";

/** What is to leave next. */
export type Leaving =
  | { kind: "part"; file: Uint8Array; range: Range; total: number }
  | { kind: "question"; file: Uint8Array; total: number }
  | { kind: "cancel"; file: Uint8Array }
  | { kind: "transmit"; transmit: Transmit };

/** The bytes of a file that go into one frame. */
const PART = 16 * 1024;

/**
 * Sends stored files in parts, one after the other, and holds each message until its file has left. The transport counts what
 * it is given as carried.
 */
export class FileSender {
  readonly #files = new Map<string, Outgoing>();
  /** What the chat sends, in the order of slots. */
  readonly #held: Transmit[] = [];
  readonly #cancelled: Uint8Array[] = [];

  /** Adds a file of which nothing has left. */
  add(file: Uint8Array, total: number): void {
    if (!this.#files.has(hex(file))) this.#files.set(hex(file), new Outgoing(file, total, false));
  }

  /** Adds a file of which some may have left before a restart: the peer is asked what it lacks. */
  resume(file: Uint8Array, total: number): void {
    if (!this.#files.has(hex(file))) this.#files.set(hex(file), new Outgoing(file, total, true));
  }

  has(file: Uint8Array): boolean {
    return this.#files.has(hex(file));
  }

  /** Whether all of a file has left. */
  isCarried(file: Uint8Array): boolean {
    return this.#files.get(hex(file))?.isCarried ?? false;
  }

  /** Takes what the chat sends, in place of an older version. A file that it names has to be here. */
  hold(transmit: Transmit): void {
    const at = this.#held.findIndex(({ id }) => id >= transmit.id);
    if (at < 0) this.#held.push(transmit);
    else this.#held.splice(at, this.#held[at]!.id === transmit.id ? 1 : 0, transmit);
  }

  /** Takes a frame of the peer about a file that leaves. */
  hear(frame: Extract<Frame, { type: "file_request" | "file_cancel" }>): void {
    const file = this.#files.get(hex(frame.fileId));
    if (frame.type === "file_cancel") file?.stop();
    else {
      const missing = Ranges.decode(frame.missing);
      if (missing) file?.requested(missing);
    }
  }

  /** Returns what is to leave next. */
  next(now: number): Leaving | undefined {
    const cancelled = this.#cancelled.pop();
    if (cancelled) return { kind: "cancel", file: cancelled };
    const first = this.#held[0];
    const file = first && fileOf(first);
    if (first && (!file || this.isCarried(file))) {
      this.#held.shift();
      return { kind: "transmit", transmit: first };
    }
    const outgoing = [...this.#files.values()];
    // One question at a time: the peer has few places for files.
    const asking = outgoing.find(({ askAt }) => askAt !== undefined);
    if (asking?.takeQuestion(now)) return { kind: "question", file: asking.file, total: asking.total };
    const sending = outgoing.find(({ hasParts }) => hasParts);
    return sending && { kind: "part", file: sending.file, range: sending.takePart(), total: sending.total };
  }

  /** When `next` will have something that it does not have now. */
  get timeout(): number | undefined {
    return [...this.#files.values()].find(({ askAt }) => askAt !== undefined)?.askAt;
  }

  /** A connection ended, which may have lost what it was given. */
  interrupted(): void {
    for (const file of this.#files.values()) file.interrupted();
  }

  /** Forgets a file, and what waits for it. The peer may have a part of it: it is told, unless all has left. */
  forget(file: Uint8Array): void {
    if (this.has(file) && !this.isCarried(file)) this.#cancelled.push(file);
    this.#files.delete(hex(file));
    const name = hex(file);
    for (let at = this.#held.length - 1; at >= 0; at -= 1) {
      const named = fileOf(this.#held[at]!);
      if (named && hex(named) === name) this.#held.splice(at, 1);
    }
  }

  /** How many bytes of all files have left. */
  get progress(): { done: number; total: number } {
    const outgoing = [...this.#files.values()];
    const sum = (of: (file: Outgoing) => number) => outgoing.reduce((all, file) => all + of(file), 0);
    return { done: sum(({ done }) => done), total: sum(({ total }) => total) };
  }
}

/** The file that a transmission names. */
export function fileOf(transmit: Transmit): Uint8Array | undefined {
  return transmit.type === "ciphertext" ? transmit.file : undefined;
}

/** A file that leaves. */
class Outgoing {
  #todo: Ranges;
  /** There as long as it is not known what the peer has. */
  #asking: Pause | undefined;

  constructor(readonly file: Uint8Array, readonly total: number, mayHaveLeft: boolean) {
    this.#todo = mayHaveLeft ? new Ranges() : Ranges.of(0, total);
    this.#asking = mayHaveLeft ? Pause.due() : undefined;
  }

  get isCarried(): boolean {
    return this.#asking === undefined && this.#todo.isEmpty;
  }

  get askAt(): number | undefined {
    return this.#asking?.at;
  }

  get hasParts(): boolean {
    return !this.#todo.isEmpty;
  }

  get done(): number {
    return this.#asking ? 0 : this.total - this.#todo.size;
  }

  takeQuestion(now: number): boolean {
    return this.#asking?.take(now) ?? false;
  }

  takePart(): Range {
    const [start, end] = this.#todo.first!;
    const part: Range = [start, Math.min(end, start + PART)];
    this.#todo.remove(...part);
    return part;
  }

  interrupted(): void {
    if (this.#todo.isWhole(this.total)) return;
    this.#todo = new Ranges();
    this.#asking = Pause.due();
  }

  /** What the peer lacks. As long as something is still to leave, an old answer would send it twice. */
  requested(missing: Ranges): void {
    if (missing.isEmpty) return this.stop();
    const wanted = missing.within(0, this.total);
    if (this.#todo.isEmpty && !wanted.isEmpty) {
      this.#asking = undefined;
      this.#todo = wanted;
    }
  }

  stop(): void {
    this.#asking = undefined;
    this.#todo = new Ranges();
  }
}
