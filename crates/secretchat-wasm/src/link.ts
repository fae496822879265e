// One end of a chat over a transport: its driver, its files, and the frames to and from the peer (SPEC FILE-1 to FILE-6).
import { Driver } from "./driver.js";
import { type Frame, frameOf } from "./frame.js";
import { hex } from "./hex.js";
import { SecretchatError } from "./library.js";
import type { FileKey } from "./media.js";
import type { Draft } from "./message.js";
import type { Checkpoint, Event, Transmit } from "./output.js";
import { Ranges } from "./ranges.js";
import { type Bounds, FileReceiver, type Part, type Step } from "./receiving.js";
import { earliest } from "./schedule.js";
import type { Secretchat } from "./secretchat.js";
import { FileSender, fileOf, type Leaving } from "./sending.js";
import type { Files } from "./storage.js";

/** What a link has for its host. */
export type News = { kind: "event"; event: Event } | { kind: "checkpoint"; checkpoint: Checkpoint };

const FILE_ID = 16;

/** Answers that wait for the transport. Whoever floods a link gets no more; the peer asks again. */
const MAX_REPLIES = 256;

/** How many bytes of a file may come before it is noted which are there: what a crash can cost. */
const NOTED_EVERY = 256 * 1024;

/**
 * Keeps a driver, the files of its chat and the frames in the order that makes files survive: a file leaves before the message
 * that names it, and a message that comes is handed to the chat once its file is whole and durable. Call one method at a time.
 * After an error that is no `SecretchatError`, restore the chat.
 */
export class Link {
  readonly #sender = new FileSender();
  readonly #receiver: FileReceiver;
  /** Files that leave, until the peer has acknowledged their message. */
  readonly #leaving = new Map<string, Uint8Array>();
  /** Those whose message the chat does not have yet. */
  readonly #uploads = new Set<string>();
  #replies: Frame[] = [];
  #isConnected = false;
  /** Something happened since the files were last compared with the chat. */
  #hasNews = false;
  /** When the host last asked for news or a frame. */
  #asked = 0;

  private constructor(
    readonly secretchat: Secretchat,
    readonly driver: Driver,
    readonly files: Files,
    readonly tag: Uint8Array,
    bounds: Partial<Bounds>,
  ) {
    this.#receiver = new FileReceiver(bounds);
  }

  /** Joins a driver and its files, and goes on with what an earlier process left. Files that no message names are deleted. */
  static async open(
    secretchat: Secretchat, driver: Driver, files: Files, tag: Uint8Array, bounds: Partial<Bounds> = {},
  ): Promise<Link> {
    const link = new Link(secretchat, driver, files, tag, bounds);
    for (const file of driver.chat.unacknowledgedFiles) link.#leaving.set(hex(file), file);
    for (const file of await files.list("leaving")) {
      if (!link.#leaving.has(hex(file))) await files.remove("leaving", file);
    }
    for (const file of await files.list("arriving")) {
      const noted = await files.noted(file);
      const there = noted && Ranges.decode(noted.there);
      if (noted && there) link.#receiver.restore(file, noted.total, there, secretchat.now());
      else await files.remove("arriving", file);
    }
    return link;
  }

  // What the user does.

  /** Seals a file and begins to carry it. Send the message that names it later: a restart before that deletes the file. */
  async seal(content: Uint8Array): Promise<{ file: Uint8Array; key: FileKey }> {
    const { key, sealed } = this.secretchat.seal(this.driver.chat.profile, content);
    const file = this.secretchat.random(16);
    await this.files.insert(file, sealed);
    this.#upload(file, sealed.length);
    return { file, key };
  }

  /** Calls the chat with drafts, whose files are stored. */
  async send<Result>(drafts: readonly Draft[], call: (driver: Driver) => Result): Promise<Result> {
    const named = drafts.flatMap(({ file }) => file ?? []);
    for (const file of named) {
      if (file.length !== FILE_ID) throw new TypeError(`the id of a file has ${FILE_ID} bytes`);
      if (this.#leaving.has(hex(file))) continue;
      const total = await this.files.length("leaving", file);
      if (total === undefined) throw new TypeError("the file of the message is not stored");
      this.#upload(file, total);
    }
    const sent = call(this.driver);
    for (const file of named) this.#uploads.delete(hex(file));
    return sent;
  }

  /** The user does not want a file that comes. Its message comes without it. */
  async decline(file: Uint8Array): Promise<void> {
    this.#receiver.decline(file);
    await this.files.remove("arriving", file);
  }

  /** How many bytes of the sealed files that leave, and of those that come, are there. */
  get progress(): { leaving: { done: number; total: number }; arriving: { done: number; total: number } } {
    return { leaving: this.#sender.progress, arriving: this.#receiver.progress };
  }

  // What is to be done.

  /** Returns the next thing to show or to note. */
  async next(): Promise<News | undefined> {
    this.#asked = this.secretchat.now();
    for (;;) {
      const action = await this.driver.next();
      switch (action?.kind) {
        case "transmit":
          await this.#hold(action.transmit);
          break;
        case "receipt":
          this.#reply({ ...action, type: "receipt", tag: this.tag });
          break;
        case "event":
          this.#hasNews = true;
          return { kind: "event", event: await this.#noted(action.event) };
        case "checkpoint":
          this.#hasNews = true;
          return action;
        case undefined: {
          const step = this.#receiver.next(this.secretchat.now());
          if (step) await this.#do(step);
          else return this.#rest();
        }
      }
    }
  }

  /** When `driver.handleTimeout` is due, or `next` has something new. */
  get timeout(): number | undefined {
    const asks = this.#sender.timeout;
    // What is due already leaves as soon as there is room.
    const isLater = this.#isConnected && asks !== undefined && asks > this.#asked;
    return earliest(this.driver.timeout, this.#receiver.timeout, isLater ? asks : undefined);
  }

  // What the transport does.

  /** The transport is there, for the first time or again. No frame comes out before. */
  connected(): void {
    this.disconnected();
    this.#isConnected = true;
    this.driver.retransmit();
  }

  /** The transport is gone, with what it was given last. */
  disconnected(): void {
    this.#isConnected = false;
    this.#sender.interrupted();
    this.#replies = [];
  }

  /** Takes a frame of this chat. One that is not authentic changes nothing. */
  async handleFrame(frame: Frame): Promise<void> {
    const now = this.secretchat.now();
    switch (frame.type) {
      case "file_request":
        await this.#resume(frame.fileId);
        return this.#sender.hear(frame);
      case "file_cancel":
        if (this.#sender.has(frame.fileId)) return this.#sender.hear(frame);
        return this.#receiver.cancelled(frame.fileId);
      case "file_part": {
        const part = this.#receiver.part(frame, await this.#isKept(frame.fileId), now);
        return part && this.#write(part);
      }
      case "ciphertext": {
        const { transmitId, fileId, bytes } = frame;
        if (fileId) return this.#receiver.message({ transmitId, fileId, bytes }, await this.#isKept(fileId), now);
      }
    }
    ignoringPeer(() => this.driver.handleFrame(frame));
  }

  /** Returns the next frame to carry. It counts as carried: call this only when there is room for it. */
  async nextFrame(): Promise<Uint8Array | undefined> {
    this.#asked = this.secretchat.now();
    if (!this.#isConnected) return undefined;
    const reply = this.#replies.shift();
    if (reply) return this.secretchat.encodeFrame(reply);
    for (let leaving; (leaving = this.#sender.next(this.secretchat.now())); ) {
      const frame = await this.#frame(leaving);
      if (leaving.kind === "transmit") this.driver.landed(leaving.transmit.id);
      if (frame) return this.secretchat.encodeFrame(frame);
    }
    return undefined;
  }

  async #frame(leaving: Leaving): Promise<Frame | undefined> {
    const { tag } = this;
    switch (leaving.kind) {
      case "transmit":
        return frameOf(tag, leaving.transmit);
      case "cancel":
        return { type: "file_cancel", tag, fileId: leaving.file };
      case "question":
        return { type: "file_part", tag, fileId: leaving.file, offset: 0, total: leaving.total, bytes: new Uint8Array() };
      case "part": {
        const { file, range: [offset, end], total } = leaving;
        const bytes = await this.files.read(file, offset, end);
        if (bytes.length !== end - offset) throw new Error("a stored file has become shorter");
        return { type: "file_part", tag, fileId: file, offset, total, bytes };
      }
    }
  }

  #upload(file: Uint8Array, total: number): void {
    this.#sender.add(file, total);
    this.#leaving.set(hex(file), file);
    this.#uploads.add(hex(file));
  }

  /** Whether a file is here to be carried. */
  async #resume(file: Uint8Array): Promise<boolean> {
    if (this.#sender.has(file)) return true;
    const total = this.#leaving.has(hex(file)) ? await this.files.length("leaving", file) : undefined;
    if (total !== undefined) this.#sender.resume(file, total);
    return total !== undefined;
  }

  /** Holds a transmission until its file has left. */
  async #hold(transmit: Transmit): Promise<void> {
    this.driver.inFlight(transmit);
    const file = fileOf(transmit);
    if (file) this.#leaving.set(hex(file), file);
    if (!file || (await this.#resume(file))) return this.#sender.hold(transmit);
    // A message whose file is lost can never be read: an empty one takes its place.
    try {
      this.driver.act((chat) => transmit.type === "ciphertext" && chat.delete([transmit.messageId]));
    } catch (error) {
      if (!(error instanceof SecretchatError)) throw error;
      // There is no room to delete it now. It comes again.
      this.driver.landed(transmit.id);
    }
  }

  async #do(step: Step): Promise<void> {
    const { tag } = this;
    switch (step.kind) {
      case "request":
        return this.#reply({ type: "file_request", tag, fileId: step.file, missing: step.missing });
      case "cancel":
        return this.#reply({ type: "file_cancel", tag, fileId: step.file });
      case "remove":
        return this.files.remove("arriving", step.file);
      case "message": {
        const { message } = step;
        const handled = ignoringPeer(() => this.driver.handleMessage(message));
        if (handled === undefined || handled === "no_room") return;
        this.#receiver.taken(message.fileId);
        // Before the batch of the message is written: afterwards nothing says that the file is the host's.
        await this.files.keep(message.fileId);
      }
    }
  }

  /** Takes the lease of an event, and deletes the file whose key is gone. */
  async #noted(event: Event): Promise<Event> {
    if (event.type === "opened" && event.hasLease) return { ...event, lease: this.driver.chat.takeLease() };
    if (event.type === "expired" && event.file) await this.files.remove("kept", event.file);
    return event;
  }

  /** Everything is durable now: deletes files that left and that no message names any more. */
  async #rest(): Promise<undefined> {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    const named = new Set([...this.driver.chat.unacknowledgedFiles.map(hex), ...this.#uploads]);
    for (const [name, file] of [...this.#leaving]) {
      if (named.has(name)) continue;
      this.#sender.forget(file);
      this.#leaving.delete(name);
      await this.files.remove("leaving", file);
    }
  }

  /** Writes bytes of a file, and notes from time to time which are there. */
  async #write({ file, offset, bytes, isLast }: Part): Promise<void> {
    await this.files.write(file, offset, bytes);
    const slice = (at: number) => Math.floor(at / NOTED_EVERY);
    const known = this.#receiver.there(file);
    if (known && (isLast || slice(offset) !== slice(offset + bytes.length))) {
      await this.files.note(file, known.total, known.there.encode());
    }
    if (isLast) this.#receiver.durable(file);
  }

  /** Whether the host has kept a message with this file. */
  async #isKept(file: Uint8Array): Promise<boolean> {
    return !this.#receiver.has(file) && (await this.files.length("kept", file)) !== undefined;
  }

  #reply(reply: Frame): void {
    if (this.#isConnected && this.#replies.length < MAX_REPLIES) this.#replies.push(reply);
  }
}

/** What the peer sent is refused without a trace, except in the diagnosis. */
function ignoringPeer<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SecretchatError) return undefined;
    throw error;
  }
}
