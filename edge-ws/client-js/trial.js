import { Timers } from './support.js';

const PONG_MS = 10_000; // then it is given up, and messages go on: those that are refused have an end by their timeout

/**
 * Finds out which message the server refused when its error names none. What is under way is sent again, one at a time and each
 * followed by a ping: an error that comes before the pong is about that one. Nothing else is sent until that is over.
 */
export class Trial {
  isOn = false;
  /** @type {{ outbox: import('./outbox.js').Outbox, entry: import('./outbox.js').Entry }[]} not tried yet */
  #suspects = [];
  /** @type {{ outbox: import('./outbox.js').Outbox, entry: import('./outbox.js').Entry } | null} being tried */
  #tried = null;
  #ping = '';
  #timers;
  #client;

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
    this.#timers = new Timers(client._clock);
  }

  /** An error that names no frame; false when it cannot be about a message. @param {any} error */
  take(error) {
    if (this.isOn) {
      this.#tried?.outbox.refused({ ...error, id: this.#tried.entry.id });
      this.#tried = null; // a second error is not about it, nor about anything known
      return true;
    }
    this.#suspects = this.#client._outboxes.flatMap((/** @type {import('./outbox.js').Outbox} */ outbox) =>
      outbox.flying.map(entry => ({ outbox, entry })));
    this.isOn = this.#suspects.length > 0;
    if (this.isOn) this.#fence(); // errors about the others may be on their way: they are not about the first that is tried
    return this.isOn;
  }

  /** All that the server had to say at once about what was sent before that ping has come. @param {string | undefined} id */
  heard(id) {
    if (!this.isOn || id !== this.#ping) return;
    this.#tried = null;
    for (let next = this.#suspects.shift(); next; next = this.#suspects.shift()) {
      if (!next.outbox.again(next.entry)) continue;
      this.#tried = next;
      return this.#fence();
    }
    this.#goOn();
  }

  /** It is over, or the connection is gone: the next one finds the same error. */
  end() {
    this.isOn = false;
    this.#suspects = [];
    this.#tried = null;
    this.#timers.clearAll();
  }

  #goOn() {
    this.end();
    for (const outbox of this.#client._outboxes) outbox.flush();
  }

  #fence() {
    this.#timers.set('pong', PONG_MS, () => this.#goOn());
    this.#ping = `ping-${this.#client._number()}`;
    this.#client._send({ event: 'ping', id: this.#ping });
    this.#client._expect();
  }
}
