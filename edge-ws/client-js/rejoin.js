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
import { Attempt } from './attempt.js';
import * as check from './checks.js';
import { Letters } from './letters.js';
import { Pulse } from './pulse.js';
import { askWhy } from './refusal.js';
import { Room } from './room.js';
import { asked, Emitter, isRetryable, jitter, newId, RejoinError, report, Timers } from './support.js';
import { Trial } from './trial.js';

export { newId, RejoinError };

const STABLE_MS = 10_000; // a connection that held for so long was a good one: waits begin small again
const WELCOME_MS = 10_000; // from the start of an attempt to the server's first frame
const RATE_PAUSE_MS = 1_000;
const OUTBOX = 1_000; // messages

const TOKEN_EXPIRED = 4401;
const RATE_LIMITED = 4429;
/** Close codes that will not get better by coming back. */
const FINAL = new Map([[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]);
const DRAWN = /^guest-/; // how the names begin that a server draws for who has none
const EVENTS = { state: 1, confirmed: 100, expired: 100, error: 10 };

/** @type {typeof import('./rejoin.js').connect} */
export const connect = (url, options) => new Rejoin(check.url(url), check.connectOptions(options));

/** One connection that comes back: `connecting`, `online`, `waiting` to try again, `closed` for good. */
class Rejoin extends Emitter {
  /** @type {import('./rejoin.js').ConnectionState['state']} */
  state = 'connecting';
  /** @type {RejoinError | null} why it is closed */
  error = null;
  /** @type {string | null} */
  user = null;
  /** @type {{ message_bytes: number, rooms: number } | null} */
  limits = null;
  /** @type {Map<string, Room>} */
  rooms = new Map();
  /** @type {Room | null} the user's own room */
  #direct = null;
  #letters = new Letters(this);
  #trial = new Trial(this);
  /** @type {Attempt | null} the present one: what belongs to an earlier one is void */
  #attempt = null;
  #turn = 0; // counts what happens to the connection
  #timers;
  #pulse;
  #url;
  #options;
  /** @type {string | undefined} */
  #name;
  #failures = 0; // in a row
  /** @type {any} why the server did not take the last token */
  #refused;
  /** @type {number | null} */
  #hint = null; // when the server wants us back
  #numbers = 0;
  #unacknowledged = 0; // in all outboxes
  #isPaused = false;

  /** @param {URL} url @param {import('./rejoin.js').ConnectOptions} options both checked */
  constructor(url, options) {
    super(EVENTS);
    this.#url = url;
    this.#options = options;
    this.#name = options.name;
    this._random = options.random ?? Math.random;
    this._clock = options.clock
      ?? { setTimeout: setTimeout.bind(globalThis), clearTimeout: clearTimeout.bind(globalThis) };
    this.#timers = new Timers(this._clock);
    this.#pulse = new Pulse(this._clock, {
      ask: () => this._send({ event: 'ping' }), lost: reason => this.#lost({ reason }), load: () => this.#load(),
    });
    /** @type {any} */
    this._page = options.page ?? globalThis;
    this.#hear('addEventListener');
    this.#open();
  }

  /** @param {string} name @param {import('./rejoin.js').JoinOptions} [options] */
  join(name, options) {
    check.roomName(name);
    if (this.state === 'closed') throw new RejoinError('closed', `this client is closed: ${this.error?.message}`);
    const [checked, wrong] = check.joinOptions(options);
    const known = this.rooms.get(name);
    if (known && !wrong) return known;
    const room = new Room(this, name, checked);
    if (wrong) return this.#closed(room, wrong);
    this.rooms.set(name, room);
    if (this.state === 'online') room._join();
    return room;
  }

  /** Options come from storage, and pages must not die of them: the room is closed, as if the server had refused it. @param {Room} room @param {any} why */
  #closed(room, why) {
    room._end(why);
    report(why);
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
    return this.#letters.put(user, content, options);
  }

  /** Gives the connection up until `resume`; rooms and outbox stay. */
  pause() {
    if (this.state === 'closed') return;
    this.#isPaused = true;
    this.#flush();
    if (this.#drop('paused')) this.#change('waiting', { reason: 'paused' });
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
    else if (this.rooms.get(room.name) === room) this.rooms.delete(room.name);
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

  get _outboxes() {
    return [...this.#letters.outboxes, ...this.#all().map(room => room._outbox)];
  }

  /** Whether messages have to wait until it is known which of them was refused. */
  get _isHeld() {
    return this.#trial.isOn;
  }

  /** @param {object} frame */
  _send(frame) {
    this._sendText(JSON.stringify(frame));
  }

  /** Hands a frame to the socket; without one it is dropped: who needs it to arrive sends it again. @param {string} text */
  _sendText(text) {
    if (this.state === 'online') this.#attempt?.send(text);
  }

  /** Something was sent that has to be answered. */
  _expect() {
    if (this.state === 'online' && this.#attempt) this.#pulse.expect();
  }

  /** How many characters, about, are on their way without an answer. */
  #load() {
    const flying = this._outboxes.flatMap(outbox => outbox.flying).reduce((sum, entry) => sum + entry.fields.length, 0);
    return flying + this.#all().filter(room => room._isAsking).length + Number(this.#trial.isOn);
  }

  #open() {
    this.#turn++;
    this.#timers.clearAll();
    const attempt = this.#attempt = new Attempt(this.#options, this.#url, {
      message: text => attempt === this.#attempt && this.#receive(text),
      end: how => attempt === this.#attempt && this.#lost(how),
    });
    this.#timers.set('welcome', WELCOME_MS, () => this.#lost({ reason: 'no answer' }));
    this.#change('connecting', { attempt: this.#failures + 1 });
    if (attempt === this.#attempt) attempt.start(this.#name, this.#refused);
  }

  /** @param {string} text */
  #receive(text) {
    this.#pulse.heard();
    /** @type {any} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this._emit('error', new RejoinError('invalid_frame', 'the server sent something that is not JSON'));
    }
    if (typeof frame?.event !== 'string') return;
    if (frame.event === 'welcome') return this.#welcome(frame);
    if (frame.event === 'reconnect') return void (this.#hint = asked(frame.after_ms));
    if (frame.event === 'pong') return this.#trial.heard(frame.id);
    if (this.#letters.take(frame)) return;
    const room = this.#all().find(r => ((frame.room ?? null) === null ? r._owns(frame.id) : r.name === frame.room));
    if (room) room._receive(frame, text.length);
    else this.#receiveOther(frame);
  }

  /** @param {any} frame that is for none of the rooms */
  #receiveOther({ event, ...told }) {
    if (event === 'error' && !this.#isAboutMessage(told)) this._emit('error', new RejoinError(told.code, told.message));
    if (event === 'confirmed' || event === 'expired') this._emit(event, told);
  }

  /** Whether an error is about a message, though it does not say which. @param {any} error */
  #isAboutMessage(error) {
    return (error.id ?? null) === null && (error.room ?? null) === null && !isRetryable(error) && this.#trial.take(error);
  }

  /** @param {any} frame */
  #welcome({ user, limits, heartbeat_ms: heartbeat }) {
    const attempt = this.#attempt;
    this.#timers.clear('welcome');
    this.#timers.set('stable', STABLE_MS, () => void (this.#failures = 0));
    [this.user, this.limits, this.#refused] = [user, limits, undefined];
    if (!this.#options.name && DRAWN.test(user)) this.#name = user; // under another one a message would be posted twice
    this.#pulse.start(heartbeat / 2);
    this.#direct?._become(`@${user}`);
    const rooms = this.#all(); // not those that a listener is about to join
    this.#change('online', { user });
    if (attempt !== this.#attempt) return; // a listener has ended it
    this.#letters.open();
    for (const room of rooms) if (room.state === 'joining' && attempt === this.#attempt) room._join();
  }

  /** @param {'addEventListener' | 'removeEventListener'} how */
  #hear(how) {
    try {
      this._page[how]?.('online', this.#wake);
      this._page.document?.[how]?.('visibilitychange', this.#wake);
    } catch (e) {
      report(e); // without it, changes of the network are noticed later
    }
  }

  /** The network is back, or the page is seen again: tries at once, or sees whether the connection still holds. */
  #wake = () => {
    if (this._page.document?.visibilityState === 'hidden') return;
    if (this.state === 'waiting' && !this.#isPaused) this.#open();
    else if (this.state === 'online') this.#pulse.probe();
  };

  /** The connection is lost, or was never made. @param {import('./attempt.js').End} how */
  #lost({ code = 1006, reason = '', status, isRefused, error }) {
    const plain = this.#attempt?.plain;
    if (!this.#drop('lost')) return;
    const final = FINAL.get(code);
    if (error) return this.#end(error);
    if (final) return this.#end(new RejoinError(final, reason || `closed with ${code}`), code);
    if (code === TOKEN_EXPIRED && typeof this.#options.token !== 'function') {
      return this.#end(new RejoinError('token_expired', 'the token has expired and there is no function to get another'), code);
    }
    const wait = jitter(this._random, this.#failures++) + (code === RATE_LIMITED ? RATE_PAUSE_MS : 0);
    const waiting = { code, reason, retryInMs: this.#hint ?? wait };
    this.#hint = null;
    isRefused && plain && this.#fetch ? this.#askWhy(waiting, plain, status) : this.#wait(waiting);
  }

  /** @param {{ retryInMs: number }} waiting */
  #wait(waiting) {
    this.#timers.set('retry', waiting.retryInMs, () => this.#open());
    this.#change('waiting', waiting);
  }

  /** Waits, and asks meanwhile why the connection was refused. @param {any} waiting @param {any} plain @param {number} [status] */
  async #askWhy(waiting, plain, status) {
    const turn = this.#turn;
    let isDue = false;
    this.#timers.set('retry', waiting.retryInMs, () => void (isDue = true)); // not before there is an answer, or none in time
    this.#change('waiting', waiting);
    const refusal = await askWhy(this.#fetch, this._clock, plain, status);
    if (turn !== this.#turn) return;
    if (refusal?.isFinal && !this.#mayHaveToken(refusal)) return this.#end(refusal.error);
    if (refusal?.waitMs) isDue = false;
    if (isDue) return this.#open();
    const retryInMs = refusal?.waitMs ? refusal.waitMs + jitter(this._random, 0) : waiting.retryInMs;
    if (refusal) return this.#wait({ ...waiting, reason: refusal.error.message, error: refusal.error, retryInMs });
    this.#timers.set('retry', retryInMs, () => this.#open());
  }

  /** Whether another token may do: the function is asked once more. @param {import('./refusal.js').Refusal} refusal */
  #mayHaveToken({ error, isToken }) {
    if (!isToken || this.#refused || typeof this.#options.token !== 'function') return false;
    this.#refused = error;
    return true;
  }

  get #fetch() {
    return this.#options.fetch ?? globalThis.fetch;
  }
  /** Has nothing more to do with the connection; false if a listener that heard of it did something else. @param {string} reason */
  #drop(reason) {
    const turn = ++this.#turn;
    this.#timers.clearAll();
    this.#pulse.stop();
    this.#trial.end();
    this.#attempt?.drop(reason);
    this.#attempt = null;
    this.#letters.hold();
    for (const room of this.#all()) room._lost();
    return turn === this.#turn;
  }

  /** @param {any} error @param {number} [code] */
  #end(error, code) {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.error = error;
    this.#drop('closed');
    this.#hear('removeEventListener');
    this.#letters.end(error);
    this.#change('closed', { code, reason: error.message, error });
    for (const room of this.#all()) room._end(error);
  }

  /** @param {import('./rejoin.js').ConnectionState['state']} state @param {object} details */
  #change(state, details) {
    this.state = state;
    this._emit('state', { state, ...details });
  }
}
