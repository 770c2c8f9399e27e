/** What the parts of the client share: errors, listeners, timers, ids and the waits between attempts. */

const STEP_MS = 1_000; // ceiling of the first wait; doubled each time
const MAX_STEP_MS = 30_000;

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
  const isSecure = 'randomUUID' in (globalThis.crypto ?? {}); // a page from plain HTTP has none
  if (isSecure) return crypto.randomUUID();
  const bytes = globalThis.crypto?.getRandomValues?.(new Uint8Array(16))
    ?? Array.from({ length: 16 }, () => Math.floor(Math.random() * 256));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Full jitter: anything from 0 to a ceiling that doubles with each attempt.
 *
 * @param {() => number} random
 * @param {number} attempt counted from 0
 */
export function jitter(random, attempt) {
  return Math.round(random() * Math.min(MAX_STEP_MS, STEP_MS * 2 ** Math.min(attempt, 20)));
}

/** Error codes after which the same frame may succeed later. */
const RETRYABLE = new Set(['unavailable', 'overloaded', 'timeout', 'history_unavailable']);

/** Whether the frame that this error answers may succeed later. @param {any} error */
export const isRetryable = error => RETRYABLE.has(error.code) || error.retry_after_ms != null;

/** Listeners by event. One that throws, or whose promise is rejected, is reported and stops nothing. */
export class Emitter {
  /** @type {Map<string, Set<(value: any) => any>>} */
  #listeners = new Map();

  /** @param {string} event @param {(value: any) => any} listener */
  on(event, listener) {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
    return () => void all.delete(listener);
  }

  /**
   * Calls them. Tells whether there was one and all went well; by a promise if one of them takes its time.
   *
   * @param {string} event
   * @param {any} value
   * @returns {boolean | Promise<boolean>}
   */
  _emit(event, value) {
    const results = [...this.#listeners.get(event) ?? []].map(listener => attempt(listener, value));
    const areWell = (/** @type {boolean[]} */ all) => all.length > 0 && all.every(Boolean);
    const isLater = results.some(result => typeof result !== 'boolean');
    return isLater ? Promise.all(results).then(areWell) : areWell(/** @type {boolean[]} */ (results));
  }
}

/** @param {(value: any) => any} listener @param {any} value @returns {boolean | Promise<boolean>} */
function attempt(listener, value) {
  try {
    const result = listener(value);
    return typeof result?.then === 'function' ? result.then(() => true, report) : true;
  } catch (e) {
    return report(e);
  }
}

/** @param {any} e */
function report(e) {
  (globalThis.reportError ?? console.error)(e);
  return false;
}

/** Named timers: setting one again replaces it. */
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
    }, ms));
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
