/** Timers, and the waits between attempts. */

const FIRST_WAIT_BOUND_MS = 1_000; // the upper bound of the first wait; doubled each time
const MAX_WAIT_BOUND_MS = 30_000;
const MAX_TIMER_MS = 2 ** 31 - 1; // a longer timer would fire at once

/**
 * A wait with full jitter: a random time from 0 to a bound that doubles with each attempt.
 *
 * @param {() => number} random
 * @param {number} attempt counted from 0
 */
export function jitterMs(random, attempt) {
  const fraction = Number(random());
  const boundMs = Math.min(MAX_WAIT_BOUND_MS, FIRST_WAIT_BOUND_MS * 2 ** Math.min(attempt, 20));
  return Math.round((fraction >= 0 && fraction <= 1 ? fraction : 0.5) * boundMs);
}

/** The wait that the server asks for, in milliseconds; 0 if it is not valid. @param {any} ms */
export const validWaitMs = ms => (ms > 0 && ms < MAX_TIMER_MS ? Number(ms) : 0);

/** Named timers. Setting a timer replaces the earlier one of the same name. */
export class Timers {
  /** @type {Map<string, any>} */
  #running = new Map();
  #clock;

  /** @param {import('./rejoin.js').Timing} clock */
  constructor(clock) {
    this.#clock = clock;
  }

  /** @param {string} name @param {number} ms @param {() => void} action */
  set(name, ms, action) {
    this.clear(name);
    this.#running.set(name, this.#clock.setTimeout(() => {
      this.#running.delete(name);
      action();
    }, Math.min(ms, MAX_TIMER_MS)));
  }

  /** @param {string} name */
  has(name) {
    return this.#running.has(name);
  }

  /** @param {string} name */
  clear(name) {
    if (this.has(name)) this.#clock.clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  clearAll() {
    [...this.#running.keys()].forEach(name => this.clear(name));
  }
}
