import { Backlog } from './backlog.js';
import { Handled } from './handled.js';

/**
 * Delivers a room's messages to listeners in the order of their seq, each once. Messages that cannot be had are
 * announced as a gap. Only redelivered messages come out of order: those that were not handled, and those from before
 * the beginning.
 */
export class Sequence {
  /** @type {number | null} the last seq that arrived in order */
  #seq;
  /** @type {number | null} the epoch to which it belongs */
  #epoch;
  #backlog = new Backlog(); // arrived messages that no listener has received
  #handled;
  #isSilent = false;
  #rejoins = 0; // joins because of gaps, since the last message in order
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

  /** The position to resume from in another page or process. Everything up to it was delivered. */
  get seen() {
    return this.#backlog.before ?? this.position;
  }

  /** The position to resume from on this connection. */
  get position() {
    return { seq: this.#seq, epoch: this.#epoch };
  }

  get handled() {
    return this.#handled;
  }

  /**
   * Handles the answer to the join. Returns whether the room is live at once.
   *
   * @param {any} frame
   * @param {{ last: number } | 'cursor' | undefined} start
   */
  joined(frame, start) {
    const first = this.#seq === null;
    const last = typeof start === 'object' ? start.last : 0;
    this.#resuming = {
      epoch: frame.epoch, cursor: frame.cursor, first, messages: 0, start: Math.max(0, frame.seq - last) + 1,
      isAnew: frame.seq < (this.#seq ?? 0), // a room with a lower seq than ours has begun anew
    };
    const isLive = first && start === undefined;
    if (isLive) this.#begin(frame.seq);
    else if (first && start === 'cursor') this.#begin(frame.cursor ?? 0);
    return isLive;
  }

  /** Continues the acknowledgements, after all listeners have received the answer to the join. @param {any} frame */
  handle(frame) {
    if (this.#epoch === null || this.#epoch === frame.epoch) this.#handled.joined(frame.cursor);
  }

  /**
   * @param {any} frame
   * @param {number} chars length of its text
   */
  message(frame, chars) {
    if (!this.#room._isIn) return; // the next join resumes from our position
    const { event, ...message } = frame;
    if (frame.redelivered) return void (frame.epoch === this.#epoch && this.#handled.handOnAgain(message));
    if (this.#isSameAnew(frame.epoch)) this.#begin(0);
    const isStrange = this.#epoch !== null && frame.epoch !== this.#epoch;
    if (!isStrange && this.#seq !== null && frame.seq <= this.#seq) return; // already seen
    const isGap = this.#seq !== null && frame.seq > this.#seq + 1;
    if (isStrange || (isGap && this.#room.state === 'live')) return this.askAgain();
    if (isGap) this.#skip('partial', frame.seq - 1); // the resync would report the gap too late
    if (!this.#room._isIn) return; // a listener has left the room
    if (this.#seq === null) this.#begin(frame.seq - 1);
    const before = this.position;
    [this.#seq, this.#epoch] = [frame.seq, frame.epoch];
    if (this.#room.state === 'live') this.#rejoins = 0;
    else this.#resuming.messages++;
    const handled = this.#handled;
    const tell = () => handled.handOn(message);
    this.#inOrder({ before, chars, tell, drop: tell, gap: this.#gapOf('partial', frame.seq, frame.seq) });
  }

  /** Handles the end of the missed messages. @param {any} frame */
  resync({ from, to, outcome }) {
    if (this.#room.state !== 'catching_up') return;
    const { epoch, first, messages, start, isAnew } = this.#resuming;
    if (outcome === 'full' && this.#isSameAnew(epoch)) this.#begin(0);
    const seq = this.#seq;
    if (isAnew || outcome === 'unrecoverable') {
      this.#gap('unrecoverable', (seq ?? 0) + 1, null);
      if (this.#room.state !== 'closed') this.#begin(to);
    } else if (seq !== null && seq < to) {
      if (outcome === 'full') return this.askAgain(); // the server promised all messages
      this.#skip(outcome, to);
    } else if (outcome === 'partial' && first && from > start) {
      this.#gap(outcome, start, from - 1);
    }
    if (this.#room.state !== 'catching_up') return; // a listener has left the room
    if (this.#seq === null) this.#begin(to);
    this.#seq = Math.max(this.#seq ?? to, to);
    this.#epoch = epoch;
    this.#room._live({ from, to, outcome, messages, first });
  }

  /** Handles an acknowledgement of another device of the user; returns whether it is news. @param {any} frame */
  moved({ seq, epoch }) {
    const isNews = epoch === this.#epoch && seq > (this.#handled.cursor ?? 0);
    if (isNews) this.#handled.cursor = seq;
    return isNews;
  }

  /** Delivers the kept messages, if there is a listener. */
  catchUp() {
    this.#backlog.empty(() => this.#isHeard, gap => this.#room._emit('gap', gap));
  }

  /** Stops delivery. Kept messages still count as not seen. */
  silence() {
    this.#isSilent = true;
  }

  /** Starts from the beginning, for another room or another user. */
  restart() {
    this.#backlog.clear();
    [this.#seq, this.#epoch] = [null, null];
    this.#handled.end();
    this.#handled = this.#handleFrom(0);
  }

  /**
   * Whether the room ended while it was empty and then began in a new epoch. The server then resumes as if the room had
   * never ended. If it could not, it would report that before any message.
   *
   * @param {number | null} epoch
   */
  #isSameAnew(epoch) {
    const isCatchingUp = this.#room.state === 'catching_up' && this.#seq === 0;
    return isCatchingUp && epoch === this.#resuming.epoch && this.#epoch !== null && epoch !== this.#epoch;
  }

  /**
   * Sets the position in the current epoch. What was handled before belongs to another epoch, or does not count.
   *
   * @param {number} seq
   */
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

  /** Requests missing messages from the last seq on, with growing waits between repeated requests. */
  askAgain() {
    this.#room._askAgain(this.#rejoins++);
  }

  get #isHeard() {
    return !this.#isSilent && this.#room._hears('message');
  }

  /**
   * Delivers an item. If there is no listener, or earlier items wait, the item is kept.
   *
   * @param {import('./backlog.js').Item} item
   */
  #inOrder(item) {
    this.catchUp();
    if (!this.#backlog.before && this.#isHeard) item.tell();
    else this.#backlog.put(item);
  }

  /**
   * Announces a gap and continues behind it, whatever the gap's listeners do.
   *
   * @param {'partial' | 'unrecoverable'} outcome
   * @param {number} to
   */
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
