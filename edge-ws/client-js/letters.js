import { recipient } from './checks.js';
import { Outbox } from './outbox.js';
import { RejoinError } from './support.js';

/** Direct messages on their way: an outbox for each user they are for, as long as it holds something. */
export class Letters {
  /** @type {Map<string, Outbox>} by the room they go to */
  #outboxes = new Map();
  #isOpen = false;
  /** @type {any} */
  #end = null; // why nothing will be sent any more
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

  /** Gives up all that waits. @param {any} error */
  clear(error) {
    this.#outboxes.forEach(outbox => outbox.clear(error));
  }

  /** Takes a frame about one of them; false when it is about something else. @param {any} frame */
  take(frame) {
    if (frame.event !== 'ack' && frame.event !== 'error') return false; // a note to oneself comes back under the same id
    const outbox = frame.room === undefined
      ? [...this.#outboxes.values()].find(o => o.has(frame.id))
      : this.#outboxes.get(frame.room);
    if (!outbox?.has(frame.id)) return false;
    if (frame.event === 'ack') outbox.acked(frame);
    else outbox.refused(frame);
    return true;
  }
}
