import { Timers } from './timers.js';

const TICK_MS = 1_000;
const PING_AFTER_TICKS = 2; // ticks without a frame, while an answer is due, before a ping
const MAX_PING_AFTER_TICKS = 24; // if pings are answered, but an answer is still due
const PONG_TIMEOUT_TICKS = 5; // ticks to wait for the answer to a ping
const MIN_CHARS_PER_TICK = 4_096; // the slowest rate: sent data may be queued before the ping
const MAX_EXTRA_TICKS = 60; // for queued data

/**
 * Detects a dead connection. Silence is counted in timer ticks, not by a clock. So a page that slept, or whose timers
 * are slowed down, sends a ping first, and then waits for as many ticks as any other page.
 */
export class LivenessMonitor {
  #timers;
  #sendPing;
  #onDead;
  #unansweredChars;
  #silentHalfHeartbeats = 0; // without a frame
  #silentTicks = 0; // ticks without a frame, while an answer is due
  #pingAfterTicks = PING_AFTER_TICKS;
  /** @type {number | null} ticks since a ping was sent; null if none is waiting for an answer */
  #ticksSincePing = null;

  /**
   * @param {import('./rejoin.js').Timing} clock
   * @param {{ sendPing(): void, onDead(reason: string): void, unansweredChars(): number }} connection `onDead` gives
   *     the connection up; `unansweredChars` is the number of characters that are sent and not answered
   */
  constructor(clock, { sendPing, onDead, unansweredChars }) {
    this.#timers = new Timers(clock);
    this.#sendPing = sendPing;
    this.#onDead = onDead;
    this.#unansweredChars = unansweredChars;
  }

  /**
   * Starts with a new connection.
   *
   * @param {number} halfHeartbeatMs half of the server's heartbeat interval
   */
  start(halfHeartbeatMs) {
    this.#timers.set('half', halfHeartbeatMs, () => {
      if (++this.#silentHalfHeartbeats > 4) return this.#onDead('nothing was heard from the server');
      if (this.#silentHalfHeartbeats >= 2) this.#sendPing();
      this.start(halfHeartbeatMs);
    });
  }

  /** Records that a frame arrived. */
  onFrame() {
    this.#silentHalfHeartbeats = this.#silentTicks = 0;
    if (this.#ticksSincePing === null) return;
    this.#ticksSincePing = null;
    this.#pingAfterTicks = Math.min(this.#pingAfterTicks * 2, MAX_PING_AFTER_TICKS);
  }

  /** Records that a sent frame must be answered. */
  expectAnswer() {
    if (!this.#timers.has('tick')) this.#scheduleTick();
  }

  /**
   * Sends a ping at once, unless one waits for an answer. Called when the network has changed, or the page becomes
   * visible.
   */
  pingNow() {
    if (this.#ticksSincePing !== null) return;
    this.#ping();
    this.#scheduleTick();
  }

  /** Stops when the connection ends. */
  stop() {
    this.#timers.clearAll();
    this.#silentHalfHeartbeats = this.#silentTicks = 0;
    this.#pingAfterTicks = PING_AFTER_TICKS;
    this.#ticksSincePing = null;
  }

  #scheduleTick() {
    this.#timers.set('tick', TICK_MS, () => {
      if (this.#ticksSincePing === null) {
        if (this.#unansweredChars() === 0) return void (this.#pingAfterTicks = PING_AFTER_TICKS);
        if (++this.#silentTicks >= this.#pingAfterTicks) this.#ping();
      } else if (++this.#ticksSincePing >= this.#pongTimeoutTicks()) {
        return this.#onDead('no answer, and no sign of life from the server');
      }
      this.#scheduleTick();
    });
  }

  #pongTimeoutTicks() {
    return PONG_TIMEOUT_TICKS + Math.min(this.#unansweredChars() / MIN_CHARS_PER_TICK, MAX_EXTRA_TICKS);
  }

  #ping() {
    this.#ticksSincePing = this.#silentTicks = 0;
    this.#sendPing();
  }
}
