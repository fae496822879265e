// One instance of the WebAssembly module: its memory, its functions, its errors.
import { FUNCTIONS, STRUCTS, type Structs } from "./abi.js";
import { planOf } from "./layout.js";

/** Where randomness and time come from. Replace them in tests only. */
export interface Host {
  /** Fills the bytes from a secure generator. */
  random(bytes: Uint8Array): void;
  /** Returns the milliseconds since 1970. */
  now(): number;
  /** Returns a clock that nobody sets, if there is one: what `sc_env_set_monotonic` says of it. */
  monotonic?(): { boot: bigint; sinceBoot: number };
}

/** An error of the library. Its `reason` is stable, such as `outbox_full`; the message is advice for developers. */
export class SecretchatError extends Error {
  constructor(
    /** The number of the error, as in `secretchat.h`. */
    readonly code: number,
    /** Its stable name. */
    readonly reason: string,
    advice: string,
  ) {
    super(`${reason}: ${advice}`);
    this.name = "SecretchatError";
  }
}

type Argument = number | bigint;
type Exports = Record<string, (...values: Argument[]) => Argument>;
/** What is written into a struct: what is left out is zero, as in C. */
export type Written<Name extends keyof Structs> = {
  [Field in keyof Structs[Name]]?: Structs[Name][Field] extends boolean | number | bigint | Uint8Array | null
    ? Structs[Name][Field]
    : unknown;
};

const WORD = 8;
const OK = 0;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export class Library {
  #view: DataView<ArrayBuffer>;
  readonly #exports: Exports;
  readonly #memory: WebAssembly.Memory;
  readonly #env: number;
  readonly #host: Host;

  static async instantiate(module: WebAssembly.Module, host: Host): Promise<Library> {
    let library: Library | undefined;
    const random_fill = (address: number, length: number) => {
      host.random(library!.#bytes(address >>> 0, length >>> 0));
    };
    const instance = await WebAssembly.instantiate(module, { secretchat: { random_fill } });
    library = new Library(instance, host);
    return library;
  }

  private constructor(instance: WebAssembly.Instance, host: Host) {
    this.#exports = instance.exports as unknown as Exports;
    this.#memory = instance.exports["memory"] as WebAssembly.Memory;
    this.#view = new DataView(this.#memory.buffer);
    this.#host = host;
    const missing = FUNCTIONS.filter((name) => !(name in this.#exports));
    if (missing.length > 0) throw new Error(`this is another version of the module: it lacks ${missing.join(", ")}`);
    this.#env = Number(this.#exports["sc_env_imported"]!());
  }

  /** Lends memory to the calls of `work`, and takes it back wiped. */
  lend<Result>(work: (lent: Lent) => Result): Result {
    const lent = new Lent(this);
    try {
      return work(lent);
    } finally {
      lent.takeBack();
    }
  }

  /** Calls a function that cannot fail. */
  call(name: string, ...values: Argument[]): Argument {
    return this.#exports[name]!(...values);
  }

  /** Calls a function that returns a status, and throws its error. */
  check(name: string, ...values: Argument[]): void {
    const code = Number(this.call(name, ...values));
    if (code !== OK) throw this.#error(code);
  }

  /** The milliseconds since 1970. */
  now(): number {
    return Math.max(0, Math.floor(this.#host.now()));
  }

  /** The environment, with the clocks set. */
  env(): number {
    this.check("sc_env_set_now", this.#env, BigInt(this.now()));
    const reading = this.#host.monotonic?.();
    if (reading) this.check("sc_env_set_monotonic", this.#env, reading.boot, BigInt(Math.floor(reading.sinceBoot)));
    else this.check("sc_env_clear_monotonic", this.#env);
    return this.#env;
  }

  /** A copy of bytes in memory. */
  copy(address: number, length: number): Uint8Array {
    return this.#bytes(address, length).slice();
  }

  write(address: number, bytes: Uint8Array): void {
    this.#bytes(address, bytes.length).set(bytes);
  }

  get view(): DataView<ArrayBuffer> {
    // Memory that grew has another buffer.
    if (this.#view.buffer !== this.#memory.buffer) this.#view = new DataView(this.#memory.buffer);
    return this.#view;
  }

  /** Takes the bytes out of a buffer, and frees it. */
  taken(buffer: number): Uint8Array {
    const bytes = this.copy(Number(this.call("sc_buffer_data", buffer)) >>> 0, Number(this.call("sc_buffer_len", buffer)));
    this.call("sc_buffer_free", buffer);
    return bytes;
  }

  /** A copy of the bytes that a function returns, or nothing if it returns none. */
  borrowed(name: string, ...values: Argument[]): Uint8Array | undefined {
    return this.lend((lent) => {
      const out = lent.room(WORD);
      this.call(name, out, ...values);
      return this.#borrowed(out) ?? undefined;
    });
  }

  /** What a function writes that takes room for text last. */
  text(name: string, ...values: Argument[]): string {
    return this.lend((lent) => {
      const length = Number(this.call(name, ...values, 0, 0));
      const address = lent.room(length + 1);
      this.call(name, ...values, address, length + 1);
      return decoder.decode(this.copy(address, length));
    });
  }

  /** Reads a struct, and all that it points to. */
  read<Name extends keyof Structs>(name: Name, address: number): Structs[Name] {
    const { view } = this;
    const values: Record<string, unknown> = {};
    for (const { field, offset, shape, what, length, countOffset } of planOf(name)) {
      const at = address + offset;
      switch (shape) {
        case "flag": values[field] = view.getUint8(at) !== 0; break;
        case "u8": values[field] = view.getUint8(at); break;
        case "u16": values[field] = view.getUint16(at, true); break;
        case "u32": values[field] = view.getUint32(at, true); break;
        case "i32": values[field] = view.getInt32(at, true); break;
        case "u64": values[field] = view.getBigUint64(at, true); break;
        case "i64": values[field] = view.getBigInt64(at, true); break;
        case "f64": values[field] = view.getFloat64(at, true); break;
        case "bytes": values[field] = length === undefined ? this.#borrowed(at) : this.copy(at, length); break;
        case "ids": {
          const [first, count] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
          values[field] = Array.from({ length: count }, (_, index) => view.getBigInt64(first + index * 8, true));
          break;
        }
        case "struct": values[field] = this.read(what!, at); break;
        case "pointer": {
          const pointer = view.getUint32(at, true);
          values[field] = pointer === 0 ? null : this.read(what!, pointer);
          break;
        }
        case "list": {
          const first = view.getUint32(at, true);
          const count = view.getUint32(address + countOffset!, true);
          values[field] = Array.from({ length: count }, (_, index) => this.read(what!, first + index * STRUCTS[what!].size));
          break;
        }
        default: throw new Error(`what is ${shape}?`);
      }
    }
    return values as unknown as Structs[Name];
  }

  #borrowed(at: number): Uint8Array | null {
    const [data, length] = [this.view.getUint32(at, true), this.view.getUint32(at + 4, true)];
    return data === 0 ? null : this.copy(data, length);
  }

  #bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  #error(code: number): SecretchatError {
    return new SecretchatError(code, this.text("sc_error_name", code), this.text("sc_error_advice", code));
  }
}

/** Memory of the module that is lent for one call, or a few. */
export class Lent {
  readonly #pieces: [address: number, words: number][] = [];

  constructor(readonly library: Library) {}

  /** Room for so many bytes, which are 0. */
  room(length: number): number {
    const words = Math.ceil(length / WORD);
    if (words === 0) return 0;
    const address = Number(this.library.call("sc_lend", words)) >>> 0;
    this.#pieces.push([address, words]);
    return address;
  }

  /** The address of a copy. */
  bytes(bytes: Uint8Array): number {
    const address = this.room(Math.max(bytes.length, 1));
    this.library.write(address, bytes);
    return address;
  }

  /** The address of a copy of bytes that have this length. */
  exactly(bytes: Uint8Array, length: number): number {
    if (bytes.length !== length) throw new TypeError(`${length} bytes are needed, not ${bytes.length}`);
    return this.bytes(bytes);
  }

  /** The address of ids. */
  ids(ids: readonly bigint[]): number {
    const address = this.room(Math.max(ids.length, 1) * 8);
    ids.forEach((id, index) => this.library.view.setBigInt64(address + index * 8, id, true));
    return address;
  }

  /** The address of a struct with these values. */
  struct<Name extends keyof Structs>(name: Name, values: Written<Name>): number {
    const address = this.room(STRUCTS[name].size);
    this.fill(name, address, values);
    return address;
  }

  /** The address of structs, one after the other. */
  structs<Name extends keyof Structs>(name: Name, list: readonly Written<Name>[]): number {
    const { size } = STRUCTS[name];
    const address = this.room(size * list.length);
    list.forEach((values, index) => this.fill(name, address + index * size, values));
    return address;
  }

  /** Overwrites the fields of a struct that are named. */
  fill<Name extends keyof Structs>(name: Name, address: number, values: Written<Name>): void {
    for (const { field, offset, shape, what, length, countOffset } of planOf(name)) {
      const value = (values as Record<string, unknown>)[field];
      if (value === undefined || value === null) continue;
      const at = address + offset;
      const { view } = this.library;
      switch (shape) {
        case "flag": view.setUint8(at, value ? 1 : 0); break;
        case "u16": view.setUint16(at, checked(field, value, 0xffff), true); break;
        case "u32": view.setUint32(at, checked(field, value, 0xffff_ffff), true); break;
        case "i32": view.setInt32(at, value as number, true); break;
        case "u64": view.setBigUint64(at, value as bigint, true); break;
        case "i64": view.setBigInt64(at, value as bigint, true); break;
        case "f64": view.setFloat64(at, value as number, true); break;
        case "bytes": {
          const bytes = typeof value === "string" ? encoder.encode(value) : (value as Uint8Array);
          if (length !== undefined) {
            if (bytes.length !== length) throw new TypeError(`${field} has ${length} bytes, not ${bytes.length}`);
            this.library.write(at, bytes);
          } else this.#set(at, this.bytes(bytes), bytes.length);
          break;
        }
        case "struct": this.fill(what!, at, value as never); break;
        case "pointer": {
          const inner = this.struct(what!, value as never);
          this.library.view.setUint32(at, inner, true);
          break;
        }
        case "list": {
          const list = value as never[];
          const first = this.structs(what!, list);
          this.library.view.setUint32(at, first, true);
          this.library.view.setUint32(address + countOffset!, list.length, true);
          break;
        }
        default: throw new Error(`${shape} is never written`);
      }
    }
  }

  /** What a function writes to the address that it is given: a handle or a number of 32 bits. */
  result(call: (out: number) => void): number {
    const out = this.room(WORD);
    call(out);
    return this.library.view.getUint32(out, true);
  }

  #set(at: number, data: number, length: number): void {
    this.library.view.setUint32(at, data, true);
    this.library.view.setUint32(at + 4, length, true);
  }

  takeBack(): void {
    for (const [address, words] of this.#pieces.splice(0)) this.library.call("sc_take_back", address, words);
  }
}

function checked(field: string, value: unknown, most: number): number {
  const number = value as number;
  if (!Number.isInteger(number) || number < 0 || number > most) throw new RangeError(`${field} is ${number}`);
  return number;
}
