import { connect } from '../rejoin.js';
import { FakeClock, FakePage } from './fakes.js';

export const ROOM = 'r';

/** A random generator (Mulberry32) that gives the same numbers on every machine. */
export function seededRandom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A server with one room. `faults` are the probabilities of its faults. */
export class OneRoomServer {
  clock = new FakeClock();
  messages = [];
  sockets = new Set();
  oldestKept = 1; // seq of the oldest message that is still kept
  cursors = new Map(); // what each user has acknowledged
  onAck; // called for each acknowledgement
  #messagesByKey = new Map();

  constructor(seed, faults) {
    this.random = seededRandom(seed);
    this.faults = faults;
  }

  chance(fault) {
    return this.random() < (this.faults[fault] ?? 0);
  }

  newClient(name) {
    const server = this;
    const WebSocket = class extends FaultySocket {
      constructor() {
        super(server, name);
      }
    };
    return connect('ws://server', { WebSocket, clock: this.clock, page: new FakePage(), random: this.random, fetch: false });
  }

  onFrame(socket, frame) {
    if (this.chance('disconnect')) return socket.disconnect();
    if (frame.event === 'ping') return socket.push({ event: 'pong', ts: 1 });
    if (frame.event === 'join') return this.#join(socket, frame);
    if (frame.event === 'message') return this.#post(socket, frame);
    if (frame.event === 'ack') return this.#acknowledge(socket, frame);
  }

  #join(socket, { id, after }) {
    socket.isMember = false;
    if (this.chance('noAnswer')) return;
    if (this.chance('refuse')) return socket.push({ event: 'error', id, room: ROOM, code: 'overloaded', message: '', retry_after_ms: 100 });
    socket.isMember = true;
    const lastSeq = this.messages.length;
    const cursor = this.cursors.get(socket.user);
    socket.push({ event: 'join_ack', room: ROOM, user: socket.user, id, seq: lastSeq, epoch: 1, cursor, members: [], count: 0 });
    socket.lastSentSeq = lastSeq;
    const firstWanted = 1 + (after === 'cursor' ? cursor ?? 0 : after);
    const from = Math.max(firstWanted, this.oldestKept);
    for (const message of this.messages.slice(from - 1, lastSeq)) socket.push(message);
    socket.push({ event: 'resync', room: ROOM, from, to: lastSeq, outcome: from === firstWanted ? 'full' : 'partial' });
  }

  #post(socket, { id, text }) {
    if (!socket.isMember) return socket.push({ event: 'error', id, room: ROOM, code: 'not_joined', message: '' });
    if (this.chance('refuse')) return socket.push({ event: 'error', id, room: ROOM, code: 'unavailable', message: '', retry_after_ms: 100 });
    const key = `${socket.user}/${id}`;
    const existing = this.#messagesByKey.get(key);
    if (!existing) this.#append({ event: 'message', room: ROOM, seq: this.messages.length + 1, epoch: 1, id, user: socket.user, text, ts: this.clock.now }, key);
    if (this.chance('noAnswer')) return;
    if (this.chance('refuse')) return socket.push({ event: 'error', id, room: ROOM, code: 'timeout', message: '' });
    socket.push({ event: 'ack', id, room: ROOM, seq: this.#messagesByKey.get(key).seq, ts: 1, ...(existing && { duplicate: true }) });
  }

  #acknowledge(socket, { id, seq }) {
    if (!socket.isMember) return socket.push({ event: 'error', id, room: ROOM, code: 'not_joined', message: '' });
    if (this.chance('noAnswer')) return;
    if (this.chance('refuse')) return socket.push({ event: 'error', id, room: ROOM, code: 'timeout', message: '' });
    this.onAck?.(socket.user, seq);
    if (seq <= (this.cursors.get(socket.user) ?? 0)) return;
    this.cursors.set(socket.user, seq);
    for (const other of this.sockets) {
      if (other !== socket && other.isMember && other.user === socket.user) other.push({ event: 'cursor', room: ROOM, seq, epoch: 1 });
    }
  }

  /** Redelivers unacknowledged messages to the sockets that received them before. */
  redeliver() {
    for (const socket of this.sockets) {
      const cursor = this.cursors.get(socket.user) ?? 0;
      if (!socket.isMember) continue;
      for (const message of this.messages.slice(cursor, Math.min(cursor + 3, socket.lastSentSeq))) {
        if (!this.chance('dropFrame')) socket.push({ ...message, redelivered: true });
      }
    }
  }

  #append(message, key) {
    this.messages.push(message);
    this.#messagesByKey.set(key, message);
    for (const socket of this.sockets) {
      if (socket.isMember && !this.chance('dropFrame')) socket.pushMessage(message);
      if (socket.isMember && this.chance('duplicate')) socket.push(this.messages[Math.floor(this.random() * this.messages.length)]);
    }
    if (this.chance('expireMessages')) this.oldestKept = Math.min(this.messages.length + 1, this.oldestKept + 5);
  }
}

/** A WebSocket to the server. Frames arrive in order, after a delay. A disconnect loses the frames that did not arrive yet. */
class FaultySocket {
  isMember = false;
  lastSentSeq = 0;
  #isOpen = true;

  constructor(server, user) {
    Object.assign(this, { server, user, delay: 1 + Math.floor(server.random() * 200) });
    server.sockets.add(this);
    this.push({ event: 'welcome', connection: 'c', user, heartbeat_ms: 5_000, limits: { message_bytes: 9_999, rooms: 9 } });
  }

  send(text) {
    this.#afterDelay(() => this.server.onFrame(this, JSON.parse(text)));
  }

  pushMessage(message) {
    this.lastSentSeq = message.seq;
    this.push(message);
  }

  push(frame) {
    this.#afterDelay(() => this.onmessage?.({ data: JSON.stringify(frame) }));
  }

  /** Sometimes there is no close event, and the client has to detect the loss. */
  disconnect() {
    this.close();
    if (!this.server.chance('noCloseEvent')) this.server.clock.setTimeout(() => this.onclose?.({ code: 1006 }), this.delay);
  }

  close() {
    this.#isOpen = false;
    this.isMember = false;
    this.server.sockets.delete(this);
  }

  #afterDelay(action) {
    this.server.clock.setTimeout(() => this.#isOpen && action(), this.delay);
  }
}
