import { Backlog } from './backlog.js';
import { Handled } from './handled.js';

/**
 * A room's messages: handed on in the order of their seq, each once, to whoever listens; what cannot be had is announced as a
 * gap. Only one that is redelivered comes out of order: where it was not handled, or was before the beginning.
 */
export class Sequence {
  /** @type {number | null} the last seq that came in order */
  #seq;
  /** @type {number | null} the room's life that it counts in */
  #epoch;
  #backlog = new Backlog(); // of that, what nobody has heard
  #handled;
  #isSilent = false;
  #rejoins = 0; // for gaps, since a message last came in order
  #resuming = { epoch: 0, cursor: undefined, first: true, messages: 0, start: 1, isAnew: false };
  #client;
  #room;
  #isAuto;

  /**
   * @param {any} client
   * @param {any} room
   * @param {{ after?: number | 'cursor', epoch?: number, isAuto: boolean }} options
   */
  constructor(client, room, { after, epoch, isAuto }) {
    this.#client = client;
    this.#room = room;
    this.#isAuto = isAuto;
    this.#seq = typeof after === 'number' ? after : null;
    this.#epoch = this.#seq === null ? null : epoch ?? null;
    this.#handled = this.#handleFrom(this.#seq ?? 0);
  }

  /** Where who resumes elsewhere goes on: nothing that was not handed on is before. */
  get seen() {
    return this.#backlog.before ?? this.position;
  }

  /** Where this connection goes on. */
  get position() {
    return { seq: this.#seq, epoch: this.#epoch };
  }

  get handled() {
    return this.#handled;
  }

  /**
   * The join is answered. Tells whether the room is live at once.
   *
   * @param {any} frame
   * @param {{ last: number } | 'cursor' | undefined} start
   */
  joined(frame, start) {
    const first = this.#seq === null;
    const last = typeof start === 'object' ? start.last : 0;
    this.#resuming = {
      epoch: frame.epoch, cursor: frame.cursor, first, messages: 0, start: Math.max(0, frame.seq - last) + 1,
      isAnew: frame.seq < (this.#seq ?? 0), // a room that is behind us is another one
    };
    const isLive = first && start === undefined;
    if (isLive) this.#begin(frame.seq);
    else if (first && start === 'cursor') this.#begin(frame.cursor ?? 0);
    return isLive;
  }

  /** The answer to the join is told to all. @param {any} frame */
  handle(frame) {
    if (this.#epoch === null || this.#epoch === frame.epoch) this.#handled.joined(frame.cursor);
  }

  /** @param {any} frame @param {number} chars of its text */
  message(frame, chars) {
    if (!this.#room._isIn) return; // the answer to the join begins where we stand
    const { event, ...message } = frame;
    if (frame.redelivered) return void (frame.epoch === this.#epoch && this.#handled.handOnAgain(message));
    if (this.#isSameAnew(frame.epoch)) this.#begin(0);
    const isStrange = this.#epoch !== null && frame.epoch !== this.#epoch;
    if (!isStrange && this.#seq !== null && frame.seq <= this.#seq) return; // seen already
    const isGap = this.#seq !== null && frame.seq > this.#seq + 1;
    if (isStrange || (isGap && this.#room.state === 'live')) return this.askAgain();
    if (isGap) this.#skip('partial', frame.seq - 1); // the resync will say the same, too late
    if (!this.#room._isIn) return; // somebody heard of it and left
    if (this.#seq === null) this.#begin(frame.seq - 1);
    const before = this.position;
    [this.#seq, this.#epoch] = [frame.seq, frame.epoch];
    if (this.#room.state === 'live') this.#rejoins = 0;
    else this.#resuming.messages++;
    const handled = this.#handled;
    const tell = () => handled.handOn(message);
    this.#inOrder({ before, chars, tell, drop: tell, gap: this.#gapOf('partial', frame.seq, frame.seq) });
  }

  /** The end of what was missed. @param {any} frame */
  resync({ from, to, outcome }) {
    if (this.#room.state !== 'catching_up') return;
    const { epoch, first, messages, start, isAnew } = this.#resuming;
    if (outcome === 'full' && this.#isSameAnew(epoch)) this.#begin(0);
    const seq = this.#seq;
    if (isAnew || outcome === 'unrecoverable') {
      this.#gap('unrecoverable', (seq ?? 0) + 1, null);
      if (this.#room.state !== 'closed') this.#begin(to);
    } else if (seq !== null && seq < to) {
      if (outcome === 'full') return this.askAgain(); // not what was promised
      this.#skip(outcome, to);
    } else if (outcome === 'partial' && first && from > start) {
      this.#gap(outcome, start, from - 1);
    }
    if (this.#room.state !== 'catching_up') return; // somebody heard of it and left
    if (this.#seq === null) this.#begin(to);
    this.#seq = Math.max(this.#seq ?? to, to);
    this.#epoch = epoch;
    this.#room._live({ from, to, outcome, messages, first });
  }

  /** Another device of the user has acknowledged; tells whether that is news. @param {any} frame */
  moved({ seq, epoch }) {
    const isNews = epoch === this.#epoch && seq > (this.#handled.cursor ?? 0);
    if (isNews) this.#handled.cursor = seq;
    return isNews;
  }

  /** Hands on what is kept, if somebody listens. */
  catchUp() {
    this.#backlog.empty(() => this.#isHeard, gap => this.#room._emit('gap', gap));
  }

  /** Nothing more is handed on. What is kept stays not seen. */
  silence() {
    this.#isSilent = true;
  }

  /** It is about another room from now on, or for another user. */
  restart() {
    this.#backlog.clear();
    [this.#seq, this.#epoch] = [null, null];
    this.#handled.end();
    this.#handled = this.#handleFrom(0);
  }

  /**
   * Whether the room was gone while it was empty, and began anew: the server goes on as if it had not been. It would have said
   * that it cannot, before any message. @param {number | null} epoch
   */
  #isSameAnew(epoch) {
    const isCatchingUp = this.#room.state === 'catching_up' && this.#seq === 0;
    return isCatchingUp && epoch === this.#resuming.epoch && this.#epoch !== null && epoch !== this.#epoch;
  }

  /** Stands there now: what was handled before is of another life, or none of ours. @param {number} seq */
  #begin(seq) {
    [this.#seq, this.#epoch] = [seq, this.#resuming.epoch];
    this.#handled.end();
    this.#handled = this.#handleFrom(seq);
    this.#handled.joined(this.#resuming.cursor);
  }

  /** @param {number} seq */
  #handleFrom(seq) {
    const emit = (/** @type {any} */ message) => this.#room._emit('message', message);
    const send = (/** @type {object} */ ack) => {
      if (this.#room._isIn) this.#client._send({ event: 'ack', room: this.#room.name, ...ack, epoch: this.#epoch });
    };
    return new Handled(this.#client, { emit, send, isAuto: this.#isAuto }, seq);
  }

  /** Something is missing that should have come: it is asked for from the last seq; not in a tight loop. */
  askAgain() {
    this.#room._askAgain(this.#rejoins++);
  }

  get #isHeard() {
    return !this.#isSilent && this.#room._hears('message');
  }

  /** Tells it, unless nobody listens or something before it waits. @param {import('./backlog.js').Item} item */
  #inOrder(item) {
    this.catchUp();
    if (!this.#backlog.before && this.#isHeard) item.tell();
    else this.#backlog.put(item);
  }

  /** Goes on after what is missing, whatever who hears of it does. @param {'partial' | 'unrecoverable'} outcome @param {number} to */
  #skip(outcome, to) {
    this.#gap(outcome, (this.#seq ?? 0) + 1, to);
    this.#seq = to;
  }

  /** @param {'partial' | 'unrecoverable'} outcome @param {number} from @param {number | null} to */
  #gap(outcome, from, to) {
    const gap = this.#gapOf(outcome, from, to);
    this.#inOrder({ before: this.position, chars: 0, tell: () => this.#room._emit('gap', gap), gap });
  }

  /** @param {'partial' | 'unrecoverable'} outcome @param {number} from @param {number | null} to */
  #gapOf(outcome, from, to) {
    return { room: this.#room.name, outcome, from, to };
  }
}
