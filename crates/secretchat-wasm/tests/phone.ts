// A host with a link: it writes what it is told, sends what it was asked to, and may die at any write.
import assert from "node:assert/strict";
import { type Config, type Content, type Event, type Frame, Link } from "secretchat";
import { Crash, Fuse, FusedFiles, FusedStore } from "./disk.js";
import { secretchat } from "./world.js";

export const TAG = new Uint8Array(16).fill(7);

/** A message that the user wrote. It is sent until the peer has it. */
export interface Wish {
  id: bigint;
  text: string;
  photo?: Uint8Array;
}

export class Phone {
  readonly fuse = new Fuse();
  readonly store = new FusedStore(this.fuse);
  readonly files = new FusedFiles(this.fuse);
  /** Rows of the host: what came, and what the peer acknowledged. */
  readonly came = new Map<bigint, { content: Content; file?: Uint8Array; order: number; times: number }>();
  readonly acknowledged = new Set<bigint>();
  readonly wishes: Wish[] = [];
  readonly #wished = new Set<bigint>();
  /** The bytes of each message that left: a slot is never sealed twice. */
  readonly #left = new Map<bigint, string>();
  /** The bytes of parts of files that left. */
  carried = 0;
  crashes = 0;
  link!: Link;

  constructor(readonly storeKey: Uint8Array) {}

  /** Two phones whose chat is requested and accepted, with nothing on its way. */
  static async pair(profile: "x25519" | "hybrid" = "x25519"): Promise<[Phone, Phone]> {
    const [alice, bob] = [new Phone(secretchat.random(32)), new Phone(secretchat.random(32))];
    const config = ({ storeKey }: Phone, localId: string, peerId: string): Config => ({ profile, localId, peerId, storeKey });
    await alice.begin(secretchat.request(config(alice, "alice", "bob")));
    const [request] = await alice.live();
    const frame = secretchat.decodeFrame(request!);
    assert(frame.type === "request");
    await bob.begin(secretchat.invitation(frame.publicValue, config(bob, "bob", "alice")).accept());
    return [alice, bob];
  }

  private async begin(chat: Parameters<typeof secretchat.driver>[0]): Promise<void> {
    this.link = await Link.open(secretchat, secretchat.driver(chat, this.store), this.files, TAG);
    this.link.connected();
  }

  /** Takes a frame if there is one, does what is due and what the user wants. Returns what leaves. Begins anew where it dies. */
  async live(frame?: Frame): Promise<Uint8Array[]> {
    const left: Uint8Array[] = [];
    try {
      if (frame) await this.link.handleFrame(frame);
      this.link.driver.handleTimeout();
      await this.#fulfil();
      for (let news = await this.link.next(); news; news = await this.link.next()) {
        if (news.kind === "event") this.#hear(news.event);
      }
      for (let bytes = await this.link.nextFrame(); bytes; bytes = await this.link.nextFrame()) {
        this.#check(secretchat.decodeFrame(bytes));
        left.push(bytes);
      }
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.crashes += 1;
      await this.restart();
    }
    return left;
  }

  /** Another process goes on with what is on the disk. */
  async restart(): Promise<void> {
    const [id] = await this.store.chats();
    this.link.driver.chat.free();
    const driver = await secretchat.restoreDriver(id!, this.store, this.storeKey);
    try {
      this.link = await Link.open(secretchat, driver, this.files, TAG);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.crashes += 1;
      return this.restart();
    }
    this.link.connected();
    // The chat says which wishes it has; what it does not have was lost with the process.
    for (const { id } of this.wishes) if (!this.link.driver.chat.position(id)) this.#wished.delete(id);
  }

  /** Whether the peer has all that the user wrote. */
  get isDone(): boolean {
    return this.wishes.every(({ id }) => this.acknowledged.has(id));
  }

  async #fulfil(): Promise<void> {
    if (this.link.driver.chat.state.state !== "ready") return;
    for (const { id, text, photo } of this.wishes) {
      if (this.#wished.has(id) || this.acknowledged.has(id)) continue;
      const sealed = photo && (await this.link.seal(photo));
      const media = sealed && ({ kind: "photo", width: 1, height: 1, size: photo.length, key: sealed.key } as const);
      const draft = { id, text, ...(sealed && media && { media, file: sealed.file }) };
      await this.link.send([draft], (driver) => driver.send(draft));
      this.#wished.add(id);
    }
  }

  #hear(event: Event): void {
    if (event.type === "acknowledged") for (const id of event.ids) this.acknowledged.add(id);
    if (event.type !== "message") return;
    const { id, content, file, position } = event.message;
    const times = (this.came.get(id)?.times ?? 0) + 1;
    this.came.set(id, { content, ...(file && { file: file.reference }), order: position.order, times });
  }

  #check(frame: Frame): void {
    if (frame.type === "file_part") this.carried += frame.bytes.length;
    if (frame.type !== "ciphertext") return;
    const bytes = String(frame.bytes);
    assert.equal(this.#left.get(frame.transmitId) ?? bytes, bytes, "the same slot, the same bytes");
    this.#left.set(frame.transmitId, bytes);
  }
}
