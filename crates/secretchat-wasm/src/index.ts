/**
 * End-to-end encrypted one-to-one secret chats, without I/O: you feed bytes and the user's wishes to a chat; it tells you what
 * to store, what to send and what happened.
 *
 * @packageDocumentation
 */
export type {
  CauseName, ChatStateName, CloseReasonName, EntityKindName, HandledName, HistoryName, NotificationName, PeekName, PeerPolicyName,
  ProfileName, RekeyFailureName, RekeyLimitName, RekeyStateName, RoleName, TypingActionName, UserActionName, ViolationName,
} from "./abi.js";
export type { Channel } from "./channel.js";
export { Chat, type Notice, type Outcome, type State } from "./chat.js";
export type { Config } from "./config.js";
export { type Action, Driver, type FileMessage } from "./driver.js";
export type { Sealed, Sealing } from "./files.js";
export { Decoder, type Frame, frameOf } from "./frame.js";
export { Lease } from "./lease.js";
export { type Host, SecretchatError } from "./library.js";
export type { Document, FileKey, Media, Photo, Thumbnail } from "./media.js";
export { VIEW_ONCE, type Content, type Draft, type Entity, type IncomingFile, type Message, type Position, type Rights } from "./message.js";
export type { Batch, Checkpoint, DiscardProof, Event, Output, Row, Transmit } from "./output.js";
export { Link, type News } from "./link.js";
export type { Preview } from "./preview.js";
export { Peeker } from "./peeker.js";
export type { Bounds } from "./receiving.js";
export type { Timing } from "./schedule.js";
export { Invitation, type Loading, Secretchat } from "./secretchat.js";
export { Incoming, Session, type SessionOptions } from "./session.js";
export { type Files, MemoryFiles, type Place } from "./storage.js";
export { IndexedDbStore, MemoryStore, type Store, Superseded } from "./store.js";
export { Verification } from "./verification.js";
