// Notifications from the records of a chat alone.
import { STRUCTS } from "./abi.js";
import type { Library } from "./library.js";
import { type Row, writtenRow } from "./output.js";
import { type Preview, readPreview } from "./preview.js";

/** Reads messages for notifications from the records of a chat. It knows what they knew: load them anew for each message. */
export class Peeker {
  readonly #library: Library;
  #handle: number;

  /** Peekers come from `Secretchat.peeker`. */
  constructor(library: Library, chatId: Uint8Array, rows: readonly Row[], storeKey: Uint8Array) {
    this.#library = library;
    this.#handle = library.lend((lent) => {
      const [id, key] = [lent.exactly(chatId, 16), lent.exactly(storeKey, 32)];
      const records = lent.structs("ScRow", rows.map(writtenRow));
      return lent.result((out) => library.check("sc_peeker_new", id, records, rows.length, key, out));
    });
  }

  /** Reads a message. Nothing changes: the chat handles it later. */
  peek(bytes: Uint8Array): Preview {
    return this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScPreview.size);
      this.#library.check("sc_peeker_peek", this.#handle, lent.bytes(bytes), bytes.length, out);
      return readPreview(this.#library.read("ScPreview", out));
    });
  }

  /** The bytes of the host's own that the chat was configured with. */
  get hostData(): Uint8Array {
    return this.#library.borrowed("sc_peeker_host_data", this.#handle) ?? new Uint8Array();
  }

  /** Frees the peeker, and wipes its keys. */
  free(): void {
    this.#library.call("sc_peeker_free", this.#handle);
    this.#handle = 0;
  }
}
