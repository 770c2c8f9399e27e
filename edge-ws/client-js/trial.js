import { Timers } from './support.js';

const PONG_MS = 10_000; // then the trial ends and messages continue; a refused message then ends by its own timeout

/**
 * Finds the refused message when the server's error names none. Each unanswered message is sent again alone, followed
 * by a ping. An error that arrives before the pong is about that message. Nothing else is sent during the trial.
 */
export class Trial {
  isOn = false;
  /**
   * @type {{ outbox: import('./outbox.js').Outbox, entry: import('./outbox.js').Entry }[]} messages that are not tried
   *     yet
   */
  #suspects = [];
  /**
   * @type {{ outbox: import('./outbox.js').Outbox, entry: import('./outbox.js').Entry } | null} the message that is
   *     tried now
   */
  #tried = null;
  #ping = '';
  #timers;
  #client;

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
    this.#timers = new Timers(client._clock);
  }

  /** Handles an error that names no frame; false when the error cannot be about a message. @param {any} error */
  take(error) {
    if (this.isOn) {
      this.#tried?.outbox.refused({ ...error, id: this.#tried.entry.id });
      this.#tried = null; // a second error is not about this message, nor about any known one
      return true;
    }
    this.#suspects = this.#client._outboxes.flatMap((/** @type {import('./outbox.js').Outbox} */ outbox) =>
      outbox.flying.map(entry => ({ outbox, entry })));
    this.isOn = this.#suspects.length > 0;
    if (this.isOn) this.#fence(); // first a pong: errors about others may be on their way
    return this.isOn;
  }

  /**
   * Handles a pong: all immediate answers to frames before this ping have arrived. Tries the next message.
   *
   * @param {string | undefined} id
   */
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

  /** Ends the trial. After a lost connection, the next connection finds the same error. */
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
