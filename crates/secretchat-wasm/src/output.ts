// What a chat gives: events to show, batches to store, transmissions to carry.
import {
  CloseReason, Event as Events, History, Output as Outputs, RekeyFailure, TransmitKind, TypingAction, UserAction, Violation,
  type CloseReasonName, type HistoryName, type RekeyFailureName, type ScBatch, type ScOutput, type ScRow,
  type TypingActionName, type UserActionName, type ViolationName,
} from "./abi.js";
import type { Lease } from "./lease.js";
import type { Written } from "./library.js";
import { type Content, type Message, readContent, readMessage } from "./message.js";
import { nameOf } from "./names.js";

/** An output of a chat. Store a batch before you take the next one. */
export type Output =
  | { kind: "event"; event: Event }
  | { kind: "persist"; batch: Batch }
  | { kind: "transmit"; transmit: Transmit };

/** Something to show. Times are milliseconds since 1970. */
export type Event =
  /** Both ends have the keys. Their users compare the verification value. */
  | { type: "ready"; verification: Uint8Array }
  | { type: "message"; message: Message }
  | { type: "sent"; transmitId: bigint; id: bigint; date: number }
  | { type: "failed"; transmitId: bigint; id: bigint }
  | { type: "action_failed"; transmitId: bigint; action: UserActionName; ttl?: number }
  /** The peer has these messages durably. */
  | { type: "acknowledged"; ids: bigint[] }
  | { type: "ttl_changed"; ttl: number; asked: number; isCrossed: boolean }
  /**
   * The user opened a message with a timer. `Chat.takeLease` gives the key of its medium, if it has a lease; a session has
   * taken it: `lease`.
   */
  | { type: "opened"; id: bigint; hasLease: boolean; lease?: Lease; content?: Content; deadline: number }
  /** Destroy every copy of the message and of its file. */
  | { type: "expired"; id: bigint; file?: Uint8Array }
  | { type: "key_refused"; id: bigint }
  | { type: "read_by_peer"; ids: bigint[] }
  | { type: "read_up_to"; maxDate: number; date: number }
  | { type: "deleted"; ids: bigint[]; files: { id: bigint; file: Uint8Array }[] }
  | { type: "history_flushed" }
  | { type: "screenshot"; ids: bigint[] }
  | { type: "typing"; action: TypingActionName }
  | { type: "peer_layer"; layer: number }
  | { type: "rekeyed"; rekeys: number }
  | { type: "check_outdated"; comparedAt: number }
  | { type: "rekey_failed"; reason: RekeyFailureName }
  | { type: "rekey_overdue" }
  | { type: "rollback_suspected" }
  | { type: "unsupported" }
  | { type: "old_protocol" }
  | {
      type: "closed";
      reason: CloseReasonName | ViolationName;
      history: HistoryName;
      /** How many messages of the peer are missing, if it is known. */
      missing?: number;
      isSetBack: boolean;
    };

/** Bytes for the peer, to carry any number of times, in any order. */
export type Transmit = { id: bigint } & (
  | { type: "request"; publicValue: Uint8Array }
  | { type: "accept"; publicValue: Uint8Array; fingerprint: bigint }
  | { type: "discard"; history: HistoryName; proof?: DiscardProof }
  /** Telegram only: for the server. */
  | { type: "read"; maxDate: number }
  /** Telegram only: for the server. */
  | { type: "typing"; isTyping: boolean }
  | {
      type: "ciphertext";
      messageId: bigint;
      bytes: Uint8Array;
      isService: boolean;
      isSilent: boolean;
      /** The host's name of the file that goes with it. */
      file?: Uint8Array;
    }
);

/** What shows that a Discard comes from the peer. */
export interface DiscardProof {
  mac: Uint8Array;
  sent: number;
}

/** Rows to write and to delete in one transaction, before the next output is taken. */
export interface Batch {
  chatId: Uint8Array;
  checkpoint: Checkpoint;
  put: Row[];
  /** The names of the rows to delete. */
  remove: string[];
  /** What is replaced or deleted must leave no copy. */
  destroys: boolean;
}

/** A record: a row of the host's store. Its key is the chat's id with the name. */
export interface Row {
  /** Such as `state` or `outgoing/3`. */
  name: string;
  /** The name as nine bytes, which `Secretchat.restore` wants back. */
  key: Uint8Array;
  /** Sealed. */
  value: Uint8Array;
}

/** Which state of a chat its records are, for a host that keeps it where nobody can set it back. */
export interface Checkpoint {
  generation: bigint;
  tag: Uint8Array;
}

/** Says what the name of a record is as text. */
type RecordNames = (key: Uint8Array) => string;

const empty = new Uint8Array();

/** Reads what the library shows. Returns nothing if there is no output. */
export function readOutput(raw: ScOutput, nameOfRecord: RecordNames): Output | undefined {
  if (raw.kind === 0) return undefined;
  const kind = nameOf(Outputs, raw.kind);
  switch (kind) {
    case "event":
      return { kind, event: readEvent(raw) };
    case "persist":
      return { kind, batch: readBatch(raw.batch!, nameOfRecord) };
    case "transmit":
      return { kind, transmit: readTransmit(raw) };
  }
}

function readEvent(raw: ScOutput): Event {
  const type = nameOf(Events, raw.what);
  const id = raw.randomId;
  switch (type) {
    case "ready":
      return { type, verification: raw.bytes ?? empty };
    case "message":
      return { type, message: readMessage(raw.message!) };
    case "sent":
      return { type, transmitId: raw.transmitId, id, date: Number(raw.dateMs) };
    case "failed":
      return { type, transmitId: raw.transmitId, id };
    case "action_failed": {
      const action = nameOf(UserAction, raw.action);
      return { type, transmitId: raw.transmitId, action, ...(action === "set_ttl" && { ttl: raw.ttl }) };
    }
    case "acknowledged":
    case "read_by_peer":
    case "screenshot":
      return { type, ids: raw.ids };
    case "ttl_changed":
      return { type, ttl: raw.ttl, asked: raw.askedTtl, isCrossed: raw.isCrossed };
    case "opened": {
      const { content, hasLease } = raw;
      return { type, id, hasLease, ...(content && { content: readContent(content) }), deadline: Number(raw.deadlineMs) };
    }
    case "expired":
      return { type, id, ...(raw.file && { file: raw.file }) };
    case "key_refused":
      return { type, id };
    case "read_up_to":
      return { type, maxDate: Number(raw.maxDateMs), date: Number(raw.dateMs) };
    case "deleted":
      return { type, ids: raw.ids, files: raw.files.map(({ randomId, file }) => ({ id: randomId, file: file ?? empty })) };
    case "typing":
      return { type, action: nameOf(TypingAction, raw.action) };
    case "peer_layer":
      return { type, layer: raw.layer };
    case "rekeyed":
      return { type, rekeys: raw.rekeys };
    case "check_outdated":
      return { type, comparedAt: raw.comparedAt };
    case "rekey_failed":
      return { type, reason: nameOf(RekeyFailure, raw.reason) };
    case "closed":
      return {
        type, reason: nameOf({ ...CloseReason, ...Violation }, raw.reason), history: nameOf(History, raw.history),
        ...(raw.hasMissing && { missing: raw.missing }), isSetBack: raw.isSetBack,
      };
    case "history_flushed":
    case "rekey_overdue":
    case "rollback_suspected":
    case "unsupported":
    case "old_protocol":
      return { type };
  }
}

export function readTransmit(raw: ScOutput): Transmit {
  const type = nameOf(TransmitKind, raw.what);
  const id = raw.transmitId;
  const bytes = raw.bytes ?? empty;
  switch (type) {
    case "request":
      return { type, id, publicValue: bytes };
    case "accept":
      return { type, id, publicValue: bytes, fingerprint: raw.fingerprint };
    case "discard": {
      const proof = raw.hasProof && { proof: { mac: bytes, sent: raw.sent } };
      return { type, id, history: nameOf(History, raw.history), ...proof };
    }
    case "read":
      return { type, id, maxDate: Number(raw.maxDateMs) };
    case "typing":
      return { type, id, isTyping: raw.isTyping };
    case "ciphertext":
      return {
        type, id, messageId: raw.randomId, bytes, isService: raw.isService, isSilent: raw.isSilent,
        ...(raw.file && { file: raw.file }),
      };
  }
}

/** Writes a record that was read. */
export function writtenRow({ key, value }: Row): Written<"ScRow"> {
  return { name: key, value };
}

function readBatch({ chatId, checkpoint, put, remove, destroys }: ScBatch, nameOfRecord: RecordNames): Batch {
  const row = ({ name, value }: ScRow): Row => ({ name: nameOfRecord(name), key: name, value: value ?? empty });
  return { chatId, checkpoint, put: put.map(row), remove: remove.map(({ name }) => nameOfRecord(name)), destroys };
}
