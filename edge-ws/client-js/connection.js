import { Attempt } from './attempt.js';
import { Pulse } from './pulse.js';
import { askWhy } from './refusal.js';
import { asked, jitter, RejoinError, report, Timers } from './support.js';

const STABLE_MS = 10_000; // a connection that held for so long was a good one: waits begin small again
const TOKEN_MS = 30_000; // to a token, which may need a request or a person
const WELCOME_MS = 10_000; // from then to the server's first frame
const HEARTBEAT_MS = 25_000; // of a server that does not tell
const RATE_PAUSE_MS = 1_000;

const TOKEN_EXPIRED = 4401;
const RATE_LIMITED = 4429;
/** Close codes that will not get better by coming back. */
const FINAL = new Map([[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]);
const DRAWN = /^guest-/; // how the names begin that a server draws for who has none

/**
 * @typedef {object} Handler what a connection tells
 * @property {(state: import('./rejoin.js').ConnectionState['state'], details: object) => void} changed
 * @property {(welcome: any) => void} arrived before it is online
 * @property {() => void} opened it is online, and no listener has ended that at once
 * @property {(text: any) => void} received
 * @property {() => void} dropped there is no connection any more
 * @property {(error: import('./rejoin.js').RejoinError) => void} ended there never will be one; all that waits is given up
 * @property {() => number} load how many characters are on their way without an answer
 */

/** One connection that comes back: `connecting`, `online`, `waiting` to try again, `closed` for good. */
export class Connection {
  /** @type {import('./rejoin.js').ConnectionState['state']} */
  state = 'connecting';
  /** @type {import('./rejoin.js').RejoinError | null} why it is closed */
  error = null;
  /** @type {Attempt | null} the present one: what belongs to an earlier one is void */
  #attempt = null;
  #turn = 0; // counts what happens to the connection
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
  #failures = 0; // in a row
  /** @type {AbortController | null} gives the question up why a connection was refused */
  #asking = null;
  /** @type {any} why the server did not take the last token */
  #refused;
  /** @type {number | null} */
  #hint = null; // when the server wants us back
  #isPaused = false;

  /** @param {URL} url @param {any} options both checked @param {{ _clock: any, _random: () => number, _page: any }} client @param {Handler} handler */
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

  /** Hands a frame to the socket; without one it is dropped: who needs it to arrive sends it again. @param {string} text */
  send(text) {
    if (this.state === 'online') this.#attempt?.send(text);
  }

  /** Something was sent that has to be answered. */
  expect() {
    if (this.state === 'online' && this.#attempt) this.#pulse.expect();
  }

  /** The server says when it wants us back. @param {any} ms */
  hint(ms) {
    this.#hint = asked(ms);
  }

  pause() {
    if (this.state === 'closed') return;
    this.#isPaused = true;
    if (this.#drop('paused')) this.#change('waiting', { reason: 'paused' });
  }

  /** Tries at once instead of when it was due. */
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
    this.#hint = null; // of an earlier connection
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

  /** The first frame. @param {any} welcome */
  welcome(welcome) {
    const turn = this.#turn;
    this.#timers.clear('welcome');
    this.#timers.set('stable', STABLE_MS, () => void (this.#failures = 0));
    this.#refused = undefined;
    if (!this.#options.name && DRAWN.test(welcome.user)) this.#name = welcome.user; // under another one a message would be posted twice
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
      report(e); // without it, changes of the network are noticed later
    }
  }

  /** The network is back, or the page is seen again: tries at once, or sees whether the connection still holds. */
  #wake = () => {
    if (this.#page.document?.visibilityState === 'hidden') return;
    if (this.state === 'waiting' && !this.#isPaused) this.#open();
    else if (this.state === 'online') this.#pulse.probe();
  };

  /** The connection is lost, or was never made. @param {import('./attempt.js').End} how */
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

  /** Waits, and asks meanwhile why the connection was refused. @param {any} waiting @param {any} plain @param {number} [status] */
  async #askWhy(waiting, plain, status) {
    const turn = this.#turn;
    let isDue = false;
    this.#timers.set('retry', waiting.retryInMs, () => void (isDue = true)); // not before there is an answer, or none in time
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

  /** Whether another token may do: the function is asked once more. @param {import('./refusal.js').Refusal} refusal */
  #mayHaveToken({ error, isToken }) {
    if (!isToken || this.#refused || typeof this.#options.token !== 'function') return false;
    this.#refused = error;
    return true;
  }

  get #fetch() {
    return this.#options.fetch ?? globalThis.fetch;
  }

  /** Has nothing more to do with the connection; false if a listener that heard of it did something else. @param {string} reason */
  #drop(reason) {
    const turn = this.#next();
    this.#pulse.stop();
    this.#attempt?.drop(reason);
    this.#attempt = null;
    this.#handler.dropped();
    return turn === this.#turn;
  }

  /** What was to come is void. */
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
