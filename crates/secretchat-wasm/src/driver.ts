// A chat and its store, driven so that nothing leaves before it is durable (SPEC DRV-1 to DRV-9).
import type { Chat } from "./chat.js";
import type { HandledName, HistoryName } from "./abi.js";
import { InFlight } from "./flight.js";
import type { Frame } from "./frame.js";
import { SecretchatError } from "./library.js";
import type { Draft } from "./message.js";
import type { Checkpoint, Event, Output, Transmit } from "./output.js";
import { earliest, Schedule, type Timing } from "./schedule.js";
import type { Store } from "./store.js";

/** What a driver has for its host. */
export type Action =
  /** Something to show. After a crash it may come again, with the same id. */
  | { kind: "event"; event: Event }
  /** Send this to the peer. It is durable. */
  | { kind: "transmit"; transmit: Transmit }
  /** Tell the peer, or the transport, that this input need not come again. The proof belongs to a Discard. */
  | { kind: "receipt"; transmitId: bigint; proof?: Uint8Array }
  /** Records are durable. A host that guards against old records notes it elsewhere before it asks for the next action. */
  | { kind: "checkpoint"; checkpoint: Checkpoint };

/** The transmit id of a Discard. */
const DISCARD = 2n;

/** The events after which messages of one's own may be empty. */
const ENDS: ReadonlySet<Event["type"]> = new Set(["deleted", "expired", "history_flushed"]);

/**
 * Owns a chat and its store: writes each batch before anything that depends on it comes out, gives receipts, acknowledges what
 * was processed, and sends again what the peer may not have.
 *
 * Call it in any order, then take its actions until there are none. Call `handleTimeout` when `timeout` says so. After an
 * error of `next` the driver has stopped: free its chat, and restore it from the store.
 */
export class Driver {
  /** The chat, for questions. Calls that change it go through `act`. */
  readonly chat: Chat;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #schedule: Schedule;
  readonly #inFlight = new InFlight();
  /** Answers to inputs whose outputs have not been taken yet. */
  readonly #receipts: { transmitId: bigint; proof?: Uint8Array }[] = [];
  #checkpoint: Checkpoint | undefined;
  /** The host has not been given that checkpoint. */
  #isUnnoted = false;
  #scrubsAgain = false;
  /** A message that is in flight may have been emptied. */
  #mayReplace = false;
  #failure: Error | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** Drivers come from `Secretchat.driver` and `Secretchat.restoreDriver`. */
  constructor(chat: Chat, store: Store, now: () => number, timing: Partial<Timing> = {}) {
    this.chat = chat;
    this.#store = store;
    this.#now = now;
    this.#schedule = new Schedule(timing);
    this.#schedule.planRetransmission(chat, now());
  }

  /** Goes on after a restart: sends again what the peer may not have. `expected` is the checkpoint that the host has noted. */
  resume(expected?: Checkpoint): this {
    this.#checkpoint = this.chat.state.checkpoint;
    this.#isUnnoted = this.#checkpoint !== undefined && this.#checkpoint.generation !== expected?.generation;
    this.#schedule.planAcknowledgement(this.chat, this.#now());
    this.retransmit();
    return this;
  }

  /** The checkpoint of the records as they are now. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** Whether the chat has ended, and nothing about its end is left to send. */
  get isOver(): boolean {
    const { state, awaitsTransport } = this.chat.state;
    return state === "closed" && !awaitsTransport;
  }

  /** When `handleTimeout` is due, in milliseconds since 1970. */
  get timeout(): number | undefined {
    return earliest(this.chat.timeout, this.#schedule.next);
  }

  // What comes.

  /**
   * Takes a frame of this chat. A frame that the chat cannot use is ignored, a request is answered again until the peer has
   * been heard. A message that names a file is not taken here, and comes again: see `handleMessage`.
   */
  handleFrame(frame: Frame): HandledName {
    switch (frame.type) {
      case "request":
        this.chat.acceptAgain();
        this.#planRetransmission();
        return "ignored";
      case "accept":
        return this.hear((chat) => chat.handleFrame(frame));
      case "ciphertext":
        // Its receipt would say that the file has arrived, too.
        return frame.fileId ? "no_room" : this.hear((chat) => chat.handleFrame(frame), frame.transmitId);
      case "discard":
        return this.hear((chat) => chat.handleFrame(frame), DISCARD);
      case "receipt":
        if (frame.transmitId === DISCARD) return this.hear((chat) => chat.discardReceipt(frame.proof));
        return this.hear((chat) => chat.carried(frame.transmitId));
      default:
        return "ignored";
    }
  }

  /** Takes a message whose file is whole and durable. */
  handleMessage({ transmitId, fileId, bytes }: FileMessage): HandledName {
    return this.hear((chat) => chat.ciphertext(bytes, { file: { reference: fileId } }), transmitId);
  }

  /**
   * Gives the chat an input: `driver.hear((chat) => chat.ciphertext(bytes), transmitId)`. The id is the peer's; it comes back
   * as a receipt once the effects of the input are durable. An input for which there was no room gets none, and has to come
   * again; nor does one that is refused, which throws.
   */
  hear(input: (chat: Chat) => HandledName, transmitId?: bigint): HandledName {
    const handled = input(this.chat);
    if (handled !== "no_room" && transmitId !== undefined) {
      const proof = transmitId === DISCARD ? this.chat.state.discardReceipt : undefined;
      this.#receipts.push({ transmitId, ...(proof && { proof }) });
    }
    this.#schedule.planAcknowledgement(this.chat, this.#now());
    this.#planRetransmission();
    return handled;
  }

  // What the user does.

  /** Sends a message. Returns its id. */
  send(draft: Draft): bigint {
    const id = this.chat.send(draft);
    this.#schedule.acknowledged();
    this.#planRetransmission();
    return id;
  }

  /** Calls the chat: `driver.act((chat) => chat.setTtl(60))`. */
  act<Result>(call: (chat: Chat) => Result): Result {
    const done = call(this.chat);
    this.#mayReplace = true;
    this.#planRetransmission();
    return done;
  }

  /** Ends the chat, as `Chat.close`. */
  close(history: HistoryName): void {
    this.act((chat) => chat.close(history));
  }

  // What the transport does.

  /** The transport is back: sends again what the peer may not have. What was in flight counts as lost. */
  retransmit(): void {
    this.#inFlight.clear();
    this.#sendAgain();
  }

  /**
   * The host still carries a message, for example because it waits for its file. The driver does not ask for it again before
   * `landed`. If it is deleted meanwhile, what takes its place comes at once: drop the old one if you can.
   */
  inFlight(transmit: Transmit): void {
    this.#inFlight.note(transmit, this.chat);
  }

  /** A message was carried, as far as the host can tell. It is sent again after the first pause, counted from now. */
  landed(transmitId: bigint): void {
    const now = this.#now();
    if (this.#inFlight.land(transmitId, now)) this.#schedule.beginAgain(now);
  }

  /** Does what is due. */
  handleTimeout(): void {
    const now = this.#now();
    this.chat.handleTimeout();
    this.#scrubsAgain ||= this.#schedule.isScrubDue(now);
    this.#planRetransmission();
    if (this.#schedule.takeAcknowledgement(now)) {
      try {
        this.chat.acknowledge();
      } catch (error) {
        if (!(error instanceof SecretchatError) || error.reason !== "outbox_full") throw error;
        // The next message of the peer makes room.
        this.#schedule.acknowledgeLater(now);
      }
      this.#planRetransmission();
    }
    if (this.#schedule.takeRetransmission(now)) this.#sendAgain();
  }

  // What is to be done.

  /** Returns the next action. Batches are written on the way, so what comes out is durable. */
  next(): Promise<Action | undefined> {
    const next = this.#turn.then(() => this.#next());
    this.#turn = next.catch(() => {});
    return next;
  }

  /** Takes all actions. What you do with one is done before the next is taken. */
  async *actions(): AsyncGenerator<Action, void> {
    for (let action = await this.next(); action; action = await this.next()) yield action;
  }

  async #next(): Promise<Action | undefined> {
    if (this.#failure) throw new Error("the store failed earlier: restore the chat", { cause: this.#failure });
    if (this.#isUnnoted && this.#checkpoint) {
      this.#isUnnoted = false;
      return { kind: "checkpoint", checkpoint: this.#checkpoint };
    }
    if (this.#scrubsAgain) await this.#guard(() => this.#scrub());
    const output = this.#nextOutput();
    switch (output?.kind) {
      case "persist": {
        const { batch } = output;
        await this.#guard(async () => {
          await this.#store.apply(batch, (head) => this.chat.batchFits(head));
          if (batch.destroys) await this.#scrub();
        });
        this.#mayReplace ||= batch.destroys;
        this.#checkpoint = batch.checkpoint;
        return { kind: "checkpoint", checkpoint: batch.checkpoint };
      }
      case undefined: {
        const receipt = this.#receipts.shift();
        return receipt && { kind: "receipt", ...receipt };
      }
      case "event":
        this.#mayReplace ||= ENDS.has(output.event.type);
        return output;
      case "transmit":
        return output;
    }
  }

  /** Returns the next output, except what the host still carries. */
  #nextOutput(): Output | undefined {
    for (;;) {
      const output = this.chat.poll();
      if (output?.kind === "transmit") {
        if (!this.#inFlight.covers(output.transmit, this.#schedule.firstPause, this.#now())) return output;
      } else if (!output && this.#mayReplace) {
        this.#mayReplace = false;
        // An emptied message comes out with everything else, which is in flight.
        if (this.#inFlight.isAny) this.chat.retransmit();
      } else {
        return output;
      }
    }
  }

  async #scrub(): Promise<void> {
    this.#scrubsAgain = false;
    const isAllGone = (await this.#store.scrub?.()) ?? true;
    this.#schedule.planScrub(isAllGone, this.#now());
  }

  /** A store that failed stops the driver: the chat is ahead of its records then. */
  async #guard(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#failure = error as Error;
      throw error;
    }
  }

  #sendAgain(): void {
    this.chat.retransmit();
    this.#schedule.retransmitted();
    this.#planRetransmission();
    this.#inFlight.forgetAcknowledged(this.chat);
  }

  #planRetransmission(): void {
    this.#schedule.planRetransmission(this.chat, this.#now());
  }
}

/** A message whose file is whole and durable. */
export interface FileMessage {
  transmitId: bigint;
  fileId: Uint8Array;
  bytes: Uint8Array;
}
