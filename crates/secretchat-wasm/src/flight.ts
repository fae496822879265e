// Messages that a host is still carrying, so that its driver need not ask for them again (SPEC DRV-7).
import type { Chat, State } from "./chat.js";
import { hex } from "./hex.js";
import type { Transmit } from "./output.js";

interface Flight {
  id: bigint;
  content: string;
  /** When the host said that the transport had carried it. */
  landed?: number;
}

/** The transmit id of the message in slot 0. */
const FIRST_MESSAGE = 16n;

/** What stands before a sealed message: its key's fingerprint and its `msg_key`. They differ once a slot is emptied. */
const HEAD = 24;

/** At most one message for each that the peer has not acknowledged. */
export class InFlight {
  #flights: Flight[] = [];

  note(transmit: Transmit, chat: Chat): void {
    this.forgetAcknowledged(chat);
    if (transmit.type !== "ciphertext" || !isAwaited(transmit.id, chat.state)) return;
    const { id } = transmit;
    this.#flights = this.#flights.filter((flight) => flight.id !== id);
    this.#flights.push({ id, content: content(transmit) });
  }

  /** It has arrived, as far as the host can tell. Returns whether it was in flight. */
  land(id: bigint, now: number): boolean {
    const flight = this.#flights.find((flight) => flight.id === id);
    if (flight) flight.landed = now;
    return flight !== undefined;
  }

  /** Whether the same transmission is in flight, or landed less than a pause ago. Notes what replaces one. */
  covers(transmit: Transmit, pause: number, now: number): boolean {
    if (transmit.type !== "ciphertext") return false;
    const flight = this.#flights.find((flight) => flight.id === transmit.id);
    if (!flight) return false;
    const isSame = flight.content === content(transmit);
    flight.content = content(transmit);
    return isSame && (flight.landed === undefined || now - flight.landed < pause);
  }

  /** Whether the host still carries something. */
  get isAny(): boolean {
    return this.#flights.some(({ landed }) => landed === undefined);
  }

  forgetAcknowledged(chat: Chat): void {
    const { state } = chat;
    this.#flights = this.#flights.filter(({ id }) => isAwaited(id, state));
  }

  clear(): void {
    this.#flights = [];
  }
}

function content({ bytes }: Extract<Transmit, { type: "ciphertext" }>): string {
  return hex(bytes.subarray(0, HEAD));
}

function isAwaited(id: bigint, { sent, acknowledged }: State): boolean {
  const slot = id - FIRST_MESSAGE;
  return slot >= acknowledged && slot < sent;
}
