import { token as checkedToken } from './checks.js';
import { jitterMs, Timers, validWaitMs } from './timers.js';

const RENEW_AHEAD_MS = 60_000; // before the token expires, but at most half of the remaining time
const MIN_INTERVAL_MS = 10_000; // between attempts, and before the end: a later connection brings another token

/**
 * Sends the server a new token before the old one expires, so that the connection lasts. If that fails, the next
 * connection brings a new token.
 */
export class TokenRenewal {
  #timers;
  #client;
  #token;
  #requestId = ''; // id of the ping or refresh that waits for an answer
  #expiresAt = 0; // by the server's clock

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
    this.#expiresAt = expires;
    this.#requestId = `ping-${this.#client._nextNumber()}`;
    this.#client._send({ event: 'ping', id: this.#requestId });
  }

  /** Stops when the connection is lost. */
  stop() {
    this.#timers.clearAll();
    this.#requestId = '';
  }

  /**
   * Handles an answer to a ping or refresh of its own; false when the frame is about something else.
   *
   * @param {any} frame
   */
  handleFrame({ event, id, ts, expires, retry_after_ms: waitMs }) {
    if (id === undefined || id !== this.#requestId) return false;
    if (event === 'pong') this.#schedule(this.#expiresAt - ts);
    else if (event === 'refreshed') this.start(expires);
    else if (event === 'error') this.#retryLater(validWaitMs(waitMs));
    return event === 'pong' || event === 'refreshed' || event === 'error';
  }

  /** @param {number} leftMs milliseconds until the token expires */
  #schedule(leftMs) {
    this.#requestId = '';
    if (!(leftMs >= 2 * MIN_INTERVAL_MS)) return; // also true when the server sends no time
    const aheadMs = RENEW_AHEAD_MS + jitterMs(this.#client._random, 5); // many tokens may expire at the same time
    this.#timers.set('renew', Math.max(leftMs - aheadMs, leftMs / 2), () => this.#renew());
  }

  /** @param {number} waitMs milliseconds that the server asks for */
  #retryLater(waitMs) {
    this.#requestId = '';
    const retryInMs = Math.max(waitMs, MIN_INTERVAL_MS) + jitterMs(this.#client._random, 4);
    this.#timers.set('renew', retryInMs, () => this.#renew());
  }

  async #renew() {
    const id = this.#requestId = `refresh-${this.#client._nextNumber()}`; // whether the token is still wanted
    this.#timers.set('renew', RENEW_AHEAD_MS, () => this.#retryLater(0)); // no token, or no answer
    try {
      const token = checkedToken(await this.#token());
      if (id !== this.#requestId) return;
      if (!token) return this.#retryLater(0);
      this.#client._send({ event: 'refresh', id, token });
      this.#client._expectAnswer();
    } catch {
      if (id === this.#requestId) this.#retryLater(0);
    }
  }
}
