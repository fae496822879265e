// A verification value, as people see it.
import { Role, type RoleName } from "./abi.js";
import type { Library } from "./library.js";
import { codeOf } from "./names.js";

/** The picture of a value has so many rows and columns. */
const SIDE = 12;
const COLOURS = 4;
const LENGTH = 36;

/** What both users compare: as words, as digits, or as a picture. */
export class Verification {
  readonly #library: Library;

  /** Values come with the event `ready`, and from `Chat.state`. */
  constructor(library: Library, readonly value: Uint8Array) {
    this.#library = library;
    if (value.length !== LENGTH) throw new TypeError(`a verification value has ${LENGTH} bytes`);
  }

  /** The 36 words, to read aloud. */
  get words(): string[] {
    return this.#text("sc_verification_words").split(" ");
  }

  /** Four lines of hexadecimal digits. */
  get digits(): string {
    return this.#text("sc_verification_hex");
  }

  /** The picture as SVG. */
  get svg(): string {
    return this.#text("sc_verification_svg");
  }

  /** The picture, row by row: numbers of `colours`. */
  get cells(): number[][] {
    return this.#library.lend((lent) => {
      const out = lent.room(SIDE * SIDE);
      this.#library.check("sc_verification_cells", lent.bytes(this.value), out);
      const cells = Array.from(this.#library.copy(out, SIDE * SIDE));
      return Array.from({ length: SIDE }, (_, row) => cells.slice(row * SIDE, (row + 1) * SIDE));
    });
  }

  /** The colours of the picture, such as `#d5e6f3`. */
  get colours(): string[] {
    return this.#library.lend((lent) => {
      const out = lent.room(COLOURS * 4);
      this.#library.check("sc_verification_colours", out);
      return Array.from({ length: COLOURS }, (_, index) => {
        const colour = this.#library.view.getUint32(out + index * 4, true);
        return `#${colour.toString(16).padStart(6, "0")}`;
      });
    });
  }

  /** The code that the end with this role shows for scanning. */
  scanCode(role: RoleName): string {
    return this.#text("sc_verification_scan_code", codeOf(Role, role));
  }

  /** Checks what the end with this role scanned. Throws if it is not the code of the other end. */
  checkScanned(role: RoleName, code: string): void {
    const bytes = new TextEncoder().encode(code);
    this.#library.lend((lent) =>
      this.#library.check(
        "sc_verification_check_scanned", lent.bytes(this.value), codeOf(Role, role), lent.bytes(bytes), bytes.length,
      ),
    );
  }

  #text(name: string, ...values: number[]): string {
    return this.#library.lend((lent) => {
      const value = lent.bytes(this.value);
      const made = lent.result((out) => this.#library.check(name, value, ...values, out));
      return new TextDecoder().decode(this.#library.taken(made));
    });
  }
}
