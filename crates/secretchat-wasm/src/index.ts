/**
 * End-to-end encrypted one-to-one secret chats, without I/O: you feed bytes and the user's wishes to a chat; it tells you what
 * to store, what to send and what happened.
 *
 * @packageDocumentation
 */
export type {
  ChatStateName, CloseReasonName, EntityKindName, HandledName, HistoryName, NotificationName, PeekName, PeerPolicyName,
  ProfileName, RekeyFailureName, RekeyLimitName, RekeyStateName, RoleName, TypingActionName, UserActionName, ViolationName,
} from "./abi.js";
export { Chat, type Notice, type State } from "./chat.js";
export type { Config } from "./config.js";
export type { Sealed, Sealing } from "./files.js";
export { Decoder, type Frame } from "./frame.js";
export { Lease } from "./lease.js";
export { type Host, SecretchatError } from "./library.js";
export type { Document, FileKey, Media, Photo, Thumbnail } from "./media.js";
export { VIEW_ONCE, type Content, type Draft, type Entity, type IncomingFile, type Message, type Position, type Rights } from "./message.js";
export type { Batch, Checkpoint, DiscardProof, Event, Output, Row, Transmit } from "./output.js";
export type { Preview } from "./preview.js";
export { Invitation, type Loading, Secretchat } from "./secretchat.js";
export { IndexedDbStore, MemoryStore, type Store, Superseded } from "./store.js";
export { Verification } from "./verification.js";
