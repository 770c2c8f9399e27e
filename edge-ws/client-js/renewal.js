import { token as checkedToken } from './checks.js';
import { asked, jitter, Timers } from './support.js';

const AHEAD_MS = 60_000; // before the token expires, but at most half of the remaining time
const LEAST_MS = 10_000; // between attempts, and before the end: a later connection brings another token

/**
 * Sends the server a new token before the old one expires, so that the connection lasts. If that fails, the next
 * connection brings a new token.
 */
export class Renewal {
  #timers;
  #client;
  #token;
  #id = ''; // id of the last ping or refresh
  #expires = 0; // by the server's clock

  /**
   * @param {any} client
   * @param {any} token of the client's options
   */
  constructor(client, token) {
    this.#client = client;
    this.#token = token;
    this.#timers = new Timers(client._clock);
  }

  /**
   * Starts with a new connection or token. Sends a ping to learn the server's time.
   *
   * @param {number | undefined} expires
   */
  start(expires) {
    this.stop();
    if (typeof this.#token !== 'function' || typeof expires !== 'number') return;
    this.#expires = expires;
    this.#id = `ping-${this.#client._number()}`;
    this.#client._send({ event: 'ping', id: this.#id });
  }

  /** Stops when the connection is lost. */
  stop() {
    this.#timers.clearAll();
    this.#id = '';
  }

  /**
   * Handles an answer to a ping or refresh of its own; false when the frame is about something else.
   *
   * @param {any} frame
   */
  take({ event, id, ts, expires, retry_after_ms: wait }) {
    if (id === undefined || id !== this.#id) return false;
    if (event === 'pong') this.#plan(this.#expires - ts);
    else if (event === 'refreshed') this.start(expires);
    else if (event === 'error') this.#later(asked(wait));
    return event === 'pong' || event === 'refreshed' || event === 'error';
  }

  /** @param {number} left milliseconds until the token expires */
  #plan(left) {
    this.#id = '';
    if (!(left >= 2 * LEAST_MS)) return; // also true when the server sends no time
    const ahead = AHEAD_MS + jitter(this.#client._random, 5); // many tokens may expire at the same time
    this.#timers.set('renew', Math.max(left - ahead, left / 2), () => this.#renew());
  }

  /** @param {number} wait milliseconds that the server asks for */
  #later(wait) {
    this.#id = '';
    this.#timers.set('renew', Math.max(wait, LEAST_MS) + jitter(this.#client._random, 4), () => this.#renew());
  }

  async #renew() {
    const id = this.#id = `refresh-${this.#client._number()}`; // whether the token is still wanted
    this.#timers.set('renew', AHEAD_MS, () => this.#later(0)); // no token, or no answer
    try {
      const token = checkedToken(await this.#token());
      if (id !== this.#id) return;
      if (!token) return this.#later(0);
      this.#client._send({ event: 'refresh', id, token });
      this.#client._expect();
    } catch {
      if (id === this.#id) this.#later(0);
    }
  }
}
