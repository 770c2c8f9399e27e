import { FakeClock } from './fakes.js';
import { generator } from './world.js';

const DEEPEST = 64;
const LIMITS = { message_bytes: 65_536, rooms: 100 };

/**
 * A server of many rooms and users that reads frames as strictly as it can, and writes down every post. It does to its clients
 * what `faults` allows, until they are over.
 */
export class Hall {
  clock = new FakeClock();
  links = new Set();
  posts = []; // { user, at, id, content }: each message once, `at` a room or @user
  wrong = []; // frames that no client should send
  #rooms = new Map();
  #seen = new Map();
  #versions = new Map(); // of who is in a room
  #guests = 0;

  constructor(seed, faults) {
    this.random = generator(seed);
    this.faults = faults;
  }

  chance(fault) {
    return this.random() < (this.faults[fault] ?? 0);
  }

  /** What `connect` needs to come here. */
  get options() {
    const hall = this;
    const WebSocket = class extends HallLink {
      constructor(url) {
        const asked = new URL(url).searchParams;
        super(hall, asked.get('token') ?? asked.get('name') ?? `guest-${hall.#guests++}`); // takes any token for a name
      }
    };
    return { WebSocket, clock: this.clock, random: this.random, fetch: () => this.#ask(), page: new EventTarget() };
  }

  async #ask() {
    if (this.chance('mute')) throw new TypeError('no network');
    const isFull = this.chance('refuse');
    const headers = new Headers(isFull ? { 'Retry-After': '1' } : {});
    const body = { code: isFull ? 'full' : 'upgrade_required', message: 'said the server' };
    return { status: isFull ? 503 : 426, headers, json: async () => body };
  }

  take(link, text) {
    if (this.chance('cut')) return link.cut();
    if (text.length > LIMITS.message_bytes) return this.#odd(text, 'too large');
    const frame = JSON.parse(text);
    if (depth(text) > DEEPEST) return link.push({ event: 'error', code: 'invalid_frame', message: 'too deep' });
    const { event, id } = frame;
    if (event === 'ping') return link.push({ event: 'pong', id, ts: 1 });
    if (!['join', 'leave', 'message', 'ack', 'presence'].includes(event)) return this.#odd(text, 'no such event');
    if (event === 'message' && ('to' in frame)) return this.#letter(link, frame, text);
    if (typeof frame.room !== 'string' || frame.room === '' || (frame.room.startsWith('@') && frame.room !== `@${link.user}`)) return this.#odd(text, 'room');
    if (event === 'join') return this.#join(link, frame, text);
    if (event === 'leave') return this.leave(link, frame.room);
    if (!link.rooms.has(frame.room)) return link.push({ event: 'error', id, room: frame.room, code: 'not_joined', message: '' });
    if (event === 'message') return this.#post(link, frame, frame.room, text);
    if (event === 'presence') return link.push({ event: 'presence_state', room: frame.room, ...this.#members(frame.room), version: this.#versions.get(frame.room) });
  }

  leave(link, room) {
    if (link.rooms.delete(room)) this.#moved(room, 'leave', link.user);
  }

  #members(room) {
    const members = [...new Set([...this.links].filter(link => link.rooms.has(room)).map(link => link.user))];
    return { members, count: members.length };
  }

  #moved(room, action, user) {
    const version = (this.#versions.get(room) ?? 0) + 1;
    this.#versions.set(room, version);
    const { count } = this.#members(room);
    const isDiff = this.random() < 0.5;
    const told = isDiff
      ? { event: 'presence_diff', room, joined: action === 'join' ? [user] : [], left: action === 'leave' ? [user] : [], count, from: version, version }
      : { event: 'presence', room, action, user, count, version };
    for (const link of this.links) {
      if (link.rooms.has(room) && link.user !== user && !this.chance('skip')) link.push(told);
    }
  }

  #odd(text, why) {
    this.wrong.push(`${why}: ${text.slice(0, 80)}`);
  }

  #room(name) {
    if (!this.#rooms.has(name)) this.#rooms.set(name, []);
    return this.#rooms.get(name);
  }

  #join(link, { room, id, after, epoch }, text) {
    const isSeq = Number.isSafeInteger(after) && after >= 0;
    const isFit = after === undefined || after === 'cursor' || isSeq || (Number.isSafeInteger(after?.last) && after.last >= 0);
    if (!isFit || !(epoch === undefined || Number.isSafeInteger(epoch))) return this.#odd(text, 'after or epoch');
    if (room.length > 129 || /\p{Cc}/u.test(room)) return link.push({ event: 'error', id, room, code: 'invalid_room', message: 'no such name' });
    if (this.chance('silence')) return;
    if (this.chance('refuse')) return link.push({ event: 'error', id, room, code: 'too_many_new_rooms', message: '', retry_after_ms: 100 });
    const log = this.#room(room);
    const isNew = !link.rooms.has(room);
    link.rooms.add(room);
    link.push({ event: 'join_ack', room, user: link.user, id, seq: log.length, epoch: 1, ...this.#members(room) });
    if (isNew) this.#moved(room, 'join', link.user);
    if (after === undefined) return;
    const isAnew = isSeq && (after > log.length || (epoch ?? 1) !== 1);
    const wanted = isAnew ? log.length + 1 : 1 + (isSeq ? after : after === 'cursor' ? 0 : Math.max(0, log.length - after.last));
    const from = this.chance('forget') ? Math.min(log.length + 1, wanted + 3) : wanted;
    for (const message of log.slice(from - 1)) link.push(message);
    link.push({ event: 'resync', room, from, to: log.length, outcome: isAnew ? 'unrecoverable' : from === wanted ? 'full' : 'partial' });
  }

  #letter(link, frame, text) {
    const { to } = frame;
    if (typeof to !== 'string' || to === '' || to.startsWith('@') || 'room' in frame) return this.#odd(text, 'recipient');
    if (to.length > 128 || /\p{Cc}/u.test(to)) return link.push({ event: 'error', id: frame.id, room: `@${to}`, code: 'invalid_user', message: 'no such user' });
    this.#post(link, frame, `@${to}`, text);
  }

  #post(link, { id, room, to, event, confirm, ...content }, at, text) {
    const fields = Object.keys(content);
    const isFit = fields.length === 1 && (typeof content.text === 'string' || fields[0] === 'data');
    if (!isFit || typeof id !== 'string' || id === '' || id.length > 128 || /\p{Surrogate}/u.test(text)) return this.#odd(text, 'post');
    if (this.chance('refuse')) return link.push({ event: 'error', id, room: at, code: 'unavailable', message: '', retry_after_ms: 100 });
    const key = JSON.stringify([link.user, at, id]);
    const written = JSON.stringify(content);
    const before = this.#seen.get(key);
    if (before && before.written !== written) return link.push({ event: 'error', id, room: at, code: 'id_conflict', message: 'another message' });
    if (!before) this.#append(link, key, { id, at, content, written });
    if (this.chance('silence')) return;
    link.push({ event: 'ack', id, room: at, seq: this.#seen.get(key).seq, ts: 1, ...(before && { duplicate: true }) });
  }

  #append(link, key, { id, at, content, written }) {
    const log = this.#room(at);
    const message = { event: 'message', room: at, seq: log.length + 1, epoch: 1, id, user: link.user, ...content, ts: 1 };
    log.push(message);
    this.posts.push({ user: link.user, at, id, content: written });
    this.#seen.set(key, { written, seq: message.seq });
    for (const other of this.links) if (other.rooms.has(at) && !this.chance('skip')) other.push(message);
  }
}

/** A WebSocket to it: in order both ways, each frame some time on its way, and lost with what is under way when it is cut. */
class HallLink {
  rooms = new Set();
  #isOpen = true;

  constructor(hall, user) {
    Object.assign(this, { hall, user, delay: 1 + Math.floor(hall.random() * 200) });
    if (hall.chance('turnAway')) {
      this.#isOpen = false;
      hall.clock.setTimeout(() => this.onerror?.({ message: 'refused' }), this.delay);
      return;
    }
    hall.links.add(this);
    this.push({ event: 'welcome', connection: 'c', user, heartbeat_ms: 5_000, limits: LIMITS });
  }

  send(text) {
    this.#later(() => this.hall.take(this, text));
  }

  push(frame) {
    this.#later(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }

  cut() {
    this.close();
    if (!this.hall.chance('mute')) this.hall.clock.setTimeout(() => this.onclose?.({ code: 1006 }), this.delay);
  }

  close() {
    this.#isOpen = false;
    this.hall.links.delete(this);
    for (const room of [...this.rooms]) this.hall.leave(this, room);
  }

  #later(action) {
    this.hall.clock.setTimeout(() => this.#isOpen && action(), this.delay);
  }
}

/** How deep JSON is. */
function depth(text) {
  let [most, now, isText] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (isText) {
      if (c === '\\') i++;
      else if (c === '"') isText = false;
    } else if (c === '"') isText = true;
    else if (c === '[' || c === '{') most = Math.max(most, ++now);
    else if (c === ']' || c === '}') now--;
  }
  return most;
}
