import { AckTracker } from './ack-tracker.js';
import { Backlog } from './backlog.js';

/**
 * Delivers a room's messages to listeners in the order of their seq, each once. Messages that cannot be had are
 * announced as a gap. Only redelivered messages come out of order: those that were not handled, and those from before
 * the beginning.
 */
export class OrderedDelivery {
  /** @type {number | null} the last seq that arrived in order */
  #seq;
  /** @type {number | null} the epoch to which it belongs */
  #epoch;
  #backlog = new Backlog(); // arrived messages that no listener has received
  #ackTracker;
  #isStopped = false;
  #rejoins = 0; // joins because of gaps, since the last message in order
  #joinAnswer = { epoch: 0, cursor: undefined, first: true, messages: 0, start: 1, isRecreated: false };
  #client;
  #room;
  #isAutoAck;

  /**
   * @param {any} client
   * @param {any} room
   * @param {{ after?: number | 'cursor', epoch?: number, isAutoAck: boolean }} options
   */
  constructor(client, room, { after, epoch, isAutoAck }) {
    this.#client = client;
    this.#room = room;
    this.#isAutoAck = isAutoAck;
    this.#seq = typeof after === 'number' ? after : null;
    this.#epoch = this.#seq === null ? null : epoch ?? null;
    this.#ackTracker = this.#newAckTracker(this.#seq ?? 0);
  }

  /** The position to resume from in another page or process. Everything up to it was delivered. */
  get deliveredPosition() {
    return this.#backlog.startPosition ?? this.receivedPosition;
  }

  /** The position to resume from on this connection. */
  get receivedPosition() {
    return { seq: this.#seq, epoch: this.#epoch };
  }

  get ackTracker() {
    return this.#ackTracker;
  }

  /**
   * Handles the answer to the join. Returns whether the room is live at once.
   *
   * @param {any} frame
   * @param {{ last: number } | 'cursor' | undefined} start
   */
  onJoinAck(frame, start) {
    const first = this.#seq === null;
    const last = typeof start === 'object' ? start.last : 0;
    this.#joinAnswer = {
      epoch: frame.epoch, cursor: frame.cursor, first, messages: 0, start: Math.max(0, frame.seq - last) + 1,
      isRecreated: frame.seq < (this.#seq ?? 0), // a room with a lower seq than ours was created again
    };
    const isLive = first && start === undefined;
    if (isLive) this.#resetPosition(frame.seq);
    else if (first && start === 'cursor') this.#resetPosition(frame.cursor ?? 0);
    return isLive;
  }

  /** Continues the acknowledgements, after all listeners have received the answer to the join. @param {any} frame */
  resumeAcks(frame) {
    if (this.#epoch === null || this.#epoch === frame.epoch) this.#ackTracker.onJoined(frame.cursor);
  }

  /**
   * @param {any} frame
   * @param {number} chars length of its text
   */
  onMessage(frame, chars) {
    if (!this.#room._isJoined) return; // the next join resumes from our position
    const { event, ...message } = frame;
    if (frame.redelivered) return void (frame.epoch === this.#epoch && this.#ackTracker.redeliver(message));
    if (this.#isEmptyRoomRecreated(frame.epoch)) this.#resetPosition(0);
    const isOtherEpoch = this.#epoch !== null && frame.epoch !== this.#epoch;
    if (!isOtherEpoch && this.#seq !== null && frame.seq <= this.#seq) return; // already received
    const isGap = this.#seq !== null && frame.seq > this.#seq + 1;
    if (isOtherEpoch || (isGap && this.#room.state === 'live')) return this.rejoin();
    if (isGap) this.#skipTo('partial', frame.seq - 1); // the resync would report the gap too late
    if (!this.#room._isJoined) return; // a listener has left the room
    if (this.#seq === null) this.#resetPosition(frame.seq - 1);
    const positionBefore = this.receivedPosition;
    [this.#seq, this.#epoch] = [frame.seq, frame.epoch];
    if (this.#room.state === 'live') this.#rejoins = 0;
    else this.#joinAnswer.messages++;
    const ackTracker = this.#ackTracker;
    const deliver = () => ackTracker.deliver(message);
    const gap = this.#newGap('partial', frame.seq, frame.seq);
    this.#deliverInOrder({ positionBefore, chars, deliver, onDrop: deliver, gap });
  }

  /** Handles the end of the missed messages. @param {any} frame */
  onResync({ from, to, outcome }) {
    if (this.#room.state !== 'catching_up') return;
    const { epoch, first, messages, start, isRecreated } = this.#joinAnswer;
    if (outcome === 'full' && this.#isEmptyRoomRecreated(epoch)) this.#resetPosition(0);
    const seq = this.#seq;
    if (isRecreated || outcome === 'unrecoverable') {
      this.#announceGap('unrecoverable', (seq ?? 0) + 1, null);
      if (this.#room.state !== 'closed') this.#resetPosition(to);
    } else if (seq !== null && seq < to) {
      if (outcome === 'full') return this.rejoin(); // the server promised all messages
      this.#skipTo(outcome, to);
    } else if (outcome === 'partial' && first && from > start) {
      this.#announceGap(outcome, start, from - 1);
    }
    if (this.#room.state !== 'catching_up') return; // a listener has left the room
    if (this.#seq === null) this.#resetPosition(to);
    this.#seq = Math.max(this.#seq ?? to, to);
    this.#epoch = epoch;
    this.#room._enterLive({ from, to, outcome, messages, first });
  }

  /** Handles an acknowledgement of another device of the user; returns whether it is newer. @param {any} frame */
  updateCursor({ seq, epoch }) {
    const isNewer = epoch === this.#epoch && seq > (this.#ackTracker.cursor ?? 0);
    if (isNewer) this.#ackTracker.cursor = seq;
    return isNewer;
  }

  /** Delivers the kept messages, if there is a listener. */
  deliverKept() {
    this.#backlog.deliver(() => this.#hasListener, gap => this.#room._emit('gap', gap));
  }

  /** Stops delivery. Kept messages still count as not delivered. */
  stop() {
    this.#isStopped = true;
  }

  /** Starts from the beginning, for another room or another user. */
  restart() {
    this.#backlog.clear();
    [this.#seq, this.#epoch] = [null, null];
    this.#ackTracker.end();
    this.#ackTracker = this.#newAckTracker(0);
  }

  /**
   * Whether the room ended while it was empty and then began in a new epoch. The server then resumes as if the room had
   * never ended. If it could not, it would report that before any message.
   *
   * @param {number | null} epoch
   */
  #isEmptyRoomRecreated(epoch) {
    const isCatchingUp = this.#room.state === 'catching_up' && this.#seq === 0;
    return isCatchingUp && epoch === this.#joinAnswer.epoch && this.#epoch !== null && epoch !== this.#epoch;
  }

  /**
   * Sets the position in the current epoch. What was handled before belongs to another epoch, or does not count.
   *
   * @param {number} seq
   */
  #resetPosition(seq) {
    [this.#seq, this.#epoch] = [seq, this.#joinAnswer.epoch];
    this.#ackTracker.end();
    this.#ackTracker = this.#newAckTracker(seq);
    this.#ackTracker.onJoined(this.#joinAnswer.cursor);
  }

  /** @param {number} seq */
  #newAckTracker(seq) {
    const emit = (/** @type {any} */ message) => this.#room._emit('message', message);
    const send = (/** @type {object} */ ack) => {
      if (this.#room._isJoined) this.#client._send({ event: 'ack', room: this.#room.name, ...ack, epoch: this.#epoch });
    };
    return new AckTracker(this.#client, { emit, send, isAutoAck: this.#isAutoAck }, seq);
  }

  /** Requests missing messages from the last seq on, with growing waits between repeated requests. */
  rejoin() {
    this.#room._rejoin(this.#rejoins++);
  }

  get #hasListener() {
    return !this.#isStopped && this.#room._hasListeners('message');
  }

  /**
   * Delivers an item. If there is no listener, or earlier items wait, the item is kept.
   *
   * @param {import('./backlog.js').Item} item
   */
  #deliverInOrder(item) {
    this.deliverKept();
    if (!this.#backlog.startPosition && this.#hasListener) item.deliver();
    else this.#backlog.add(item);
  }

  /**
   * Announces a gap and continues behind it, whatever the gap's listeners do.
   *
   * @param {'partial' | 'unrecoverable'} outcome
   * @param {number} to
   */
  #skipTo(outcome, to) {
    this.#announceGap(outcome, (this.#seq ?? 0) + 1, to);
    this.#seq = to;
  }

  /** @param {'partial' | 'unrecoverable'} outcome @param {number} from @param {number | null} to */
  #announceGap(outcome, from, to) {
    const gap = this.#newGap(outcome, from, to);
    const deliver = () => this.#room._emit('gap', gap);
    this.#deliverInOrder({ positionBefore: this.receivedPosition, chars: 0, deliver, gap });
  }

  /** @param {'partial' | 'unrecoverable'} outcome @param {number} from @param {number | null} to */
  #newGap(outcome, from, to) {
    return { room: this.#room.name, outcome, from, to };
  }
}
