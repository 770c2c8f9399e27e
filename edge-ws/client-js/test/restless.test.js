import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { settle } from './fakes.js';
import { Hall } from './hall.js';

// A client whose listeners leave rooms, pause and close in the middle of whatever goes on:
//     RESTLESS_SEED=17 RESTLESS_SEEDS=1 node --test test/restless.test.js       one seed again
//     RESTLESS_SEEDS=20000 node --test test/restless.test.js                    a long run
const FIRST = Number(process.env.RESTLESS_SEED ?? 1);
const SEEDS = Number(process.env.RESTLESS_SEEDS ?? 200);
const STEPS = 150;
const FAULTS = { cut: 0.03, mute: 0.3, refuse: 0.1, silence: 0.05, skip: 0.2, turnAway: 0.2, forget: 0.2 };
const EVENTS = { room: ['message', 'gap', 'resync', 'presence', 'members', 'state', 'error'], client: ['state', 'confirmed', 'expired', 'error'] };

globalThis.reportError = () => {};

/** The hall's clock, which knows what of one client is still to come. */
class OwnClock {
  pending = new Set();

  constructor(clock) {
    this.clock = clock;
  }

  setTimeout = (action, ms) => {
    const timer = this.clock.setTimeout(() => {
      this.pending.delete(timer);
      action();
    }, ms);
    this.pending.add(timer);
    return timer;
  };

  clearTimeout = timer => {
    this.pending.delete(timer);
    this.clock.clearTimeout(timer);
  };
}

class Restless {
  wrong = [];
  rooms = [];
  isEnded = false;
  changes = 0; // of the user
  #depth = 0;

  constructor(hall, name) {
    Object.assign(this, { hall, name, random: hall.random, clock: new OwnClock(hall.clock) });
    const fetch = (...asked) => (this.random() < 0.5 ? hall.options.fetch(...asked) : new Promise(() => {}));
    this.client = connect('ws://hall', { ...hall.options, WebSocket: this.#watched(hall.options.WebSocket), clock: this.clock, fetch, name, token: () => this.#token() });
    this.client.on('state', ({ state, user }) => {
      if (state !== 'online' || user === this.user) return;
      this.changes++;
      this.user = user;
    });
    this.#listen(this.client, EVENTS.client);
  }

  /** Now and then somebody else logs in. */
  #token() {
    this.#now(0.3);
    if (this.random() < 0.1) this.name = this.random() < 0.5 ? 'zoe' : 'yan';
    return this.name;
  }

  #watched(WebSocket) {
    const restless = this;
    return class extends WebSocket {
      left = new Set();

      send(text) {
        restless.#judge(JSON.parse(text), this.left);
        if (restless.hall.chance('throw')) throw new Error('cannot be sent');
        super.send(text);
      }
    };
  }

  /** Every frame is for a room that is open, and nothing but a join comes for one after it was left. */
  #judge({ event, room, id }, left) {
    const frame = `${event} ${id ?? ''} for ${room}`;
    if (this.isEnded) this.wrong.push(`${frame} after the end`);
    if (room === undefined) return;
    const isOpen = [...this.rooms, ...this.client.rooms.values()].some(r => r.name === room && r.state !== 'closed');
    if (!isOpen && !(event === 'join' && room.startsWith('@'))) this.wrong.push(`${frame}, which is not open`);
    if (left.has(room) && event !== 'join') this.wrong.push(`${frame}, which was left`);
    if (event === 'leave') left.add(room);
    else left.delete(room);
  }

  #listen(emitter, events) {
    const isLate = emitter.state === 'closed'; // it may hear what was kept, and the end before that
    let isOver = false;
    for (const event of events) {
      emitter.on(event, e => {
        if (isOver && !isLate) this.wrong.push(`${event} ${e.state ?? e.seq ?? ''} after the end of ${emitter.name ?? 'the client'}`);
        isOver ||= event === 'state' && e.state === 'closed';
        this.#now(0.1);
      });
    }
  }

  #keep(room) {
    if (!room || this.rooms.includes(room)) return;
    this.rooms.push(room);
    if (this.random() < 0.2) return; // somebody may listen later
    this.#follow(room);
    this.#listen(room, EVENTS.room);
  }

  /** Each message comes once and in order, or is announced as missing. */
  #follow(room) {
    let [next, changes] = [undefined, this.changes];
    const follow = (from, to) => {
      if (changes !== this.changes) [next, changes] = [undefined, this.changes]; // another user may begin after another cursor
      if (next !== undefined && from !== next) this.wrong.push(`${from} to ${to} instead of ${next} in ${room.name}`);
      next = to + 1;
    };
    room.on('message', ({ seq }) => follow(seq, seq));
    room.on('gap', ({ from, to }) => follow(from, to));
  }

  #now(chance) {
    if (!this.client || this.#depth > 2 || this.isOver || this.random() > chance) return undefined;
    this.#depth++;
    this.step();
    this.#depth--;
    return undefined;
  }

  step() {
    const { client, random } = this;
    const room = this.rooms[Math.floor(random() * this.rooms.length)];
    const act = value => { this.#now(0.3); return value; };
    const acting = { get data() { act(); return { by: client.user }; } };
    const of = {
      join: () => this.#keep(client.join(random() < 0.5 ? 'r' : 's', { get autoAck() { return act(random() < 0.5); } })),
      direct: () => this.#keep(client.direct),
      send: () => room?.send(acting).catch(() => {}),
      sendTo: () => client.sendTo('ben', acting, { timeout: 5_000 }).catch(() => {}),
      ack: () => room?.ack(),
      leave: () => room?.leave(),
      listen: () => room && this.#listen(room, EVENTS.room),
      wake: () => client._page.dispatchEvent(new Event('online')),
      pause: () => client.pause(),
      resume: () => client.resume(),
      close: () => random() < 0.1 && this.end(),
    };
    const names = ['join', 'join', 'join', 'send', 'send', 'send', 'leave', 'leave', 'resume', 'resume', ...Object.keys(of)];
    try {
      of[names[Math.floor(random() * names.length)]]();
    } catch (e) {
      if (e.code !== 'closed') throw e;
    }
  }

  end() {
    if (this.client.state === 'closed') return; // or is about to be
    this.client.close();
    this.isEnded = true;
    if (this.clock.pending.size > 0) this.wrong.push(`${this.clock.pending.size} timers after the end`);
  }
}

async function pass(hall, ms, step = 250) {
  for (let left = ms; left > 0; left -= step) {
    hall.clock.pass(Math.min(left, step));
    await settle();
  }
}

/** A user who comes, goes and posts, so that there is something to miss. */
function bustle(hall, link) {
  const room = hall.random() < 0.5 ? 'r' : 's';
  const isIn = link.rooms.has(room);
  link.send(JSON.stringify({ event: isIn && hall.random() < 0.5 ? 'leave' : 'join', room, id: 'j' }));
  for (let i = hall.random() * 4; i > 0; i--) link.send(JSON.stringify({ event: 'message', room, id: String(hall.random()), text: 'm' }));
}

async function run(seed) {
  const hall = new Hall(seed, { ...FAULTS, throw: seed % 4 === 0 ? 0.05 : 0 });
  const all = ['ann', 'ben'].map(name => new Restless(hall, name));
  let busy;
  for (let i = 0; i < STEPS; i++) {
    if (!hall.links.has(busy)) busy = new hall.options.WebSocket('ws://hall?name=carl');
    bustle(hall, busy);
    if (hall.random() < 0.3) all[Math.floor(hall.random() * all.length)].step();
    await pass(hall, Math.floor(hall.random() * 600));
    if (hall.random() < 0.03) for (const link of [...hall.links]) link.cut();
  }
  for (const restless of all) {
    if (restless.random() < 0.5) restless.isOver = true; // else it goes on in the middle of its end
    restless.end();
    assert.equal(restless.client.state, 'closed');
    for (const room of restless.rooms) assert.equal(room.state, 'closed', `seed ${seed}: ${room.name}`);
  }
  await pass(hall, 60_000, 5_000);
  for (const { user, content } of hall.posts) {
    const by = JSON.parse(content).data?.by;
    if (by) assert.equal(user, by, `seed ${seed}: posted under the name of who sent it`);
  }
  for (const restless of all) {
    assert.deepEqual(restless.wrong, [], `seed ${seed}`);
    assert.equal(restless.clock.pending.size, 0, `seed ${seed}`);
  }
}

test(`whatever listeners end, wherever they do, is over: seeds ${FIRST} to ${FIRST + SEEDS - 1}`, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) await run(seed);
});
