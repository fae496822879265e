// The key of a medium with a timer, for as long as it is open.
import { STRUCTS } from "./abi.js";
import { openingOf } from "./files.js";
import type { Library } from "./library.js";
import type { Thumbnail } from "./media.js";
import { type Rights, readRights } from "./message.js";

/** The key of an opened medium. **Free it at the deadline**, and destroy what you decrypted with it. */
export class Lease {
  readonly #library: Library;
  #handle: number;

  /** Leases come from `Chat.takeLease`. */
  constructor(library: Library, handle: number) {
    this.#library = library;
    this.#handle = handle;
  }

  /** What the lease says of its medium. The size is that of the file before it was sealed. */
  get info(): { size: number; rights: Rights; thumbnail?: Thumbnail } {
    return this.#library.lend((lent) => {
      const out = lent.room(STRUCTS.ScLeaseInfo.size);
      this.#library.check("sc_lease_info", this.#handle, out);
      const { size, rights, thumbnail, thumbnailWidth, thumbnailHeight } = this.#library.read("ScLeaseInfo", out);
      return {
        size: Number(size), rights: readRights(rights),
        ...(thumbnail && { thumbnail: { jpeg: thumbnail, width: thumbnailWidth, height: thumbnailHeight } }),
      };
    });
  }

  /** Opens the whole sealed file. */
  open(sealed: Uint8Array): Uint8Array {
    return this.#library.lend((lent) => {
      const file = lent.bytes(sealed);
      return this.#library.taken(
        lent.result((out) => this.#library.check("sc_lease_open", this.#handle, file, sealed.length, out)),
      );
    });
  }

  /**
   * Opens the file as it streams through, also after the lease was freed. A Telegram file is **never** authentic.
   */
  opening(): TransformStream<Uint8Array, Uint8Array> {
    return openingOf(
      this.#library,
      this.#library.lend((lent) => lent.result((out) => this.#library.check("sc_lease_decryptor", this.#handle, out))),
    );
  }

  /** Wipes and frees the lease. */
  free(): void {
    this.#library.call("sc_lease_free", this.#handle);
    this.#handle = 0;
  }
}
