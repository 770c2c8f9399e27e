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
import * as check from './checks.js';
import { Connection } from './connection.js';
import { Letters } from './letters.js';
import { Renewal } from './renewal.js';
import { Room } from './room.js';
import { Emitter, isRetryable, newId, RejoinError, report } from './support.js';
import { Trial } from './trial.js';

export { newId, RejoinError };

const OUTBOX = 1_000; // messages
/** How many of each event are kept while nobody listens to it. */
const EVENTS = { state: 1, confirmed: 100, expired: 100, error: 10 };

/** @type {typeof import('./rejoin.js').connect} */
export const connect = (url, options) => new Rejoin(check.url(url), check.connectOptions(options));

/** A connection, its rooms, and what is sent to them and to users. */
class Rejoin extends Emitter {
  /** @type {string | null} */
  user = null;
  /** @type {{ message_bytes: number, rooms: number } | null} */
  limits = null;
  /** @type {Map<string, Room>} */
  rooms = new Map();
  /** @type {Room | null} the user's own room */
  #direct = null;
  #letters = new Letters(this);
  #trial;
  #renewal;
  #connection;
  #options;
  #numbers = 0;
  #unacknowledged = 0; // in all outboxes
  /** @type {Room[]} to be joined once it is online, but not those that a listener is about to join */
  #toJoin = [];
  /** @type {number | undefined} when the token of this connection does */
  #expires;

  /** @param {URL} url @param {import('./rejoin.js').ConnectOptions} options both checked */
  constructor(url, options) {
    super(EVENTS);
    this.#options = options;
    this._random = options.random ?? Math.random;
    this._clock = options.clock
      ?? { setTimeout: setTimeout.bind(globalThis), clearTimeout: clearTimeout.bind(globalThis) };
    /** @type {any} */
    this._page = options.page ?? globalThis;
    this.#trial = new Trial(this);
    this.#renewal = new Renewal(this, options.token);
    this.#connection = new Connection(url, options, this, {
      changed: (state, details) => this._emit('state', { state, ...details }),
      arrived: welcome => this.#arrived(welcome),
      opened: () => this.#opened(),
      received: text => this.#receive(text),
      dropped: () => this.#dropped(),
      ended: error => this.#ended(error),
      load: () => this.#load(),
    });
    this.#connection.start();
  }

  get state() {
    return this.#connection.state;
  }

  /** Why it is closed. */
  get error() {
    return this.#connection.error;
  }

  /** @param {string} name @param {import('./rejoin.js').JoinOptions} [options] */
  join(name, options) {
    name = check.roomName(name);
    const [checked, wrong] = check.joinOptions(options); // first, as that may run code of the caller's
    if (this.state === 'closed') throw new RejoinError('closed', `this client is closed: ${this.error?.message}`);
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
    this.#flush();
    this.#connection.pause();
  }

  /** Tries at once instead of when it was due. */
  resume() {
    this.#connection.resume();
  }

  close() {
    if (this.state === 'closed') return;
    this.#flush();
    this.#connection.end(new RejoinError('closed', 'closed by the application'), 1000);
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

  /** @param {string} text */
  _sendText(text) {
    this.#connection.send(text);
  }

  /** Something was sent that has to be answered. */
  _expect() {
    this.#connection.expect();
  }

  /** How many characters, about, are on their way without an answer. */
  #load() {
    const flying = this._outboxes.flatMap(outbox => outbox.flying).reduce((sum, entry) => sum + entry.fields.length, 0);
    return flying + this.#all().filter(room => room._isAsking).length + Number(this.#trial.isOn);
  }

  /** @param {string} text */
  #receive(text) {
    /** @type {any} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this._emit('error', new RejoinError('invalid_frame', 'the server sent something that is not JSON'));
    }
    if (typeof frame?.event !== 'string') return;
    if (frame.event === 'welcome') return this.#connection.welcome(frame);
    if (frame.event === 'reconnect') return this.#connection.hint(frame.after_ms);
    if (this.#renewal.take(frame)) return;
    if (frame.event === 'pong') return this.#trial.heard(frame.id);
    if (this.#letters.take(frame) || this.#isStale(frame)) return;
    const room = this.#all().find(r => ((frame.room ?? null) === null ? r._owns(frame.id) : r.name === frame.room));
    if (room) room._receive(frame, text.length);
    else this.#receiveOther(frame);
  }

  /**
   * Whether it refuses what nobody waits for any more: a join that a leave has overtaken; or, for now, a message that was sent twice
   * and is acknowledged. @param {any} frame
   */
  #isStale(frame) {
    const { event, id } = frame;
    const isPassing = (id ?? null) !== null && isRetryable(frame);
    return event === 'error' && (check.isOwnId(id) || isPassing) && !this.#all().some(room => room._owns(id));
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

  /** @param {any} welcome */
  #arrived({ user, limits, expires }) {
    if (this.user !== null && this.user !== user) this.#changeUser(user);
    [this.user, this.limits, this.#expires] = [user, limits, expires];
    this.#direct?._become(`@${user}`);
    this.#toJoin = this.#all();
  }

  /** What the former user sent or handled must be neither posted nor acknowledged under another name. @param {string} user */
  #changeUser(user) {
    const error = new RejoinError('user_changed', `the user is ${user} now; this was sent by ${this.user} and not acknowledged`);
    this.#letters.clear(error);
    for (const room of this.#all()) room._changeUser(error);
  }

  #opened() {
    this.#renewal.start(this.#expires);
    this.#letters.open();
    for (const room of this.#toJoin) if (room.state === 'joining' && this.state === 'online') room._join();
  }

  #dropped() {
    this.#renewal.stop();
    this.#trial.end();
    this.#letters.hold();
    for (const room of this.#all()) room._lost();
  }

  /** @param {any} error */
  #ended(error) {
    this.#letters.end(error);
    for (const room of this.#all()) room._end(error);
  }
}
