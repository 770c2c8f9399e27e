import { FakeClock } from './fakes.js';
import { seededRandom } from './one-room-server.js';

const MAX_DEPTH = 64;
const LIMITS = { message_bytes: 65_536, rooms: 100 };

/**
 * A server with many rooms and users. It checks each frame strictly and records each post. `faults` are the probabilities
 * of its faults.
 */
export class StrictServer {
  clock = new FakeClock();
  sockets = new Set();
  posts = []; // { user, target, id, content }: each message once; `target` is a room or @user
  invalidFrames = []; // frames that no client should send
  #rooms = new Map();
  #postsByKey = new Map();
  #memberVersions = new Map(); // by room
  #guests = 0;

  constructor(seed, faults) {
    this.random = seededRandom(seed);
    this.faults = faults;
  }

  chance(fault) {
    return this.random() < (this.faults[fault] ?? 0);
  }

  /** The options of `connect` for this server. */
  get options() {
    const server = this;
    const WebSocket = class extends StrictServerSocket {
      constructor(url) {
        const params = new URL(url).searchParams;
        super(server, params.get('token') ?? params.get('name') ?? `guest-${server.#guests++}`); // a token is the name of its user
      }
    };
    return { WebSocket, clock: this.clock, random: this.random, fetch: () => this.#answerFetch(), page: new EventTarget() };
  }

  async #answerFetch() {
    if (this.chance('fetchFails')) throw new TypeError('no network');
    const isFull = this.chance('refuse');
    const headers = new Headers(isFull ? { 'Retry-After': '1' } : {});
    const body = { code: isFull ? 'full' : 'upgrade_required', message: 'said the server' };
    return { status: isFull ? 503 : 426, headers, json: async () => body };
  }

  onFrame(socket, text) {
    if (this.chance('disconnect')) return socket.disconnect();
    if (text.length > LIMITS.message_bytes) return this.#recordInvalid(text, 'too large');
    const frame = JSON.parse(text);
    if (depth(text) > MAX_DEPTH) return socket.push({ event: 'error', code: 'invalid_frame', message: 'too deep' });
    const { event, id } = frame;
    if (event === 'ping') return socket.push({ event: 'pong', id, ts: 1 });
    if (!['join', 'leave', 'message', 'ack', 'presence'].includes(event)) return this.#recordInvalid(text, 'no such event');
    if (event === 'message' && ('to' in frame)) return this.#postDirect(socket, frame, text);
    if (typeof frame.room !== 'string' || frame.room === '' || (frame.room.startsWith('@') && frame.room !== `@${socket.user}`)) return this.#recordInvalid(text, 'room');
    if (event === 'join') return this.#join(socket, frame, text);
    if (event === 'leave') return this.leave(socket, frame.room);
    if (!socket.rooms.has(frame.room)) return socket.push({ event: 'error', id, room: frame.room, code: 'not_joined', message: '' });
    if (event === 'message') return this.#post(socket, frame, frame.room, text);
    if (event === 'presence') return socket.push({ event: 'presence_state', room: frame.room, ...this.#members(frame.room), version: this.#memberVersions.get(frame.room) });
  }

  leave(socket, room) {
    if (socket.rooms.delete(room)) this.#pushPresence(room, 'leave', socket.user);
  }

  #members(room) {
    const members = [...new Set([...this.sockets].filter(socket => socket.rooms.has(room)).map(socket => socket.user))];
    return { members, count: members.length };
  }

  #pushPresence(room, action, user) {
    const version = (this.#memberVersions.get(room) ?? 0) + 1;
    this.#memberVersions.set(room, version);
    const { count } = this.#members(room);
    const isDiff = this.random() < 0.5;
    const frame = isDiff
      ? { event: 'presence_diff', room, joined: action === 'join' ? [user] : [], left: action === 'leave' ? [user] : [], count, from: version, version }
      : { event: 'presence', room, action, user, count, version };
    for (const socket of this.sockets) {
      if (socket.rooms.has(room) && socket.user !== user && !this.chance('dropFrame')) socket.push(frame);
    }
  }

  #recordInvalid(text, reason) {
    this.invalidFrames.push(`${reason}: ${text.slice(0, 80)}`);
  }

  #room(name) {
    if (!this.#rooms.has(name)) this.#rooms.set(name, []);
    return this.#rooms.get(name);
  }

  #join(socket, { room, id, after, epoch }, text) {
    const isSeq = Number.isSafeInteger(after) && after >= 0;
    const isValid = after === undefined || after === 'cursor' || isSeq || (Number.isSafeInteger(after?.last) && after.last >= 0);
    if (!isValid || !(epoch === undefined || Number.isSafeInteger(epoch))) return this.#recordInvalid(text, 'after or epoch');
    if (room.length > 129 || /\p{Cc}/u.test(room)) return socket.push({ event: 'error', id, room, code: 'invalid_room', message: 'no such name' });
    if (this.chance('noAnswer')) return;
    if (this.chance('refuse')) return socket.push({ event: 'error', id, room, code: 'too_many_new_rooms', message: '', retry_after_ms: 100 });
    const messages = this.#room(room);
    const isNew = !socket.rooms.has(room);
    socket.rooms.add(room);
    socket.push({ event: 'join_ack', room, user: socket.user, id, seq: messages.length, epoch: 1, ...this.#members(room) });
    if (isNew) this.#pushPresence(room, 'join', socket.user);
    if (after === undefined) return;
    const isUnrecoverable = isSeq && (after > messages.length || (epoch ?? 1) !== 1);
    const firstWanted = isUnrecoverable ? messages.length + 1 : 1 + (isSeq ? after : after === 'cursor' ? 0 : Math.max(0, messages.length - after.last));
    const from = this.chance('expireMessages') ? Math.min(messages.length + 1, firstWanted + 3) : firstWanted;
    for (const message of messages.slice(from - 1)) socket.push(message);
    socket.push({ event: 'resync', room, from, to: messages.length, outcome: isUnrecoverable ? 'unrecoverable' : from === firstWanted ? 'full' : 'partial' });
  }

  #postDirect(socket, frame, text) {
    const { to } = frame;
    if (typeof to !== 'string' || to === '' || to.startsWith('@') || 'room' in frame) return this.#recordInvalid(text, 'recipient');
    if (to.length > 128 || /\p{Cc}/u.test(to)) return socket.push({ event: 'error', id: frame.id, room: `@${to}`, code: 'invalid_user', message: 'no such user' });
    this.#post(socket, frame, `@${to}`, text);
  }

  #post(socket, { id, room, to, event, confirm, ...content }, target, text) {
    const fields = Object.keys(content);
    const isValid = fields.length === 1 && (typeof content.text === 'string' || fields[0] === 'data');
    if (!isValid || typeof id !== 'string' || id === '' || id.length > 128 || /\p{Surrogate}/u.test(text)) return this.#recordInvalid(text, 'post');
    if (this.chance('refuse')) return socket.push({ event: 'error', id, room: target, code: 'unavailable', message: '', retry_after_ms: 100 });
    const key = JSON.stringify([socket.user, target, id]);
    const contentJson = JSON.stringify(content);
    const existing = this.#postsByKey.get(key);
    if (existing && existing.contentJson !== contentJson) return socket.push({ event: 'error', id, room: target, code: 'id_conflict', message: 'another message' });
    if (!existing) this.#append(socket, key, { id, target, content, contentJson });
    if (this.chance('noAnswer')) return;
    socket.push({ event: 'ack', id, room: target, seq: this.#postsByKey.get(key).seq, ts: 1, ...(existing && { duplicate: true }) });
  }

  #append(socket, key, { id, target, content, contentJson }) {
    const messages = this.#room(target);
    const message = { event: 'message', room: target, seq: messages.length + 1, epoch: 1, id, user: socket.user, ...content, ts: 1 };
    messages.push(message);
    this.posts.push({ user: socket.user, target, id, content: contentJson });
    this.#postsByKey.set(key, { contentJson, seq: message.seq });
    for (const other of this.sockets) if (other.rooms.has(target) && !this.chance('dropFrame')) other.push(message);
  }
}

/** A WebSocket to the server. Frames arrive in order, after a delay. A disconnect loses the frames that did not arrive yet. */
class StrictServerSocket {
  rooms = new Set();
  #isOpen = true;

  constructor(server, user) {
    Object.assign(this, { server, user, delay: 1 + Math.floor(server.random() * 200) });
    if (server.chance('refuseConnection')) {
      this.#isOpen = false;
      server.clock.setTimeout(() => this.onerror?.({ message: 'refused' }), this.delay);
      return;
    }
    server.sockets.add(this);
    this.push({ event: 'welcome', connection: 'c', user, heartbeat_ms: 5_000, limits: LIMITS });
  }

  send(text) {
    this.#afterDelay(() => this.server.onFrame(this, text));
  }

  push(frame) {
    this.#afterDelay(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }

  disconnect() {
    this.close();
    if (!this.server.chance('noCloseEvent')) this.server.clock.setTimeout(() => this.onclose?.({ code: 1006 }), this.delay);
  }

  close() {
    this.#isOpen = false;
    this.server.sockets.delete(this);
    for (const room of [...this.rooms]) this.server.leave(this, room);
  }

  #afterDelay(action) {
    this.server.clock.setTimeout(() => this.#isOpen && action(), this.delay);
  }
}

/** The depth of nested lists and objects in a JSON text. */
function depth(text) {
  let [max, current, isText] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isText) {
      if (c === '\\') i++;
      else if (c === '"') isText = false;
    } else if (c === '"') isText = true;
    else if (c === '[' || c === '{') max = Math.max(max, ++current);
    else if (c === ']' || c === '}') current--;
  }
  return max;
}
