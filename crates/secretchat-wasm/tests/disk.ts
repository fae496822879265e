// What outlives a process: records, files and the host's rows; and a fuse that kills the process at one of its writes.
import { type Batch, type Files, MemoryFiles, MemoryStore, type Place, type Store } from "secretchat";

export class Crash extends Error {}

/** Lets so many writes through, then fails: before the write is done, or after. */
export class Fuse {
  writes = 0;
  #burnsAt = Infinity;
  #isDone = false;

  set(writes: number, isDone: boolean): void {
    [this.writes, this.#burnsAt, this.#isDone] = [0, writes, isDone];
  }

  async write<Result>(write: () => Promise<Result>): Promise<Result> {
    this.writes += 1;
    const burns = this.writes > this.#burnsAt;
    if (burns) this.#burnsAt = Infinity;
    if (burns && !this.#isDone) throw new Crash();
    const result = await write();
    if (burns) throw new Crash();
    return result;
  }
}

export class FusedStore implements Store {
  readonly inner = new MemoryStore();
  constructor(readonly fuse: Fuse) {}

  apply(batch: Batch, fits: (head: Uint8Array | undefined) => boolean): Promise<void> {
    return this.fuse.write(() => this.inner.apply(batch, fits));
  }

  load(chatId: Uint8Array) {
    return this.inner.load(chatId);
  }

  chats() {
    return this.inner.chats();
  }

  delete(chatId: Uint8Array) {
    return this.inner.delete(chatId);
  }
}

export class FusedFiles implements Files {
  readonly inner = new MemoryFiles();
  constructor(readonly fuse: Fuse) {}

  list(place: Place) {
    return this.inner.list(place);
  }

  length(place: Place, file: Uint8Array) {
    return this.inner.length(place, file);
  }

  insert(file: Uint8Array, sealed: Uint8Array) {
    return this.fuse.write(() => this.inner.insert(file, sealed));
  }

  read(file: Uint8Array, start: number, end: number) {
    return this.inner.read(file, start, end);
  }

  write(file: Uint8Array, offset: number, bytes: Uint8Array) {
    return this.fuse.write(() => this.inner.write(file, offset, bytes));
  }

  note(file: Uint8Array, total: number, there: Uint8Array) {
    return this.fuse.write(() => this.inner.note(file, total, there));
  }

  noted(file: Uint8Array) {
    return this.inner.noted(file);
  }

  keep(file: Uint8Array) {
    return this.fuse.write(() => this.inner.keep(file));
  }

  kept(file: Uint8Array) {
    return this.inner.kept(file);
  }

  remove(place: Place, file: Uint8Array) {
    return this.fuse.write(() => this.inner.remove(place, file));
  }
}
