import { asked, isRetryable, jitter, Timers } from './support.js';

const PAUSE_MS = 500; // between two acknowledgements of a room
const MOST = 1_000; // the most remembered messages that are not handled, or were handled out of order

/**
 * Tracks the messages of one epoch of a room: which are delivered to listeners, handled by them, and acknowledged to
 * the server. Messages arrive in the order of their seq. Only redelivered messages from before the beginning do not;
 * they are called early.
 */
export class Handled {
  /** @type {number | null} the user's last known acknowledgement on any device */
  cursor = null;
  #beginning;
  #last;
  /** @type {Map<number, 'running' | 'failed'>} delivered and not handled */
  #open = new Map();
  /** @type {Set<number>} early messages that were handled */
  #early = new Set();
  #beyond = Infinity; // the first seq that did not fit into the bound
  #wanted = 0; // to be acknowledged automatically, when nothing before is open
  #asked = 0; // to be acknowledged
  #said = 0; // acknowledged to the server
  #failures = 0;
  #isOver = false;
  #id = '';
  #timers;
  #client;
  #room;

  /**
   * @param {any} client
   * @param {{ emit(message: any): boolean | Promise<boolean>, send(ack: { id: string, seq: number }): void, isAuto: boolean }} room
   * @param {number} beginning the seq after which delivery begins
   */
  constructor(client, room, beginning) {
    this.#client = client;
    this.#room = room;
    this.#beginning = this.#last = beginning;
    this.#timers = new Timers(client._clock);
  }

  /** Delivers the next message in order. @param {any} message */
  handOn(message) {
    this.#last = message.seq;
    this.#hand(message, false);
  }

  /**
   * Handles a redelivered message, which the user has not acknowledged. Delivers it only if it was not handled here,
   * and acknowledges it.
   *
   * @param {any} message
   */
  handOnAgain(message) {
    const { seq } = message;
    if (seq > this.#last) return; // the message will arrive in order
    const isEarly = seq <= this.#beginning;
    const isNew = isEarly ? !this.#early.has(seq) : seq >= this.#beyond;
    if (this.#open.get(seq) === 'running') return;
    isNew || this.#open.has(seq) ? this.#hand(message, isEarly) : this.#acknowledge(message, isEarly);
  }

  /** Acknowledges up to this seq, or everything delivered before the first failed message. @param {number} [seq] */
  ack(seq) {
    const failed = [...this.#open].filter(([, state]) => state === 'failed').map(([open]) => open);
    if (seq === undefined) return this.#ask(Math.min(this.#last, this.#beyond - 1, ...failed.map(open => open - 1)));
    for (const open of failed) if (open <= seq) this.#open.delete(open); // the application decides
    if (seq >= this.#beyond) this.#beyond = seq + 1;
    this.#ask(Math.min(this.#last, seq));
  }

  /** Sends a pending acknowledgement at once. */
  flush() {
    if (this.#isOver || this.#asked <= Math.max(this.#said, this.cursor ?? 0)) return;
    this.#said = this.#asked;
    this.#id = `ack-${this.#client._number()}`;
    this.#room.send({ id: this.#id, seq: this.#asked });
    this.#timers.set('pause', PAUSE_MS, () => this.flush());
  }

  /**
   * Continues after the room is joined. Repeats the last acknowledgement, which may have been lost with the connection.
   *
   * @param {number | undefined} cursor
   */
  joined(cursor) {
    this.cursor = cursor ?? null;
    this.#said = this.#failures = 0;
    this.flush();
  }

  /** Stops when the connection is lost. */
  stop() {
    this.#timers.clearAll();
  }

  /** Ends this epoch. Listeners that finish later cause no acknowledgement in the next epoch or in another room. */
  end() {
    this.#isOver = true;
    this.stop();
  }

  /** Forgets what the former user handled, because another user continues. */
  reset() {
    this.stop();
    this.cursor = null;
    this.#beginning = this.#last;
    this.#open = new Map();
    this.#early = new Set();
    this.#beyond = Infinity;
    this.#wanted = this.#asked = this.#said = this.#failures = 0;
    this.#id = '';
  }

  /** @param {string | undefined} id */
  owns(id) {
    return id !== undefined && id === this.#id;
  }

  /** Handles a refusal of the last acknowledgement; false when the refusal is final. @param {any} error */
  refused(error) {
    if (!isRetryable(error)) return false;
    this.#said = 0;
    const wait = asked(error.retry_after_ms) + jitter(this.#client._random, this.#failures++);
    this.#timers.set('pause', wait, () => this.flush());
    return true;
  }

  /** @param {any} message @param {boolean} isEarly */
  #hand(message, isEarly) {
    const { seq, redelivered } = message; // read now, because listeners may change the message
    const open = this.#open; // a reset replaces this map
    if (this.#open.has(seq) || this.#open.size < MOST) this.#open.set(seq, 'running');
    else this.#beyond = Math.min(this.#beyond, seq);
    const isHandled = this.#room.emit(message);
    if (typeof isHandled === 'boolean') this.#end({ seq, redelivered }, isEarly, isHandled);
    else isHandled.then(handled => open === this.#open && this.#end({ seq, redelivered }, isEarly, handled));
  }

  /** @param {any} message @param {boolean} isEarly @param {boolean} isHandled */
  #end(message, isEarly, isHandled) {
    const { seq } = message;
    if (!isHandled) return void (this.#open.has(seq) && this.#open.set(seq, 'failed'));
    this.#open.delete(seq);
    if (isEarly && this.#early.size < MOST) this.#early.add(seq);
    this.#acknowledge(message, isEarly);
  }

  /**
   * Acknowledges a handled message if the room does that automatically. The acknowledgement goes as far as all messages
   * are handled.
   *
   * @param {any} message
   * @param {boolean} isEarly
   */
  #acknowledge({ seq, redelivered }, isEarly) {
    if (redelivered) this.#said = Math.min(this.#said, seq - 1); // the server does not have the acknowledgement
    if (!redelivered && !this.#room.isAuto) return;
    if (!isEarly) this.#wanted = this.#room.isAuto ? this.#last : Math.max(this.#wanted, seq);
    const first = Math.min(this.#beyond, ...this.#open.keys());
    this.#ask(Math.min(isEarly ? Math.max(this.#wanted, this.#reached(seq)) : this.#wanted, first - 1));
  }

  /**
   * How far early messages follow the acknowledged ones without a break. A missing message between them may never have
   * been delivered.
   *
   * @param {number} seq of an early message
   */
  #reached(seq) {
    let reached = Math.max(this.cursor ?? 0, this.#asked);
    while (reached + 1 === seq || this.#early.has(reached + 1)) reached++;
    return reached;
  }

  /** @param {number} seq */
  #ask(seq) {
    this.#asked = Math.max(this.#asked, seq);
    if (!this.#timers.has('pause')) this.flush();
  }
}
