// Files that arrive, and the messages that wait for them (SPEC FILE-2, FILE-4 to FILE-6).
import type { FileMessage } from "./driver.js";
import type { Frame } from "./frame.js";
import { hex } from "./hex.js";
import { Pause } from "./pause.js";
import { MAX_RANGES, Ranges } from "./ranges.js";

/** What strangers can make an end keep: nothing in the part of a file is authentic. */
export interface Bounds {
  /** How many files may be arriving: 64. */
  files: number;
  /** How many bytes they may have together, each up to its last byte that came: 256 MiB. */
  bytes: number;
  /** How many messages may wait for their file: 64. */
  messages: number;
  /** How many bytes those may have together: 2 MiB. */
  messageBytes: number;
  /** How many milliseconds a file may be silent before it is given up: a day. */
  patience: number;
}

const DEFAULT: Bounds = { files: 64, bytes: 2 ** 28, messages: 64, messageBytes: 2 ** 21, patience: 86_400_000 };

/** How long a file must have been silent to make room for another one. */
const IDLE = 60_000;

/** How many files, whose messages the chat took, are remembered without a look into the storage. */
const MAX_KEPT = 256;

/** Bytes of a file to write. */
export interface Part {
  file: Uint8Array;
  offset: number;
  bytes: Uint8Array;
  /** They complete the file: call `durable` once it is. */
  isLast: boolean;
}

/** What is to be done. */
export type Step =
  | { kind: "request"; file: Uint8Array; missing: Uint8Array }
  | { kind: "cancel"; file: Uint8Array }
  /** A message whose file is there. */
  | { kind: "message"; message: FileMessage }
  /** Delete what is there of a file. */
  | { kind: "remove"; file: Uint8Array };

/** Puts files together, and holds each message until its file is durable. It keeps no bytes of files. */
export class FileReceiver {
  readonly #bounds: Bounds;
  readonly #files = new Map<string, Arriving>();
  /** Messages that wait for their file. */
  #held: FileMessage[] = [];
  #steps: Step[] = [];
  /** The files of messages that the chat took last. */
  readonly #kept = new Set<string>();

  constructor(bounds: Partial<Bounds>) {
    this.#bounds = { ...DEFAULT, ...bounds };
  }

  /** Goes on with a file that an earlier process began. `there` is what is durable of it. */
  restore(file: Uint8Array, total: number, there: Ranges, now: number): void {
    this.#files.set(hex(file), Arriving.restored(file, total, there, now));
  }

  has(file: Uint8Array): boolean {
    return this.#files.has(hex(file));
  }

  /** The length of a file, and which bytes of it came. */
  there(file: Uint8Array): { total: number; there: Ranges } | undefined {
    const arriving = this.#files.get(hex(file));
    return arriving?.total === undefined ? undefined : { total: arriving.total, there: arriving.there };
  }

  /** Takes a part of a file. Returns the bytes of it to write, if they are new. */
  part(frame: Extract<Frame, { type: "file_part" }>, isKept: boolean, now: number): Part | undefined {
    const { fileId: file, offset, total, bytes } = frame;
    if (!this.has(file) && this.#hasKept(file, isKept)) {
      this.#request(file, new Ranges());
      return undefined;
    }
    const end = offset + bytes.length;
    if (total > this.#bounds.bytes || end > total) return undefined;
    if (!this.#makePlace(file, now) || !this.#makeRoom(file, end, now)) return undefined;
    const arriving = this.#files.get(hex(file))!;
    if (!arriving.agreeOn(total)) return undefined;
    if (arriving.isDurable) {
      this.#request(file, new Ranges());
      this.#release(file);
      return undefined;
    }
    if (bytes.length === 0) {
      // `durable` answers for a whole file.
      if (!arriving.isComplete) this.#request(file, arriving.missing);
      return undefined;
    }
    // Bytes that are there already stay as they first came.
    const [start, stop] = Ranges.of(offset, end).without(arriving.there).first ?? [0, 0];
    if (start === stop || !arriving.take(start, stop, now)) return undefined;
    return { file, offset: start, bytes: bytes.subarray(start - offset, stop - offset), isLast: arriving.isComplete };
  }

  /** Takes a message that names a file. */
  message(message: FileMessage, isKept: boolean, now: number): void {
    if (!this.has(message.fileId) && this.#hasKept(message.fileId, isKept)) this.#passOn(message);
    else this.#hold(message, now);
  }

  /** The sender says that a file is not wanted any more. That is not authentic: what a message names stays. */
  cancelled(file: Uint8Array): void {
    const isNamed = this.#held.some(({ fileId }) => hex(fileId) === hex(file));
    if (this.has(file) && !isNamed && !this.#files.get(hex(file))!.isDurable) this.#remove(file);
  }

  /** A whole file is durable: messages that wait for it come out. */
  durable(file: Uint8Array): void {
    const arriving = this.#files.get(hex(file));
    if (!arriving?.isComplete) return;
    arriving.noteDurable();
    this.#request(file, new Ranges());
    this.#release(file);
  }

  /** The chat took the message of a file, which is the host's from then on. Move it **before** the driver's next action. */
  taken(file: Uint8Array): void {
    const name = hex(file);
    this.#files.delete(name);
    this.#kept.delete(name);
    this.#kept.add(name);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.values().next().value!);
  }

  /** The user does not want a file: its message goes to the chat without it. */
  decline(file: Uint8Array): void {
    this.taken(file);
    this.#reply({ kind: "cancel", file });
    this.#release(file);
  }

  /** Returns the next step. */
  next(now: number): Step | undefined {
    if (this.#steps.length === 0) {
      for (const { file, heard } of [...this.#files.values()]) {
        if (now - heard >= this.#bounds.patience) this.#remove(file);
      }
      for (const arriving of this.#files.values()) {
        if (arriving.takeQuestion(now)) this.#request(arriving.file, arriving.missing);
      }
    }
    return this.#steps.shift();
  }

  /** When `next` will have something that it does not have now. */
  get timeout(): number | undefined {
    const times = [...this.#files.values()].flatMap(({ askAt, heard }) => [askAt ?? Infinity, heard + this.#bounds.patience]);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** How many bytes came of all files of which something came. */
  get progress(): { done: number; total: number } {
    const arriving = [...this.#files.values()].filter(({ total }) => total !== undefined);
    return {
      done: arriving.reduce((sum, { there }) => sum + there.size, 0),
      total: arriving.reduce((sum, { total }) => sum + total!, 0),
    };
  }

  /** Whether there is a place for a file, or one can be made. */
  #makePlace(file: Uint8Array, now: number): boolean {
    if (this.has(file)) return true;
    if (this.#files.size >= this.#bounds.files && !this.#removeIdle(now, () => true)) return false;
    this.#files.set(hex(file), new Arriving(file, now));
    return true;
  }

  /** Whether there is room for a file up to this byte, or it can be made. */
  #makeRoom(file: Uint8Array, end: number, now: number): boolean {
    const isOther = (name: string) => name !== hex(file);
    for (;;) {
      const others = [...this.#files].filter(([name]) => isOther(name));
      const taken = others.reduce((sum, [, { there }]) => sum + there.end, 0);
      if (end + taken <= this.#bounds.bytes) return true;
      if (!this.#removeIdle(now, isOther)) return false;
    }
  }

  /** Gives up the file that has been silent longest, if that is long enough. */
  #removeIdle(now: number, ofThese: (name: string) => boolean): boolean {
    const idle = [...this.#files].filter(([name, { heard }]) => ofThese(name) && now - heard >= IDLE);
    const [longest] = idle.sort(([, one], [, other]) => one.heard - other.heard);
    if (longest) this.#remove(longest[1].file);
    return longest !== undefined;
  }

  /** Forgets a file and the messages that wait for it, which come again. */
  #remove(file: Uint8Array): void {
    const name = hex(file);
    this.#held = this.#held.filter(({ fileId }) => hex(fileId) !== name);
    this.#files.delete(name);
    this.#steps.push({ kind: "remove", file });
  }

  #hold(message: FileMessage, now: number): void {
    const file = message.fileId;
    const isHeld = this.#held.some((held) => held.transmitId === message.transmitId && hex(held.bytes) === hex(message.bytes));
    if (isHeld || !this.#hasRoom(message, now) || !this.#makePlace(file, now)) return;
    this.#held.push(message);
    const arriving = this.#files.get(hex(file))!;
    if (arriving.isDurable) this.#release(file);
    arriving.waitFor(now);
  }

  #hasRoom({ bytes }: FileMessage, now: number): boolean {
    const fits = () => {
      const inAll = this.#held.reduce((sum, held) => sum + held.bytes.length, bytes.length);
      return this.#held.length < this.#bounds.messages && inAll <= this.#bounds.messageBytes;
    };
    if (fits()) return true;
    const named = new Set(this.#held.map(({ fileId }) => hex(fileId)));
    return this.#removeIdle(now, (name) => named.has(name)) && fits();
  }

  /** Gives out a message whose file is there. One without room comes again. */
  #passOn(message: FileMessage): void {
    const waiting = this.#steps.filter(({ kind }) => kind === "message").length;
    if (waiting < this.#bounds.messages) this.#steps.push({ kind: "message", message });
  }

  #release(file: Uint8Array): void {
    const isOf = ({ fileId }: FileMessage) => hex(fileId) === hex(file);
    this.#steps.push(...this.#held.filter(isOf).map((message): Step => ({ kind: "message", message })));
    this.#held = this.#held.filter((message) => !isOf(message));
  }

  #hasKept(file: Uint8Array, isKept: boolean): boolean {
    return isKept || this.#kept.has(hex(file));
  }

  #request(file: Uint8Array, missing: Ranges): void {
    this.#reply({ kind: "request", file, missing: missing.encode() });
  }

  /** Plans an answer, in place of an older one about the same file. */
  #reply(reply: Extract<Step, { kind: "request" | "cancel" }>): void {
    const isOlder = (step: Step) => (step.kind === "request" || step.kind === "cancel") && hex(step.file) === hex(reply.file);
    this.#steps = [...this.#steps.filter((step) => !isOlder(step)), reply];
  }
}

/** A file that arrives. */
class Arriving {
  /** The length of the file, as its first part said. */
  total: number | undefined;
  there = new Ranges();
  isDurable = false;
  /** There as long as a message waits for the file. */
  #asking: Pause | undefined;

  constructor(readonly file: Uint8Array, public heard: number) {}

  static restored(file: Uint8Array, total: number, there: Ranges, now: number): Arriving {
    const arriving = new Arriving(file, now);
    arriving.total = total;
    arriving.there = there.within(0, total);
    arriving.isDurable = arriving.isComplete;
    return arriving;
  }

  get isComplete(): boolean {
    return this.total !== undefined && this.there.isWhole(this.total);
  }

  get missing(): Ranges {
    return Ranges.of(0, this.total ?? Infinity).without(this.there);
  }

  get askAt(): number | undefined {
    return this.#asking?.at;
  }

  /** Takes the length from a part. The first one stays. */
  agreeOn(total: number): boolean {
    this.total ??= total;
    return this.total === total;
  }

  /** Takes bytes, unless they would leave too many holes. */
  take(start: number, end: number, now: number): boolean {
    const there = this.there.within(0, Infinity);
    there.add(start, end);
    if (there.count > MAX_RANGES) return false;
    this.there = there;
    this.heard = now;
    if (this.#asking) this.#asking = Pause.begin(now);
    return true;
  }

  noteDurable(): void {
    this.isDurable = true;
    this.#asking = undefined;
  }

  /** A message waits for the file. What is missing is asked for after a pause, since parts may still be on their way. */
  waitFor(now: number): void {
    if (!this.isComplete) this.#asking ??= Pause.begin(now);
  }

  takeQuestion(now: number): boolean {
    return !this.isComplete && (this.#asking?.take(now) ?? false);
  }
}
