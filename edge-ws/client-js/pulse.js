import { Timers } from './support.js';

const TICK_MS = 1_000;
const PATIENCE = 2; // ticks without a frame, while an answer is due, before a ping
const MOST_PATIENCE = 24; // if pings are answered, but an answer is still due
const SIGN = 5; // ticks to wait for the answer to a ping
const SLOWEST = 4_096; // characters per tick at the slowest rate: sent data may be queued before the ping
const MOST_ALLOWANCE = 60; // most extra ticks for queued data

/**
 * Detects a dead connection. Silence is counted in timer ticks, not by a clock. So a page that slept, or whose timers
 * are slowed down, sends a ping first, and then waits for as many ticks as any other page.
 */
export class Pulse {
  #timers;
  #ask;
  #lost;
  #load;
  #halves = 0; // half heartbeats without a frame
  #silence = 0; // ticks without a frame, while an answer is due
  #patience = PATIENCE;
  /** @type {number | null} ticks since a ping was sent; null if none is waiting for an answer */
  #asked = null;

  /**
   * @param {import('./rejoin.js').Timing} clock
   * @param {{ ask(): void, lost(reason: string): void, load(): number }} connection `ask` sends a ping; `lost` gives
   *     the connection up; `load` is the number of characters that are sent and not answered
   */
  constructor(clock, { ask, lost, load }) {
    this.#timers = new Timers(clock);
    this.#ask = ask;
    this.#lost = lost;
    this.#load = load;
  }

  /**
   * Starts with a new connection.
   *
   * @param {number} half of the server's heartbeat interval, in milliseconds
   */
  start(half) {
    this.#timers.set('half', half, () => {
      if (++this.#halves > 4) return this.#lost('nothing was heard from the server');
      if (this.#halves >= 2) this.#ask();
      this.start(half);
    });
  }

  /** Records that a frame arrived. */
  heard() {
    this.#halves = this.#silence = 0;
    if (this.#asked === null) return;
    this.#asked = null;
    this.#patience = Math.min(this.#patience * 2, MOST_PATIENCE);
  }

  /** Records that a sent frame must be answered. */
  expect() {
    if (!this.#timers.has('tick')) this.#next();
  }

  /** Sends a ping at once. Called when the network has changed, or the page becomes visible. */
  probe() {
    if (this.#asked !== null) return;
    this.#askNow();
    this.#next();
  }

  /** Stops when the connection ends. */
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
