import { isRetryable, jitter, newId, RejoinError, Timers } from './support.js';

const ACK_MS = 10_000; // to an ack, before a message is sent again; doubled each time, three times
const SEND_TIMEOUT_MS = 300_000;

/**
 * @typedef {object} Entry a message on its way
 * @property {string} id the same however often it is sent: that is what makes sending it again harmless
 * @property {object} frame
 * @property {boolean} sent whether the server may have it
 * @property {'idle' | 'flying' | 'waiting'} phase to be sent; sent and not answered; refused for now
 * @property {number} attempts
 * @property {Promise<any>} promise
 * @property {(ack: any) => void} resolve
 * @property {(error: any) => void} reject
 * @property {() => void} forget
 */

/** @param {import('./rejoin.js').Content} content */
function body(content) {
  if (typeof content === 'string') return { text: content };
  return 'data' in content ? { data: content.data } : { text: content.text };
}

/** What was sent to a room, or to a user, and is not acknowledged, in the order it was sent. Kept in memory, bounded for all rooms. */
export class Outbox {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  #client;
  #address;
  #timers;
  #ready = false;

  /** @param {any} client @param {() => { room: string } | { to: string }} address asked each time */
  constructor(client, address) {
    this.#client = client;
    this.#address = address;
    this.#timers = new Timers(client._clock);
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  put(content, { id = newId(), timeout = SEND_TIMEOUT_MS, signal, confirm } = {}) {
    const before = this.#entries.get(id);
    if (before) return before.promise;
    if (signal?.aborted) return Promise.reject(new RejoinError('aborted', 'aborted before it was sent'));
    if (!this.#client._takePlace()) {
      return Promise.reject(new RejoinError('outbox_full', 'too many messages wait to be acknowledged'));
    }
    const frame = { id, ...body(content), confirm }; // JSON leaves out what is undefined
    const entry = /** @type {Entry} */ ({ id, frame, sent: false, phase: 'idle', attempts: 0 });
    entry.promise = new Promise((resolve, reject) => Object.assign(entry, { resolve, reject }));
    const abort = () => this.#fail(entry, 'aborted', 'aborted while it waited to be acknowledged');
    signal?.addEventListener('abort', abort);
    entry.forget = () => signal?.removeEventListener('abort', abort);
    this.#entries.set(id, entry);
    if (timeout > 0) {
      const giveUp = () => this.#fail(entry, 'send_timeout', `not acknowledged within ${timeout} ms`);
      this.#timers.set(`give up ${id}`, timeout, giveUp);
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

  /** The room takes messages. */
  open() {
    this.#ready = true;
    this.flush();
  }

  /** The room takes none for now; with the connection gone, what was on its way counts as unsent. */
  hold(isLost = false) {
    this.#ready = false;
    if (isLost) this.#entries.forEach(entry => this.#rest(entry));
  }

  /** Nothing will be sent any more. @param {any} error */
  end(error) {
    this.#ready = false;
    for (const entry of [...this.#entries.values()]) this.#fail(entry, error.code, error.message);
  }

  /** Sends what waits, in order. One that was refused for now holds back those after it. */
  flush() {
    for (const entry of [...this.#entries.values()]) {
      if (!this.#ready || entry.phase === 'waiting') return;
      if (entry.phase === 'idle') this.#transmit(entry);
    }
  }

  /** @param {any} ack */
  acked({ id, seq, ts, duplicate = false }) {
    const entry = this.#entries.get(id);
    if (entry) this.#take(entry).resolve({ id, seq, ts, duplicate });
  }

  /** One of ours was refused, for now or for good. @param {any} error */
  refused(error) {
    const entry = /** @type {Entry} */ (this.#entries.get(error.id));
    if (!isRetryable(error)) {
      entry.sent = false; // a refusal says that nothing was done
      return this.#fail(entry, error.code, error.message);
    }
    entry.phase = 'waiting';
    this.#timers.set(entry.id, (error.retry_after_ms ?? 0) + jitter(this.#client._random, entry.attempts), () => {
      entry.phase = 'idle';
      this.flush();
    });
  }

  /** Counts one as unsent. @param {string} id */
  rest(id) {
    this.#rest(/** @type {Entry} */ (this.#entries.get(id)));
  }

  /** @param {Entry} entry */
  #transmit(entry) {
    const text = JSON.stringify({ event: 'message', ...this.#address(), ...entry.frame });
    const most = this.#client.limits?.message_bytes ?? Infinity;
    if (text.length * 3 > most && new TextEncoder().encode(text).length > most) { // it would end the connection
      return this.#fail(entry, 'message_too_big', `the server takes messages of ${most} bytes at most`);
    }
    this.#client._sendText(text);
    entry.sent = true;
    entry.phase = 'flying';
    this.#timers.set(entry.id, ACK_MS * 2 ** Math.min(entry.attempts++, 3), () => {
      entry.phase = 'idle';
      this.flush();
    });
  }

  /** @param {Entry} entry */
  #rest(entry) {
    this.#timers.clear(entry.id);
    entry.phase = 'idle';
  }

  /** @param {Entry} entry @param {string} code @param {string} why */
  #fail(entry, code, why) {
    this.#take(entry).reject(new RejoinError(code, why, { unknown: entry.sent }));
    this.flush(); // it may have held others back
  }

  /** @param {Entry} entry */
  #take(entry) {
    this.#rest(entry);
    this.#timers.clear(`give up ${entry.id}`);
    this.#entries.delete(entry.id);
    this.#client._givePlaceBack();
    entry.forget();
    return entry;
  }
}
