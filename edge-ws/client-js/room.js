import { whole } from './checks.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { Sequence } from './sequence.js';
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
 */
export class Room extends Emitter {
  /** @type {import('./rejoin.js').RoomState['state']} */
  state = 'joining';
  /** @type {import('./rejoin.js').RejoinError | null} why it is closed */
  error = null;
  #client;
  #timers;
  #outbox;
  #people;
  #sequence;
  /** @type {{ last: number } | 'cursor' | undefined} from where to begin without a position */
  #start;
  #isOfUser; // what it hands on depends on what its user has acknowledged
  #joinId = '';
  #asked = 0; // joins since the last that was answered

  /** @param {any} client @param {string} name @param {any} options checked */
  constructor(client, name, { last, after, epoch, autoAck = false }) {
    super(EVENTS);
    this.name = name;
    const isAfterCursor = after === 'cursor' || (autoAck && last === undefined);
    this.#isOfUser = autoAck || after === 'cursor';
    this.#start = isAfterCursor ? 'cursor' : last === undefined ? undefined : { last };
    this.#client = client;
    this.#timers = new Timers(client._clock);
    this.#outbox = new Outbox(client, () => ({ room: this.name }));
    this.#people = new People(client, this);
    this.#sequence = new Sequence(client, this, { after, epoch, isAuto: autoAck });
  }

  /** The last seq that was handed on. */
  get seq() {
    return this.#sequence.seen.seq;
  }

  /** The room's life that `seq` counts in. */
  get epoch() {
    return this.#sequence.seen.epoch;
  }

  get members() {
    return this.#people.members;
  }

  get count() {
    return this.#people.count;
  }

  get cursor() {
    return this.#sequence.handled.cursor;
  }

  /** @param {string} event @param {(value: any) => any} listener */
  on(event, listener) {
    queueMicrotask(() => this.#sequence.catchUp()); // once all who begin now are there
    return super.on(event, listener);
  }

  /** Without a seq all that was handed on; one that is undefined is a mistake. @param {number[]} given */
  ack(...given) {
    const seq = given.length === 0 ? undefined : whole('seq', given[0]);
    if (this.#sequence.position.seq !== null) this.#sequence.handled.ack(seq);
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  send(content, options) {
    return this.#outbox.put(content, options);
  }

  leave() {
    if (this.state === 'closed') return;
    this.#sequence.silence();
    this._flush();
    this.#client._send({ event: 'leave', room: this.name });
    this._end(new RejoinError('left', `left the room ${this.name}`));
  }

  /** Asks to be a member, from where it stands. Asked again, later and later, until there is an answer. */
  _join() {
    if (!this.#canJoin()) return;
    this.#joinId = `join-${this.#client._number()}`;
    const { seq, epoch } = this.#sequence.position;
    const from = seq === null ? { after: this.#start } : { after: seq, epoch: epoch ?? undefined }; // JSON leaves out what is undefined
    this.#timers.set('join', ANSWER_MS + jitter(this.#client._random, this.#asked++), () => this._join());
    this.#client._send({ event: 'join', room: this.name, id: this.#joinId, ...from });
    this.#client._expect();
  }

  /** Something is missing: joins again. @param {number} times that was done without success */
  _askAgain(times) {
    if (times === 0) return this._join();
    if (this.#canJoin()) this.#timers.set('join', jitter(this.#client._random, times + 1), () => this._join());
  }

  /** Joins anew from now on; false if somebody hears of it and ends it, or it has ended already. */
  #canJoin() {
    if (this.state === 'closed') return false;
    this.#outbox.hold();
    this.#change('joining');
    return this.state === 'joining' && this.#client.state === 'online';
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
    this.#sequence.handled.flush();
  }

  /** The room of another name from now on, or of the first. @param {string} name */
  _become(name) {
    if (this.name === name) return;
    this.name = name;
    this.#sequence.restart(); // what was kept is somebody else's
  }

  /** Another user goes on with it. @param {any} error why what the former one sent is given up */
  _changeUser(error) {
    this.#outbox.clear(error);
    if (this.#isOfUser) this.#sequence.restart();
    else this.#sequence.handled.reset();
  }

  /** Not in the room any more, and not coming back. @param {any} error */
  _end(error) {
    if (this.state === 'closed') return;
    this.#client._forget(this);
    this.#stop();
    this.#sequence.handled.end();
    this.error = error;
    if (this._hears('message')) this.#sequence.silence(); // who begins later is handed what was kept
    this.#outbox.end(error);
    this.#change('closed', error);
  }

  /** What was missed has come. @param {object} resync */
  _live(resync) {
    this.#change('live');
    if (this.state === 'live') this._emit('resync', { room: this.name, ...resync });
  }

  get _isIn() {
    return this.state === 'live' || this.state === 'catching_up';
  }

  get _isAsking() {
    return this.#joinId !== '';
  }

  get _outbox() {
    return this.#outbox;
  }

  /** Whether a frame of that id is one this room waits to be answered. @param {string | undefined} id */
  _owns(id) {
    return id !== undefined && (id === this.#joinId || this.#outbox.has(id) || this.#sequence.handled.owns(id));
  }

  #stop() {
    for (const part of [this.#people, this.#sequence.handled]) part.stop();
    this.#timers.clearAll();
  }

  /** @param {any} frame that names this room, or answers one of its own @param {number} chars of its text */
  _receive(frame, chars) {
    const { event, ...told } = frame;
    const isAnswer = (frame.id ?? null) !== null;
    switch (event) {
      case 'join_ack': return this.#joined(frame);
      case 'message': return this.#sequence.message(frame, chars);
      case 'resync': return this.#sequence.resync(frame);
      case 'presence': return this.state === 'joining' || this.#people.moved(frame);
      case 'presence_diff': return this.state === 'joining' || this.#people.changed(frame);
      case 'presence_state': return this.state === 'joining' || this.#people.listed(frame);
      case 'ack': return this.#outbox.acked(frame);
      case 'cursor': return isAnswer || (this.#sequence.moved(frame) && this._emit(event, told)); // that was no other device
      case 'confirmed': case 'expired': return this._emit(event, told);
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
    const isLive = this.#sequence.joined(frame, this.#start);
    this.#change(isLive ? 'live' : 'catching_up');
    if (this._isIn) this.#people.joined(frame);
    if (!this._isIn) return; // somebody heard of it and left
    this.#sequence.handle(frame);
    this.#outbox.open();
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
      if (this.state !== 'joining') this.#sequence.askAgain();
    } else if (this.#outbox.has(id)) {
      this.#outbox.refused(frame);
    } else if (!this.#sequence.handled.owns(id) || !this.#sequence.handled.refused(frame)) {
      this._emit('error', new RejoinError(code, message));
    }
  }
}
