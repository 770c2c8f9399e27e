import { ConnectionAttempt } from './connection-attempt.js';
import { RejoinError, report } from './errors.js';
import { LivenessMonitor } from './liveness-monitor.js';
import { fetchRefusal } from './refusal.js';
import { jitterMs, Timers, validWaitMs } from './timers.js';

const STABLE_AFTER_MS = 10_000; // a connection that lasts this long resets the waits between attempts
const TOKEN_TIMEOUT_MS = 30_000; // to get a token, which may need a request or a person
const WELCOME_TIMEOUT_MS = 10_000; // from the token to the server's first frame
const DEFAULT_HEARTBEAT_MS = 25_000; // if the server announces no interval
const RATE_LIMIT_WAIT_MS = 1_000;

const TOKEN_EXPIRED = 4401;
const RATE_LIMITED = 4429;
/** Close codes after which another attempt does not help. */
const FINAL_CLOSE_CODES = new Map([[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]);
const GUEST_NAME = /^guest-/; // the prefix of names that a server draws for users without a name

/**
 * @typedef {object} Handler receives the events of a connection
 * @property {(state: import('./rejoin.js').ConnectionState['state'], details: object) => void} onStateChange
 * @property {(welcome: any) => void} onWelcome called before the state is `online`
 * @property {() => void} onOnline called when the state is `online`, unless a listener has ended the connection at
 *     once
 * @property {(text: any) => void} onFrame
 * @property {() => void} onDisconnect called when the connection is lost or given up
 * @property {(error: import('./rejoin.js').RejoinError) => void} onClosed called when the client is closed; everything
 *     that waits is given up
 * @property {() => number} unansweredChars the number of characters that are sent and not answered
 */

/**
 * A connection that reconnects. Its states are `connecting`, `online`, `waiting` for the next attempt, and `closed` for
 * good.
 */
export class Connection {
  /** @type {import('./rejoin.js').ConnectionState['state']} */
  state = 'connecting';
  /** @type {import('./rejoin.js').RejoinError | null} why the connection is closed */
  error = null;
  /** @type {ConnectionAttempt | null} the current attempt; events of earlier attempts are ignored */
  #attempt = null;
  #generation = 0; // changes with each event, so that a callback can detect that it is outdated
  #timers;
  #livenessMonitor;
  #url;
  #options;
  #clock;
  #random;
  #page;
  #handler;
  /** @type {string | undefined} */
  #name;
  #failures = 0; // consecutive failures
  /** @type {AbortController | null} cancels the request for the reason of a refusal */
  #refusalAbort = null;
  /** @type {any} why the server refused the last token */
  #tokenRefusal;
  /** @type {number | null} */
  #reconnectAfterMs = null; // milliseconds after which the server wants the client to reconnect
  #isPaused = false;

  /**
   * @param {URL} url
   * @param {any} options both already checked
   * @param {{ _clock: any, _random: () => number, _page: any }} client
   * @param {Handler} handler
   */
  constructor(url, options, { _clock, _random, _page }, handler) {
    this.#url = url;
    this.#options = options;
    this.#name = options.name;
    this.#clock = _clock;
    this.#random = _random;
    this.#page = _page;
    this.#handler = handler;
    this.#timers = new Timers(_clock);
    this.#livenessMonitor = new LivenessMonitor(_clock, {
      sendPing: () => this.send(JSON.stringify({ event: 'ping' })),
      onDead: reason => this.#onDisconnect({ reason }),
      unansweredChars: () => handler.unansweredChars(),
    });
  }

  start() {
    this.#updatePageListeners('addEventListener');
    this.#startAttempt();
  }

  /**
   * Hands a frame to the socket. Without a connection the frame is dropped; senders repeat frames that must arrive.
   *
   * @param {string} text
   */
  send(text) {
    if (this.state === 'online') this.#attempt?.send(text);
  }

  /** Records that a sent frame must be answered. */
  expectAnswer() {
    if (this.state === 'online' && this.#attempt) this.#livenessMonitor.expectAnswer();
  }

  /** Sets the wait before the next reconnect, as the server asks for it. @param {any} ms */
  setReconnectDelay(ms) {
    this.#reconnectAfterMs = validWaitMs(ms);
  }

  pause() {
    if (this.state === 'closed') return;
    this.#isPaused = true;
    if (this.#abandonAttempt('paused')) this.#setState('waiting', { reason: 'paused' });
  }

  /** Connects at once instead of at the planned time. */
  resume() {
    if (this.state !== 'waiting') return;
    this.#isPaused = false;
    this.#startAttempt();
  }

  /** @param {any} error @param {number} [code] */
  close(error, code) {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.error = error;
    this.#abandonAttempt('closed');
    this.#updatePageListeners('removeEventListener');
    this.#setState('closed', { code, reason: error.message, error });
    this.#handler.onClosed(error);
  }

  #startAttempt() {
    this.#nextGeneration();
    this.#reconnectAfterMs = null; // the hint was for an earlier connection
    /** @type {ConnectionAttempt} */
    const attempt = this.#attempt = new ConnectionAttempt(this.#options, this.#url, {
      onTokenReady: () => attempt === this.#attempt && this.#setAttemptTimeout(WELCOME_TIMEOUT_MS, 'no answer'),
      onMessage: text => attempt === this.#attempt && this.#onFrame(text),
      onEnd: end => attempt === this.#attempt && this.#onDisconnect(end),
    });
    this.#setAttemptTimeout(TOKEN_TIMEOUT_MS, `no token within ${TOKEN_TIMEOUT_MS / 1_000} s`);
    this.#setState('connecting', { attempt: this.#failures + 1 });
    if (attempt === this.#attempt) attempt.start(this.#name, this.#tokenRefusal);
  }

  /**
   * Gives the attempt up after this time, unless the server's first frame comes.
   *
   * @param {number} ms
   * @param {string} reason
   */
  #setAttemptTimeout(ms, reason) {
    this.#timers.set('welcome', ms, () => this.#onDisconnect({ reason }));
  }

  /** @param {any} text */
  #onFrame(text) {
    this.#livenessMonitor.onFrame();
    this.#handler.onFrame(text);
  }

  /** Handles the server's first frame. @param {any} welcome */
  onWelcome(welcome) {
    const generation = this.#generation;
    this.#timers.clear('welcome');
    this.#timers.set('stable', STABLE_AFTER_MS, () => void (this.#failures = 0));
    this.#tokenRefusal = undefined;
    const isGuest = !this.#options.name && GUEST_NAME.test(welcome.user);
    if (isGuest) this.#name = welcome.user; // or retries would be posted twice
    this.#livenessMonitor.start((validWaitMs(welcome.heartbeat_ms) || DEFAULT_HEARTBEAT_MS) / 2);
    this.#handler.onWelcome(welcome);
    this.#setState('online', { user: welcome.user });
    if (generation === this.#generation) this.#handler.onOnline();
  }

  /** @param {'addEventListener' | 'removeEventListener'} method */
  #updatePageListeners(method) {
    try {
      this.#page[method]?.('online', this.#onPageEvent);
      this.#page.document?.[method]?.('visibilitychange', this.#onPageEvent);
    } catch (e) {
      report(e); // without listeners, network changes are noticed later
    }
  }

  /** Reacts to a restored network or a page that becomes visible: connects at once, or checks the connection. */
  #onPageEvent = () => {
    if (this.#page.document?.visibilityState === 'hidden') return;
    if (this.state === 'waiting' && !this.#isPaused) this.#startAttempt();
    else if (this.state === 'online') this.#livenessMonitor.pingNow();
  };

  /** Handles a lost connection or a failed attempt. @param {import('./connection-attempt.js').AttemptEnd} end */
  #onDisconnect({ code = 1006, reason = '', status, isRefused, error }) {
    const httpRequest = this.#attempt?.httpRequest;
    if (!this.#abandonAttempt('lost')) return;
    const finalCode = FINAL_CLOSE_CODES.get(code);
    if (error) return this.close(error);
    if (finalCode) return this.close(new RejoinError(finalCode, reason || `closed with ${code}`), code);
    if (code === TOKEN_EXPIRED && typeof this.#options.token !== 'function') {
      const message = 'the token has expired and there is no function to get another';
      return this.close(new RejoinError('token_expired', message), code);
    }
    const waitMs = jitterMs(this.#random, this.#failures++) + (code === RATE_LIMITED ? RATE_LIMIT_WAIT_MS : 0);
    const details = { code, reason, retryInMs: this.#reconnectAfterMs ?? waitMs };
    this.#reconnectAfterMs = null;
    if (isRefused && httpRequest && this.#fetch) this.#waitAndFetchRefusal(details, httpRequest, status);
    else this.#waitForRetry(details);
  }

  /** @param {{ retryInMs: number }} details */
  #waitForRetry(details) {
    this.#timers.set('retry', details.retryInMs, () => this.#startAttempt());
    this.#setState('waiting', details);
  }

  /**
   * Waits for the next attempt, and meanwhile asks why the connection was refused.
   *
   * @param {any} details
   * @param {any} httpRequest
   * @param {number} [status]
   */
  async #waitAndFetchRefusal(details, httpRequest, status) {
    const generation = this.#generation;
    let isRetryDue = false;
    this.#timers.set('retry', details.retryInMs, () => void (isRetryDue = true)); // the answer comes first
    this.#setState('waiting', details);
    if (generation !== this.#generation) return;
    this.#refusalAbort = new AbortController();
    const refusal = await fetchRefusal(this.#fetch, this.#clock, httpRequest, status, this.#refusalAbort);
    if (generation !== this.#generation) return;
    if (refusal?.isFinal && !this.#planTokenRetry(refusal)) return this.close(refusal.error);
    if (refusal?.waitMs) isRetryDue = false;
    if (isRetryDue) return this.#startAttempt();
    const retryInMs = refusal?.waitMs ? refusal.waitMs + jitterMs(this.#random, 0) : details.retryInMs;
    if (refusal) {
      const { error } = refusal;
      return this.#waitForRetry({ ...details, reason: error.message, error, retryInMs });
    }
    this.#timers.set('retry', retryInMs, () => this.#startAttempt());
  }

  /**
   * Plans one more call of the token function after a refusal of the token; false when another token cannot help.
   *
   * @param {import('./refusal.js').Refusal} refusal
   */
  #planTokenRetry({ error, isTokenRefused }) {
    if (!isTokenRefused || this.#tokenRefusal || typeof this.#options.token !== 'function') return false;
    this.#tokenRefusal = error;
    return true;
  }

  get #fetch() {
    return this.#options.fetch ?? globalThis.fetch;
  }

  /** Abandons the current attempt; false if a listener has changed the state meanwhile. @param {string} reason */
  #abandonAttempt(reason) {
    const generation = this.#nextGeneration();
    this.#livenessMonitor.stop();
    this.#attempt?.abandon(reason);
    this.#attempt = null;
    this.#handler.onDisconnect();
    return generation === this.#generation;
  }

  /** Cancels all timers and pending callbacks. Returns the new generation. */
  #nextGeneration() {
    this.#timers.clearAll();
    this.#refusalAbort?.abort();
    return ++this.#generation;
  }

  /** @param {import('./rejoin.js').ConnectionState['state']} state @param {object} details */
  #setState(state, details) {
    this.state = state;
    this.#handler.onStateChange(state, details);
  }
}
