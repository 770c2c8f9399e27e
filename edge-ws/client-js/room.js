import { isRetryable, Outbox } from './outbox.js';
import { Emitter, jitter, RejoinError, Timers } from './support.js';

const ANSWER_MS = 10_000; // to a join, before it is sent again; a growing wait is added each time

/**
 * A room, joined for as long as nobody leaves it.
 *
 *     joining ──answer──► live ◄──resync── catching_up      any ──left, refused──► closed
 *        ├──answer, with missed messages──────►─┘
 *        └◄── connection lost, gap
 *
 * Messages are handed on in the order of their seq, each once; what cannot be had is announced as a gap.
 */
export class Room extends Emitter {
  /** @type {import('./rejoin.js').RoomState['state']} */
  state = 'joining';
  /** @type {number | null} the last seq that was handed to the listeners */
  seq;
  /** @type {number | null} the room's life that seq counts in */
  epoch;
  /** @type {Set<string>} */
  members = new Set();
  count = 0;
  #client;
  #timers;
  #outbox;
  #last;
  #joinId = '';
  #asked = 0; // joins since the last that was answered
  #rejoins = 0; // for gaps, since a message last came in order
  /** @type {number | null} */
  #version = null; // of the presence; a join's answer does not tell
  #resuming = { epoch: 0, first: true, messages: 0, start: 1, isAnew: false };

  /** @param {any} client @param {string} name @param {import('./rejoin.js').JoinOptions} options */
  constructor(client, name, { last, after, epoch }) {
    super();
    this.name = name;
    this.seq = after ?? null;
    this.epoch = epoch ?? null;
    this.#last = last;
    this.#client = client;
    this.#timers = new Timers(client._clock);
    this.#outbox = new Outbox(client, name);
  }

  /** @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  send(content, options) {
    if (this.state === 'closed') return Promise.reject(new RejoinError('closed', `not in the room ${this.name}`));
    return this.#outbox.put(content, options);
  }

  leave() {
    if (this.state === 'closed') return;
    this.#client._send({ event: 'leave', room: this.name });
    this._end(new RejoinError('left', `left the room ${this.name}`));
  }

  /** Asks to be a member, from where it stands. Asked again, later and later, until there is an answer. */
  _join() {
    this.#joinId = `join-${this.#client._number()}`;
    this.#outbox.hold();
    this.#change('joining');
    const after = this.seq ?? (this.#last === undefined ? undefined : { last: this.#last });
    const epoch = this.seq === null ? undefined : this.epoch ?? undefined; // JSON leaves out what is undefined
    this.#client._send({ event: 'join', room: this.name, id: this.#joinId, after, epoch });
    this.#timers.set('join', ANSWER_MS + jitter(this.#client._random, this.#asked++), () => this._join());
  }

  /** The connection is gone; the next one joins anew. */
  _lost() {
    this.#timers.clearAll();
    this.#joinId = '';
    this.#asked = 0;
    this.#outbox.hold(true);
    this.#change('joining');
  }

  /** Not in the room any more, and not coming back. @param {any} error */
  _end(error) {
    this.#client.rooms.delete(this.name);
    this.#timers.clearAll();
    this.#change('closed', error);
    this.#outbox.end(error);
  }

  /** Whether a frame of that id is one this room waits to be answered. @param {string | undefined} id */
  _owns(id) {
    return id !== undefined && (id === this.#joinId || this.#outbox.has(id));
  }

  /** @param {any} frame that names this room, or answers one of its own */
  _receive(frame) {
    switch (frame.event) {
      case 'join_ack': return this.#joined(frame);
      case 'message': return this.#message(frame);
      case 'resync': return this.#resync(frame);
      case 'presence': return this.#presence(frame);
      case 'presence_state': return this.#presenceState(frame);
      case 'ack': return this.#outbox.acked(frame);
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
    const isFirst = this.seq === null;
    this.#resuming = {
      epoch: frame.epoch, first: isFirst, messages: 0,
      start: Math.max(0, frame.seq - (this.#last ?? 0)) + 1,
      isAnew: frame.seq < (this.seq ?? 0), // a room that is behind us is another one
    };
    const isLive = isFirst && this.#last === undefined;
    if (isLive) [this.seq, this.epoch] = [frame.seq, frame.epoch];
    this.#version = null;
    this.#see(frame);
    this.#change(isLive ? 'live' : 'catching_up');
    this.#outbox.open();
  }

  /** @param {any} frame */
  #message(frame) {
    if (this.state === 'joining' || this.state === 'closed') return; // the answer to the join begins where we stand
    const isStrange = this.epoch !== null && frame.epoch !== this.epoch;
    if (!isStrange && this.seq !== null && frame.seq <= this.seq) return; // seen already
    const isGap = this.seq !== null && frame.seq > this.seq + 1;
    if (isStrange || (isGap && this.state === 'live')) return this.#askAgain();
    if (isGap) this.#gap('partial', (this.seq ?? 0) + 1, frame.seq - 1); // the resync will say the same, too late
    [this.seq, this.epoch] = [frame.seq, frame.epoch];
    if (this.state === 'live') this.#rejoins = 0;
    else this.#resuming.messages++;
    const { event, ...message } = frame;
    this._emit('message', message);
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
    const seq = this.seq;
    if (isAnew || outcome === 'unrecoverable') {
      this.#gap('unrecoverable', (seq ?? 0) + 1, null);
      this.seq = to;
    } else if (seq !== null && seq < to) {
      if (outcome === 'full') return this.#askAgain(); // not what was promised
      this.#gap(outcome, seq + 1, to);
    } else if (outcome === 'partial' && first && from > start) {
      this.#gap(outcome, start, from - 1);
    }
    if (this.seq === null || this.seq < to) this.seq = to;
    this.epoch = epoch;
    this.#change('live');
    this._emit('resync', { room: this.name, from, to, outcome, messages, first });
  }

  /** @param {string} outcome @param {number} from @param {number | null} to */
  #gap(outcome, from, to) {
    this._emit('gap', { room: this.name, outcome, from, to });
  }

  /** @param {any} frame */
  #presence({ action, user, count, version }) {
    if (this.state === 'joining' || (this.#version !== null && version <= this.#version)) return;
    const isMissed = this.#version !== null && version > this.#version + 1;
    this.#version = version;
    this.count = count;
    action === 'join' ? this.members.add(user) : this.members.delete(user);
    this._emit('presence', { room: this.name, action, user, count });
    this._emit('members', this.members);
    if (isMissed) this.#askWho();
  }

  #askWho() {
    this.#client._send({ event: 'presence', room: this.name });
    this.#timers.set('presence', ANSWER_MS + jitter(this.#client._random, 2), () => this.#askWho());
  }

  /** @param {any} frame */
  #presenceState(frame) {
    if (this.state === 'joining' || (this.#version !== null && frame.version < this.#version)) return;
    this.#version = frame.version;
    this.#see(frame);
  }

  /** @param {{ members: string[], count: number }} list */
  #see({ members, count }) {
    this.#timers.clear('presence');
    this.members = new Set(members);
    this.count = count;
    this._emit('members', this.members);
  }

  /** @param {any} frame */
  #refused(frame) {
    const { id, code, message } = frame;
    if (id !== undefined && id === this.#joinId) {
      if (!isRetryable(frame)) return this._end(new RejoinError(code, message));
      const wait = (frame.retry_after_ms ?? 0) + jitter(this.#client._random, this.#asked);
      this.#timers.set('join', wait, () => this._join());
    } else if (!this.#outbox.has(id)) {
      this._emit('error', new RejoinError(code, message));
    } else if (code === 'not_joined') { // the server no longer knows of what we believe in
      this.#outbox.rest(id);
      if (this.state !== 'joining') this.#askAgain();
    } else {
      this.#outbox.refused(frame);
    }
  }
}
