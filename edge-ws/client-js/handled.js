import { asked, isRetryable, jitter, Timers } from './support.js';

const PAUSE_MS = 500; // between two acknowledgements of one room
const MOST = 1_000; // messages remembered that are not handled, or were handled out of their order

/**
 * What of one life of a room was handed to listeners, what of that they handled, and what of that the server was told. Messages
 * come in the order of their seq; only redelivered ones from before the beginning do not: those are early.
 */
export class Handled {
  /** @type {number | null} what the user has acknowledged on any device, as far as is known */
  cursor = null;
  #beginning;
  #last;
  /** @type {Map<number, 'running' | 'failed'>} handed on and not handled */
  #open = new Map();
  /** @type {Set<number>} handled, and early */
  #early = new Set();
  #beyond = Infinity; // the first that there was no room to remember
  #wanted = 0; // to be acknowledged by itself, once nothing before is open
  #asked = 0; // to be acknowledged
  #said = 0; // sent
  #failures = 0;
  #isOver = false;
  #id = '';
  #timers;
  #client;
  #room;

  /**
   * @param {any} client
   * @param {{ emit(message: any): boolean | Promise<boolean>, send(ack: { id: string, seq: number }): void, isAuto: boolean }} room
   * @param {number} beginning the last seq that is not handed on
   */
  constructor(client, room, beginning) {
    this.#client = client;
    this.#room = room;
    this.#beginning = this.#last = beginning;
    this.#timers = new Timers(client._clock);
  }

  /** The next message. @param {any} message */
  handOn(message) {
    this.#last = message.seq;
    this.#hand(message, false);
  }

  /** The user has not acknowledged this one: hands it on only if it was not handled here, and acknowledges it. @param {any} message */
  handOnAgain(message) {
    const { seq } = message;
    if (seq > this.#last) return; // it comes in its order
    const isEarly = seq <= this.#beginning;
    const isNew = isEarly ? !this.#early.has(seq) : seq >= this.#beyond;
    if (this.#open.get(seq) === 'running') return;
    isNew || this.#open.has(seq) ? this.#hand(message, isEarly) : this.#acknowledge(message, isEarly);
  }

  /** Acknowledges up to there, or all that was handed on before the first that failed. @param {number} [seq] */
  ack(seq) {
    const failed = [...this.#open].filter(([, state]) => state === 'failed').map(([open]) => open);
    if (seq === undefined) return this.#ask(Math.min(this.#last, this.#beyond - 1, ...failed.map(open => open - 1)));
    for (const open of failed) if (open <= seq) this.#open.delete(open); // the application knows better
    if (seq >= this.#beyond) this.#beyond = seq + 1;
    this.#ask(Math.min(this.#last, seq));
  }

  /** Tells the server at once. */
  flush() {
    if (this.#isOver || this.#asked <= Math.max(this.#said, this.cursor ?? 0)) return;
    this.#said = this.#asked;
    this.#id = `ack-${this.#client._number()}`;
    this.#room.send({ id: this.#id, seq: this.#asked });
    this.#timers.set('pause', PAUSE_MS, () => this.flush());
  }

  /** The room is joined. What was on its way when the connection was lost may not have arrived. @param {number | undefined} cursor */
  joined(cursor) {
    this.cursor = cursor ?? null;
    this.#said = this.#failures = 0;
    this.flush();
  }

  /** The connection is gone. */
  stop() {
    this.#timers.clearAll();
  }

  /** This life of the room is over: what listeners end from now on is not said in the next one, nor in another room. */
  end() {
    this.#isOver = true;
    this.stop();
  }

  /** Another user goes on: what the former one handled says nothing about what this one did. */
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

  /** The last acknowledgement was refused; false when that is for good. @param {any} error */
  refused(error) {
    if (!isRetryable(error)) return false;
    this.#said = 0;
    const wait = asked(error.retry_after_ms) + jitter(this.#client._random, this.#failures++);
    this.#timers.set('pause', wait, () => this.flush());
    return true;
  }

  /** @param {any} message @param {boolean} isEarly */
  #hand(message, isEarly) {
    const { seq, redelivered } = message; // now: listeners may do anything to it
    const open = this.#open; // another one after a reset
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

  /** A message is handled: if that is to be said by itself, says how far all are. @param {any} message @param {boolean} isEarly */
  #acknowledge({ seq, redelivered }, isEarly) {
    if (redelivered) this.#said = Math.min(this.#said, seq - 1); // the server has not heard of it
    if (!redelivered && !this.#room.isAuto) return;
    if (!isEarly) this.#wanted = this.#room.isAuto ? this.#last : Math.max(this.#wanted, seq);
    const first = Math.min(this.#beyond, ...this.#open.keys());
    this.#ask(Math.min(isEarly ? Math.max(this.#wanted, this.#reached(seq)) : this.#wanted, first - 1));
  }

  /** How far early ones follow what is acknowledged: what lies between was perhaps never handed on. @param {number} seq of one */
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
