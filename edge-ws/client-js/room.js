import { Backlog } from './backlog.js';
import { whole } from './checks.js';
import { Handled } from './handled.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { asked, Emitter, isRetryable, jitter, RejoinError, Timers } from './support.js';

const ANSWER_MS = 10_000; // to a join, before it is sent again; a growing wait is added each time
/** How many of each event are kept while nobody listens to it. Messages are kept by the backlog, in order with gaps. */
const EVENTS = {
  message: 0, gap: 100, resync: 1, presence: 0, members: 1, state: 1, cursor: 1, confirmed: 100, expired: 100, error: 10,
};

/**
 * A room, joined for as long as nobody leaves it.
 *
 *     joining ──answer──► live ◄──resync── catching_up      any ──left, refused──► closed
 *        ├──answer, with missed messages──────►─┘
 *        └◄── connection lost, gap
 *
 * Messages are handed on in the order of their seq, each once; what cannot be had is announced as a gap. Only one that is
 * redelivered comes out of order: where it was not handled, or was before the beginning.
 */
export class Room extends Emitter {
  /** @type {import('./rejoin.js').RoomState['state']} */
  state = 'joining';
  /** @type {RejoinError | null} why it is closed */
  error = null;
  /** @type {number | null} the last seq that came in order */
  #seq;
  /** @type {number | null} the room's life that it counts in */
  #epoch;
  #backlog = new Backlog(); // of that, what nobody has heard
  #client;
  #timers;
  #outbox;
  #people;
  #handled;
  #isAutoAck;
  /** @type {{ last: number } | 'cursor' | undefined} from where to begin without a position */
  #start;
  #joinId = '';
  #asked = 0; // joins since the last that was answered
  #rejoins = 0; // for gaps, since a message last came in order
  #resuming = { epoch: 0, cursor: undefined, first: true, messages: 0, start: 1, isAnew: false };

  /** @param {any} client @param {string} name @param {import('./rejoin.js').JoinOptions} options */
  constructor(client, name, { last, after, epoch, autoAck = false }) {
    super(EVENTS);
    this.name = name;
    this.#seq = typeof after === 'number' ? after : null;
    this.#epoch = this.#seq === null ? null : epoch ?? null;
    const isAfterCursor = after === 'cursor' || (autoAck && last === undefined);
    this.#start = isAfterCursor ? 'cursor' : last === undefined ? undefined : { last };
    this.#isAutoAck = autoAck;
    this.#client = client;
    this.#timers = new Timers(client._clock);
    this.#outbox = new Outbox(client, () => ({ room: this.name }));
    this.#people = new People(client, this);
    this.#handled = this.#handleFrom(this.#seq ?? 0);
  }

  /** The last seq that was handed on. */
  get seq() {
    return this.#backlog.before ? this.#backlog.before.seq : this.#seq;
  }

  /** The room's life that `seq` counts in. */
  get epoch() {
    return this.#backlog.before ? this.#backlog.before.epoch : this.#epoch;
  }

  /** @param {string} event @param {(value: any) => any} listener */
  on(event, listener) {
    queueMicrotask(() => this.#catchUp()); // once all who begin now are there
    return super.on(event, listener);
  }

  get members() {
    return this.#people.members;
  }

  get count() {
    return this.#people.count;
  }

  get cursor() {
    return this.#handled.cursor;
  }

  /** Without a seq all that was handed on; one that is undefined is a mistake. @param {number[]} given */
  ack(...given) {
    const seq = given.length === 0 ? undefined : whole('seq', given[0]);
    if (this.#seq !== null) this.#handled.ack(seq);
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  send(content, options) {
    return this.#outbox.put(content, options);
  }

  leave() {
    if (this.state === 'closed') return;
    this.#backlog.clear();
    this._flush();
    this.#client._send({ event: 'leave', room: this.name });
    this._end(new RejoinError('left', `left the room ${this.name}`));
  }

  /** Asks to be a member, from where it stands. Asked again, later and later, until there is an answer. */
  _join() {
    this.#outbox.hold();
    this.#change('joining');
    if (this.state !== 'joining' || this.#client.state !== 'online') return; // somebody heard of it and has ended it
    this.#joinId = `join-${this.#client._number()}`;
    const after = this.#seq ?? this.#start;
    const epoch = this.#seq === null ? undefined : this.#epoch ?? undefined; // JSON leaves out what is undefined
    this.#timers.set('join', ANSWER_MS + jitter(this.#client._random, this.#asked++), () => this._join());
    this.#client._send({ event: 'join', room: this.name, id: this.#joinId, after, epoch });
    this.#client._expect();
  }

  /** The connection is gone; the next one joins anew. */
  _lost() {
    if (this.state === 'closed') return;
    this.#stop();
    this.#joinId = '';
    this.#asked = 0;
    this.#outbox.hold(true);
    this.#change('joining');
  }

  /** The connection is about to be given up: what was handled is acknowledged before. */
  _flush() {
    this.#handled.flush();
  }

  /** The room of another name from now on, or of the first. @param {string} name */
  _become(name) {
    if (this.name === name) return;
    [this.name, this.#seq, this.#epoch] = [name, null, null];
    this.#backlog.clear(); // it is somebody else's
    this.#handled.end();
    this.#handled = this.#handleFrom(0);
  }

  /** Not in the room any more, and not coming back. @param {any} error */
  _end(error) {
    if (this.state === 'closed') return;
    this.#client._forget(this);
    this.#stop();
    this.#handled.end();
    this.error = error;
    this.#outbox.end(error);
    this.#change('closed', error);
  }

  get #isIn() {
    return this.state === 'live' || this.state === 'catching_up';
  }

  get _outbox() {
    return this.#outbox;
  }

  get _isAsking() {
    return this.#joinId !== '';
  }

  /** Whether a frame of that id is one this room waits to be answered. @param {string | undefined} id */
  _owns(id) {
    return id !== undefined && (id === this.#joinId || this.#outbox.has(id) || this.#handled.owns(id));
  }

  #stop() {
    for (const part of [this.#people, this.#handled]) part.stop();
    this.#timers.clearAll();
  }

  /** @param {any} frame that names this room, or answers one of its own @param {number} chars of its text */
  _receive(frame, chars) {
    switch (frame.event) {
      case 'join_ack': return this.#joined(frame);
      case 'message': return this.#message(frame, chars);
      case 'resync': return this.#resync(frame);
      case 'presence': return this.state === 'joining' || this.#people.moved(frame);
      case 'presence_state': return this.state === 'joining' || this.#people.listed(frame);
      case 'ack': return this.#outbox.acked(frame);
      case 'cursor': return this.#moved(frame);
      case 'confirmed': case 'expired': return this.#tell(frame);
      case 'error': return this.#refused(frame);
    }
  }

  /** @param {import('./rejoin.js').RoomState['state']} state @param {any} [error] */
  #change(state, error) {
    if (this.state === state) return;
    this.state = state;
    this._emit('state', { room: this.name, state, error });
  }

  /** @param {any} frame */
  #joined(frame) {
    if (frame.id !== this.#joinId) return; // the answer to an earlier question
    this.#timers.clear('join');
    this.#joinId = '';
    this.#asked = 0;
    const isFirst = this.#seq === null;
    const last = typeof this.#start === 'object' ? this.#start.last : 0;
    this.#resuming = {
      epoch: frame.epoch, cursor: frame.cursor, first: isFirst, messages: 0, start: Math.max(0, frame.seq - last) + 1,
      isAnew: frame.seq < (this.#seq ?? 0), // a room that is behind us is another one
    };
    const isLive = isFirst && this.#start === undefined;
    if (isLive) this.#begin(frame.seq);
    else if (isFirst && this.#start === 'cursor') this.#begin(frame.cursor ?? 0);
    this.#change(isLive ? 'live' : 'catching_up');
    this.#people.joined(frame);
    if (!this.#isIn) return; // somebody heard of it and left
    if (this.#epoch === null || this.#epoch === frame.epoch) this.#handled.joined(frame.cursor);
    this.#outbox.open();
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
    const emit = (/** @type {any} */ message) => this._emit('message', message);
    const send = (/** @type {object} */ ack) => {
      if (this.#isIn) this.#client._send({ event: 'ack', room: this.name, ...ack, epoch: this.#epoch });
    };
    return new Handled(this.#client, { emit, send, isAuto: this.#isAutoAck }, seq);
  }

  /** @param {any} frame @param {number} chars */
  #message(frame, chars) {
    if (!this.#isIn) return; // the answer to the join begins where we stand
    const { event, ...message } = frame;
    if (frame.redelivered) return void (frame.epoch === this.#epoch && this.#handled.handOnAgain(message));
    const isStrange = this.#epoch !== null && frame.epoch !== this.#epoch;
    if (!isStrange && this.#seq !== null && frame.seq <= this.#seq) return; // seen already
    const isGap = this.#seq !== null && frame.seq > this.#seq + 1;
    if (isStrange || (isGap && this.state === 'live')) return this.#askAgain();
    if (isGap) this.#gap('partial', (this.#seq ?? 0) + 1, frame.seq - 1); // the resync will say the same, too late
    if (!this.#isIn) return; // somebody heard of it and left
    if (this.#seq === null) this.#begin(frame.seq - 1);
    const before = { seq: isGap ? frame.seq - 1 : this.#seq, epoch: this.#epoch };
    [this.#seq, this.#epoch] = [frame.seq, frame.epoch];
    if (this.state === 'live') this.#rejoins = 0;
    else this.#resuming.messages++;
    const handled = this.#handled;
    const tell = () => handled.handOn(message);
    this.#inOrder({ before, chars, tell, drop: tell, gap: this.#gapOf('partial', frame.seq, frame.seq) });
  }

  /** Tells it, unless nobody listens or something before it waits. @param {import('./backlog.js').Item} item */
  #inOrder(item) {
    this.#catchUp();
    if (!this.#backlog.before && this._hears('message')) item.tell();
    else this.#backlog.put(item);
  }

  #catchUp() {
    this.#backlog.empty(() => this._hears('message'), gap => this._emit('gap', gap));
  }

  /** Another device of the user has acknowledged. @param {any} frame */
  #moved(frame) {
    if (frame.epoch !== this.#epoch || frame.seq <= (this.cursor ?? 0)) return;
    this.#handled.cursor = frame.seq;
    this.#tell(frame);
  }

  /** @param {any} frame */
  #tell({ event, ...told }) {
    this._emit(event, told);
  }

  /** Something is missing that should have come: joins again from the last seq; not in a tight loop. */
  #askAgain() {
    if (this.#rejoins++ === 0) return this._join();
    this.#outbox.hold();
    this.#change('joining');
    this.#timers.set('join', jitter(this.#client._random, this.#rejoins), () => this._join());
  }

  /** @param {any} frame */
  #resync({ from, to, outcome }) {
    if (this.state !== 'catching_up') return;
    const { epoch, first, messages, start, isAnew } = this.#resuming;
    const seq = this.#seq;
    if (isAnew || outcome === 'unrecoverable') {
      this.#gap('unrecoverable', (seq ?? 0) + 1, null);
      if (this.#isIn) this.#begin(to);
    } else if (seq !== null && seq < to) {
      if (outcome === 'full') return this.#askAgain(); // not what was promised
      this.#gap(outcome, seq + 1, to);
    } else if (outcome === 'partial' && first && from > start) {
      this.#gap(outcome, start, from - 1);
    }
    if (this.state !== 'catching_up') return; // somebody heard of it and left
    if (this.#seq === null) this.#begin(to);
    this.#seq = Math.max(this.#seq ?? to, to);
    this.#epoch = epoch;
    this.#change('live');
    this._emit('resync', { room: this.name, from, to, outcome, messages, first });
  }

  /** @param {'partial' | 'unrecoverable'} outcome @param {number} from @param {number | null} to */
  #gap(outcome, from, to) {
    const gap = this.#gapOf(outcome, from, to);
    this.#inOrder({ before: { seq: this.#seq, epoch: this.#epoch }, chars: 0, tell: () => this._emit('gap', gap), gap });
  }

  /** @param {'partial' | 'unrecoverable'} outcome @param {number} from @param {number | null} to */
  #gapOf(outcome, from, to) {
    return { room: this.name, outcome, from, to };
  }

  /** @param {any} frame */
  #refused(frame) {
    const { id, code, message } = frame;
    if (id !== undefined && id === this.#joinId) {
      if (!isRetryable(frame)) return this._end(new RejoinError(code, message));
      this.#joinId = '';
      const wait = asked(frame.retry_after_ms) + jitter(this.#client._random, this.#asked);
      this.#timers.set('join', wait, () => this._join());
    } else if (code === 'forbidden' && id === undefined) { // after a refresh: the new token does not grant this room
      this._end(new RejoinError(code, message));
    } else if (code === 'not_joined' && this._owns(id)) { // the server no longer knows of what we believe in
      if (this.#outbox.has(id)) this.#outbox.rest(id);
      if (this.state !== 'joining') this.#askAgain();
    } else if (this.#outbox.has(id)) {
      this.#outbox.refused(frame);
    } else if (!this.#handled.owns(id) || !this.#handled.refused(frame)) {
      this._emit('error', new RejoinError(code, message));
    }
  }
}
