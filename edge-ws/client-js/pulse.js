import { Timers } from './support.js';

const TICK_MS = 1_000;
const PATIENCE = 2; // ticks without a frame while an answer is due; then it asks for a sign of life
const MOST_PATIENCE = 24; // where signs of life come, but no answer
const SIGN = 5; // ticks for that sign
const SLOWEST = 4_096; // characters a tick: what is on its way may be in front of the question
const MOST_ALLOWANCE = 60; // ticks

/**
 * Whether the server is still there. Counts silence in ticks, not by a clock: a page that slept, or whose timers are slowed
 * down, asks for a sign of life first and waits for as many ticks as any other.
 */
export class Pulse {
  #timers;
  #ask;
  #lost;
  #load;
  #halves = 0; // half heartbeats without a frame
  #silence = 0; // ticks without a frame, while an answer is due
  #patience = PATIENCE;
  /** @type {number | null} ticks since a sign of life was asked for */
  #asked = null;

  /**
   * @param {import('./rejoin.js').Timing} clock
   * @param {{ ask(): void, lost(reason: string): void, load(): number }} connection asks for a sign of life; is given up; how
   *     many characters are on their way without an answer
   */
  constructor(clock, { ask, lost, load }) {
    this.#timers = new Timers(clock);
    this.#ask = ask;
    this.#lost = lost;
    this.#load = load;
  }

  /** There is a connection. @param {number} half of its heartbeat, in milliseconds */
  start(half) {
    this.#timers.set('half', half, () => {
      if (++this.#halves > 4) return this.#lost('nothing was heard from the server');
      if (this.#halves >= 2) this.#ask();
      this.start(half);
    });
  }

  /** Something came. */
  heard() {
    this.#halves = this.#silence = 0;
    if (this.#asked === null) return;
    this.#asked = null;
    this.#patience = Math.min(this.#patience * 2, MOST_PATIENCE);
  }

  /** Something was sent that has to be answered. */
  expect() {
    if (!this.#timers.has('tick')) this.#next();
  }

  /** The network has changed, or the page is seen again. */
  probe() {
    if (this.#asked !== null) return;
    this.#askNow();
    this.#next();
  }

  /** The connection is gone. */
  stop() {
    this.#timers.clearAll();
    this.#halves = this.#silence = 0;
    this.#patience = PATIENCE;
    this.#asked = null;
  }

  #next() {
    this.#timers.set('tick', TICK_MS, () => {
      if (this.#asked === null) {
        if (this.#load() === 0) return void (this.#patience = PATIENCE);
        if (++this.#silence >= this.#patience) this.#askNow();
      } else if (++this.#asked >= SIGN + Math.min(this.#load() / SLOWEST, MOST_ALLOWANCE)) {
        return this.#lost('no answer, and no sign of life from the server');
      }
      this.#next();
    });
  }

  #askNow() {
    this.#asked = this.#silence = 0;
    this.#ask();
  }
}
