// The pauses between questions about a file (SPEC FILE-6).

const FIRST = 2_000;
const LONGEST = 60_000;

/** When to ask next. Pauses double up to a minute as long as no answer comes. */
export class Pause {
  #pause = FIRST;

  private constructor(private due: number) {}

  /** It is time to ask. */
  static due(): Pause {
    return new Pause(0);
  }

  /** Something has come: ask after a silence. */
  static begin(now: number): Pause {
    return new Pause(now + FIRST);
  }

  get at(): number {
    return this.due;
  }

  /** Whether it is time to ask, which begins the next pause. */
  take(now: number): boolean {
    if (this.due > now) return false;
    this.due = now + this.#pause;
    this.#pause = Math.min(2 * this.#pause, LONGEST);
    return true;
  }
}
