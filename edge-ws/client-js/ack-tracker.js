import { isRetryable } from './errors.js';
import { jitterMs, Timers, validWaitMs } from './timers.js';

const ACK_INTERVAL_MS = 500; // between two acknowledgements of a room
const MAX_TRACKED = 1_000; // the most remembered messages that are not handled, or were handled out of order

/**
 * Tracks the messages of one epoch of a room: which are delivered to listeners, handled by them, and acknowledged to
 * the server. Messages arrive in the order of their seq. Only redelivered messages from before the start
 * do not.
 */
export class AckTracker {
  /** @type {number | null} the user's last known acknowledgement on any device */
  cursor = null;
  #startSeq;
  #lastDelivered;
  /** @type {Map<number, 'running' | 'failed'>} delivered and not handled */
  #unhandled = new Map();
  /** @type {Set<number>} messages from before the start that were handled */
  #handledBeforeStart = new Set();
  #firstUntracked = Infinity; // the first seq that did not fit into the bound
  #autoAckUpTo = 0; // to be acknowledged automatically, when nothing before is unhandled
  #requestedAck = 0; // to be acknowledged
  #sentAck = 0; // acknowledged to the server
  #failures = 0;
  #isEnded = false;
  #ackId = '';
  #timers;
  #client;
  #delivery;

  /**
   * @param {any} client
   * @param {{
   *   emit(message: any): boolean | Promise<boolean>, send(ack: { id: string, seq: number }): void, isAutoAck: boolean,
   * }} delivery
   * @param {number} startSeq the seq after which delivery begins
   */
  constructor(client, delivery, startSeq) {
    this.#client = client;
    this.#delivery = delivery;
    this.#startSeq = this.#lastDelivered = startSeq;
    this.#timers = new Timers(client._clock);
  }

  /** Delivers the next message in order. @param {any} message */
  deliver(message) {
    this.#lastDelivered = message.seq;
    this.#emit(message, false);
  }

  /**
   * Handles a redelivered message, which the user has not acknowledged. Delivers it only if it was not handled here,
   * and acknowledges it.
   *
   * @param {any} message
   */
  redeliver(message) {
    const { seq } = message;
    if (seq > this.#lastDelivered) return; // the message will arrive in order
    const isBeforeStart = seq <= this.#startSeq;
    const isNew = isBeforeStart ? !this.#handledBeforeStart.has(seq) : seq >= this.#firstUntracked;
    if (this.#unhandled.get(seq) === 'running') return;
    isNew || this.#unhandled.has(seq) ? this.#emit(message, isBeforeStart) : this.#autoAck(message, isBeforeStart);
  }

  /** Acknowledges up to this seq, or everything delivered before the first failed message. @param {number} [seq] */
  ack(seq) {
    const failed = [...this.#unhandled].filter(([, state]) => state === 'failed').map(([failedSeq]) => failedSeq);
    if (seq === undefined) {
      const firstBlocking = Math.min(this.#firstUntracked, ...failed);
      return this.#requestAck(Math.min(this.#lastDelivered, firstBlocking - 1));
    }
    for (const failedSeq of failed) if (failedSeq <= seq) this.#unhandled.delete(failedSeq); // the application decides
    if (seq >= this.#firstUntracked) this.#firstUntracked = seq + 1;
    this.#requestAck(Math.min(this.#lastDelivered, seq));
  }

  /** Sends a pending acknowledgement at once. */
  flush() {
    if (this.#isEnded || this.#requestedAck <= Math.max(this.#sentAck, this.cursor ?? 0)) return;
    this.#sentAck = this.#requestedAck;
    this.#ackId = `ack-${this.#client._nextNumber()}`;
    this.#delivery.send({ id: this.#ackId, seq: this.#requestedAck });
    this.#timers.set('pause', ACK_INTERVAL_MS, () => this.flush());
  }

  /**
   * Continues after the room is joined. Repeats the last acknowledgement, which may have been lost with the connection.
   *
   * @param {number | undefined} cursor
   */
  onJoined(cursor) {
    this.cursor = cursor ?? null;
    this.#sentAck = this.#failures = 0;
    this.flush();
  }

  /** Stops when the connection is lost. */
  stopTimers() {
    this.#timers.clearAll();
  }

  /** Ends this epoch. Listeners that finish later cause no acknowledgement in the next epoch or in another room. */
  end() {
    this.#isEnded = true;
    this.stopTimers();
  }

  /** Forgets what the former user handled, because another user continues. */
  reset() {
    this.stopTimers();
    this.cursor = null;
    this.#startSeq = this.#lastDelivered;
    this.#unhandled = new Map();
    this.#handledBeforeStart = new Set();
    this.#firstUntracked = Infinity;
    this.#autoAckUpTo = this.#requestedAck = this.#sentAck = this.#failures = 0;
    this.#ackId = '';
  }

  /** @param {string | undefined} id */
  isAwaitingAnswer(id) {
    return id !== undefined && id === this.#ackId;
  }

  /** Handles a refusal of the last acknowledgement; false when the refusal is final. @param {any} error */
  handleError(error) {
    if (!isRetryable(error)) return false;
    this.#sentAck = 0;
    const waitMs = validWaitMs(error.retry_after_ms) + jitterMs(this.#client._random, this.#failures++);
    this.#timers.set('pause', waitMs, () => this.flush());
    return true;
  }

  /** @param {any} message @param {boolean} isBeforeStart */
  #emit(message, isBeforeStart) {
    const { seq, redelivered } = message; // read now, because listeners may change the message
    const unhandled = this.#unhandled; // a reset replaces this map
    if (this.#unhandled.has(seq) || this.#unhandled.size < MAX_TRACKED) this.#unhandled.set(seq, 'running');
    else this.#firstUntracked = Math.min(this.#firstUntracked, seq);
    const result = this.#delivery.emit(message);
    const onDone = (/** @type {boolean} */ isHandled) =>
      this.#onListenersDone({ seq, redelivered }, isBeforeStart, isHandled);
    if (typeof result === 'boolean') onDone(result);
    else result.then(isHandled => unhandled === this.#unhandled && onDone(isHandled));
  }

  /** @param {any} message @param {boolean} isBeforeStart @param {boolean} isHandled */
  #onListenersDone(message, isBeforeStart, isHandled) {
    const { seq } = message;
    if (!isHandled) return void (this.#unhandled.has(seq) && this.#unhandled.set(seq, 'failed'));
    this.#unhandled.delete(seq);
    if (isBeforeStart && this.#handledBeforeStart.size < MAX_TRACKED) this.#handledBeforeStart.add(seq);
    this.#autoAck(message, isBeforeStart);
  }

  /**
   * Acknowledges a handled message if the room does that automatically. The acknowledgement goes as far as all messages
   * are handled.
   *
   * @param {any} message
   * @param {boolean} isBeforeStart
   */
  #autoAck({ seq, redelivered }, isBeforeStart) {
    if (redelivered) this.#sentAck = Math.min(this.#sentAck, seq - 1); // the server does not have the acknowledgement
    if (!redelivered && !this.#delivery.isAutoAck) return;
    if (!isBeforeStart && this.#delivery.isAutoAck) this.#autoAckUpTo = this.#lastDelivered;
    else if (!isBeforeStart) this.#autoAckUpTo = Math.max(this.#autoAckUpTo, seq);
    const wanted = isBeforeStart ? Math.max(this.#autoAckUpTo, this.#contiguousUpTo(seq)) : this.#autoAckUpTo;
    const firstUnhandled = Math.min(this.#firstUntracked, ...this.#unhandled.keys());
    this.#requestAck(Math.min(wanted, firstUnhandled - 1));
  }

  /**
   * How far messages from before the start follow the acknowledged ones without a break. A missing message between them
   * may never have been delivered.
   *
   * @param {number} seq of a message from before the start
   */
  #contiguousUpTo(seq) {
    let last = Math.max(this.cursor ?? 0, this.#requestedAck);
    while (last + 1 === seq || this.#handledBeforeStart.has(last + 1)) last++;
    return last;
  }

  /** @param {number} seq */
  #requestAck(seq) {
    this.#requestedAck = Math.max(this.#requestedAck, seq);
    if (!this.#timers.has('pause')) this.flush();
  }
}
