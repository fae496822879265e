// A chat over connections: a link that runs, with its clock and its events.
import type { HistoryName } from "./abi.js";
import { type Channel, decline, readRequest, type Request } from "./channel.js";
import type { Chat } from "./chat.js";
import type { Config } from "./config.js";
import type { Driver } from "./driver.js";
import { hex } from "./hex.js";
import { SecretchatError } from "./library.js";
import { Link } from "./link.js";
import type { FileKey } from "./media.js";
import type { Draft, Message } from "./message.js";
import type { Checkpoint, Event } from "./output.js";
import type { Bounds } from "./receiving.js";
import type { Timing } from "./schedule.js";
import type { Secretchat } from "./secretchat.js";
import { type Files, MemoryFiles } from "./storage.js";
import { MemoryStore, type Store } from "./store.js";
import { Turns } from "./turns.js";

/** What a session is made of. What is left out is in memory, or the default. */
export interface SessionOptions {
  store?: Store;
  files?: Files;
  /**
   * Is passed each event, before the records that make it durable are written; waits for the promise. Write your row here, by
   * the id of the message: after a crash the event comes again. Without this function, events come by `for await`, and those
   * that were not taken are lost with the process.
   */
  onEvent?: (event: Event) => void | Promise<void>;
  /** Notes checkpoints in another place than the store. */
  onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** When so many events wait, nothing more is read from the peer: 64. */
  maxEvents?: number;
  timing?: Partial<Timing>;
  bounds?: Partial<Bounds>;
}

/** The longest pause of `setTimeout`. */
const LONGEST = 2 ** 31 - 1;
const TAG = 16;
const MUST_WAIT: readonly string[] = ["not_ready", "outbox_full", "rekey_required"];

/**
 * One end of a chat that runs over any connection: it stores, answers, acknowledges and repeats, carries files, and keeps the
 * time. A connection may end at any moment; `run` over another one goes on. If the store fails, everything throws: restore the
 * session then.
 *
 * The first 16 bytes of the chat's `hostData` are the tag of its frames.
 */
export class Session implements AsyncIterable<Event> {
  readonly #link: Link;
  readonly #options: SessionOptions;
  readonly #events: Event[] = [];
  readonly #turns = new Turns();
  #isRunning = false;
  #isStopped = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWorkPlanned = false;

  private constructor(link: Link, options: SessionOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Asks the peer for a chat. The request leaves when the session runs. */
  static request(secretchat: Secretchat, config: Config, options: SessionOptions = {}): Promise<Session> {
    const tag = secretchat.random(TAG);
    return Session.#open(secretchat, tag, secretchat.request(tagged(config, tag)), options);
  }

  /** Waits for the peer's request, over a connection that it opened. */
  static async incoming(secretchat: Secretchat, channel: Channel): Promise<Incoming> {
    const incoming = await readRequest(secretchat, channel);
    return new Incoming(secretchat, incoming.request, incoming.channel);
  }

  /** Accepts a request of the peer, wherever it came from. Throws if it is none. */
  static async accept(secretchat: Secretchat, request: Request, config: Config, options: SessionOptions = {}): Promise<Session> {
    const chat = secretchat.invitation(request.publicValue, tagged(config, request.tag)).accept();
    return Session.#open(secretchat, request.tag, chat, options);
  }

  /** Goes on with a chat of the store. `expected` is a checkpoint that was kept elsewhere. */
  static async restore(
    secretchat: Secretchat, chatId: Uint8Array, storeKey: Uint8Array,
    options: SessionOptions & { store: Store }, expected?: Checkpoint,
  ): Promise<Session> {
    const driver = await secretchat.restoreDriver(chatId, options.store, storeKey, {
      ...(expected && { expected }), ...(options.timing && { timing: options.timing }),
    });
    return Session.#over(secretchat, driver.chat.hostData.slice(0, TAG), driver, options);
  }

  static #open(secretchat: Secretchat, tag: Uint8Array, chat: Chat, options: SessionOptions): Promise<Session> {
    return Session.#over(secretchat, tag, secretchat.driver(chat, options.store ?? new MemoryStore(), options.timing), options);
  }

  static async #over(secretchat: Secretchat, tag: Uint8Array, driver: Driver, options: SessionOptions): Promise<Session> {
    const link = await Link.open(secretchat, driver, options.files ?? new MemoryFiles(), tag, options.bounds);
    const session = new Session(link, options);
    session.#plan();
    return session;
  }

  /** The chat, for questions. Calls that change it go through `act`. */
  get chat(): Chat {
    return this.#link.driver.chat;
  }

  /** Whether the chat has ended, and nothing about its end is left to send. */
  get isOver(): boolean {
    return this.#link.driver.isOver;
  }

  /** Whether it runs over a connection. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** How many bytes of the files that leave, and of those that come, are there. */
  get progress(): Link["progress"] {
    return this.#link.progress;
  }

  /** Calls the chat, and carries what comes of it: `session.act((chat) => chat.setTtl(60))`. */
  act<Result>(call: (chat: Chat) => Result): Result {
    this.#turns.check();
    const done = this.#link.driver.act(call);
    this.#work();
    return done;
  }

  /** Sends a message, and returns its id. Waits as long as the chat is not ready, or too much is on its way. */
  send(draft: Draft): Promise<bigint> {
    return this.#send([draft], (driver) => driver.send(draft));
  }

  /** Sends 2 to 10 photos, videos or files as an album, and returns their ids. Waits as `send` does. */
  sendAlbum(drafts: readonly Draft[]): Promise<bigint[]> {
    return this.#send(drafts, (driver) => driver.act((chat) => chat.sendAlbum(drafts)));
  }

  /** Seals a file, and begins to carry it. Returns what goes into the message: its name and its key. */
  async seal(content: Uint8Array): Promise<{ file: Uint8Array; key: FileKey }> {
    const sealed = await this.#turns.call(() => this.#link.seal(content));
    this.#work();
    return sealed;
  }

  /** Opens the file of a message that came. One with a timer is opened with its lease: see `sealed`. */
  async open({ content: { media }, file }: Message): Promise<Uint8Array> {
    if (!media || !("key" in media) || !media.key || !file) throw new TypeError("the message has no file to open without a lease");
    return this.#link.secretchat.open(this.chat.profile, media.key, media.size, await this.sealed(file.reference));
  }

  /** Returns a file that came, sealed. */
  async sealed(file: Uint8Array): Promise<Uint8Array> {
    const sealed = await this.#link.files.kept(file);
    if (!sealed) throw new TypeError("the file is not here");
    return sealed;
  }

  /** The user does not want a file that comes. Its message comes without it. */
  async decline(file: Uint8Array): Promise<void> {
    await this.#turns.call(() => this.#link.decline(file));
    this.#work();
  }

  /** Ends the chat, and says whether the peer should delete what it has. */
  close(history: HistoryName = "keep"): void {
    this.act((chat) => chat.close(history));
  }

  /** Runs over a connection until that ends, or until the chat is over. Throws if the store, the files or `onEvent` do. */
  async run({ readable, writable }: Channel): Promise<void> {
    this.#turns.check();
    if (this.#isRunning) throw new TypeError("the session runs already");
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    this.#isRunning = true;
    try {
      await this.#turns.do(async () => this.#link.connected());
      this.#work();
      const reading = this.#read(reader);
      await Promise.race([reading, this.#write(writer)]);
      // The last answer is on its way, unless the peer is gone already.
      if (this.isOver) await Promise.race([reading, writer.close().catch(ignore)]);
    } finally {
      if (!this.#turns.hasFailed) await this.#turns.do(async () => this.#link.disconnected());
      this.#isRunning = false;
      this.#turns.tell();
      this.#plan();
      // A peer that takes nothing must not hold this up.
      reader.cancel().catch(ignore);
      writer.abort().catch(ignore);
    }
    this.#turns.check();
  }

  /**
   * Dials, runs, and dials again when the connection ends, until the chat is over or the session is stopped. The pause in
   * milliseconds doubles up to a minute as long as nobody answers.
   */
  async connect(dial: () => Promise<Channel>, pause = 200): Promise<void> {
    for (let wait = pause; !this.isOver && !this.#isStopped; ) {
      const channel = await dial().catch(ignore);
      wait = channel ? pause : Math.min(2 * wait, 60_000);
      if (channel) await this.run(channel);
      if (!this.isOver && !this.#isStopped) await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Stops a session that goes on later, or elsewhere, from its records: its connection and its clock end. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#turns.tell();
    await this.#turns.rest();
    this.#plan();
  }

  /** Gives the events, until the chat is over or the session is stopped. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event, void> {
    for (;;) {
      const seen = this.#turns.changes;
      const event = this.#events.shift();
      if (event) {
        this.#work();
        yield event;
        continue;
      }
      this.#turns.check();
      await this.#turns.rest();
      if (this.#events.length > 0) continue;
      if (this.isOver || this.#isStopped) return;
      await this.#turns.changed(seen);
    }
  }

  async #send<Result>(drafts: readonly Draft[], call: (driver: Driver) => Result): Promise<Result> {
    for (;;) {
      const seen = this.#turns.changes;
      this.#turns.check();
      try {
        const sent = await this.#turns.call(() => this.#link.send(drafts, call));
        this.#work();
        return sent;
      } catch (error) {
        if (!(error instanceof SecretchatError) || !MUST_WAIT.includes(error.reason) || this.#isStopped) throw error;
      }
      await this.#turns.changed(seen);
    }
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = this.#link.secretchat.decoder();
    try {
      for (;;) {
        await this.#room();
        const { value, done } = await reader.read();
        if (done || this.#isStopped) return;
        for (const frame of decoder.push(value)) {
          await this.#room();
          await this.#turns.do(async () => {
            if (hex(frame.tag) === hex(this.#link.tag)) await this.#link.handleFrame(frame);
            await this.#takeNews();
          });
        }
      }
    } catch (error) {
      // A connection that fails, or carries no frames, just ends.
      return ignore(error);
    } finally {
      decoder.free();
    }
  }

  async #write(writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    try {
      while (!this.#isStopped) {
        const seen = this.#turns.changes;
        await writer.ready;
        const frame = await this.#turns.do(() => this.#link.nextFrame());
        if (frame) {
          writer.write(frame).catch(ignore); // `ready` says so, too
          continue;
        }
        if (this.isOver && seen === this.#turns.changes) return;
        this.#plan();
        await this.#turns.changed(seen);
      }
    } catch (error) {
      return ignore(error);
    }
  }

  /** Takes what there is to show, as far as there is room for it. */
  async #takeNews(): Promise<void> {
    while (!this.#isFull) {
      const news = await this.#link.next();
      if (!news) break;
      if (news.kind === "checkpoint") await this.#options.onCheckpoint?.(news.checkpoint);
      else if (this.#options.onEvent) await this.#options.onEvent(news.event);
      else this.#events.push(news.event);
    }
    this.#plan();
    this.#turns.tell();
  }

  /** Waits until there is room for events. */
  async #room(): Promise<void> {
    for (let seen = this.#turns.changes; this.#isFull; seen = this.#turns.changes) await this.#turns.changed(seen);
  }

  get #isFull(): boolean {
    return this.#events.length >= (this.#options.maxEvents ?? 64);
  }

  /** Plans to take what there is. */
  #work(): void {
    if (this.#isWorkPlanned || this.#isStopped) return;
    this.#isWorkPlanned = true;
    this.#turns.do(async () => {
      this.#isWorkPlanned = false;
      await this.#takeNews();
    }).catch(ignore); // who waits hears of it
  }

  /** Sets the clock for what is due next. Where events have no room, the rest would be due for ever: only the chat's own is. */
  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#turns.hasFailed || this.#isStopped || this.isOver) return;
    const due = this.#isFull ? this.chat.timeout : this.#link.timeout;
    if (due === undefined) return;
    const pause = Math.min(Math.max(due - this.#link.secretchat.now(), 0), LONGEST);
    this.#timer = setTimeout(() => {
      // An acknowledgement that is refused is made later.
      this.#turns.call(async () => this.#link.driver.handleTimeout()).catch(ignore);
      this.#work();
    }, pause);
  }
}

/** A request of the peer that the user has not answered yet. */
export class Incoming {
  /** Requests come from `Session.incoming`. */
  constructor(
    readonly secretchat: Secretchat,
    readonly request: Request,
    readonly channel: Channel,
  ) {}

  /** Accepts, and runs the session over the connection. Its events say how it goes. */
  async accept(config: Config, options: SessionOptions = {}): Promise<Session> {
    const session = await Session.accept(this.secretchat, this.request, config, options);
    session.run(this.channel).catch(ignore); // who takes events hears of it
    return session;
  }

  /** Declines, and ends the connection. */
  decline(config: Config): Promise<void> {
    return decline(this.secretchat, this.request, config, this.channel);
  }
}

function tagged(config: Config, tag: Uint8Array): Config {
  return { ...config, hostData: new Uint8Array([...tag, ...(config.hostData ?? [])]) };
}

function ignore(_: unknown): undefined {
  return undefined;
}
