import { recipient } from './checks.js';
import { Outbox } from './outbox.js';
import { RejoinError } from './support.js';

/** Direct messages that are not acknowledged, in one outbox per recipient. An outbox is removed when it is empty. */
export class Letters {
  /** @type {Map<string, Outbox>} by the recipient's room */
  #outboxes = new Map();
  #isOpen = false;
  /** @type {any} */
  #end = null; // why nothing more can be sent
  #client;

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
  }

  /** @param {string} user @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  async put(user, content, options) {
    const to = recipient(user);
    const room = `@${to}`;
    if (this.#end) throw new RejoinError('closed', `this client is closed: ${this.#end.message}`);
    const outbox = this.#outboxes.get(room) ?? this.#begin(room, to);
    try {
      return await outbox.put(content, options);
    } finally {
      if (outbox.isEmpty && this.#outboxes.get(room) === outbox) this.#outboxes.delete(room);
    }
  }

  /** @param {string} room @param {string} to */
  #begin(room, to) {
    const outbox = new Outbox(this.#client, () => ({ to }));
    this.#outboxes.set(room, outbox);
    if (this.#isOpen) outbox.open();
    return outbox;
  }

  get outboxes() {
    return [...this.#outboxes.values()];
  }

  open() {
    this.#isOpen = true;
    this.#outboxes.forEach(outbox => outbox.open());
  }

  hold() {
    this.#isOpen = false;
    this.#outboxes.forEach(outbox => outbox.hold(true));
  }

  /** @param {any} error */
  end(error) {
    this.#isOpen = false;
    this.#end = error;
    this.#outboxes.forEach(outbox => outbox.end(error));
  }

  /** Rejects all waiting messages. @param {any} error */
  clear(error) {
    this.#outboxes.forEach(outbox => outbox.clear(error));
  }

  /** Handles an answer to a direct message; false when the frame is about something else. @param {any} frame */
  take(frame) {
    if (frame.event !== 'ack' && frame.event !== 'error') return false; // a message to oneself has the same id
    const outbox = frame.room === undefined
      ? [...this.#outboxes.values()].find(o => o.has(frame.id))
      : this.#outboxes.get(frame.room);
    if (!outbox?.has(frame.id)) return false;
    if (frame.event === 'ack') outbox.acked(frame);
    else outbox.refused(frame);
    return true;
  }
}
