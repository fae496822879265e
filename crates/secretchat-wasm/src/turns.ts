// One thing after the other, a failure that ends it all, and those who wait for a change.
import { SecretchatError } from "./library.js";

/** The work of a session. What is begun is ended before the next begins; after a failure nothing begins any more. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  /** Counts changes, for those who wait for one. */
  #changes = 0;
  #waiting: (() => void)[] = [];

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** How many changes there were: pass it to `changed`. */
  get changes(): number {
    return this.#changes;
  }

  /** Throws the failure. */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Does something. If that fails, so does everything. */
  do<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(() => {
      this.check();
      return work();
    });
    this.#last = done.catch((error: unknown) => {
      this.#failure ??= { error };
      this.tell();
    });
    return done;
  }

  /** Does what the host asks for. A call that is refused has changed nothing, and just throws. */
  async call<Result>(work: () => Promise<Result>): Promise<Result> {
    const outcome = await this.do(async () => {
      try {
        return { done: await work() };
      } catch (error) {
        if (error instanceof SecretchatError || error instanceof TypeError) return { error };
        throw error;
      }
    });
    if ("error" in outcome) throw outcome.error;
    return outcome.done;
  }

  /** Waits until everything that was begun is ended. */
  async rest(): Promise<void> {
    await this.#last;
  }

  /** Waits until something has changed since. */
  async changed(since: number): Promise<void> {
    this.check();
    if (since === this.#changes) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Something has changed. */
  tell(): void {
    this.#changes += 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
