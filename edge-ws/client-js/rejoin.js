/**
 * Rejoin's client: many rooms over one WebSocket. The client reconnects when the connection is lost. It then rejoins
 * its rooms from the last seq it saw, so no message is missed. It keeps sent messages until the server acknowledges
 * them. The client has no dependencies.
 *
 *     const rejoin = connect('ws://localhost:8080', { name: 'ann' });
 *     const room = rejoin.join('lobby', { last: 50 });
 *     room.on('message', m => console.log(m.seq, m.user, m.text));
 *     await room.send('hi'); // { id, seq, ts, duplicate }: durable and in order
 *
 * The types and the fields of each event are in rejoin.d.ts.
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
/** How many events of each kind are kept while no listener is registered. */
const EVENTS = { state: 1, confirmed: 100, expired: 100, error: 10 };

/** @type {typeof import('./rejoin.js').connect} */
export const connect = (url, options) => new Rejoin(check.url(url), check.connectOptions(options));

/** The client: a connection, its rooms, and the messages to rooms and users. */
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
  #unacknowledged = 0; // messages in all outboxes together
  /**
   * @type {Room[]} to be joined when the client is online; rooms that a listener creates meanwhile join by themselves
   */
  #toJoin = [];
  /** @type {number | undefined} when this connection's token expires, by the server's clock */
  #expires;

  /**
   * @param {URL} url
   * @param {import('./rejoin.js').ConnectOptions} options both already checked
   */
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

  /** Why the client is closed; null until then. */
  get error() {
    return this.#connection.error;
  }

  /** @param {string} name @param {import('./rejoin.js').JoinOptions} [options] */
  join(name, options) {
    name = check.roomName(name);
    const [checked, wrong] = check.joinOptions(options); // first, because this may run the caller's code
    if (this.state === 'closed') throw new RejoinError('closed', `this client is closed: ${this.error?.message}`);
    const known = this.rooms.get(name);
    if (known && !wrong) return known;
    const room = new Room(this, name, checked);
    if (wrong) return this.#closed(room, wrong);
    this.rooms.set(name, room);
    if (this.state === 'online') room._join();
    return room;
  }

  /**
   * Closes a room whose options are invalid, as if the server had refused it. Options often come from storage, and must
   * not make a page fail.
   *
   * @param {Room} room
   * @param {any} why
   */
  #closed(room, why) {
    room._end(why);
    report(why);
    return room;
  }

  /** The user's own room, which receives direct messages. The first access joins it. */
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

  /** Closes the connection until `resume`. Rooms and outboxes stay. */
  pause() {
    if (this.state === 'closed') return;
    this.#flush();
    this.#connection.pause();
  }

  /** Connects at once instead of at the planned time. */
  resume() {
    this.#connection.resume();
  }

  close() {
    if (this.state === 'closed') return;
    this.#flush();
    this.#connection.end(new RejoinError('closed', 'closed by the application'), 1000);
  }

  /** Sends pending acknowledgements while there is still a connection. */
  #flush() {
    for (const room of this.#all()) room._flush();
  }

  #all() {
    return this.#direct ? [...this.rooms.values(), this.#direct] : [...this.rooms.values()];
  }

  /** Removes a room that has ended. @param {Room} room */
  _forget(room) {
    if (room === this.#direct) this.#direct = null;
    else if (this.rooms.get(room.name) === room) this.rooms.delete(room.name);
  }

  _number() {
    return ++this.#numbers;
  }

  /** Takes a place for one more unacknowledged message; false when all places are taken. */
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

  /** Whether messages must wait until the refused message is found. */
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

  /** Records that a sent frame must be answered. */
  _expect() {
    this.#connection.expect();
  }

  /** The approximate number of characters that are sent and not answered. */
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
   * Whether the frame is an error about something that no longer waits for an answer. Examples: a join after which the
   * room was left, or a temporary refusal of a message that was sent twice and is already acknowledged.
   *
   * @param {any} frame
   */
  #isStale(frame) {
    const { event, id } = frame;
    const isPassing = (id ?? null) !== null && isRetryable(frame);
    return event === 'error' && (check.isOwnId(id) || isPassing) && !this.#all().some(room => room._owns(id));
  }

  /** @param {any} frame that belongs to no room */
  #receiveOther({ event, ...told }) {
    if (event === 'error' && !this.#isAboutMessage(told)) this._emit('error', new RejoinError(told.code, told.message));
    if (event === 'confirmed' || event === 'expired') this._emit(event, told);
  }

  /** Whether an error is about a message, although the error does not name the message. @param {any} error */
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

  /**
   * Discards the former user's messages and acknowledgements. They must not be sent under the new user's name.
   *
   * @param {string} user
   */
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
