// One phone: its chat, its records, and the frames to and from the other one.
import type { Chat, Event, FileKey, Frame, IndexedDbStore, Message, Secretchat } from "secretchat";
import type { Screen } from "./screen.js";

const PROFILE = "hybrid";
const TAG = new Uint8Array(16).fill(1); // there is only one chat, so any tag will do
const ACKNOWLEDGE_AFTER = 1000;

export class Phone {
  #chat: Chat | undefined;
  #peer: Phone | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** One thing after the other: a batch is stored before anything else happens. */
  #work: Promise<void> = Promise.resolve();
  /** The references of the files of messages with a timer. */
  readonly #timed = new Map<bigint, string>();

  constructor(
    readonly secretchat: Secretchat,
    readonly name: string,
    readonly store: IndexedDbStore,
    readonly storeKey: Uint8Array,
    readonly files: Map<string, Uint8Array>,
    readonly screen: Screen,
  ) {
    screen.onText = (text, ttl) => this.#do((chat) => this.#own(chat.send({ text, ttl }), text, undefined, ttl));
    screen.onPhoto = (photo, ttl) => this.#do((chat) => this.#sendPhoto(chat, photo, ttl));
    screen.onOpen = (id) => this.#do((chat) => void chat.openView(id));
  }

  connect(peer: Phone): void {
    this.#peer = peer;
  }

  /** Asks the other phone for a chat. */
  async call(): Promise<void> {
    for (const id of await this.store.chats()) await this.store.delete(id);
    await this.#begin(this.secretchat.request(this.#config()));
  }

  /** Goes on from the records. Returns `false` if there are none. */
  async restore(): Promise<boolean> {
    const [id] = await this.store.chats();
    const rows = id && (await this.store.load(id));
    if (!rows) return false;
    const chat = this.secretchat.restore(id, rows, this.storeKey);
    const { verification } = chat.state;
    if (verification) this.screen.compare(this.secretchat.verification(verification));
    chat.retransmit();
    // The other phone has to be there, too.
    setTimeout(() => this.#begin(chat));
    return true;
  }

  /** Takes a frame of the other phone. */
  async hear(bytes: Uint8Array): Promise<void> {
    const frame = this.secretchat.decodeFrame(bytes);
    if (frame.type !== "request") return this.#do((chat) => this.#hear(chat, frame));
    for (const id of await this.store.chats()) await this.store.delete(id);
    await this.#begin(this.secretchat.invitation(frame.publicValue, this.#config()).accept());
  }

  #hear(chat: Chat, frame: Frame): void {
    chat.handleFrame(frame);
    // The receipt comes out behind the records: see `#settle`.
    if (frame.type !== "ciphertext") return;
    const { transmitId } = frame;
    this.#receipts.push(this.secretchat.encodeFrame({ type: "receipt", tag: TAG, transmitId }));
    setTimeout(() => this.#do((chat) => chat.acknowledge()), ACKNOWLEDGE_AFTER);
  }

  readonly #receipts: Uint8Array[] = [];

  #begin(chat: Chat): Promise<void> {
    this.#chat = chat;
    return this.#do(() => {});
  }

  #do(call: (chat: Chat) => void): Promise<void> {
    return (this.#work = this.#work.then(async () => {
      const chat = this.#chat;
      if (!chat) return;
      try {
        call(chat);
      } catch (error) {
        console.warn(this.name, error); // nothing has changed
      }
      await this.#settle(chat);
    }));
  }

  async #settle(chat: Chat): Promise<void> {
    for (const output of chat.outputs()) {
      if (output.kind === "persist") await this.store.apply(output.batch, (head) => chat.batchFits(head));
      else if (output.kind === "event") this.#show(chat, output.event);
      else this.#carry(chat.frame(TAG));
    }
    for (const receipt of this.#receipts.splice(0)) this.#carry(receipt);
    clearTimeout(this.#timer);
    const { timeout } = chat;
    if (timeout !== undefined) {
      const pause = Math.min(Math.max(timeout - Date.now(), 0), 2 ** 31 - 1);
      this.#timer = setTimeout(() => this.#do((chat) => chat.handleTimeout()), pause);
    }
  }

  #carry(frame: Uint8Array): void {
    setTimeout(() => this.#peer?.hear(frame));
  }

  #show(chat: Chat, event: Event): void {
    switch (event.type) {
      case "ready":
        return this.screen.compare(this.secretchat.verification(event.verification));
      case "message":
        return this.#message(event.message);
      case "read_by_peer":
        return event.ids.forEach((id) => this.screen.countDown(id, chat.deadline(id)));
      case "opened": {
        if (event.hasLease) {
          const lease = chat.takeLease();
          const sealed = this.files.get(this.#timed.get(event.id) ?? "");
          if (sealed) this.screen.photo(event.id, lease.open(sealed));
          lease.free();
        }
        return this.screen.countDown(event.id, event.deadline);
      }
      case "expired":
        if (event.file) this.files.delete(String(event.file));
        return this.screen.remove(event.id);
    }
  }

  #message({ id, content, file, ttl }: Message): void {
    const reference = String(file?.reference);
    const media = content.media?.kind === "photo" ? content.media : undefined;
    this.screen.message(id, content.text, false, media !== undefined && ttl > 0);
    if (media?.key) this.#openPhoto(id, media.key, media.size, reference);
    if (media && ttl > 0) this.#timed.set(id, reference);
    // A text is read as soon as it is shown. Not now: the outputs of this call are still being taken.
    if (!media && ttl > 0) {
      this.#do((chat) => {
        chat.markRead([id]);
        this.screen.countDown(id, chat.deadline(id));
      });
    }
  }

  #openPhoto(id: bigint, key: FileKey, size: number, reference: string): void {
    const sealed = this.files.get(reference);
    if (sealed) this.screen.photo(id, this.secretchat.open(PROFILE, key, size, sealed));
  }

  #sendPhoto(chat: Chat, { bytes, width, height }: Picture, ttl: number): void {
    const { key, sealed } = this.secretchat.seal(PROFILE, bytes);
    const file = this.secretchat.random(16);
    this.files.set(String(file), sealed);
    const id = chat.send({ media: { kind: "photo", width, height, size: bytes.length, key }, file, ttl });
    this.#own(id, "", bytes, ttl);
  }

  #own(id: bigint, text: string, photo: Uint8Array | undefined, ttl: number): void {
    this.screen.message(id, text, true, false);
    if (photo && ttl === 0) this.screen.photo(id, photo);
    else if (photo) this.screen.note(id, "a photo with a timer");
  }

  #config() {
    const [localId, peerId] = this.name === "alice" ? ["alice", "bob"] : ["bob", "alice"];
    return { profile: PROFILE, localId, peerId, storeKey: this.storeKey } as const;
  }
}

/** A photo that the user dropped. */
export interface Picture {
  bytes: Uint8Array;
  width: number;
  height: number;
}
