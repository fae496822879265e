// Two ends of a chat, each with its store, and a transport that is a function call.
import assert from "node:assert/strict";
import { type Chat, type Config, type Event, MemoryStore, Secretchat, type Store } from "secretchat";

/** A clock that only tests move. */
export const clock = { now: 1_800_000_000_000 };

export const secretchat = await Secretchat.load({ now: () => clock.now });

export class End {
  events: Event[] = [];

  private constructor(
    public chat: Chat,
    readonly storeKey: Uint8Array,
    readonly store: Store,
  ) {}

  /** Two ends that have met. */
  static async pair(profile: Config["profile"], makeStore: () => Store = () => new MemoryStore()): Promise<[End, End]> {
    const storeKey = secretchat.random(32);
    const config = (localId: string, peerId: string) => ({
      profile, storeKey, ...(profile !== "telegram" && { localId, peerId }),
    });
    const alice = new End(secretchat.request(config("alice", "bob")), storeKey, makeStore());
    let request: Uint8Array | undefined;
    for (const output of alice.chat.outputs()) {
      if (output.kind === "persist") await alice.write(output.batch);
      if (output.kind === "transmit" && output.transmit.type === "request") request = output.transmit.publicValue;
    }
    assert(request);
    const bob = new End(secretchat.invitation(request, config("bob", "alice")).accept(), storeKey, makeStore());
    await talk(alice, bob);
    return [alice, bob];
  }

  /** Stores and carries what the chat gives. Returns whether there was something to carry. */
  async carry(to: End): Promise<boolean> {
    let any = false;
    for (const output of this.chat.outputs()) {
      if (output.kind === "event") this.events.push(output.event);
      else if (output.kind === "persist") await this.write(output.batch);
      else {
        any = true;
        const { transmit } = output;
        if (transmit.type === "accept") to.chat.accepted(transmit.publicValue, transmit.fingerprint);
        else if (transmit.type === "ciphertext") {
          to.chat.ciphertext(transmit.bytes, transmit.file && { file: { reference: transmit.file } });
        }
        this.chat.carried(transmit.id);
      }
    }
    return any;
  }

  /** Stores what the chat gives, and lets the rest be lost. Returns the events. */
  async lose(): Promise<Event[]> {
    const events = [];
    for (const output of this.chat.outputs()) {
      if (output.kind === "persist") await this.write(output.batch);
      if (output.kind === "event") events.push(output.event);
    }
    return events;
  }

  /** The process dies, and another one goes on with the records. */
  async restart(): Promise<void> {
    const { id } = this.chat.state;
    this.chat.free();
    this.chat = secretchat.restore(id!, (await this.store.load(id!))!, this.storeKey);
    this.chat.retransmit();
  }

  /** The events of a type since the last call, and forgets all. */
  heard<Type extends Event["type"]>(type: Type): Extract<Event, { type: Type }>[] {
    const heard = this.events.filter((event): event is Extract<Event, { type: Type }> => event.type === type);
    this.events = [];
    return heard;
  }

  messages() {
    return this.heard("message").map(({ message }) => message);
  }

  texts(): string[] {
    return this.messages().map(({ content }) => content.text);
  }

  private write(batch: Parameters<Store["apply"]>[0]): Promise<void> {
    return this.store.apply(batch, (head) => this.chat.batchFits(head));
  }
}

/** Carries both ways until both ends are at rest. */
export async function talk(alice: End, bob: End): Promise<void> {
  for (;;) {
    const heard = await alice.carry(bob);
    if (!(await bob.carry(alice)) && !heard) return;
  }
}

/** Lets seconds pass. */
export function pass(seconds: number, ...ends: End[]): void {
  clock.now += seconds * 1000;
  for (const { chat } of ends) chat.handleTimeout();
}
