import { whole } from './checks.js';
import { Outbox } from './outbox.js';
import { People } from './people.js';
import { Sequence } from './sequence.js';
import { asked, Emitter, isRetryable, jitter, RejoinError, Timers } from './support.js';

const ANSWER_MS = 10_000; // before a join without an answer is sent again; a growing wait is added each time
/**
 * How many events of each kind are kept while no listener is registered. The backlog keeps messages, in order with
 * gaps.
 */
const EVENTS = {
  message: 0, gap: 100, resync: 1, presence: 0, members: 1, state: 1, cursor: 1, confirmed: 100, expired: 100, error: 10,
};

/**
 * A room of the client. It stays joined until it is left or refused.
 *
 *     joining ──answer──► live ◄──resync── catching_up      any ──left, refused──► closed
 *        ├──answer, with missed messages──────►─┘
 *        └◄── connection lost, gap
 */
export class Room extends Emitter {
  /** @type {import('./rejoin.js').RoomState['state']} */
  state = 'joining';
  /** @type {import('./rejoin.js').RejoinError | null} why the room is closed */
  error = null;
  #client;
  #timers;
  #outbox;
  #people;
  #sequence;
  /** @type {{ last: number } | 'cursor' | undefined} where to begin when there is no position */
  #start;
  #isOfUser; // whether the delivered messages depend on what the user has acknowledged
  #joinId = '';
  #asked = 0; // joins sent since the last answer

  /**
   * @param {any} client
   * @param {string} name
   * @param {any} options already checked
   */
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

  /** The last seq that was delivered to listeners. */
  get seq() {
    return this.#sequence.seen.seq;
  }

  /** The epoch to which `seq` belongs. */
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
    queueMicrotask(() => this.#sequence.catchUp()); // after all listeners of this moment are registered
    return super.on(event, listener);
  }

  /**
   * Acknowledges up to a seq, or without an argument everything delivered. An argument that is undefined is refused as
   * a mistake.
   *
   * @param {number[]} given
   */
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

  /** Sends a join from the current position. Repeats it, with growing waits, until there is an answer. */
  _join() {
    if (!this.#canJoin()) return;
    this.#joinId = `join-${this.#client._number()}`;
    const { seq, epoch } = this.#sequence.position;
    const from = seq === null ? { after: this.#start } : { after: seq, epoch: epoch ?? undefined }; // undefined is omitted
    this.#timers.set('join', ANSWER_MS + jitter(this.#client._random, this.#asked++), () => this._join());
    this.#client._send({ event: 'join', room: this.name, id: this.#joinId, ...from });
    this.#client._expect();
  }

  /**
   * Joins again, because messages are missing.
   *
   * @param {number} times how often that was done without success
   */
  _askAgain(times) {
    if (times === 0) return this._join();
    if (this.#canJoin()) this.#timers.set('join', jitter(this.#client._random, times + 1), () => this._join());
  }

  /**
   * Enters the state `joining`. Returns false when the room or the client has ended meanwhile, for example in a
   * listener.
   */
  #canJoin() {
    if (this.state === 'closed') return false;
    this.#outbox.hold();
    this.#change('joining');
    return this.state === 'joining' && this.#client.state === 'online';
  }

  /** Prepares to join again on the next connection, because this one is lost. */
  _lost() {
    if (this.state === 'closed') return;
    this.#stop();
    this.#joinId = '';
    this.#asked = 0;
    this.#outbox.hold(true);
    this.#change('joining');
  }

  /** Sends pending acknowledgements before the connection is closed. */
  _flush() {
    this.#sequence.handled.flush();
  }

  /** Renames the user's own room when the user becomes known or changes. @param {string} name */
  _become(name) {
    if (this.name === name) return;
    this.name = name;
    this.#sequence.restart(); // the kept messages belong to another user
  }

  /**
   * Continues the room for another user.
   *
   * @param {any} error rejects what the former user sent
   */
  _changeUser(error) {
    this.#outbox.clear(error);
    if (this.#isOfUser) this.#sequence.restart();
    else this.#sequence.handled.reset();
  }

  /** Closes the room for good. @param {any} error */
  _end(error) {
    if (this.state === 'closed') return;
    this.#client._forget(this);
    this.#stop();
    this.#sequence.handled.end();
    this.error = error;
    if (this._hears('message')) this.#sequence.silence(); // without listeners, a later one still gets the kept messages
    this.#outbox.end(error);
    this.#change('closed', error);
  }

  /** Enters the state `live`, after the missed messages have arrived. @param {object} resync */
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

  /** Whether this room waits for the answer to the frame with this id. @param {string | undefined} id */
  _owns(id) {
    return id !== undefined && (id === this.#joinId || this.#outbox.has(id) || this.#sequence.handled.owns(id));
  }

  #stop() {
    for (const part of [this.#people, this.#sequence.handled]) part.stop();
    this.#timers.clearAll();
  }

  /**
   * @param {any} frame that names this room, or answers one of its frames
   * @param {number} chars length of its text
   */
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
      case 'cursor': return isAnswer || (this.#sequence.moved(frame) && this._emit(event, told)); // not another device
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
    if (frame.id !== this.#joinId) return; // the answer to an earlier join
    this.#timers.clear('join');
    this.#joinId = '';
    this.#asked = 0;
    const isLive = this.#sequence.joined(frame, this.#start);
    this.#change(isLive ? 'live' : 'catching_up');
    if (this._isIn) this.#people.joined(frame);
    if (!this._isIn) return; // a listener has left the room
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
    } else if (code === 'forbidden' && id === undefined) { // the token of a refresh does not allow this room
      this._end(new RejoinError(code, message));
    } else if (code === 'not_joined' && this._owns(id)) { // the server does not have this room as joined
      if (this.#outbox.has(id)) this.#outbox.rest(id);
      if (this.state !== 'joining') this.#sequence.askAgain();
    } else if (this.#outbox.has(id)) {
      this.#outbox.refused(frame);
    } else if (!this.#sequence.handled.owns(id) || !this.#sequence.handled.refused(frame)) {
      this._emit('error', new RejoinError(code, message));
    }
  }
}
