import { wholeNumber } from './checks.js';
import { Emitter } from './emitter.js';
import { isRetryable, RejoinError } from './errors.js';
import { MemberList } from './member-list.js';
import { OrderedDelivery } from './ordered-delivery.js';
import { Outbox } from './outbox.js';
import { jitterMs, Timers, validWaitMs } from './timers.js';

const ANSWER_TIMEOUT_MS = 10_000; // before a join without an answer is sent again; a growing wait is added each time
/**
 * How many events of each kind are kept while no listener is registered. The backlog keeps messages, in order with
 * gaps.
 */
const MAX_KEPT_EVENTS = {
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
  #memberList;
  #delivery;
  /** @type {{ last: number } | 'cursor' | undefined} where to begin when there is no position */
  #start;
  #isUserSpecific; // whether the delivered messages depend on what the user has acknowledged
  #joinId = '';
  #unansweredJoins = 0; // joins sent since the last answer

  /**
   * @param {any} client
   * @param {string} name
   * @param {any} options already checked
   */
  constructor(client, name, { last, after, epoch, autoAck = false }) {
    super(MAX_KEPT_EVENTS);
    this.name = name;
    const isAfterCursor = after === 'cursor' || (autoAck && last === undefined);
    this.#isUserSpecific = autoAck || after === 'cursor';
    this.#start = isAfterCursor ? 'cursor' : last === undefined ? undefined : { last };
    this.#client = client;
    this.#timers = new Timers(client._clock);
    this.#outbox = new Outbox(client, () => ({ room: this.name }));
    this.#memberList = new MemberList(client, this);
    this.#delivery = new OrderedDelivery(client, this, { after, epoch, isAutoAck: autoAck });
  }

  /** The last seq that was delivered to listeners. */
  get seq() {
    return this.#delivery.deliveredPosition.seq;
  }

  /** The epoch to which `seq` belongs. */
  get epoch() {
    return this.#delivery.deliveredPosition.epoch;
  }

  get members() {
    return this.#memberList.members;
  }

  get count() {
    return this.#memberList.count;
  }

  get cursor() {
    return this.#delivery.ackTracker.cursor;
  }

  /** @param {string} event @param {(value: any) => any} listener */
  on(event, listener) {
    queueMicrotask(() => this.#delivery.deliverKept()); // after all listeners of this moment are registered
    return super.on(event, listener);
  }

  /**
   * Acknowledges up to a seq, or without an argument everything delivered. An argument that is undefined is refused as
   * a mistake.
   *
   * @param {number[]} args
   */
  ack(...args) {
    const seq = args.length === 0 ? undefined : wholeNumber('seq', args[0]);
    if (this.#delivery.receivedPosition.seq !== null) this.#delivery.ackTracker.ack(seq);
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  send(content, options) {
    return this.#outbox.send(content, options);
  }

  leave() {
    if (this.state === 'closed') return;
    this.#delivery.stop();
    this._flushAcks();
    this.#client._send({ event: 'leave', room: this.name });
    this._close(new RejoinError('left', `left the room ${this.name}`));
  }

  /** Sends a join from the current position. Repeats it, with growing waits, until there is an answer. */
  _sendJoin() {
    if (!this.#enterJoining()) return;
    this.#joinId = `join-${this.#client._nextNumber()}`;
    const { seq, epoch } = this.#delivery.receivedPosition;
    const from = seq === null ? { after: this.#start } : { after: seq, epoch: epoch ?? undefined }; // undefined is omitted
    const timeoutMs = ANSWER_TIMEOUT_MS + jitterMs(this.#client._random, this.#unansweredJoins++);
    this.#timers.set('join', timeoutMs, () => this._sendJoin());
    this.#client._send({ event: 'join', room: this.name, id: this.#joinId, ...from });
    this.#client._expectAnswer();
  }

  /**
   * Joins again, because messages are missing.
   *
   * @param {number} failures how often that was done without success
   */
  _rejoin(failures) {
    if (failures === 0) return this._sendJoin();
    if (!this.#enterJoining()) return;
    this.#timers.set('join', jitterMs(this.#client._random, failures + 1), () => this._sendJoin());
  }

  /**
   * Enters the state `joining`. Returns false when the room or the client has ended meanwhile, for example in a
   * listener.
   */
  #enterJoining() {
    if (this.state === 'closed') return false;
    this.#outbox.stopSending();
    this.#setState('joining');
    return this.state === 'joining' && this.#client.state === 'online';
  }

  /** Prepares to join again on the next connection, because this one is lost. */
  _onDisconnect() {
    if (this.state === 'closed') return;
    this.#stopTimers();
    this.#joinId = '';
    this.#unansweredJoins = 0;
    this.#outbox.stopSending(true);
    this.#setState('joining');
  }

  /** Sends pending acknowledgements before the connection is closed. */
  _flushAcks() {
    this.#delivery.ackTracker.flush();
  }

  /** Renames the user's own room when the user becomes known or changes. @param {string} name */
  _rename(name) {
    if (this.name === name) return;
    this.name = name;
    this.#delivery.restart(); // the kept messages belong to another user
  }

  /**
   * Continues the room for another user.
   *
   * @param {any} error rejects what the former user sent
   */
  _changeUser(error) {
    this.#outbox.rejectAll(error);
    if (this.#isUserSpecific) this.#delivery.restart();
    else this.#delivery.ackTracker.reset();
  }

  /** Closes the room for good. @param {any} error */
  _close(error) {
    if (this.state === 'closed') return;
    this.#client._removeRoom(this);
    this.#stopTimers();
    this.#delivery.ackTracker.end();
    this.error = error;
    if (this._hasListeners('message')) this.#delivery.stop(); // otherwise a later listener still gets the kept messages
    this.#outbox.close(error);
    this.#setState('closed', error);
  }

  /** Enters the state `live`, after the missed messages have arrived. @param {object} resync */
  _enterLive(resync) {
    this.#setState('live');
    if (this.state === 'live') this._emit('resync', { room: this.name, ...resync });
  }

  get _isJoined() {
    return this.state === 'live' || this.state === 'catching_up';
  }

  get _isAwaitingJoinAnswer() {
    return this.#joinId !== '';
  }

  get _outbox() {
    return this.#outbox;
  }

  /** Whether this room waits for the answer to the frame with this id. @param {string | undefined} id */
  _isAwaitingAnswer(id) {
    if (id === undefined) return false;
    return id === this.#joinId || this.#outbox.has(id) || this.#delivery.ackTracker.isAwaitingAnswer(id);
  }

  #stopTimers() {
    for (const part of [this.#memberList, this.#delivery.ackTracker]) part.stopTimers();
    this.#timers.clearAll();
  }

  /**
   * @param {any} frame that names this room, or answers one of its frames
   * @param {number} chars length of its text
   */
  _onFrame(frame, chars) {
    const { event, ...details } = frame;
    const isAnswer = (frame.id ?? null) !== null;
    switch (event) {
      case 'join_ack': return this.#onJoinAck(frame);
      case 'message': return this.#delivery.onMessage(frame, chars);
      case 'resync': return this.#delivery.onResync(frame);
      case 'presence': return this.state === 'joining' || this.#memberList.onPresence(frame);
      case 'presence_diff': return this.state === 'joining' || this.#memberList.onPresenceDiff(frame);
      case 'presence_state': return this.state === 'joining' || this.#memberList.onPresenceState(frame);
      case 'ack': return this.#outbox.onAck(frame);
      case 'cursor': // with an id, it answers this client and is not from another device
        return isAnswer || (this.#delivery.updateCursor(frame) && this._emit(event, details));
      case 'confirmed': case 'expired': return this._emit(event, details);
      case 'error': return this.#onError(frame);
    }
  }

  /** @param {import('./rejoin.js').RoomState['state']} state @param {any} [error] */
  #setState(state, error) {
    if (this.state === state) return;
    this.state = state;
    this._emit('state', { room: this.name, state, error });
  }

  /** @param {any} frame */
  #onJoinAck(frame) {
    if (frame.id !== this.#joinId) return; // the answer to an earlier join
    this.#timers.clear('join');
    this.#joinId = '';
    this.#unansweredJoins = 0;
    const isLive = this.#delivery.onJoinAck(frame, this.#start);
    this.#setState(isLive ? 'live' : 'catching_up');
    if (this._isJoined) this.#memberList.onJoinAck(frame);
    if (!this._isJoined) return; // a listener has left the room
    this.#delivery.resumeAcks(frame);
    this.#outbox.startSending();
  }

  /** @param {any} frame */
  #onError(frame) {
    const { id, code, message } = frame;
    if (id !== undefined && id === this.#joinId) {
      if (!isRetryable(frame)) return this._close(new RejoinError(code, message));
      this.#joinId = '';
      const waitMs = validWaitMs(frame.retry_after_ms) + jitterMs(this.#client._random, this.#unansweredJoins);
      this.#timers.set('join', waitMs, () => this._sendJoin());
    } else if (code === 'forbidden' && id === undefined) { // the token of a refresh does not allow this room
      this._close(new RejoinError(code, message));
    } else if (code === 'not_joined' && this._isAwaitingAnswer(id)) { // the server does not have this room as joined
      if (this.#outbox.has(id)) this.#outbox.markUnsent(id);
      if (this.state !== 'joining') this.#delivery.rejoin();
    } else if (this.#outbox.has(id)) {
      this.#outbox.onError(frame);
    } else if (!this.#delivery.ackTracker.isAwaitingAnswer(id) || !this.#delivery.ackTracker.handleError(frame)) {
      this._emit('error', new RejoinError(code, message));
    }
  }
}
