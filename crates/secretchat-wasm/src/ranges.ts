// Ranges of bytes of a file: in memory, and as a frame names them (SPEC FRM-6).

/** From `start` up to but not including `end`. */
export type Range = readonly [start: number, end: number];

/** The most ranges that a frame names. */
export const MAX_RANGES = 64;

const NUMBER = 8;
/** The end of a file whose length is not known yet, in a frame. */
const UNKNOWN = 0xffff_ffff_ffff_ffffn;

/** Bytes of a file: ranges in ascending order, none empty, none touching the next. */
export class Ranges {
  #ranges: Range[] = [];

  static of(start: number, end: number): Ranges {
    const ranges = new Ranges();
    ranges.add(start, end);
    return ranges;
  }

  /** Reads what a frame names. Returns nothing if it is out of order, empty or touches. */
  static decode(bytes: Uint8Array): Ranges | undefined {
    if (bytes.length % (2 * NUMBER) !== 0 || bytes.length > MAX_RANGES * 2 * NUMBER) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const number = (at: number) => {
      const value = view.getBigUint64(at, true);
      // No file is as long as what JavaScript cannot count.
      return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
    };
    const ranges = new Ranges();
    for (let at = 0; at < bytes.length; at += 2 * NUMBER) {
      const [start, end] = [number(at), number(at + NUMBER)];
      if (start >= end || (at > 0 && start <= ranges.end)) return undefined;
      ranges.#ranges.push([start, end]);
    }
    return ranges;
  }

  /** Writes at most the first 64 ranges for a frame. */
  encode(): Uint8Array {
    const named = this.#ranges.slice(0, MAX_RANGES);
    const bytes = new Uint8Array(named.length * 2 * NUMBER);
    const view = new DataView(bytes.buffer);
    named.flat().forEach((value, index) => {
      view.setBigUint64(index * NUMBER, value === Infinity ? UNKNOWN : BigInt(value), true);
    });
    return bytes;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** How many ranges there are. */
  get count(): number {
    return this.#ranges.length;
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  }

  /** The end of the last range. */
  get end(): number {
    return this.#ranges.at(-1)?.[1] ?? 0;
  }

  get first(): Range | undefined {
    return this.#ranges[0];
  }

  /** Whether these are exactly the bytes from 0 to `total`. */
  isWhole(total: number): boolean {
    return total === 0 ? this.isEmpty : this.count === 1 && this.first![0] === 0 && this.end === total;
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    const apart = this.#ranges.filter(([from, to]) => to < start || from > end);
    const joined = this.#ranges.filter(([from, to]) => to >= start && from <= end);
    const all: Range = [Math.min(start, ...joined.map(([from]) => from)), Math.max(end, ...joined.map(([, to]) => to))];
    this.#ranges = [...apart, all].sort(([one], [other]) => one - other);
  }

  remove(start: number, end: number): void {
    if (start >= end) return;
    this.#ranges = this.#ranges.flatMap(([from, to]): Range[] => {
      const left: Range[] = [[from, Math.min(to, start)], [Math.max(from, end), to]];
      return left.filter(([from, to]) => from < to);
    });
  }

  without(others: Ranges): Ranges {
    const left = this.within(0, Infinity);
    for (const [start, end] of others) left.remove(start, end);
    return left;
  }

  /** The bytes that lie within a range. */
  within(start: number, end: number): Ranges {
    const within = new Ranges();
    within.#ranges = this.#ranges
      .map(([from, to]): Range => [Math.max(from, start), Math.min(to, end)])
      .filter(([from, to]) => from < to);
    return within;
  }

  [Symbol.iterator](): Iterator<Range> {
    return [...this.#ranges][Symbol.iterator]();
  }
}
