/** Listeners of events. */

import { RejoinError, report } from './errors.js';

/**
 * Calls listeners by event. A listener that throws, or whose promise is rejected, is reported and does not affect the
 * others. Events without a listener are kept for the first listener, up to a number for each event.
 */
export class Emitter {
  /** @type {Map<string, Set<(value: any) => any>>} */
  #listeners = new Map();
  /** @type {Map<string, any[]>} events that no listener has received */
  #keptEvents = new Map();
  /**
   * @type {(() => void)[] | null} events caused by listeners during a call; delivered after all listeners have the
   *     current event
   */
  #deferred = null;
  #maxKept;

  /** @param {Record<string, number>} maxKept how many events of each kind are kept */
  constructor(maxKept) {
    this.#maxKept = maxKept;
  }

  /** @param {string} event @param {(value: any) => any} listener */
  on(event, listener) {
    if (typeof event !== 'string' || !Object.hasOwn(this.#maxKept, event)) {
      throw new RejoinError('invalid_argument', `event must be one of ${Object.keys(this.#maxKept).join(', ')}`);
    }
    if (typeof listener !== 'function') throw new RejoinError('invalid_argument', 'listener must be a function');
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    if (this.#keptEvents.has(event)) { // delivered after all listeners of this moment are registered
      queueMicrotask(() => this.#withDeferredEvents(() => this.#deliverKept(event)));
    }
    return () => void listeners.delete(listener);
  }

  /** Whether the event has a listener. @param {string} event */
  _hasListeners(event) {
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
    const deliver = () => this.#deliver(event, value);
    if (this.#deferred && event !== 'message') { // a message's result is needed now
      this.#deferred.push(deliver);
      return false;
    }
    return this.#withDeferredEvents(deliver);
  }

  /**
   * @template T
   * @param {() => T} deliver events that its listeners cause are delivered afterwards
   */
  #withDeferredEvents(deliver) {
    if (this.#deferred) return deliver();
    this.#deferred = [];
    const result = deliver();
    for (let next = this.#deferred.shift(); next; next = this.#deferred.shift()) next();
    this.#deferred = null;
    return result;
  }

  /** @param {string} event @param {any} value @returns {boolean | Promise<boolean>} */
  #deliver(event, value) {
    const isLastEvent = event === 'state' && value.state === 'closed';
    if (isLastEvent) for (const other of [...this.#keptEvents.keys()]) this.#deliverKept(other);
    if (!this._hasListeners(event)) return this.#keepEvent(event, value);
    if (this.#maxKept[event] === 1) this.#keptEvents.delete(event); // replaced by this newer event
    else this.#deliverKept(event);
    const results = [...this.#listeners.get(event) ?? []].map(listener => callListener(listener, value));
    const haveAllSucceeded = (/** @type {boolean[]} */ all) => all.length > 0 && all.every(Boolean);
    const isAsync = results.some(result => typeof result !== 'boolean');
    if (isAsync) return Promise.all(results).then(haveAllSucceeded);
    return haveAllSucceeded(/** @type {boolean[]} */ (results));
  }

  /** @param {string} event @param {any} value */
  #keepEvent(event, value) {
    const isTransient = event === 'state' && value.state !== 'closed';
    const max = isTransient ? 0 : this.#maxKept[event];
    if (max > 0) this.#keptEvents.set(event, [...this.#keptEvents.get(event) ?? [], value].slice(-max));
    return false;
  }

  /** @param {string} event */
  #deliverKept(event) {
    const kept = this.#keptEvents.get(event) ?? [];
    if (!this._hasListeners(event)) return;
    this.#keptEvents.delete(event);
    for (const value of kept) this.#deliver(event, value);
  }
}

/** @param {(value: any) => any} listener @param {any} value @returns {boolean | Promise<boolean>} */
function callListener(listener, value) {
  try {
    const result = listener(value);
    return typeof result?.then === 'function' ? Promise.resolve(result).then(() => true, report) : true;
  } catch (e) {
    return report(e);
  }
}
