import { sendOptions, updateAbortListener } from './checks.js';
import { encodeContent } from './content.js';
import { isRetryable, RejoinError } from './errors.js';
import { newId } from './ids.js';
import { jitterMs, Timers, validWaitMs } from './timers.js';

const ACK_TIMEOUT_MS = 10_000; // before a message without an ack is sent again; doubled each time, at most three times
const DEFAULT_SEND_TIMEOUT_MS = 300_000;
/** Refusals that apply to every attempt to send a message: no earlier attempt can have posted it. */
const NEVER_POSTED = new Set(['invalid_frame', 'invalid_room', 'invalid_user', 'id_conflict', 'too_many_recipients']);
/** Temporary refusals after which the server has done nothing. */
const NOTHING_DONE = new Set(['unavailable', 'overloaded', 'too_many_new_rooms']);

/**
 * @typedef {object} Entry a message that is not acknowledged
 * @property {string} id the same for every attempt, so that sending again is harmless
 * @property {string} fields of the frame, as JSON
 * @property {number} unresolvedFrames frames of the message that the server may have acted on
 * @property {'unsent' | 'sent' | 'delayed'} phase `sent`: not answered; `delayed`: refused temporarily
 * @property {number} attempts
 * @property {Promise<any>} promise
 * @property {(ack: any) => void} resolve
 * @property {(error: any) => void} reject
 * @property {() => void} removeAbortListener
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
  #isSending = false;
  /** @type {any} */
  #closeError = null; // why nothing more can be sent

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
  send(content, options) {
    try {
      return this.#send(content, options);
    } catch (e) {
      return Promise.reject(e);
    }
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  #send(content, options) {
    const { id = newId(), timeout = DEFAULT_SEND_TIMEOUT_MS, signal, isAborted, confirm } = sendOptions(options);
    const confirmField = confirm === undefined ? '' : `,"confirm":${confirm}`;
    const fields = `"id":${JSON.stringify(id)},${encodeContent(content)}${confirmField}`;
    if (this.#closeError) throw new RejoinError('closed', `nothing can be sent any more: ${this.#closeError.message}`);
    const existing = this.#entries.get(id);
    if (existing?.fields === fields) return existing.promise;
    if (existing) throw new RejoinError('id_conflict', 'another message waits to be acknowledged under the same id');
    if (isAborted) throw new RejoinError('aborted', 'aborted before it was sent');
    this.#frameText(fields);
    if (!this.#client._reserveOutboxSlot()) {
      throw new RejoinError('outbox_full', 'too many messages wait to be acknowledged');
    }
    const entry = /** @type {Entry} */ ({ id, fields, unresolvedFrames: 0, phase: 'unsent', attempts: 0 });
    return this.#add(entry, timeout, signal);
  }

  /** @param {Entry} entry @param {number} timeout @param {AbortSignal} [signal] */
  #add(entry, timeout, signal) {
    entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    const abort = () => this.#fail(entry, 'aborted', 'aborted while it waited to be acknowledged');
    entry.removeAbortListener = () => void (signal && updateAbortListener('remove', signal, abort));
    this.#entries.set(entry.id, entry);
    if (signal) updateAbortListener('add', signal, abort);
    if (timeout > 0 && timeout < Infinity) {
      const onTimeout = () => this.#fail(entry, 'send_timeout', `not acknowledged within ${timeout} ms`);
      this.#timers.set(`give up ${entry.id}`, timeout, onTimeout);
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
  get unanswered() {
    return [...this.#entries.values()].filter(entry => entry.phase === 'sent');
  }

  /** Starts sending: the room is joined. */
  startSending() {
    this.#isSending = true;
    this.flush();
  }

  /** Stops sending until {@link startSending}. If the connection is lost, sent messages without an answer count as unsent. */
  stopSending(isDisconnected = false) {
    this.#isSending = false;
    if (isDisconnected) this.#entries.forEach(entry => this.#resetToUnsent(entry));
  }

  /** Stops sending for good and rejects all waiting messages. @param {any} error */
  close(error) {
    this.#isSending = false;
    this.#closeError = error;
    this.rejectAll(error);
  }

  /** Rejects all waiting messages. @param {any} error */
  rejectAll(error) {
    for (const entry of [...this.#entries.values()]) this.#reject(entry, error.code, error.message);
  }

  /** Sends waiting messages in order. A temporarily refused message holds back those after it. */
  flush() {
    for (const entry of this.#entries.values()) { // not a copy: entries removed meanwhile must not be sent
      if (!this.#isSending || this.#client._isSendingPaused || entry.phase === 'delayed') return;
      if (entry.phase === 'unsent') this.#transmit(entry);
    }
  }

  /**
   * Sends a message again, even before earlier ones; false when it is answered or cannot be sent.
   *
   * @param {Entry} entry
   */
  resend(entry) {
    if (!this.#isSending || this.#entries.get(entry.id) !== entry || entry.phase === 'delayed') return false;
    this.#transmit(entry);
    return true;
  }

  /** @param {any} ack */
  onAck({ id, seq, ts, duplicate = false }) {
    const entry = this.#entries.get(id);
    if (entry) this.#remove(entry).resolve({ id, seq, ts, duplicate });
  }

  /** Handles the refusal of a message, temporary or final. @param {any} error */
  onError(error) {
    const entry = this.#entries.get(error.id);
    if (!entry) return;
    const isTemporary = isRetryable(error);
    if (NEVER_POSTED.has(error.code)) entry.unresolvedFrames = 0;
    else if (!isTemporary || NOTHING_DONE.has(error.code)) this.#resolveFrame(entry);
    if (!isTemporary) return this.#fail(entry, error.code, error.message);
    entry.phase = 'delayed';
    const waitMs = validWaitMs(error.retry_after_ms) + jitterMs(this.#client._random, entry.attempts);
    this.#timers.set(`again ${entry.id}`, waitMs, () => {
      entry.phase = 'unsent';
      this.flush();
    });
  }

  /** Marks a message as unsent, because the room must be joined first. @param {string} id */
  markUnsent(id) {
    const entry = /** @type {Entry} */ (this.#entries.get(id));
    this.#resolveFrame(entry);
    this.#resetToUnsent(entry);
  }

  /** Records that the server has not acted on one of the sent frames. @param {Entry} entry */
  #resolveFrame(entry) {
    entry.unresolvedFrames = Math.max(0, entry.unresolvedFrames - 1);
  }

  /** @param {Entry} entry */
  #transmit(entry) {
    let text;
    try {
      text = this.#frameText(entry.fields);
    } catch (/** @type {any} */ e) {
      return this.#reject(entry, e.code, e.message); // flush() goes on with the next entry
    }
    entry.unresolvedFrames++;
    entry.phase = 'sent';
    this.#timers.set(`again ${entry.id}`, ACK_TIMEOUT_MS * 2 ** Math.min(entry.attempts++, 3), () => {
      entry.phase = 'unsent';
      this.flush();
    });
    this.#client._sendText(text);
    this.#client._expectAnswer();
  }

  /** The text of the frame. @param {string} fields */
  #frameText(fields) {
    const text = `{"event":"message",${JSON.stringify(this.#address()).slice(1, -1)},${fields}}`;
    const maxBytes = this.#client.limits?.message_bytes ?? Infinity;
    const isTooBig = text.length > maxBytes
      || (text.length * 3 > maxBytes && new TextEncoder().encode(text).length > maxBytes);
    if (isTooBig) { // otherwise the server closes the connection
      throw new RejoinError('message_too_big', `the server takes messages of ${maxBytes} bytes at most`);
    }
    return text;
  }

  /** @param {Entry} entry */
  #resetToUnsent(entry) {
    this.#timers.clear(`again ${entry.id}`);
    entry.phase = 'unsent';
  }

  /**
   * Rejects a message and sends those that it held back.
   *
   * @param {Entry} entry
   * @param {string} code
   * @param {string} reason
   */
  #fail(entry, code, reason) {
    this.#reject(entry, code, reason);
    this.flush();
  }

  /** @param {Entry} entry @param {string} code @param {string} reason */
  #reject(entry, code, reason) {
    this.#remove(entry).reject(new RejoinError(code, reason, { unknown: entry.unresolvedFrames > 0 }));
  }

  /** @param {Entry} entry */
  #remove(entry) {
    this.#resetToUnsent(entry);
    this.#timers.clear(`give up ${entry.id}`);
    if (this.#entries.delete(entry.id)) this.#client._releaseOutboxSlot();
    entry.removeAbortListener();
    return entry;
  }
}
