import { Attempt } from './attempt.js';
import { Pulse } from './pulse.js';
import { askWhy } from './refusal.js';
import { asked, jitter, RejoinError, report, Timers } from './support.js';

const STABLE_MS = 10_000; // a connection that lasts this long resets the waits between attempts
const TOKEN_MS = 30_000; // to get a token, which may need a request or a person
const WELCOME_MS = 10_000; // from the token to the server's first frame
const HEARTBEAT_MS = 25_000; // if the server announces no interval
const RATE_PAUSE_MS = 1_000;

const TOKEN_EXPIRED = 4401;
const RATE_LIMITED = 4429;
/** Close codes after which another attempt does not help. */
const FINAL = new Map([[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]);
const DRAWN = /^guest-/; // the prefix of names that a server draws for users without a name

/**
 * @typedef {object} Handler receives the events of a connection
 * @property {(state: import('./rejoin.js').ConnectionState['state'], details: object) => void} changed
 * @property {(welcome: any) => void} arrived called before the state is `online`
 * @property {() => void} opened called when the state is `online`, unless a listener has ended the connection at once
 * @property {(text: any) => void} received
 * @property {() => void} dropped the connection is gone
 * @property {(error: import('./rejoin.js').RejoinError) => void} ended the client is closed; everything that waits is
 *     given up
 * @property {() => number} load the number of characters that are sent and not answered
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
  /** @type {Attempt | null} the current attempt; events of earlier attempts are ignored */
  #attempt = null;
  #turn = 0; // changes with each event, so that a callback can detect that it is outdated
  #timers;
  #pulse;
  #url;
  #options;
  #clock;
  #random;
  #page;
  #handler;
  /** @type {string | undefined} */
  #name;
  #failures = 0; // consecutive failures
  /** @type {AbortController | null} cancels the question why a connection was refused */
  #asking = null;
  /** @type {any} why the server refused the last token */
  #refused;
  /** @type {number | null} */
  #hint = null; // milliseconds after which the server wants the client to reconnect
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
    this.#pulse = new Pulse(_clock, {
      ask: () => this.send(JSON.stringify({ event: 'ping' })), lost: reason => this.#lost({ reason }), load: () => handler.load(),
    });
  }

  start() {
    this.#hear('addEventListener');
    this.#open();
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
  expect() {
    if (this.state === 'online' && this.#attempt) this.#pulse.expect();
  }

  /** Records when the server wants the client to reconnect. @param {any} ms */
  hint(ms) {
    this.#hint = asked(ms);
  }

  pause() {
    if (this.state === 'closed') return;
    this.#isPaused = true;
    if (this.#drop('paused')) this.#change('waiting', { reason: 'paused' });
  }

  /** Connects at once instead of at the planned time. */
  resume() {
    if (this.state !== 'waiting') return;
    this.#isPaused = false;
    this.#open();
  }

  /** @param {any} error @param {number} [code] */
  end(error, code) {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.error = error;
    this.#drop('closed');
    this.#hear('removeEventListener');
    this.#change('closed', { code, reason: error.message, error });
    this.#handler.ended(error);
  }

  #open() {
    this.#next();
    this.#hint = null; // the hint was for an earlier connection
    /** @type {Attempt} */
    const attempt = this.#attempt = new Attempt(this.#options, this.#url, {
      opening: () => attempt === this.#attempt && this.#timers.set('welcome', WELCOME_MS, () => this.#lost({ reason: 'no answer' })),
      message: text => attempt === this.#attempt && this.#receive(text),
      end: how => attempt === this.#attempt && this.#lost(how),
    });
    this.#timers.set('welcome', TOKEN_MS, () => this.#lost({ reason: `no token within ${TOKEN_MS / 1_000} s` }));
    this.#change('connecting', { attempt: this.#failures + 1 });
    if (attempt === this.#attempt) attempt.start(this.#name, this.#refused);
  }

  /** @param {any} text */
  #receive(text) {
    this.#pulse.heard();
    this.#handler.received(text);
  }

  /** Handles the server's first frame. @param {any} welcome */
  welcome(welcome) {
    const turn = this.#turn;
    this.#timers.clear('welcome');
    this.#timers.set('stable', STABLE_MS, () => void (this.#failures = 0));
    this.#refused = undefined;
    if (!this.#options.name && DRAWN.test(welcome.user)) this.#name = welcome.user; // or retries would be posted twice
    this.#pulse.start((asked(welcome.heartbeat_ms) || HEARTBEAT_MS) / 2);
    this.#handler.arrived(welcome);
    this.#change('online', { user: welcome.user });
    if (turn === this.#turn) this.#handler.opened();
  }

  /** @param {'addEventListener' | 'removeEventListener'} how */
  #hear(how) {
    try {
      this.#page[how]?.('online', this.#wake);
      this.#page.document?.[how]?.('visibilitychange', this.#wake);
    } catch (e) {
      report(e); // without listeners, network changes are noticed later
    }
  }

  /** Reacts to a restored network or a page that becomes visible: connects at once, or checks the connection. */
  #wake = () => {
    if (this.#page.document?.visibilityState === 'hidden') return;
    if (this.state === 'waiting' && !this.#isPaused) this.#open();
    else if (this.state === 'online') this.#pulse.probe();
  };

  /** Handles a lost connection or a failed attempt. @param {import('./attempt.js').End} how */
  #lost({ code = 1006, reason = '', status, isRefused, error }) {
    const plain = this.#attempt?.plain;
    if (!this.#drop('lost')) return;
    const final = FINAL.get(code);
    if (error) return this.end(error);
    if (final) return this.end(new RejoinError(final, reason || `closed with ${code}`), code);
    if (code === TOKEN_EXPIRED && typeof this.#options.token !== 'function') {
      return this.end(new RejoinError('token_expired', 'the token has expired and there is no function to get another'), code);
    }
    const wait = jitter(this.#random, this.#failures++) + (code === RATE_LIMITED ? RATE_PAUSE_MS : 0);
    const waiting = { code, reason, retryInMs: this.#hint ?? wait };
    this.#hint = null;
    isRefused && plain && this.#fetch ? this.#askWhy(waiting, plain, status) : this.#wait(waiting);
  }

  /** @param {{ retryInMs: number }} waiting */
  #wait(waiting) {
    this.#timers.set('retry', waiting.retryInMs, () => this.#open());
    this.#change('waiting', waiting);
  }

  /**
   * Waits for the next attempt, and meanwhile asks why the connection was refused.
   *
   * @param {any} waiting
   * @param {any} plain
   * @param {number} [status]
   */
  async #askWhy(waiting, plain, status) {
    const turn = this.#turn;
    let isDue = false;
    this.#timers.set('retry', waiting.retryInMs, () => void (isDue = true)); // the answer comes first
    this.#change('waiting', waiting);
    if (turn !== this.#turn) return;
    this.#asking = new AbortController();
    const refusal = await askWhy(this.#fetch, this.#clock, plain, status, this.#asking);
    if (turn !== this.#turn) return;
    if (refusal?.isFinal && !this.#mayHaveToken(refusal)) return this.end(refusal.error);
    if (refusal?.waitMs) isDue = false;
    if (isDue) return this.#open();
    const retryInMs = refusal?.waitMs ? refusal.waitMs + jitter(this.#random, 0) : waiting.retryInMs;
    if (refusal) return this.#wait({ ...waiting, reason: refusal.error.message, error: refusal.error, retryInMs });
    this.#timers.set('retry', retryInMs, () => this.#open());
  }

  /**
   * Whether another token may succeed; then the token function is called once more.
   *
   * @param {import('./refusal.js').Refusal} refusal
   */
  #mayHaveToken({ error, isToken }) {
    if (!isToken || this.#refused || typeof this.#options.token !== 'function') return false;
    this.#refused = error;
    return true;
  }

  get #fetch() {
    return this.#options.fetch ?? globalThis.fetch;
  }

  /** Abandons the current attempt; false if a listener has changed the state meanwhile. @param {string} reason */
  #drop(reason) {
    const turn = this.#next();
    this.#pulse.stop();
    this.#attempt?.drop(reason);
    this.#attempt = null;
    this.#handler.dropped();
    return turn === this.#turn;
  }

  /** Cancels all timers and pending callbacks. */
  #next() {
    this.#timers.clearAll();
    this.#asking?.abort();
    return ++this.#turn;
  }

  /** @param {import('./rejoin.js').ConnectionState['state']} state @param {object} details */
  #change(state, details) {
    this.state = state;
    this.#handler.changed(state, details);
  }
}
