import { connect } from '../rejoin.js';
import { FakeClock, FakePage } from './fakes.js';

export const ROOM = 'r';

/** Mulberry32: small, and the same on every machine. */
export function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A server with one room, which does to its clients what `faults` allows, until they are over. */
export class World {
  clock = new FakeClock();
  log = [];
  links = new Set();
  first = 1; // the oldest message still kept
  cursors = new Map(); // what each user has acknowledged
  onAck; // is told of each acknowledgement
  #seen = new Map();

  constructor(seed, faults) {
    this.random = generator(seed);
    this.faults = faults;
  }

  chance(fault) {
    return this.random() < (this.faults[fault] ?? 0);
  }

  client(name) {
    const world = this;
    const WebSocket = class extends Link {
      constructor() {
        super(world, name);
      }
    };
    return connect('ws://world', { WebSocket, clock: this.clock, page: new FakePage(), random: this.random, fetch: false });
  }

  take(link, frame) {
    if (this.chance('cut')) return link.cut();
    if (frame.event === 'ping') return link.push({ event: 'pong', ts: 1 });
    if (frame.event === 'join') return this.#join(link, frame);
    if (frame.event === 'message') return this.#post(link, frame);
    if (frame.event === 'ack') return this.#acknowledge(link, frame);
  }

  #join(link, { id, after }) {
    link.isMember = false;
    if (this.chance('silence')) return;
    if (this.chance('refuse')) return link.push({ event: 'error', id, room: ROOM, code: 'overloaded', message: '', retry_after_ms: 100 });
    link.isMember = true;
    const head = this.log.length;
    const cursor = this.cursors.get(link.user);
    link.push({ event: 'join_ack', room: ROOM, user: link.user, id, seq: head, epoch: 1, cursor, members: [], count: 0 });
    link.position = head;
    const wanted = 1 + (after === 'cursor' ? cursor ?? 0 : after);
    const from = Math.max(wanted, this.first);
    for (const message of this.log.slice(from - 1, head)) link.push(message);
    link.push({ event: 'resync', room: ROOM, from, to: head, outcome: from === wanted ? 'full' : 'partial' });
  }

  #post(link, { id, text }) {
    if (!link.isMember) return link.push({ event: 'error', id, room: ROOM, code: 'not_joined', message: '' });
    if (this.chance('refuse')) return link.push({ event: 'error', id, room: ROOM, code: 'unavailable', message: '', retry_after_ms: 100 });
    const key = `${link.user}/${id}`;
    const before = this.#seen.get(key);
    if (!before) this.#append({ event: 'message', room: ROOM, seq: this.log.length + 1, epoch: 1, id, user: link.user, text, ts: this.clock.now }, key);
    if (this.chance('silence')) return;
    if (this.chance('refuse')) return link.push({ event: 'error', id, room: ROOM, code: 'timeout', message: '' });
    link.push({ event: 'ack', id, room: ROOM, seq: this.#seen.get(key).seq, ts: 1, ...(before && { duplicate: true }) });
  }

  #acknowledge(link, { id, seq }) {
    if (!link.isMember) return link.push({ event: 'error', id, room: ROOM, code: 'not_joined', message: '' });
    if (this.chance('silence')) return;
    if (this.chance('refuse')) return link.push({ event: 'error', id, room: ROOM, code: 'timeout', message: '' });
    this.onAck?.(link.user, seq);
    if (seq <= (this.cursors.get(link.user) ?? 0)) return;
    this.cursors.set(link.user, seq);
    for (const other of this.links) {
      if (other !== link && other.isMember && other.user === link.user) other.push({ event: 'cursor', room: ROOM, seq, epoch: 1 });
    }
  }

  /** Says again what is not acknowledged, to those that have had it. */
  redeliver() {
    for (const link of this.links) {
      const cursor = this.cursors.get(link.user) ?? 0;
      if (!link.isMember) continue;
      for (const message of this.log.slice(cursor, Math.min(cursor + 3, link.position))) {
        if (!this.chance('skip')) link.push({ ...message, redelivered: true });
      }
    }
  }

  #append(message, key) {
    this.log.push(message);
    this.#seen.set(key, message);
    for (const link of this.links) {
      if (link.isMember && !this.chance('skip')) link.pushMessage(message);
      if (link.isMember && this.chance('repeat')) link.push(this.log[Math.floor(this.random() * this.log.length)]);
    }
    if (this.chance('forget')) this.first = Math.min(this.log.length + 1, this.first + 5);
  }
}

/** A WebSocket: in order both ways, each frame some time on its way, and lost with what is under way when it is cut. */
class Link {
  isMember = false;
  position = 0; // the last seq that was sent
  #isOpen = true;

  constructor(world, user) {
    Object.assign(this, { world, user, delay: 1 + Math.floor(world.random() * 200) });
    world.links.add(this);
    this.push({ event: 'welcome', connection: 'c', user, heartbeat_ms: 5_000, limits: { message_bytes: 9_999, rooms: 9 } });
  }

  send(text) {
    this.#later(() => this.world.take(this, JSON.parse(text)));
  }

  pushMessage(message) {
    this.position = message.seq;
    this.push(message);
  }

  push(frame) {
    this.#later(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }

  /** Sometimes nobody is told: the client has to find out by itself. */
  cut() {
    this.close();
    if (!this.world.chance('mute')) this.world.clock.setTimeout(() => this.onclose?.({ code: 1006 }), this.delay);
  }

  close() {
    this.#isOpen = false;
    this.isMember = false;
    this.world.links.delete(this);
  }

  #later(action) {
    this.world.clock.setTimeout(() => this.#isOpen && action(), this.delay);
  }
}
