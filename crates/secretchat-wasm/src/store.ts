// Stores for the records of chats: in memory, and in the browser's IndexedDB.
import { hex, unhex } from "./hex.js";
import type { Batch, Row } from "./output.js";

/** Keeps the records of many chats. They are sealed: a store sees names, sizes and times, but no contents. */
export interface Store {
  /**
   * Writes and deletes as the batch says: all of it or nothing, durable when the promise is kept. `fits` is told the value
   * of the row `state`, or of `tombstone`, or nothing, inside of the transaction. If it says no, another program has the
   * chat: nothing is written, and the promise is broken with `Superseded`.
   */
  apply(batch: Batch, fits: (head: Uint8Array | undefined) => boolean): Promise<void>;
  /**
   * Destroys what is left of records that were replaced or deleted, and says whether that was possible now. A store that
   * cannot do so has no such method.
   */
  scrub?(): Promise<boolean>;
  /** The records of a chat, or nothing. */
  load(chatId: Uint8Array): Promise<Row[] | undefined>;
  /** The ids of the chats that have records. */
  chats(): Promise<Uint8Array[]>;
  /** Deletes all records of a chat. */
  delete(chatId: Uint8Array): Promise<void>;
}

/** The chat's records are not those that the batch follows: another program wrote first. Restore the chat. */
export class Superseded extends Error {
  constructor() {
    super("another program has written the records of this chat: restore it");
    this.name = "Superseded";
  }
}

/** Records in memory, for tests and for chats that need not outlive the page. */
export class MemoryStore implements Store {
  readonly #chats = new Map<string, Map<string, Row>>();

  async apply(batch: Batch, fits: (head: Uint8Array | undefined) => boolean): Promise<void> {
    const id = hex(batch.chatId);
    const rows = this.#chats.get(id) ?? new Map<string, Row>();
    if (!fits((rows.get("state") ?? rows.get("tombstone"))?.value)) throw new Superseded();
    for (const name of batch.remove) rows.delete(name);
    for (const row of batch.put) rows.set(row.name, row);
    this.#chats.set(id, rows);
    if (rows.size === 0) this.#chats.delete(id);
  }

  async load(chatId: Uint8Array): Promise<Row[] | undefined> {
    const rows = this.#chats.get(hex(chatId));
    return rows && [...rows.values()];
  }

  async chats(): Promise<Uint8Array[]> {
    return [...this.#chats.keys()].map(unhex);
  }

  async delete(chatId: Uint8Array): Promise<void> {
    this.#chats.delete(hex(chatId));
  }
}

const ROWS = "rows";

/**
 * Records in IndexedDB, in one transaction for each batch. **The browser keeps copies of what was deleted** in its files
 * until it tidies them up, so records that must leave no copy (`Batch.destroys`) do.
 */
export class IndexedDbStore implements Store {
  readonly #database: IDBDatabase;

  private constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** Opens or creates the database with this name. */
  static async open(name = "secretchat", factory: IDBFactory = indexedDB): Promise<IndexedDbStore> {
    const opening = factory.open(name, 1);
    // The key of a row is the chat's id and the row's name.
    opening.onupgradeneeded = () => opening.result.createObjectStore(ROWS);
    return new IndexedDbStore(await settled(opening));
  }

  async apply(batch: Batch, fits: (head: Uint8Array | undefined) => boolean): Promise<void> {
    const id = hex(batch.chatId);
    const transaction = this.#database.transaction(ROWS, "readwrite", { durability: "strict" });
    const done = finished(transaction);
    const rows = transaction.objectStore(ROWS);
    const [state, tombstone] = [rows.get([id, "state"]), rows.get([id, "tombstone"])] as IDBRequest<Row | undefined>[];
    let isSuperseded = false;
    // Requests are answered in order.
    tombstone!.onsuccess = () => {
      isSuperseded = !fits((state!.result ?? tombstone!.result)?.value);
      if (isSuperseded) return transaction.abort();
      for (const name of batch.remove) rows.delete([id, name]);
      for (const row of batch.put) rows.put(row, [id, row.name]);
    };
    await done.catch((error: unknown) => {
      throw isSuperseded ? new Superseded() : error;
    });
  }

  async load(chatId: Uint8Array): Promise<Row[] | undefined> {
    const rows = await settled<Row[]>(this.#rows("readonly").getAll(ofChat(chatId)));
    return rows.length === 0 ? undefined : rows;
  }

  async chats(): Promise<Uint8Array[]> {
    const keys = (await settled(this.#rows("readonly").getAllKeys())) as [string, string][];
    return [...new Set(keys.map(([id]) => id))].map(unhex);
  }

  async delete(chatId: Uint8Array): Promise<void> {
    await settled(this.#rows("readwrite").delete(ofChat(chatId)));
  }

  close(): void {
    this.#database.close();
  }

  #rows(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(ROWS, mode, { durability: "strict" }).objectStore(ROWS);
  }
}

function ofChat(chatId: Uint8Array): IDBKeyRange {
  const id = hex(chatId);
  return IDBKeyRange.bound([id], [id, []]); // a list comes after every text
}

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
