import { onAbort, sendOptions } from './checks.js';
import { content as written } from './content.js';
import { asked, isRetryable, jitter, newId, RejoinError, Timers } from './support.js';

const ACK_MS = 10_000; // before a message without an ack is sent again; doubled each time, at most three times
const SEND_TIMEOUT_MS = 300_000;
/** Refusals that apply to every attempt to send a message: no earlier attempt can have posted it. */
const NEVER_POSTED = new Set(['invalid_frame', 'invalid_room', 'invalid_user', 'id_conflict', 'too_many_recipients']);
/** Temporary refusals after which the server has done nothing. */
const NOTHING_DONE = new Set(['unavailable', 'overloaded', 'too_many_new_rooms']);

/**
 * @typedef {object} Entry a message that is not acknowledged
 * @property {string} id the same for every attempt, so that sending again is harmless
 * @property {string} fields of the frame, as JSON
 * @property {number} open frames of the message that the server may have acted on
 * @property {'idle' | 'flying' | 'waiting'} phase to be sent; sent and not answered; refused temporarily
 * @property {number} attempts
 * @property {Promise<any>} promise
 * @property {(ack: any) => void} resolve
 * @property {(error: any) => void} reject
 * @property {() => void} forget removes the listener of the abort signal
 */

/**
 * The messages to one room or user that are not acknowledged, in the order in which they were sent. Kept in memory; one
 * bound applies to all outboxes together.
 */
export class Outbox {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  #client;
  #address;
  #timers;
  #ready = false;
  /** @type {any} */
  #end = null; // why nothing more can be sent

  /**
   * @param {any} client
   * @param {() => { room: string } | { to: string }} address called for each frame
   */
  constructor(client, address) {
    this.#client = client;
    this.#address = address;
    this.#timers = new Timers(client._clock);
  }

  /**
   * Sends a message. Reads all arguments before it does anything else, because reading them may run the caller's code.
   *
   * @param {import('./rejoin.js').Content} content
   * @param {import('./rejoin.js').SendOptions} [options]
   * @returns {Promise<any>}
   */
  put(content, options) {
    try {
      return this.#put(content, options);
    } catch (e) {
      return Promise.reject(e);
    }
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  #put(content, options) {
    const { id = newId(), timeout = SEND_TIMEOUT_MS, signal, isAborted, confirm } = sendOptions(options);
    const fields = `"id":${JSON.stringify(id)},${written(content)}${confirm === undefined ? '' : `,"confirm":${confirm}`}`;
    if (this.#end) throw new RejoinError('closed', `nothing can be sent any more: ${this.#end.message}`);
    const before = this.#entries.get(id);
    if (before?.fields === fields) return before.promise;
    if (before) throw new RejoinError('id_conflict', 'another message waits to be acknowledged under the same id');
    if (isAborted) throw new RejoinError('aborted', 'aborted before it was sent');
    this.#text(fields);
    if (!this.#client._takePlace()) throw new RejoinError('outbox_full', 'too many messages wait to be acknowledged');
    return this.#begin(/** @type {Entry} */ ({ id, fields, open: 0, phase: 'idle', attempts: 0 }), timeout, signal);
  }

  /** @param {Entry} entry @param {number} timeout @param {AbortSignal} [signal] */
  #begin(entry, timeout, signal) {
    entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    const abort = () => this.#fail(entry, 'aborted', 'aborted while it waited to be acknowledged');
    entry.forget = () => void (signal && onAbort('remove', signal, abort));
    this.#entries.set(entry.id, entry);
    if (signal) onAbort('add', signal, abort);
    if (timeout > 0 && timeout < Infinity) {
      const giveUp = () => this.#fail(entry, 'send_timeout', `not acknowledged within ${timeout} ms`);
      this.#timers.set(`give up ${entry.id}`, timeout, giveUp);
    }
    this.flush();
    return entry.promise;
  }

  /** @param {string | undefined} id */
  has(id) {
    return id !== undefined && this.#entries.has(id);
  }

  get isEmpty() {
    return this.#entries.size === 0;
  }

  /** The messages that are sent and not answered. */
  get flying() {
    return [...this.#entries.values()].filter(entry => entry.phase === 'flying');
  }

  /** Starts sending: the room is joined. */
  open() {
    this.#ready = true;
    this.flush();
  }

  /** Stops sending for now. If the connection is lost, sent messages without an answer count as unsent. */
  hold(isLost = false) {
    this.#ready = false;
    if (isLost) this.#entries.forEach(entry => this.#rest(entry));
  }

  /** Stops sending for good and rejects all waiting messages. @param {any} error */
  end(error) {
    this.#ready = false;
    this.#end = error;
    this.clear(error);
  }

  /** Rejects all waiting messages. @param {any} error */
  clear(error) {
    for (const entry of [...this.#entries.values()]) this.#giveUp(entry, error.code, error.message);
  }

  /** Sends waiting messages in order. A temporarily refused message holds back those after it. */
  flush() {
    for (const entry of this.#entries.values()) { // not a copy: entries removed meanwhile must not be sent
      if (!this.#ready || this.#client._isHeld || entry.phase === 'waiting') return;
      if (entry.phase === 'idle') this.#transmit(entry);
    }
  }

  /**
   * Sends a message again, even before earlier ones; false when it is answered or cannot be sent.
   *
   * @param {Entry} entry
   */
  again(entry) {
    if (!this.#ready || this.#entries.get(entry.id) !== entry || entry.phase === 'waiting') return false;
    this.#transmit(entry);
    return true;
  }

  /** @param {any} ack */
  acked({ id, seq, ts, duplicate = false }) {
    const entry = this.#entries.get(id);
    if (entry) this.#take(entry).resolve({ id, seq, ts, duplicate });
  }

  /** Handles the refusal of a message, temporary or final. @param {any} error */
  refused(error) {
    const entry = this.#entries.get(error.id);
    if (!entry) return;
    const isForNow = isRetryable(error);
    if (NEVER_POSTED.has(error.code)) entry.open = 0;
    else if (!isForNow || NOTHING_DONE.has(error.code)) entry.open = Math.max(0, entry.open - 1);
    if (!isForNow) return this.#fail(entry, error.code, error.message);
    entry.phase = 'waiting';
    this.#timers.set(`again ${entry.id}`, asked(error.retry_after_ms) + jitter(this.#client._random, entry.attempts), () => {
      entry.phase = 'idle';
      this.flush();
    });
  }

  /** Marks a message as unsent, because the room must be joined first. @param {string} id */
  rest(id) {
    const entry = /** @type {Entry} */ (this.#entries.get(id));
    entry.open = Math.max(0, entry.open - 1);
    this.#rest(entry);
  }

  /** @param {Entry} entry */
  #transmit(entry) {
    let text;
    try {
      text = this.#text(entry.fields);
    } catch (/** @type {any} */ e) {
      return this.#giveUp(entry, e.code, e.message); // flush() goes on with the next entry
    }
    entry.open++;
    entry.phase = 'flying';
    this.#timers.set(`again ${entry.id}`, ACK_MS * 2 ** Math.min(entry.attempts++, 3), () => {
      entry.phase = 'idle';
      this.flush();
    });
    this.#client._sendText(text);
    this.#client._expect();
  }

  /** The text of the frame. @param {string} fields */
  #text(fields) {
    const text = `{"event":"message",${JSON.stringify(this.#address()).slice(1, -1)},${fields}}`;
    const most = this.#client.limits?.message_bytes ?? Infinity;
    const isTooBig = text.length > most || (text.length * 3 > most && new TextEncoder().encode(text).length > most);
    if (isTooBig) throw new RejoinError('message_too_big', `the server takes messages of ${most} bytes at most`); // else the server closes the connection
    return text;
  }

  /** @param {Entry} entry */
  #rest(entry) {
    this.#timers.clear(`again ${entry.id}`);
    entry.phase = 'idle';
  }

  /** @param {Entry} entry @param {string} code @param {string} why */
  #fail(entry, code, why) {
    this.#giveUp(entry, code, why);
    this.flush(); // the message may have held back others
  }

  /** @param {Entry} entry @param {string} code @param {string} why */
  #giveUp(entry, code, why) {
    this.#take(entry).reject(new RejoinError(code, why, { unknown: entry.open > 0 }));
  }

  /** @param {Entry} entry */
  #take(entry) {
    this.#rest(entry);
    this.#timers.clear(`give up ${entry.id}`);
    if (this.#entries.delete(entry.id)) this.#client._givePlaceBack();
    entry.forget();
    return entry;
  }
}
