// Messages: what the peer sent, and drafts of what to send.
import {
  EntityKind, Notification, Role,
  type EntityKindName, type NotificationName, type RoleName, type ScContent, type ScEntity, type ScIncomingFile,
  type ScMessage, type ScPosition, type ScRights,
} from "./abi.js";
import type { Written } from "./library.js";
import { type Media, readMedia, writtenMedia } from "./media.js";
import { codeOf, nameOf } from "./names.js";

/** The timer of a message that may be seen once, in place of a number of seconds. */
export const VIEW_ONCE = 2147483647;

/** A part of a text that looks or acts differently. Offset and length are in UTF-16 code units, as in JavaScript. */
export type Entity = { offset: number; length: number } & (
  | { kind: Exclude<EntityKindName, "pre" | "text_url" | "mention_name" | "custom_emoji"> }
  | { kind: "pre"; language: string }
  | { kind: "text_url"; url: string }
  | { kind: "mention_name"; userId: number }
  | { kind: "custom_emoji"; documentId: bigint }
);

/** What the user of this end may do with a message. It is advice to an honest host, not a lock. */
export interface Rights {
  /** The most that a notification shows. */
  notification: NotificationName;
  mayForward: boolean;
  maySave: boolean;
  mayCopy: boolean;
  mayScreenshot: boolean;
  isHiddenUntilOpened: boolean;
}

/** What a message says. */
export interface Content {
  /** The text, or the caption of the medium. */
  text: string;
  entities: Entity[];
  media?: Media;
  rights: Rights;
}

/** Where a message stands in the history: sort by `order`. */
export interface Position {
  sender: RoleName;
  slot: number;
  acknowledged: number;
  order: number;
}

/** What the transport says of a file that came with a message. */
export interface IncomingFile {
  /** The name by which the host finds the file. */
  reference: Uint8Array;
  /** The bytes of the sealed file. */
  size?: number;
  fingerprint?: number;
}

/** A message of the peer. */
export interface Message {
  id: bigint;
  position: Position;
  /** When it was sent, in milliseconds since 1970. */
  date: number;
  content: Content;
  file?: IncomingFile;
  replyTo?: bigint;
  /** The album that it belongs to. */
  groupedId?: bigint;
  viaBot?: string;
  isSilent: boolean;
  /** Its timer in seconds: 0 for none, or `VIEW_ONCE`. */
  ttl: number;
  layer: number;
}

/** A message to send. */
export interface Draft {
  /** The text, or the caption of the medium. */
  text?: string;
  entities?: Entity[];
  media?: Media;
  /** The name by which the transport finds the sealed file. */
  file?: Uint8Array;
  viaBot?: string;
  /** Its id, which must be random and not 0. Otherwise it gets one. */
  id?: bigint;
  replyTo?: bigint;
  /** Its own timer in seconds: 0 for none, or `VIEW_ONCE`. Otherwise the timer of the chat counts. */
  ttl?: number;
  isSilent?: boolean;
  /** The peer is asked neither to forward nor to save it. */
  isProtected?: boolean;
  /** The peer sees it only after opening it. Needs a timer. */
  isHidden?: boolean;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function readMessage(raw: ScMessage): Message {
  return {
    id: raw.randomId,
    position: readPosition(raw.position),
    date: Number(raw.dateMs),
    content: readContent(raw.content),
    ...(raw.file.reference && { file: readFile(raw.file, raw.file.reference) }),
    ...(raw.hasReplyTo && { replyTo: raw.replyTo }),
    ...(raw.hasGroupedId && { groupedId: raw.groupedId }),
    ...(raw.viaBot && { viaBot: decoder.decode(raw.viaBot) }),
    isSilent: raw.isSilent,
    ttl: raw.ttl,
    layer: raw.layer,
  };
}

export function readPosition({ sender, slot, acknowledged, order }: ScPosition): Position {
  return { sender: nameOf(Role, sender), slot, acknowledged, order };
}

function readFile(raw: ScIncomingFile, reference: Uint8Array): IncomingFile {
  return {
    reference,
    ...(raw.hasSize && { size: Number(raw.size) }),
    ...(raw.hasFingerprint && { fingerprint: raw.fingerprint }),
  };
}

export function readContent(raw: ScContent): Content {
  return {
    text: decoder.decode(raw.text ?? new Uint8Array()),
    entities: raw.entities.map(readEntity),
    ...(raw.media && { media: readMedia(raw.media) }),
    rights: readRights(raw.rights),
  };
}

export function readRights(raw: ScRights): Rights {
  return { ...raw, notification: nameOf(Notification, raw.notification) };
}

export function readEntity(raw: ScEntity): Entity {
  const { offset, length } = raw;
  const text = decoder.decode(raw.text ?? new Uint8Array());
  const kind = nameOf(EntityKind, raw.kind);
  switch (kind) {
    case "pre":
      return { kind, offset, length, language: text };
    case "text_url":
      return { kind, offset, length, url: text };
    case "mention_name":
      return { kind, offset, length, userId: Number(raw.id) };
    case "custom_emoji":
      return { kind, offset, length, documentId: raw.id };
    default:
      return { kind, offset, length };
  }
}

export function writtenDraft(draft: Draft): Written<"ScDraft"> {
  return {
    text: encoder.encode(draft.text ?? ""),
    ...(draft.entities && { entities: draft.entities.map(writtenEntity) }),
    ...(draft.media && { media: writtenMedia(draft.media) }),
    ...(draft.file && { file: draft.file }),
    ...(draft.viaBot !== undefined && { viaBot: encoder.encode(draft.viaBot) }),
    ...(draft.id !== undefined && { hasRandomId: true, randomId: draft.id }),
    ...(draft.replyTo !== undefined && { hasReplyTo: true, replyTo: draft.replyTo }),
    ...(draft.ttl !== undefined && { hasTtl: true, ttl: draft.ttl }),
    isSilent: draft.isSilent ?? false,
    isProtected: draft.isProtected ?? false,
    isHidden: draft.isHidden ?? false,
  };
}

export function writtenFile({ reference, size, fingerprint }: IncomingFile): Written<"ScIncomingFile"> {
  return {
    reference,
    ...(size !== undefined && { hasSize: true, size: BigInt(size) }),
    ...(fingerprint !== undefined && { hasFingerprint: true, fingerprint }),
  };
}

function writtenEntity(entity: Entity): Written<"ScEntity"> {
  const { offset, length } = entity;
  const base = { kind: codeOf(EntityKind, entity.kind), offset, length };
  switch (entity.kind) {
    case "pre":
      return { ...base, text: encoder.encode(entity.language) };
    case "text_url":
      return { ...base, text: encoder.encode(entity.url) };
    case "mention_name":
      return { ...base, id: BigInt(entity.userId) };
    case "custom_emoji":
      return { ...base, id: entity.documentId };
    default:
      return base;
  }
}
