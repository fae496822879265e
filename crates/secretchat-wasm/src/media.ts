// Media of messages: photos, files and everything else.
import { DocumentKind, Media as Kinds, type ScMedia } from "./abi.js";
import type { Written } from "./library.js";
import { codeOf, nameOf } from "./names.js";

/** The two halves of the key of a file, 32 bytes each. **Secret.** */
export interface FileKey {
  key: Uint8Array;
  iv: Uint8Array;
}

/** A small preview, a JPEG. */
export interface Thumbnail {
  jpeg: Uint8Array;
  width: number;
  height: number;
}

interface File {
  /** The bytes of the file before it was sealed. */
  size: number;
  /** There is none in a message with a timer: `Chat.openView` brings a lease instead. */
  key?: FileKey;
  thumbnail?: Thumbnail;
}

interface DocumentFile extends File {
  mimeType: string;
  /** The peer may write anything: never use it as a path. */
  fileName?: string;
}

export interface Photo extends File {
  kind: "photo";
  width: number;
  height: number;
}

export type Document = DocumentFile &
  (
    | { kind: "file"; imageSize?: { width: number; height: number } }
    | { kind: "video" | "animation"; duration: number; width: number; height: number }
    | { kind: "round_video"; duration: number; side: number }
    | { kind: "audio"; duration: number; title: string; performer: string }
    | { kind: "voice"; duration: number; waveform: Uint8Array }
    | { kind: "sticker"; alt: string; stickerSet?: string; imageSize?: { width: number; height: number } }
  );

/** What a message has beside its text. */
export type Media =
  | Photo
  | Document
  | { kind: "geo_point"; latitude: number; longitude: number }
  | {
      kind: "venue"; latitude: number; longitude: number;
      title: string; address: string; provider: string; venueId: string;
    }
  | { kind: "contact"; phoneNumber: string; firstName: string; lastName: string; userId: number }
  | { kind: "web_page"; url: string }
  | {
      /** A file that Telegram's servers have in the clear, such as a sticker. */
      kind: "external_document"; id: bigint; accessHash: bigint; dcId: number; date: number; document: Document;
    }
  /** Of a kind that this version does not know. It cannot be sent. */
  | { kind: "unsupported" };

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const text = (bytes: Uint8Array | null): string => decoder.decode(bytes ?? new Uint8Array());

/** Reads what the library shows. */
export function readMedia(raw: ScMedia): Media {
  const kind = nameOf(Kinds, raw.kind);
  switch (kind) {
    case "photo":
      return { kind, width: raw.width, height: raw.height, ...readFile(raw) };
    case "document":
      return readDocument(raw);
    case "geo_point":
      return { kind, latitude: raw.latitude, longitude: raw.longitude };
    case "venue":
      return {
        kind, latitude: raw.latitude, longitude: raw.longitude,
        title: text(raw.title), address: text(raw.address), provider: text(raw.provider), venueId: text(raw.venueId),
      };
    case "contact":
      return {
        kind, phoneNumber: text(raw.phoneNumber),
        firstName: text(raw.firstName), lastName: text(raw.lastName), userId: raw.userId,
      };
    case "web_page":
      return { kind, url: text(raw.url) };
    case "external_document":
      return {
        kind, id: raw.id, accessHash: raw.accessHash, dcId: raw.dcId, date: raw.date, document: readDocument(raw),
      };
    case "unsupported":
      return { kind };
  }
}

function readFile(raw: ScMedia): File {
  return {
    size: Number(raw.size),
    ...(raw.key && raw.iv && { key: { key: raw.key, iv: raw.iv } }),
    ...(raw.thumbnail && {
      thumbnail: { jpeg: raw.thumbnail, width: raw.thumbnailWidth, height: raw.thumbnailHeight },
    }),
  };
}

function readDocument(raw: ScMedia): Document {
  const file = {
    mimeType: text(raw.mimeType),
    ...(raw.fileName && { fileName: text(raw.fileName) }),
    ...readFile(raw),
  };
  const imageSize = raw.hasImageSize && { imageSize: { width: raw.width, height: raw.height } };
  const { duration, width, height } = raw;
  const kind = nameOf(DocumentKind, raw.documentKind);
  switch (kind) {
    case "file":
      return { kind, ...file, ...imageSize };
    case "video":
    case "animation":
      return { kind, ...file, duration, width, height };
    case "round_video":
      return { kind, ...file, duration, side: width };
    case "audio":
      return { kind, ...file, duration, title: text(raw.title), performer: text(raw.performer) };
    case "voice":
      return { kind, ...file, duration, waveform: raw.waveform ?? new Uint8Array() };
    case "sticker":
      return {
        kind, ...file, alt: text(raw.alt), ...(raw.stickerSet && { stickerSet: text(raw.stickerSet) }), ...imageSize,
      };
  }
}

/** Writes what the library reads. */
export function writtenMedia(media: Media): Written<"ScMedia"> {
  switch (media.kind) {
    case "photo":
      return { kind: codeOf(Kinds, "photo"), ...writtenFile(media), width: media.width, height: media.height };
    case "geo_point":
      return { ...media, kind: codeOf(Kinds, media.kind) };
    case "venue":
    case "contact":
    case "web_page": {
      const fields = Object.entries(media).map(([name, value]) => [
        name,
        typeof value === "string" ? encoder.encode(value) : value,
      ]);
      return { ...(Object.fromEntries(fields) as Written<"ScMedia">), kind: codeOf(Kinds, media.kind) };
    }
    case "external_document": {
      const { id, accessHash, dcId, date } = media;
      return { ...writtenDocument(media.document), id, accessHash, dcId, date, kind: codeOf(Kinds, media.kind) };
    }
    case "unsupported":
      return { kind: codeOf(Kinds, media.kind) };
    default:
      return writtenDocument(media);
  }
}

function writtenFile({ size, key, thumbnail }: File): Written<"ScMedia"> {
  return {
    size: BigInt(size),
    ...key,
    ...(thumbnail && {
      thumbnail: thumbnail.jpeg, thumbnailWidth: thumbnail.width, thumbnailHeight: thumbnail.height,
    }),
  };
}

function writtenDocument(media: Document): Written<"ScMedia"> {
  const file: Written<"ScMedia"> = {
    kind: codeOf(Kinds, "document"),
    documentKind: codeOf(DocumentKind, media.kind),
    mimeType: encoder.encode(media.mimeType),
    ...(media.fileName !== undefined && { fileName: encoder.encode(media.fileName) }),
    ...writtenFile(media),
  };
  switch (media.kind) {
    case "file":
      return { ...file, ...(media.imageSize && { hasImageSize: true, ...media.imageSize }) };
    case "video":
    case "animation":
      return { ...file, duration: media.duration, width: media.width, height: media.height };
    case "round_video":
      return { ...file, duration: media.duration, width: media.side };
    case "audio":
      return {
        ...file, duration: media.duration, title: encoder.encode(media.title), performer: encoder.encode(media.performer),
      };
    case "voice":
      return { ...file, duration: media.duration, waveform: media.waveform };
    case "sticker":
      return {
        ...file, alt: encoder.encode(media.alt),
        ...(media.stickerSet !== undefined && { stickerSet: encoder.encode(media.stickerSet) }),
        ...(media.imageSize && { hasImageSize: true, ...media.imageSize }),
      };
  }
}
