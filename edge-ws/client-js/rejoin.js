/**
 * Rejoin's client: one WebSocket, many rooms, nothing missed. It comes back when the connection is lost, joins its rooms
 * again from the last seq it saw, and keeps what was sent until the server has acknowledged it. No dependencies.
 *
 *     const rejoin = connect('ws://localhost:8080', { name: 'ann' });
 *     const room = rejoin.join('lobby', { last: 50 });
 *     room.on('message', m => console.log(m.seq, m.user, m.text));
 *     await room.send('hi'); // { id, seq, ts, duplicate }: durable and in order
 *
 * The types, and what each event carries, stand in rejoin.d.ts.
 */
import { Letters } from './letters.js';
import { Room } from './room.js';
import { Emitter, jitter, newId, RejoinError, Timers } from './support.js';

export { newId, RejoinError };

const STABLE_MS = 10_000; // a connection that held for so long was a good one: waits begin small again
const WELCOME_MS = 10_000; // from the start of an attempt to the server's first frame
const PROBE_MS = 5_000; // for a sign of life when the network has changed
const RATE_PAUSE_MS = 1_000;
const OUTBOX = 1_000; // messages

const TOKEN_EXPIRED = 4401;
const RATE_LIMITED = 4429;
/** Close codes that will not get better by coming back. */
const FINAL = new Map([[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]);

/** @type {typeof import('./rejoin.js').connect} */
export const connect = (url, options = {}) => new Rejoin(url, options);

/** One connection that comes back: `connecting`, `online`, `waiting` to try again, `closed` for good. */
class Rejoin extends Emitter {
  /** @type {import('./rejoin.js').ConnectionState['state']} */
  state = 'connecting';
  /** @type {string | null} */
  user = null;
  /** @type {{ message_bytes: number, rooms: number } | null} */
  limits = null;
  /** @type {Map<string, Room>} */
  rooms = new Map();
  /** @type {Room | null} the user's own room */
  #direct = null;
  #letters = new Letters(this);
  /** @type {any} */
  #socket = null;
  #timers;
  #url;
  #options;
  #attempt = 0; // which attempt to connect this is: what belongs to an earlier one is void
  #failures = 0; // in a row
  /** @type {number | null} */
  #hint = null; // when the server wants us back
  #silence = 0; // half heartbeats without a frame
  #numbers = 0;
  #unacknowledged = 0; // in all outboxes
  #isPaused = false;

  /** @param {string | URL} url @param {import('./rejoin.js').ConnectOptions} options */
  constructor(url, options) {
    super();
    this.#url = new URL(url, globalThis.location?.href);
    this.#url.protocol = this.#url.protocol.replace(/^http/, 'ws');
    if (!/^wss?:$/.test(this.#url.protocol)) throw new TypeError(`not a ws, wss, http or https URL: ${url}`);
    this.#options = options;
    this._random = options.random ?? Math.random;
    this._clock = options.clock
      ?? { setTimeout: setTimeout.bind(globalThis), clearTimeout: clearTimeout.bind(globalThis) };
    this.#timers = new Timers(this._clock);
    /** @type {any} */
    this._page = options.page ?? globalThis;
    this._page.addEventListener?.('online', this.#wake);
    this._page.document?.addEventListener('visibilitychange', this.#wake);
    this.#open();
  }

  /** @param {string} name @param {import('./rejoin.js').JoinOptions} [options] */
  join(name, options = {}) {
    if (this.state === 'closed') throw new RejoinError('closed', 'this client is closed: connect again');
    if (/^@./.test(name)) throw new RejoinError('forbidden', 'a personal room is not joined by name: the own one is `direct`');
    const known = this.rooms.get(name);
    if (known) return known;
    const room = new Room(this, name, options);
    this.rooms.set(name, room);
    if (this.state === 'online') room._join();
    return room;
  }

  /** Where direct messages come. From the first time it is asked for the client joins it. */
  get direct() {
    if (this.#direct || this.state === 'closed') return this.#direct;
    const direct = new Room(this, `@${this.user ?? ''}`, { after: 'cursor', autoAck: true });
    this.#direct = direct;
    if (this.state === 'online') direct._join();
    return direct;
  }

  /** @param {string} user @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  sendTo(user, content, options) {
    if (this.state === 'closed') return Promise.reject(new RejoinError('closed', 'this client is closed: connect again'));
    return this.#letters.put(user, content, options);
  }

  /** Gives the connection up until `resume`; rooms and outbox stay. */
  pause() {
    if (this.state === 'closed') return;
    this.#isPaused = true;
    this.#flush();
    this.#drop('paused');
    this.#change('waiting', { reason: 'paused' });
  }

  /** Tries at once instead of when it was due. */
  resume() {
    if (this.state !== 'waiting') return;
    this.#isPaused = false;
    this.#open();
  }

  close() {
    if (this.state === 'closed') return;
    this.#flush();
    this.#end(new RejoinError('closed', 'closed by the application'), 1000);
  }

  /** What was handled is acknowledged while there is still a connection. */
  #flush() {
    for (const room of this.#all()) room._flush();
  }

  #all() {
    return this.#direct ? [...this.rooms.values(), this.#direct] : [...this.rooms.values()];
  }

  /** A room has ended. @param {Room} room */
  _forget(room) {
    if (room === this.#direct) this.#direct = null;
    else this.rooms.delete(room.name);
  }

  _number() {
    return ++this.#numbers;
  }

  /** Whether one more message may wait for its ack; if so, it does. */
  _takePlace() {
    const isFree = this.#unacknowledged < (this.#options.outbox ?? OUTBOX);
    if (isFree) this.#unacknowledged++;
    return isFree;
  }

  _givePlaceBack() {
    this.#unacknowledged--;
  }

  /** @param {object} frame */
  _send(frame) {
    this._sendText(JSON.stringify(frame));
  }

  /** Hands a frame to the socket; without one it is dropped: who needs it to arrive sends it again. @param {string} text */
  _sendText(text) {
    if (this.state === 'online') this.#socket?.send(text);
  }

  async #open() {
    const attempt = ++this.#attempt;
    this.#timers.clear('retry');
    this.#timers.set('welcome', WELCOME_MS, () => this.#lost({ reason: 'no answer' }));
    this.#change('connecting', { attempt: this.#failures + 1 });
    try {
      const { token, WebSocket = globalThis.WebSocket } = this.#options;
      const valid = typeof token === 'function' ? await token() : token;
      if (attempt !== this.#attempt) return;
      const socket = this.#socket = new WebSocket(this.#address(valid));
      socket.onmessage = (/** @type {any} */ e) => this.#receive(e.data);
      socket.onclose = (/** @type {any} */ e) => this.#lost(e);
      // Stays for as long as the socket: `ws` ends the process over an error nobody hears, and node 20 says no more than it
      socket.onerror = (/** @type {any} */ e) => {
        if (socket === this.#socket && this.state === 'connecting') this.#lost({ reason: e.message });
      };
    } catch (e) {
      if (attempt !== this.#attempt) return;
      this.#lost({ reason: `cannot connect: ${e instanceof Error ? e.message : e}` });
    }
  }

  /** @param {string | undefined} token */
  #address(token) {
    const url = new URL(this.#url);
    if (this.#options.name) url.searchParams.set('name', this.#options.name);
    if (token) url.searchParams.set('token', token);
    url.searchParams.set('direct', 'off'); // who wants direct messages joins their room from where it stands
    return url.href;
  }

  /** @param {string} text */
  #receive(text) {
    this.#silence = 0;
    this.#timers.clear('probe');
    /** @type {any} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this._emit('error', new RejoinError('invalid_frame', 'the server sent something that is not JSON'));
    }
    if (frame.event === 'welcome') return this.#welcome(frame);
    if (frame.event === 'reconnect') return void (this.#hint = frame.after_ms);
    if (this.#letters.take(frame)) return;
    const room = this.#all().find(r => (frame.room === undefined ? r._owns(frame.id) : r.name === frame.room));
    if (room) room._receive(frame);
    else this.#receiveOther(frame);
  }

  /** @param {any} frame that is for none of the rooms */
  #receiveOther({ event, ...told }) {
    if (event === 'error') this._emit('error', new RejoinError(told.code, told.message));
    if (event === 'confirmed' || event === 'expired') this._emit(event, told);
  }

  /** @param {any} frame */
  #welcome({ user, limits, heartbeat_ms: heartbeat }) {
    this.#timers.clear('welcome');
    this.#timers.set('stable', STABLE_MS, () => void (this.#failures = 0));
    [this.user, this.limits] = [user, limits];
    this.#listen(heartbeat / 2);
    this.#direct?._become(`@${user}`);
    const rooms = this.#all(); // not those that a listener is about to join
    this.#change('online', { user });
    this.#letters.open();
    for (const room of rooms) if (room.state === 'joining') room._join();
  }

  /** Counts silence in ticks, not by a clock: a page that slept asks for a sign of life first. @param {number} half */
  #listen(half) {
    this.#timers.set('listen', half, () => {
      if (++this.#silence > 4) return this.#lost({ reason: 'nothing was heard from the server' });
      if (this.#silence >= 2) this._send({ event: 'ping' });
      this.#listen(half);
    });
  }

  /** The network is back, or the page is seen again: tries at once, or sees whether the connection still holds. */
  #wake = () => {
    if (this._page.document?.visibilityState === 'hidden') return;
    if (this.state === 'waiting' && !this.#isPaused) return void this.#open();
    if (this.state !== 'online' || this.#timers.has('probe')) return;
    this._send({ event: 'ping' });
    this.#timers.set('probe', PROBE_MS, () => this.#lost({ reason: 'no answer since the network changed' }));
  };

  /** The connection is lost, or was never made. @param {{ code?: number, reason?: string }} close */
  #lost({ code = 1006, reason = '' }) {
    this.#drop('lost');
    const final = FINAL.get(code);
    if (final) return this.#end(new RejoinError(final, reason || `closed with ${code}`), code);
    if (code === TOKEN_EXPIRED && typeof this.#options.token !== 'function') {
      return this.#end(new RejoinError('token_expired', 'the token has expired and there is no function to get another'), code);
    }
    const wait = jitter(this._random, this.#failures++) + (code === RATE_LIMITED ? RATE_PAUSE_MS : 0);
    const retryInMs = this.#hint ?? wait;
    this.#hint = null;
    this.#timers.set('retry', retryInMs, () => this.#open());
    this.#change('waiting', { code, reason, retryInMs });
  }

  /** Has nothing more to do with the socket, however long that takes to close. @param {string} reason */
  #drop(reason) {
    this.#attempt++;
    this.#timers.clearAll();
    this.#silence = 0;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close(1000, reason);
    }
    this.#letters.hold();
    for (const room of this.#all()) room._lost();
  }

  /** @param {any} error @param {number} [code] */
  #end(error, code) {
    this.#drop('closed');
    this._page.removeEventListener?.('online', this.#wake);
    this._page.document?.removeEventListener('visibilitychange', this.#wake);
    this.#change('closed', { code, reason: error.message, error });
    this.#letters.end(error);
    for (const room of this.#all()) room._end(error);
  }

  /** @param {import('./rejoin.js').ConnectionState['state']} state @param {object} details */
  #change(state, details) {
    this.state = state;
    this._emit('state', { state, ...details });
  }
}
