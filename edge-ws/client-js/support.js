/** Helpers for all parts of the client: errors, listeners, timers, ids and waits between attempts. */

const STEP_MS = 1_000; // the upper bound of the first wait; doubled each time
const MAX_STEP_MS = 30_000;
const MOST_MS = 2 ** 31 - 1; // a longer timer would fire at once

/** @type {typeof import('./rejoin.js').RejoinError} */
export const RejoinError = class extends Error {
  /** @param {string} code @param {string} message @param {{ unknown?: boolean }} [details] */
  constructor(code, message, { unknown = false } = {}) {
    super(message);
    this.name = 'RejoinError';
    this.code = code;
    this.unknown = unknown;
  }
};

/** @type {typeof import('./rejoin.js').newId} */
export function newId() {
  const isSecure = 'randomUUID' in (globalThis.crypto ?? {}); // a page loaded over plain HTTP has no randomUUID
  if (isSecure) return crypto.randomUUID();
  const bytes = globalThis.crypto?.getRandomValues?.(new Uint8Array(16))
    ?? Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * A wait with full jitter: a random time from 0 to a bound that doubles with each attempt.
 *
 * @param {() => number} random
 * @param {number} attempt counted from 0
 */
export function jitter(random, attempt) {
  const share = Number(random());
  return Math.round((share >= 0 && share <= 1 ? share : 0.5) * Math.min(MAX_STEP_MS, STEP_MS * 2 ** Math.min(attempt, 20)));
}

/** Error codes after which the same frame may succeed later. */
const RETRYABLE = new Set(['unavailable', 'overloaded', 'timeout', 'history_unavailable', 'too_many_new_rooms']);

/** Whether the frame that this error answers may succeed later. @param {any} error */
export const isRetryable = error => RETRYABLE.has(error.code) || error.retry_after_ms != null;

/** The wait that the server asks for, in milliseconds; 0 if it is not valid. @param {any} ms */
export const asked = ms => (ms > 0 && ms < MOST_MS ? Number(ms) : 0);

/**
 * Calls listeners by event. A listener that throws, or whose promise is rejected, is reported and does not affect the
 * others. Events without a listener are kept for the first listener, up to a number for each event.
 */
export class Emitter {
  /** @type {Map<string, Set<(value: any) => any>>} */
  #listeners = new Map();
  /** @type {Map<string, any[]>} events that no listener has received */
  #kept = new Map();
  /**
   * @type {(() => void)[] | null} events caused by listeners during a call; delivered after all listeners have the
   *     current event
   */
  #next = null;
  #events;

  /** @param {Record<string, number>} events how many events of each kind are kept */
  constructor(events) {
    this.#events = events;
  }

  /** @param {string} event @param {(value: any) => any} listener */
  on(event, listener) {
    if (typeof event !== 'string' || !Object.hasOwn(this.#events, event)) {
      throw new RejoinError('invalid_argument', `event must be one of ${Object.keys(this.#events).join(', ')}`);
    }
    if (typeof listener !== 'function') throw new RejoinError('invalid_argument', 'listener must be a function');
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
    if (this.#kept.has(event)) queueMicrotask(() => this.#toAll(() => this.#handOver(event))); // after all are registered
    return () => void all.delete(listener);
  }

  /** Whether the event has a listener. @param {string} event */
  _hears(event) {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /**
   * Calls the listeners of an event. Returns whether there was a listener and none failed; a promise of that if a
   * listener returned a promise.
   *
   * @param {string} event
   * @param {any} value
   * @returns {boolean | Promise<boolean>}
   */
  _emit(event, value) {
    const tell = () => this.#tell(event, value);
    if (this.#next && event !== 'message') return this.#next.push(tell) < 0; // a message's result is needed now
    return this.#toAll(tell);
  }

  /**
   * @template T
   * @param {() => T} tell events that its listeners cause are delivered afterwards
   */
  #toAll(tell) {
    if (this.#next) return tell();
    this.#next = [];
    const result = tell();
    for (let next = this.#next.shift(); next; next = this.#next.shift()) next();
    this.#next = null;
    return result;
  }

  /** @param {string} event @param {any} value @returns {boolean | Promise<boolean>} */
  #tell(event, value) {
    if (event === 'state' && value.state === 'closed') for (const other of [...this.#kept.keys()]) this.#handOver(other); // the last event
    if (!this._hears(event)) return this.#keep(event, value);
    if (this.#events[event] === 1) this.#kept.delete(event); // replaced by this newer event
    else this.#handOver(event);
    const results = [...this.#listeners.get(event) ?? []].map(listener => attempt(listener, value));
    const areWell = (/** @type {boolean[]} */ all) => all.length > 0 && all.every(Boolean);
    const isLater = results.some(result => typeof result !== 'boolean');
    return isLater ? Promise.all(results).then(areWell) : areWell(/** @type {boolean[]} */ (results));
  }

  /** @param {string} event @param {any} value */
  #keep(event, value) {
    const isPassing = event === 'state' && value.state !== 'closed';
    const most = isPassing ? 0 : this.#events[event];
    if (most > 0) this.#kept.set(event, [...this.#kept.get(event) ?? [], value].slice(-most));
    return false;
  }

  /** @param {string} event */
  #handOver(event) {
    const kept = this.#kept.get(event) ?? [];
    if (!this._hears(event)) return;
    this.#kept.delete(event);
    for (const value of kept) this.#tell(event, value);
  }
}

/** @param {(value: any) => any} listener @param {any} value @returns {boolean | Promise<boolean>} */
function attempt(listener, value) {
  try {
    const result = listener(value);
    return typeof result?.then === 'function' ? Promise.resolve(result).then(() => true, report) : true;
  } catch (e) {
    return report(e);
  }
}

/** Reports an error to the page or program. @param {any} e */
export function report(e) {
  (globalThis.reportError ?? console.error)(e);
  return false;
}

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
    }, Math.min(ms, MOST_MS)));
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
