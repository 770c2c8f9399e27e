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
import { DirectOutboxes } from './direct-outboxes.js';
import { Emitter } from './emitter.js';
import { isRetryable, RejoinError, report } from './errors.js';
import { newId } from './ids.js';
import { RefusedMessageFinder } from './refused-message-finder.js';
import { Room } from './room.js';
import { TokenRenewal } from './token-renewal.js';

export { newId, RejoinError };

const DEFAULT_OUTBOX_SIZE = 1_000; // messages
/** How many events of each kind are kept while no listener is registered. */
const MAX_KEPT_EVENTS = { state: 1, confirmed: 100, expired: 100, error: 10 };

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
  #directOutboxes = new DirectOutboxes(this);
  #refusedMessageFinder;
  #tokenRenewal;
  #connection;
  #options;
  #lastNumber = 0;
  #unacknowledged = 0; // messages in all outboxes together
  /**
   * @type {Room[]} to be joined when the client is online; rooms that a listener creates meanwhile join by themselves
   */
  #roomsToJoin = [];
  /** @type {number | undefined} when this connection's token expires, by the server's clock */
  #tokenExpiresAt;

  /**
   * @param {URL} url
   * @param {import('./rejoin.js').ConnectOptions} options both already checked
   */
  constructor(url, options) {
    super(MAX_KEPT_EVENTS);
    this.#options = options;
    this._random = options.random ?? Math.random;
    this._clock = options.clock
      ?? { setTimeout: setTimeout.bind(globalThis), clearTimeout: clearTimeout.bind(globalThis) };
    /** @type {any} */
    this._page = options.page ?? globalThis;
    this.#refusedMessageFinder = new RefusedMessageFinder(this);
    this.#tokenRenewal = new TokenRenewal(this, options.token);
    this.#connection = new Connection(url, options, this, {
      onStateChange: (state, details) => this._emit('state', { state, ...details }),
      onWelcome: welcome => this.#onWelcome(welcome),
      onOnline: () => this.#onOnline(),
      onFrame: text => this.#onFrame(text),
      onDisconnect: () => this.#onDisconnect(),
      onClosed: error => this.#onClosed(error),
      unansweredChars: () => this.#unansweredChars(),
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
    const [checked, optionsError] = check.joinOptions(options); // first, because this may run the caller's code
    if (this.state === 'closed') throw new RejoinError('closed', `this client is closed: ${this.error?.message}`);
    const existing = this.rooms.get(name);
    if (existing && !optionsError) return existing;
    const room = new Room(this, name, checked);
    if (optionsError) return this.#closeInvalidRoom(room, optionsError);
    this.rooms.set(name, room);
    if (this.state === 'online') room._sendJoin();
    return room;
  }

  /**
   * Closes a room whose options are invalid, as if the server had refused it. Options often come from storage, and must
   * not make a page fail.
   *
   * @param {Room} room
   * @param {any} error
   */
  #closeInvalidRoom(room, error) {
    room._close(error);
    report(error);
    return room;
  }

  /** The user's own room, which receives direct messages. The first access joins it. */
  get direct() {
    if (this.#direct || this.state === 'closed') return this.#direct;
    const direct = new Room(this, `@${this.user ?? ''}`, { after: 'cursor', autoAck: true });
    this.#direct = direct;
    if (this.state === 'online') direct._sendJoin();
    return direct;
  }

  /** @param {string} user @param {import('./rejoin.js').Content} content @param {import('./rejoin.js').SendOptions} [options] */
  sendTo(user, content, options) {
    return this.#directOutboxes.send(user, content, options);
  }

  /** Closes the connection until `resume`. Rooms and outboxes stay. */
  pause() {
    if (this.state === 'closed') return;
    this.#flushAcks();
    this.#connection.pause();
  }

  /** Connects at once instead of at the planned time. */
  resume() {
    this.#connection.resume();
  }

  close() {
    if (this.state === 'closed') return;
    this.#flushAcks();
    this.#connection.close(new RejoinError('closed', 'closed by the application'), 1000);
  }

  /** Sends pending acknowledgements while there is still a connection. */
  #flushAcks() {
    for (const room of this.#allRooms()) room._flushAcks();
  }

  #allRooms() {
    return this.#direct ? [...this.rooms.values(), this.#direct] : [...this.rooms.values()];
  }

  /** Removes a room that has ended. @param {Room} room */
  _removeRoom(room) {
    if (room === this.#direct) this.#direct = null;
    else if (this.rooms.get(room.name) === room) this.rooms.delete(room.name);
  }

  /** The number for the id of the next frame of the client's own. */
  _nextNumber() {
    return ++this.#lastNumber;
  }

  /** Reserves a slot for one more unacknowledged message; false when all slots are taken. */
  _reserveOutboxSlot() {
    const hasSlot = this.#unacknowledged < (this.#options.outbox ?? DEFAULT_OUTBOX_SIZE);
    if (hasSlot) this.#unacknowledged++;
    return hasSlot;
  }

  _releaseOutboxSlot() {
    this.#unacknowledged--;
  }

  get _outboxes() {
    return [...this.#directOutboxes.outboxes, ...this.#allRooms().map(room => room._outbox)];
  }

  /** Whether messages must wait until the refused message is found. */
  get _isSendingPaused() {
    return this.#refusedMessageFinder.isSearching;
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
  _expectAnswer() {
    this.#connection.expectAnswer();
  }

  /** The approximate number of characters that are sent and not answered. */
  #unansweredChars() {
    const entries = this._outboxes.flatMap(outbox => outbox.unanswered);
    const messageChars = entries.reduce((sum, entry) => sum + entry.fields.length, 0);
    const joins = this.#allRooms().filter(room => room._isAwaitingJoinAnswer).length;
    return messageChars + joins + Number(this._isSendingPaused);
  }

  /** @param {string} text */
  #onFrame(text) {
    /** @type {any} */
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return this._emit('error', new RejoinError('invalid_frame', 'the server sent something that is not JSON'));
    }
    if (typeof frame?.event !== 'string') return;
    if (frame.event === 'welcome') return this.#connection.onWelcome(frame);
    if (frame.event === 'reconnect') return this.#connection.setReconnectDelay(frame.after_ms);
    if (this.#tokenRenewal.handleFrame(frame)) return;
    if (frame.event === 'pong') return this.#refusedMessageFinder.onPong(frame.id);
    if (this.#directOutboxes.handleFrame(frame) || this.#isStaleError(frame)) return;
    const isForRoom = (/** @type {Room} */ room) =>
      ((frame.room ?? null) === null ? room._isAwaitingAnswer(frame.id) : room.name === frame.room);
    const room = this.#allRooms().find(isForRoom);
    if (room) room._onFrame(frame, text.length);
    else this.#onRoomlessFrame(frame);
  }

  /**
   * Whether the frame is an error about something that no longer waits for an answer. Examples: a join after which the
   * room was left, or a temporary refusal of a message that was sent twice and is already acknowledged.
   *
   * @param {any} frame
   */
  #isStaleError(frame) {
    const { event, id } = frame;
    const isTemporary = (id ?? null) !== null && isRetryable(frame);
    if (event !== 'error' || !(check.isClientFrameId(id) || isTemporary)) return false;
    return !this.#allRooms().some(room => room._isAwaitingAnswer(id));
  }

  /** @param {any} frame that belongs to no room */
  #onRoomlessFrame({ event, ...details }) {
    if (event === 'error' && !this.#handleUnnamedError(details)) {
      this._emit('error', new RejoinError(details.code, details.message));
    }
    if (event === 'confirmed' || event === 'expired') this._emit(event, details);
  }

  /**
   * Handles an error that names neither a frame nor a room; false when the error is not about a message.
   *
   * @param {any} error
   */
  #handleUnnamedError(error) {
    const isUnnamed = (error.id ?? null) === null && (error.room ?? null) === null;
    return isUnnamed && !isRetryable(error) && this.#refusedMessageFinder.handleError(error);
  }

  /** @param {any} welcome */
  #onWelcome({ user, limits, expires }) {
    if (this.user !== null && this.user !== user) this.#changeUser(user);
    [this.user, this.limits, this.#tokenExpiresAt] = [user, limits, expires];
    this.#direct?._rename(`@${user}`);
    this.#roomsToJoin = this.#allRooms();
  }

  /**
   * Discards the former user's messages and acknowledgements. They must not be sent under the new user's name.
   *
   * @param {string} user
   */
  #changeUser(user) {
    const error = new RejoinError('user_changed', `the user is ${user} now; this was sent by ${this.user} and not acknowledged`);
    this.#directOutboxes.rejectAll(error);
    for (const room of this.#allRooms()) room._changeUser(error);
  }

  #onOnline() {
    this.#tokenRenewal.start(this.#tokenExpiresAt);
    this.#directOutboxes.startSending();
    for (const room of this.#roomsToJoin) if (room.state === 'joining' && this.state === 'online') room._sendJoin();
  }

  #onDisconnect() {
    this.#tokenRenewal.stop();
    this.#refusedMessageFinder.stop();
    this.#directOutboxes.stopSending();
    for (const room of this.#allRooms()) room._onDisconnect();
  }

  /** @param {any} error */
  #onClosed(error) {
    this.#directOutboxes.close(error);
    for (const room of this.#allRooms()) room._close(error);
  }
}
