// When a driver acts by itself (SPEC DRV-2, DRV-6).
import type { Chat } from "./chat.js";

/** The pauses of a driver, in milliseconds. */
export interface Timing {
  /** How long it waits before it acknowledges what was processed: 1 second. */
  acknowledgeAfter: number;
  /** How long it waits before it sends again what the peer may not have: 5 seconds. Doubles each time. */
  retransmitAfter: number;
  /** The bound of that pause: 2 minutes. */
  retransmitAtMost: number;
  /** The longest pause between two Discards, since the other end may be gone for good: a day. */
  discardAtMost: number;
}

const DEFAULT: Timing = {
  acknowledgeAfter: 1_000, retransmitAfter: 5_000, retransmitAtMost: 120_000, discardAtMost: 86_400_000,
};

/** How long to wait while a store still has readers of old copies. */
const SCRUB_AGAIN = 1_000;

export class Schedule {
  readonly #timing: Timing;
  #acknowledgeAt: number | undefined;
  #retransmitAt: number | undefined;
  /** The pause before the next time. */
  #pause: number;
  #scrubAt: number | undefined;
  /** The chat is over, and the pauses between its Discards have begun anew. */
  #isClosed = false;
  /** How many messages the peer had acknowledged at the last look. */
  #acknowledged = 0;

  constructor(timing: Partial<Timing>) {
    this.#timing = { ...DEFAULT, ...timing };
    this.#pause = this.#timing.retransmitAfter;
  }

  /** The pause before the first repetition. */
  get firstPause(): number {
    return this.#timing.retransmitAfter;
  }

  get next(): number | undefined {
    return earliest(this.#acknowledgeAt, this.#retransmitAt, this.#scrubAt);
  }

  /** Plans to acknowledge what the chat owes. */
  planAcknowledgement(chat: Chat, now: number): void {
    if (chat.state.owesAcknowledgement) this.#acknowledgeAt ??= now + this.#timing.acknowledgeAfter;
  }

  /** There was no room to acknowledge. */
  acknowledgeLater(now: number): void {
    this.#acknowledgeAt = now + this.#timing.acknowledgeAfter;
  }

  /** A message was sent, which acknowledges everything. */
  acknowledged(): void {
    this.#acknowledgeAt = undefined;
  }

  takeAcknowledgement(now: number): boolean {
    if (!isDue(this.#acknowledgeAt, now)) return false;
    this.#acknowledgeAt = undefined;
    return true;
  }

  /** Plans to send again what waits for the transport or the peer, and forgets the plan if nothing does. */
  planRetransmission(chat: Chat, now: number): void {
    const { state, acknowledged, awaitsTransport } = chat.state;
    if (!this.#isClosed && state === "closed") {
      this.#isClosed = true;
      [this.#acknowledgeAt, this.#retransmitAt] = [undefined, undefined];
      this.#pause = this.firstPause;
    }
    // The peer hears us, so whatever is left has not been tried for long.
    if (acknowledged > this.#acknowledged) this.beginAgain(now);
    this.#acknowledged = acknowledged;
    if (awaitsTransport) {
      this.#retransmitAt ??= now + this.#pause;
    } else {
      this.#retransmitAt = undefined;
      this.#pause = this.firstPause;
    }
  }

  /** Begins with the first pause again, if a repetition is planned. */
  beginAgain(now: number): void {
    this.#pause = this.firstPause;
    if (this.#retransmitAt !== undefined) this.#retransmitAt = Math.min(this.#retransmitAt, now + this.#pause);
  }

  /** Everything was sent again. */
  retransmitted(): void {
    this.#retransmitAt = undefined;
  }

  /** Takes the plan to send again, if it is due. The next pause is twice as long, up to its bound. */
  takeRetransmission(now: number): boolean {
    if (!isDue(this.#retransmitAt, now)) return false;
    const { discardAtMost, retransmitAtMost } = this.#timing;
    this.#retransmitAt = undefined;
    this.#pause = Math.min(2 * this.#pause, this.#isClosed ? discardAtMost : retransmitAtMost);
    return true;
  }

  planScrub(isAllGone: boolean, now: number): void {
    this.#scrubAt = isAllGone ? undefined : now + SCRUB_AGAIN;
  }

  isScrubDue(now: number): boolean {
    return isDue(this.#scrubAt, now);
  }
}

/** Returns the earliest of these times. */
export function earliest(...times: (number | undefined)[]): number | undefined {
  const planned = times.filter((time) => time !== undefined);
  return planned.length === 0 ? undefined : Math.min(...planned);
}

function isDue(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}
