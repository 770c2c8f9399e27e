import { Timers } from './timers.js';

const PONG_TIMEOUT_MS = 10_000; // then the search ends and messages continue; a refused message has its own timeout

/**
 * Finds the refused message when the server's error names none. Each unanswered message is sent again alone, followed
 * by a ping. An error that arrives before the pong is about that message. Nothing else is sent during the search.
 */
export class RefusedMessageFinder {
  isSearching = false;
  /**
   * @type {{ outbox: import('./outbox.js').Outbox, entry: import('./outbox.js').Entry }[]} messages that are not
   *     sent again yet
   */
  #candidates = [];
  /**
   * @type {{ outbox: import('./outbox.js').Outbox, entry: import('./outbox.js').Entry } | null} the message that
   *     was sent again last
   */
  #current = null;
  #pingId = '';
  #timers;
  #client;

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
    this.#timers = new Timers(client._clock);
  }

  /** Handles an error that names no frame; false when the error cannot be about a message. @param {any} error */
  handleError(error) {
    if (this.isSearching) {
      this.#current?.outbox.onError({ ...error, id: this.#current.entry.id });
      this.#current = null; // a second error is not about this message, nor about any known one
      return true;
    }
    this.#candidates = this.#client._outboxes.flatMap((/** @type {import('./outbox.js').Outbox} */ outbox) =>
      outbox.unanswered.map(entry => ({ outbox, entry })));
    this.isSearching = this.#candidates.length > 0;
    if (this.isSearching) this.#sendPing(); // first a pong: errors about others may be on their way
    return this.isSearching;
  }

  /**
   * Handles a pong: all immediate answers to frames before this ping have arrived. Tries the next message.
   *
   * @param {string | undefined} id
   */
  onPong(id) {
    if (!this.isSearching || id !== this.#pingId) return;
    this.#current = null;
    for (let next = this.#candidates.shift(); next; next = this.#candidates.shift()) {
      if (!next.outbox.resend(next.entry)) continue;
      this.#current = next;
      return this.#sendPing();
    }
    this.#resumeSending();
  }

  /** Ends the search. After a lost connection, the next connection finds the same error. */
  stop() {
    this.isSearching = false;
    this.#candidates = [];
    this.#current = null;
    this.#timers.clearAll();
  }

  #resumeSending() {
    this.stop();
    for (const outbox of this.#client._outboxes) outbox.flush();
  }

  #sendPing() {
    this.#timers.set('pong', PONG_TIMEOUT_MS, () => this.#resumeSending());
    this.#pingId = `ping-${this.#client._nextNumber()}`;
    this.#client._send({ event: 'ping', id: this.#pingId });
    this.#client._expectAnswer();
  }
}
