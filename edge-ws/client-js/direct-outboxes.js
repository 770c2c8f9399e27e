import { recipient } from './checks.js';
import { RejoinError } from './errors.js';
import { Outbox } from './outbox.js';

/** Direct messages that are not acknowledged, in one outbox per recipient. An outbox is removed when it is empty. */
export class DirectOutboxes {
  /** @type {Map<string, Outbox>} by the recipient's room */
  #outboxes = new Map();
  #isSending = false;
  /** @type {any} */
  #closeError = null; // why nothing more can be sent
  #client;

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
  }

  /** @param {string} user @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  async send(user, content, options) {
    const to = recipient(user);
    const room = `@${to}`;
    if (this.#closeError) throw new RejoinError('closed', `this client is closed: ${this.#closeError.message}`);
    const outbox = this.#outboxes.get(room) ?? this.#addOutbox(room, to);
    try {
      return await outbox.send(content, options);
    } finally {
      if (outbox.isEmpty && this.#outboxes.get(room) === outbox) this.#outboxes.delete(room);
    }
  }

  /** @param {string} room @param {string} to */
  #addOutbox(room, to) {
    const outbox = new Outbox(this.#client, () => ({ to }));
    this.#outboxes.set(room, outbox);
    if (this.#isSending) outbox.startSending();
    return outbox;
  }

  get outboxes() {
    return [...this.#outboxes.values()];
  }

  startSending() {
    this.#isSending = true;
    this.#outboxes.forEach(outbox => outbox.startSending());
  }

  stopSending() {
    this.#isSending = false;
    this.#outboxes.forEach(outbox => outbox.stopSending(true));
  }

  /** @param {any} error */
  close(error) {
    this.#isSending = false;
    this.#closeError = error;
    this.#outboxes.forEach(outbox => outbox.close(error));
  }

  /** Rejects all waiting messages. @param {any} error */
  rejectAll(error) {
    this.#outboxes.forEach(outbox => outbox.rejectAll(error));
  }

  /** Handles an answer to a direct message; false when the frame is about something else. @param {any} frame */
  handleFrame(frame) {
    if (frame.event !== 'ack' && frame.event !== 'error') return false; // a message to oneself has the same id
    const outbox = frame.room === undefined
      ? [...this.#outboxes.values()].find(outbox => outbox.has(frame.id))
      : this.#outboxes.get(frame.room);
    if (!outbox?.has(frame.id)) return false;
    if (frame.event === 'ack') outbox.onAck(frame);
    else outbox.onError(frame);
    return true;
  }
}
