// Frames: what goes over a byte stream or in datagrams.
import { Frame as Kinds, History, STRUCTS, type HistoryName, type ScFrame } from "./abi.js";
import type { Library, Written } from "./library.js";
import { codeOf, nameOf } from "./names.js";
import type { DiscardProof, Transmit } from "./output.js";

/** A frame. The tag is 16 bytes that name the chat for both ends; ids of files have 16 bytes, too. */
export type Frame = { tag: Uint8Array } & (
  | { type: "request"; publicValue: Uint8Array }
  | { type: "accept"; publicValue: Uint8Array; fingerprint: bigint }
  | { type: "ciphertext"; transmitId: bigint; bytes: Uint8Array; fileId?: Uint8Array }
  | { type: "discard"; history: HistoryName; proof?: DiscardProof }
  /** The peer has it durably. Answers a Discard with the proof. */
  | { type: "receipt"; transmitId: bigint; proof?: Uint8Array }
  | { type: "file_part"; fileId: Uint8Array; offset: number; total: number; bytes: Uint8Array }
  | { type: "file_request"; fileId: Uint8Array; missing: Uint8Array }
  | { type: "file_cancel"; fileId: Uint8Array }
);

const empty = new Uint8Array();

/** Returns the bytes of a frame. */
export function encodeFrame(library: Library, frame: Frame): Uint8Array {
  return library.lend((lent) => {
    const written = lent.struct("ScFrame", writtenFrame(frame));
    return library.taken(lent.result((out) => library.check("sc_frame_encode", written, out)));
  });
}

/** Reads a frame that is alone and whole. */
export function decodeFrame(library: Library, bytes: Uint8Array): Frame {
  return library.lend((lent) => {
    const out = lent.room(STRUCTS.ScFrame.size);
    library.check("sc_frame_decode", lent.bytes(bytes), bytes.length, out);
    return readFrame(library.read("ScFrame", out));
  });
}

/** Returns the frame of a transmission, or nothing for what is for Telegram's server. */
export function frameOf(tag: Uint8Array, transmit: Transmit): Frame | undefined {
  switch (transmit.type) {
    case "request":
      return { type: "request", tag, publicValue: transmit.publicValue };
    case "accept":
      return { type: "accept", tag, publicValue: transmit.publicValue, fingerprint: transmit.fingerprint };
    case "discard": {
      const { history, proof } = transmit;
      return { type: "discard", tag, history, ...(proof && { proof }) };
    }
    case "ciphertext": {
      const { id, bytes, file } = transmit;
      return { type: "ciphertext", tag, transmitId: id, bytes, ...(file && { fileId: file }) };
    }
    default:
      return undefined;
  }
}

/** Takes frames out of a stream of bytes. */
export class Decoder {
  readonly #library: Library;
  #handle: number;

  /** Decoders come from `Secretchat.decoder`. */
  constructor(library: Library) {
    this.#library = library;
    this.#handle = library.lend((lent) => lent.result((out) => library.check("sc_decoder_new", out)));
  }

  /** Takes bytes, and gives the frames that are whole. After an error the stream is lost: end the connection. */
  *push(bytes: Uint8Array): Generator<Frame, void> {
    for (let rest = bytes; ; ) {
      const taken = this.#library.lend((lent) => {
        const chunk = lent.bytes(rest);
        return lent.result((out) => this.#library.check("sc_decoder_push", this.#handle, chunk, rest.length, out));
      });
      rest = rest.subarray(taken);
      let frame: Frame | undefined;
      while ((frame = this.#next())) yield frame;
      if (rest.length === 0) return;
    }
  }

  /** Ends the stream, and frees the decoder. Throws if a frame was cut off. */
  finish(): void {
    const handle = this.#handle;
    this.#handle = 0;
    this.#library.check("sc_decoder_finish", handle);
  }

  free(): void {
    this.#library.call("sc_decoder_free", this.#handle);
    this.#handle = 0;
  }

  #next(): Frame | undefined {
    return this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScFrame.size);
      this.#library.check("sc_decoder_next", this.#handle, out);
      const raw = this.#library.read("ScFrame", out);
      return raw.kind === 0 ? undefined : readFrame(raw);
    });
  }
}

function readFrame(raw: ScFrame): Frame {
  const { tag, transmitId, fileId } = raw;
  const bytes = raw.bytes ?? empty;
  const type = nameOf(Kinds, raw.kind);
  switch (type) {
    case "request":
      return { type, tag, publicValue: bytes };
    case "accept":
      return { type, tag, publicValue: bytes, fingerprint: raw.fingerprint };
    case "ciphertext":
      return { type, tag, transmitId, bytes, ...(raw.hasFile && { fileId }) };
    case "discard": {
      const proof = raw.hasMac && { proof: { mac: raw.mac, sent: raw.sent } };
      return { type, tag, history: nameOf(History, raw.history), ...proof };
    }
    case "receipt":
      return { type, tag, transmitId, ...(raw.hasMac && { proof: raw.mac }) };
    case "file_part":
      return { type, tag, fileId, offset: Number(raw.offset), total: Number(raw.total), bytes };
    case "file_request":
      return { type, tag, fileId, missing: bytes };
    case "file_cancel":
      return { type, tag, fileId };
  }
}

function writtenFrame(frame: Frame): Written<"ScFrame"> {
  const base = { kind: codeOf(Kinds, frame.type), tag: frame.tag };
  switch (frame.type) {
    case "request":
      return { ...base, bytes: frame.publicValue };
    case "accept":
      return { ...base, bytes: frame.publicValue, fingerprint: frame.fingerprint };
    case "ciphertext": {
      const { transmitId, bytes, fileId } = frame;
      return { ...base, transmitId, bytes, ...(fileId && { hasFile: true, fileId }) };
    }
    case "discard": {
      const proof = frame.proof && { hasMac: true, ...frame.proof };
      return { ...base, history: codeOf(History, frame.history), ...proof };
    }
    case "receipt":
      return { ...base, transmitId: frame.transmitId, ...(frame.proof && { hasMac: true, mac: frame.proof }) };
    case "file_part": {
      const { fileId, offset, total, bytes } = frame;
      return { ...base, fileId, offset: BigInt(offset), total: BigInt(total), bytes };
    }
    case "file_request":
      return { ...base, fileId: frame.fileId, bytes: frame.missing };
    case "file_cancel":
      return { ...base, fileId: frame.fileId };
  }
}
