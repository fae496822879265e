// One end of a chat.
import {
  Cause, ChatState, CloseReason, Handled, History, Notice as Notices, Profile, RekeyState, Role, STRUCTS, TypingAction, Violation,
  type CauseName, type ChatStateName, type CloseReasonName, type HandledName, type HistoryName, type ProfileName, type RekeyStateName,
  type RoleName, type TypingActionName, type ViolationName,
} from "./abi.js";
import { Lease } from "./lease.js";
import type { Lent, Library } from "./library.js";
import { type Draft, type IncomingFile, type Position, readPosition, writtenDraft, writtenFile } from "./message.js";
import { codeOf, nameOf } from "./names.js";
import { type Checkpoint, type DiscardProof, type Output, readOutput } from "./output.js";
import type { Frame } from "./frame.js";
import { type Preview, readPreview } from "./preview.js";

/** Whether the peer will hear of an action that is done here. */
export type Notice =
  | { kind: "queued"; transmitId: bigint }
  | { kind: "nothing" }
  /** The limit with this error number forbids it. */
  | { kind: "left_out"; error: number };

/** What became of a call, without secrets. */
export interface Outcome {
  cause: CauseName;
  /** Such as `applied`, or the name of an error. */
  name: string;
  /** How many times in a row. */
  times: number;
  /** The minute of the last time, in milliseconds since 1970. */
  minute: number;
}

/** The state of a chat, without secrets. */
export interface State {
  state: ChatStateName;
  /** Why it is closed. */
  reason?: CloseReasonName | ViolationName;
  role: RoleName;
  rekey: RekeyStateName;
  /** The id that its records have. */
  id?: Uint8Array;
  keyFingerprint?: bigint;
  verification?: Uint8Array;
  /** The verification value of the current key. */
  check?: Uint8Array;
  isVerified: boolean;
  verifiedCheck?: number;
  discardReceipt?: Uint8Array;
  owesAcknowledgement: boolean;
  awaitsTransport: boolean;
  exchangeId?: bigint;
  nextFingerprint?: bigint;
  ownLayer: number;
  peerLayer: number;
  /** The timer of the chat in seconds: 0 for none, or `VIEW_ONCE`. */
  ttl: number;
  rekeys: number;
  sent: number;
  acknowledged: number;
  received: number;
  checkpoint?: Checkpoint;
  /** When `handleTimeout` is due, in milliseconds since 1970. */
  timeout?: number;
}

const NO_TIME = 0xffff_ffff_ffff_ffffn;

/**
 * One end of a chat. Call it, then take its outputs until there are none: store each batch before the next output, show
 * events, carry transmissions. A call that throws has changed nothing.
 */
export class Chat {
  readonly #library: Library;
  #handle: number;

  /** Chats come from `Secretchat`. */
  constructor(library: Library, handle: number) {
    this.#library = library;
    this.#handle = handle;
  }

  /** Takes the next output. */
  poll(): Output | undefined {
    return this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScOutput.size);
      this.#library.check("sc_chat_poll", this.#chat, out);
      return readOutput(this.#library.read("ScOutput", out), (key) => this.#library.text("sc_record_name", lent.bytes(key)));
    });
  }

  /** Takes all outputs. What you do with one is done before the next is taken. */
  *outputs(): Generator<Output, void> {
    for (let output = this.poll(); output; output = this.poll()) yield output;
  }

  /**
   * Whether the batch of the last output follows the records that a store holds. `head` is the value of their row `state`,
   * or of `tombstone` if there is no state. A store asks this inside of the transaction.
   */
  batchFits(head: Uint8Array | undefined): boolean {
    return this.#library.lend((lent) => {
      const rows = head ? lent.bytes(head) : 0;
      const fits = lent.result((out) =>
        this.#library.check("sc_chat_batch_fits", this.#chat, rows, head?.length ?? 0, out),
      );
      return (fits & 0xff) !== 0;
    });
  }

  /** Takes the lease of an opened medium, right after its event. */
  takeLease(): Lease {
    return this.#library.lend(
      (lent) =>
        new Lease(this.#library, lent.result((out) => this.#library.check("sc_chat_take_lease", this.#chat, out))),
    );
  }

  /** Returns the frame of the last output, which must be a transmission. The tag is 16 bytes that name the chat. */
  frame(tag: Uint8Array): Uint8Array {
    return this.#library.lend((lent) => {
      const address = lent.exactly(tag, 16);
      return this.#library.taken(lent.result((out) => this.#library.check("sc_chat_frame", this.#chat, address, out)));
    });
  }

  // What the user does.

  /** Sends a message. Returns its id. */
  send(draft: Draft): bigint {
    return this.#command((lent, chat, env) => {
      const out = lent.room(8);
      this.#library.check("sc_chat_send", chat, env, lent.struct("ScDraft", writtenDraft(draft)), out);
      return this.#library.view.getBigInt64(out, true);
    });
  }

  /** Sends 2 to 10 photos, videos or files as an album. Returns their ids. */
  sendAlbum(drafts: readonly Draft[]): bigint[] {
    return this.#command((lent, chat, env) => {
      const out = lent.room(8 * drafts.length);
      const written = lent.structs("ScDraft", drafts.map(writtenDraft));
      this.#library.check("sc_chat_send_album", chat, env, written, drafts.length, out);
      return drafts.map((_, index) => this.#library.view.getBigInt64(out + 8 * index, true));
    });
  }

  /** Sets the timer of the chat in seconds: 0 for none, or `VIEW_ONCE`. */
  setTtl(seconds: number): void {
    this.#do("sc_chat_set_ttl", seconds);
  }

  /** The user has read these messages. */
  markRead(ids: readonly bigint[]): Notice {
    return this.#noticed("sc_chat_mark_read", ids);
  }

  /** The user has read all messages up to this date. Telegram only. */
  markReadUpTo(maxDate: number): void {
    this.#do("sc_chat_mark_read_up_to", BigInt(maxDate));
  }

  /** The user opens a message with a timer. The event `opened` follows. */
  openView(id: bigint): Notice {
    return this.#command((lent, chat, env) =>
      this.#notice(lent, (notice) => this.#library.check("sc_chat_open_view", chat, env, id, notice)),
    );
  }

  /** The user closes a message with a timer. */
  closeView(id: bigint): void {
    this.#do("sc_chat_close_view", id);
  }

  /** The user took a screenshot that shows these messages. */
  reportScreenshot(ids: readonly bigint[]): void {
    this.#command((lent, chat, env) =>
      this.#library.check("sc_chat_report_screenshot", chat, env, lent.ids(ids), ids.length),
    );
  }

  /** Deletes messages at both ends. */
  delete(ids: readonly bigint[]): Notice {
    return this.#noticed("sc_chat_delete", ids);
  }

  /** Deletes all messages at both ends. */
  flushHistory(): Notice {
    return this.#command((lent, chat, env) =>
      this.#notice(lent, (notice) => this.#library.check("sc_chat_flush_history", chat, env, notice)),
    );
  }

  /** Tells the peer what the user is busy with. */
  typing(action: TypingActionName): void {
    this.#do("sc_chat_typing", codeOf(TypingAction, action));
  }

  /** Tells the peer that this end reads a higher layer now. Telegram only. */
  announceLayer(layer: number): void {
    this.#do("sc_chat_announce_layer", layer);
  }

  /** Asks for a new key. */
  rekey(): void {
    this.#do("sc_chat_rekey");
  }

  /** Sends an acknowledgement, if one is owed: when a second has passed after a message without an answer. */
  acknowledge(): void {
    this.#do("sc_chat_acknowledge");
  }

  /** Gives everything as outputs again that was not acknowledged: after a restart, and when a connection is back. */
  retransmit(): void {
    this.#do("sc_chat_retransmit");
  }

  /** Gives the Accept as an output again, when the peer repeated its request. */
  acceptAgain(): void {
    this.#do("sc_chat_accept_again");
  }

  /** Ends the chat, and says whether the peer should delete what it has. */
  close(history: HistoryName): void {
    this.#do("sc_chat_close", codeOf(History, history));
  }

  /** The users compared this verification value, or check. */
  markVerified(value: Uint8Array): void {
    this.#command((lent, chat, env) =>
      this.#library.check("sc_chat_mark_verified", chat, env, lent.exactly(value, 36)),
    );
  }

  /** This end scanned the code of the other end. */
  markScanned(code: string): void {
    const bytes = new TextEncoder().encode(code);
    this.#command((lent, chat, env) =>
      this.#library.check("sc_chat_mark_scanned", chat, env, lent.bytes(bytes), bytes.length),
    );
  }

  /** Takes the mark away that the users compared a value. */
  clearVerified(): void {
    this.#do("sc_chat_clear_verified");
  }

  /** Returns a secret of 32 bytes for a channel of the host's own, such as a call. */
  export(label: Uint8Array, context: Uint8Array = new Uint8Array()): Uint8Array {
    return this.#library.lend((lent) => {
      const out = lent.room(32);
      const [named, about] = [lent.bytes(label), lent.bytes(context)];
      this.#library.check("sc_chat_export", this.#chat, named, label.length, about, context.length, out, 32);
      return this.#library.copy(out, 32);
    });
  }

  /** Forgets what such secrets come from, until the next key. */
  forgetExporter(): void {
    this.#do("sc_chat_forget_exporter");
  }

  // What the peer and the transport do.

  /** Takes a frame of the peer that is for the chat: not a request, and no part of a file. */
  handleFrame(frame: Frame): HandledName {
    switch (frame.type) {
      case "accept":
        return this.accepted(frame.publicValue, frame.fingerprint);
      case "ciphertext":
        return this.ciphertext(frame.bytes, frame.fileId && { file: { reference: frame.fileId } });
      case "discard":
        return this.discarded(frame.history, frame.proof);
      case "receipt":
        return frame.proof ? this.discardReceipt(frame.proof) : this.carried(frame.transmitId);
      default:
        throw new TypeError(`a chat has no use for a frame ${frame.type}`);
    }
  }

  /** The peer accepted. */
  accepted(publicValue: Uint8Array, fingerprint: bigint): HandledName {
    return this.#input("sc_chat_accepted", (lent) => [lent.bytes(publicValue), publicValue.length, fingerprint]);
  }

  /** Another device of this user accepted the request. */
  acceptedElsewhere(): HandledName {
    return this.#input("sc_chat_accepted_elsewhere", () => []);
  }

  /** A message came. One that names a file is told once the file is there. `date` is the server's. */
  ciphertext(bytes: Uint8Array, { file, date }: { file?: IncomingFile; date?: number } = {}): HandledName {
    return this.#input("sc_chat_ciphertext", (lent) => [
      lent.bytes(bytes), bytes.length, file ? lent.struct("ScIncomingFile", writtenFile(file)) : 0, writtenDate(date),
    ]);
  }

  /** The peer ended the chat. */
  discarded(history: HistoryName, proof?: DiscardProof): HandledName {
    return this.#input("sc_chat_discarded", (lent) => [
      codeOf(History, history), proof ? lent.exactly(proof.mac, 32) : 0, proof?.sent ?? 0,
    ]);
  }

  /** The answer to a Discard of one's own came. */
  discardReceipt(proof?: Uint8Array): HandledName {
    return this.#input("sc_chat_discard_receipt", (lent) => [proof ? lent.exactly(proof, 32) : 0]);
  }

  /** The transport accepted a transmission. */
  carried(transmitId: bigint, date?: number): HandledName {
    return this.#input("sc_chat_carried", () => [transmitId, writtenDate(date)]);
  }

  /** The transport refused a transmission, for good or not. */
  refused(transmitId: bigint, isPermanent: boolean): HandledName {
    return this.#input("sc_chat_refused", () => [transmitId, isPermanent ? 1 : 0]);
  }

  /** The server says that the peer has read up to a date. */
  peerRead(maxDate: number, date?: number): HandledName {
    return this.#input("sc_chat_peer_read", () => [BigInt(maxDate), writtenDate(date)]);
  }

  /** The server says that the peer is typing. */
  peerTyping(): HandledName {
    return this.#input("sc_chat_peer_typing", () => []);
  }

  /** Time has passed: call it when the time of `timeout` has come. */
  handleTimeout(): void {
    this.#do("sc_chat_handle_timeout");
  }

  // Questions, which change nothing.

  /** When `handleTimeout` is due, in milliseconds since 1970. */
  get timeout(): number | undefined {
    return readTime(this.#library.call("sc_chat_timeout", this.#chat));
  }

  /** When a message with a timer ends. */
  deadline(id: bigint): number | undefined {
    return readTime(this.#library.call("sc_chat_deadline", this.#chat, id));
  }

  /** Whether the chat keeps a message of the peer with a timer. */
  holds(id: bigint): boolean {
    return this.#library.call("sc_chat_holds", this.#chat, id) !== 0;
  }

  get profile(): ProfileName {
    return nameOf(Profile, Number(this.#library.call("sc_chat_profile", this.#chat)));
  }

  /** The bytes of the host's own that the chat was configured with. */
  get hostData(): Uint8Array {
    return this.#library.borrowed("sc_chat_host_data", this.#chat) ?? new Uint8Array();
  }

  /** The host's name of the file of a message that the chat keeps. */
  fileOf(id: bigint): Uint8Array | undefined {
    return this.#library.borrowed("sc_chat_file_of", this.#chat, id);
  }

  /** The host's names of the files whose messages are not acknowledged. */
  get unacknowledgedFiles(): Uint8Array[] {
    const files: Uint8Array[] = [];
    const file = () => this.#library.borrowed("sc_chat_unacknowledged_file", this.#chat, files.length);
    for (let next = file(); next; next = file()) files.push(next);
    return files;
  }

  /** Where a message of one's own stands that is not acknowledged. */
  position(id: bigint): Position | undefined {
    return this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScPosition.size);
      const code = Number(this.#library.call("sc_chat_position", this.#chat, id, out));
      return code === 0 ? readPosition(this.#library.read("ScPosition", out)) : undefined;
    });
  }

  /** Reads a message for a notification. Nothing changes: it is handled later. */
  peek(bytes: Uint8Array): Preview {
    return this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScPreview.size);
      this.#library.check("sc_chat_peek", this.#chat, lent.bytes(bytes), bytes.length, out);
      return readPreview(this.#library.read("ScPreview", out));
    });
  }

  /** A report for developers, without anything of a message, a key or an id. */
  get diagnosis(): string {
    return this.#text("sc_chat_diagnosis");
  }

  /** What became of the last calls, which is what the lines of `diagnosis` say. */
  get outcomes(): Outcome[] {
    const outcomes: Outcome[] = [];
    const outcome = () => this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScOutcome.size);
      const isThere = this.#library.call("sc_chat_outcome", this.#chat, outcomes.length, out) === 0;
      return isThere ? this.#library.read("ScOutcome", out) : undefined;
    });
    for (let next = outcome(); next; next = outcome()) {
      const { cause, times, minuteMs, name } = next;
      outcomes.push({
        cause: nameOf(Cause, cause), name: new TextDecoder().decode(name ?? new Uint8Array()), times, minute: Number(minuteMs),
      });
    }
    return outcomes;
  }

  /** The code that the other end scans to compare this chat. */
  get scanCode(): string {
    return this.#text("sc_chat_scan_code");
  }

  get state(): State {
    const raw = this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScState.size);
      this.#library.check("sc_chat_state", this.#chat, out);
      return this.#library.read("ScState", out);
    });
    const state = nameOf(ChatState, raw.state);
    const timeout = readTime(raw.timeoutMs);
    return {
      state,
      ...(state === "closed" && { reason: nameOf({ ...CloseReason, ...Violation }, raw.reason) }),
      role: nameOf(Role, raw.role),
      rekey: nameOf(RekeyState, raw.rekey),
      ...(raw.hasId && { id: raw.id }),
      ...(raw.hasKeyFingerprint && { keyFingerprint: raw.keyFingerprint }),
      ...(raw.hasVerification && { verification: raw.verification }),
      ...(raw.hasCheck && { check: raw.check }),
      isVerified: raw.isVerified,
      ...(raw.hasVerifiedCheck && { verifiedCheck: raw.verifiedCheck }),
      ...(raw.hasDiscardReceipt && { discardReceipt: raw.discardReceipt }),
      owesAcknowledgement: raw.owesAcknowledgement,
      awaitsTransport: raw.awaitsTransport,
      ...(raw.exchangeId !== 0n && { exchangeId: raw.exchangeId }),
      ...(nameOf(RekeyState, raw.rekey) === "accepted" && { nextFingerprint: raw.nextFingerprint }),
      ownLayer: raw.ownLayer,
      peerLayer: raw.peerLayer,
      ttl: raw.ttl,
      rekeys: raw.rekeys,
      sent: raw.sent,
      acknowledged: raw.acknowledged,
      received: raw.received,
      ...(raw.hasCheckpoint && { checkpoint: raw.checkpoint }),
      ...(timeout !== undefined && { timeout }),
    };
  }

  /** Frees the chat, and wipes its keys. Its records stay. */
  free(): void {
    this.#library.call("sc_chat_free", this.#handle);
    this.#handle = 0;
  }

  get #chat(): number {
    if (this.#handle === 0) throw new TypeError("this chat was freed");
    return this.#handle;
  }

  #command<Result>(call: (lent: Lent, chat: number, env: number) => Result): Result {
    return this.#library.lend((lent) => call(lent, this.#chat, this.#library.env()));
  }

  #do(name: string, ...values: (number | bigint)[]): void {
    this.#library.check(name, this.#chat, this.#library.env(), ...values);
  }

  #input(name: string, values: (lent: Lent) => (number | bigint)[]): HandledName {
    return this.#command((lent, chat, env) => {
      const handled = lent.result((out) => this.#library.check(name, chat, env, ...values(lent), out));
      return nameOf(Handled, handled & 0xffff);
    });
  }

  #noticed(name: string, ids: readonly bigint[]): Notice {
    return this.#command((lent, chat, env) =>
      this.#notice(lent, (notice) => this.#library.check(name, chat, env, lent.ids(ids), ids.length, notice)),
    );
  }

  #notice(lent: Lent, call: (notice: number) => void): Notice {
    const out = lent.room(STRUCTS.ScNotice.size);
    call(out);
    const raw = this.#library.read("ScNotice", out);
    const kind = nameOf(Notices, raw.kind);
    switch (kind) {
      case "queued":
        return { kind, transmitId: raw.transmitId };
      case "nothing":
        return { kind };
      case "left_out":
        return { kind, error: raw.error };
    }
  }

  #text(name: string): string {
    return this.#library.lend((lent) => {
      const bytes = this.#library.taken(lent.result((out) => this.#library.check(name, this.#chat, out)));
      return new TextDecoder().decode(bytes);
    });
  }
}

function readTime(value: number | bigint): number | undefined {
  // WebAssembly gives 64 bits with a sign.
  const time = BigInt.asUintN(64, BigInt(value));
  return time === NO_TIME ? undefined : Number(time);
}

function writtenDate(date: number | undefined): bigint {
  return date === undefined ? NO_TIME : BigInt(date);
}
