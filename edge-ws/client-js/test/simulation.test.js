import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { FakeClock, FakePage, settle } from './fakes.js';

const SEEDS = 150;
const ROOM = 'r';

/** Mulberry32: small, and the same on every machine. */
function generator(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A server with one room, which does to its clients what `faults` allows, until they are over. */
class World {
  clock = new FakeClock();
  log = [];
  links = new Set();
  first = 1; // the oldest message still kept
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
    return connect('ws://world', { WebSocket, clock: this.clock, page: new FakePage(), random: this.random });
  }

  take(link, frame) {
    if (this.chance('cut')) return link.cut();
    if (frame.event === 'ping') return link.push({ event: 'pong', ts: 1 });
    if (frame.event === 'join') return this.#join(link, frame);
    if (frame.event === 'message') return this.#post(link, frame);
  }

  #join(link, { id, after }) {
    link.isMember = false;
    if (this.chance('silence')) return;
    if (this.chance('refuse')) return link.push({ event: 'error', id, room: ROOM, code: 'overloaded', message: '', retry_after_ms: 100 });
    link.isMember = true;
    const head = this.log.length;
    link.push({ event: 'join_ack', room: ROOM, user: link.user, id, seq: head, epoch: 1, members: [], count: 0 });
    const wanted = 1 + (typeof after === 'number' ? after : Math.max(0, head - after.last));
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

  #append(message, key) {
    this.log.push(message);
    this.#seen.set(key, message);
    for (const link of this.links) {
      if (link.isMember && !this.chance('skip')) link.push(message);
      if (link.isMember && this.chance('repeat')) link.push(this.log[Math.floor(this.random() * this.log.length)]);
    }
    if (this.chance('forget')) this.first = Math.min(this.log.length + 1, this.first + 5);
  }
}

/** A WebSocket: in order both ways, each frame some time on its way, and lost with what is under way when it is cut. */
class Link {
  isMember = false;
  #isOpen = true;

  constructor(world, user) {
    Object.assign(this, { world, user, delay: 1 + Math.floor(world.random() * 200) });
    world.links.add(this);
    this.push({ event: 'welcome', connection: 'c', user, heartbeat_ms: 5_000, limits: { message_bytes: 9_999, rooms: 9 } });
  }

  send(text) {
    this.#later(() => this.world.take(this, JSON.parse(text)));
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

/** Two clients that post through all this, and what one of them was told; then peace, long enough for all to be made good. */
async function run(seed, faults) {
  const world = new World(seed, faults);
  const told = [];
  const sends = [];
  const rooms = ['ann', 'bob'].map(name => world.client(name).join(ROOM, { after: 0 }));
  rooms[0].on('message', m => told.push([m.seq, m.seq]));
  rooms[0].on('gap', ({ from, to }) => told.push([from, to, 'gap']));
  for (let i = 0; i < 40; i++) {
    const by = Math.floor(world.random() * 2);
    sends.push({ text: `${by} ${i}`, ack: rooms[by].send(`${by} ${i}`, { timeout: 0 }) });
    world.clock.pass(Math.floor(world.random() * 700));
    if (world.chance('cut')) for (const link of [...world.links]) link.cut();
  }
  world.faults = {};
  for (let i = 0; i < 60; i++) world.clock.pass(10_000);
  await settle();
  return { world, told, sends, rooms };
}

const ALL = { cut: 0.05, mute: 0.3, refuse: 0.1, silence: 0.05, skip: 0.05, repeat: 0.1 };

test('whatever happens: each message is posted once, and handed on once, in order, without a hole', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, told, sends, rooms } = await run(seed, ALL);
    const posted = world.log.map(m => m.text);
    assert.deepEqual([...posted].sort(), sends.map(s => s.text).sort(), `seed ${seed}: posted once`);
    assert.deepEqual(told, world.log.map(m => [m.seq, m.seq]), `seed ${seed}: handed on once and in order`);
    assert.deepEqual(rooms.map(r => r.state), ['live', 'live'], `seed ${seed}`);
    for (const { text, ack } of sends) assert.equal(world.log[(await ack).seq - 1].text, text, `seed ${seed}: the ack tells the place`);
  }
});

test('where messages are no longer kept, what is handed on and the gaps together leave no hole', async () => {
  let gaps = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, told } = await run(seed, { ...ALL, forget: 0.2 });
    let next = 1;
    for (const [from, to] of told) {
      assert.equal(from, next, `seed ${seed}`);
      next = to + 1;
    }
    assert.equal(next, world.log.length + 1, `seed ${seed}`);
    gaps += told.filter(t => t[2]).length;
  }
  assert.ok(gaps > 0, 'there were gaps to announce');
});

test('as long as nothing is refused, what one client sends keeps its order', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, sends } = await run(seed, { ...ALL, refuse: 0, silence: 0 });
    for (const by of ['0', '1']) {
      const of = texts => texts.filter(text => text.startsWith(by));
      assert.deepEqual(of(world.log.map(m => m.text)), of(sends.map(s => s.text)), `seed ${seed}`);
    }
  }
});
