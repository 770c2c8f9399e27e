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

/** Listeners by event. One that throws is reported and stops nothing. */
export class Emitter {
  /** @type {Map<string, Set<(value: any) => void>>} */
  #listeners = new Map();

  /** @param {string} event @param {(value: any) => void} listener */
  on(event, listener) {
    const all = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, all.add(listener));
    return () => void all.delete(listener);
  }

  /** @param {string} event @param {any} value */
  _emit(event, value) {
    for (const listener of [...this.#listeners.get(event) ?? []]) {
      try {
        listener(value);
      } catch (e) {
        (globalThis.reportError ?? console.error)(e);
      }
    }
  }
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
