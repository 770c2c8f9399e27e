import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { flushPromises } from './fakes.js';
import { StrictServer } from './strict-server.js';

// Clients whose listeners leave rooms, pause and close in the middle of other work, with random seeds:
//     FUZZ_LISTENERS_SEED=17 FUZZ_LISTENERS_SEEDS=1 node --test test/fuzz-listeners.test.js     one seed again
//     FUZZ_LISTENERS_SEEDS=20000 node --test test/fuzz-listeners.test.js                        a long run
const FIRST = Number(process.env.FUZZ_LISTENERS_SEED ?? 1);
const SEEDS = Number(process.env.FUZZ_LISTENERS_SEEDS ?? 200);
const STEPS = 150;
const FAULTS = { disconnect: 0.03, noCloseEvent: 0.3, fetchFails: 0.3, refuse: 0.1, noAnswer: 0.05, dropFrame: 0.2, refuseConnection: 0.2, expireMessages: 0.2 };
const EVENTS = { room: ['message', 'gap', 'resync', 'presence', 'members', 'state', 'error'], client: ['state', 'confirmed', 'expired', 'error'] };

globalThis.reportError = () => {};

/** The server's clock, with the pending timers of one client. */
class CountingClock {
  pendingTimers = new Set();

  constructor(clock) {
    this.clock = clock;
  }

  setTimeout = (action, ms) => {
    const timer = this.clock.setTimeout(() => {
      this.pendingTimers.delete(timer);
      action();
    }, ms);
    this.pendingTimers.add(timer);
    return timer;
  };

  clearTimeout = timer => {
    this.pendingTimers.delete(timer);
    this.clock.clearTimeout(timer);
  };
}

class ReentrantClient {
  errors = [];
  rooms = [];
  isClosed = false;
  userChanges = 0;
  #depth = 0;

  constructor(server, name) {
    Object.assign(this, { server, name, random: server.random, clock: new CountingClock(server.clock) });
    const fetch = (...args) => (this.random() < 0.5 ? server.options.fetch(...args) : new Promise(() => {}));
    const WebSocket = this.#checkedWebSocket(server.options.WebSocket);
    const options = { ...server.options, WebSocket, clock: this.clock, fetch, name, token: () => this.#nextToken() };
    this.client = connect('ws://server', options);
    this.client.on('state', ({ state, user }) => {
      if (state !== 'online' || user === this.user) return;
      this.userChanges++;
      this.user = user;
    });
    this.#addListeners(this.client, EVENTS.client);
  }

  /** The token of the user; sometimes another user logs in. */
  #nextToken() {
    this.#maybeStep(0.3);
    if (this.random() < 0.1) this.name = this.random() < 0.5 ? 'zoe' : 'yan';
    return this.name;
  }

  #checkedWebSocket(WebSocket) {
    const reentrant = this;
    return class extends WebSocket {
      left = new Set();

      send(text) {
        reentrant.#checkFrame(JSON.parse(text), this.left);
        if (reentrant.server.chance('throwOnSend')) throw new Error('cannot be sent');
        super.send(text);
      }
    };
  }

  /** Checks that each frame is for an open room. After a room was left, the next frame for it must be a join. */
  #checkFrame({ event, room, id }, left) {
    const frame = `${event} ${id ?? ''} for ${room}`;
    if (this.isClosed) this.errors.push(`${frame} after the end`);
    if (room === undefined) return;
    const isOpen = [...this.rooms, ...this.client.rooms.values()].some(r => r.name === room && r.state !== 'closed');
    if (!isOpen && !(event === 'join' && room.startsWith('@'))) this.errors.push(`${frame}, which is not open`);
    if (left.has(room) && event !== 'join') this.errors.push(`${frame}, which was left`);
    if (event === 'leave') left.add(room);
    else left.delete(room);
  }

  #addListeners(emitter, events) {
    const isLate = emitter.state === 'closed'; // then kept events may follow the state `closed`
    let hasEnded = false;
    for (const event of events) {
      emitter.on(event, e => {
        if (hasEnded && !isLate) this.errors.push(`${event} ${e.state ?? e.seq ?? ''} after the end of ${emitter.name ?? 'the client'}`);
        hasEnded ||= event === 'state' && e.state === 'closed';
        this.#maybeStep(0.1);
      });
    }
  }

  #addRoom(room) {
    if (!room || this.rooms.includes(room)) return;
    this.rooms.push(room);
    if (this.random() < 0.2) return; // somebody may listen later
    this.#checkOrder(room);
    this.#addListeners(room, EVENTS.room);
  }

  /** Checks that each message is delivered once and in order, or announced in a gap. */
  #checkOrder(room) {
    let [next, userChanges] = [undefined, this.userChanges];
    const expectRange = (from, to) => {
      if (userChanges !== this.userChanges) [next, userChanges] = [undefined, this.userChanges]; // another user may begin after another cursor
      if (next !== undefined && from !== next) this.errors.push(`${from} to ${to} instead of ${next} in ${room.name}`);
      next = to + 1;
    };
    room.on('message', ({ seq }) => expectRange(seq, seq));
    room.on('gap', ({ from, to }) => expectRange(from, to));
  }

  #maybeStep(probability) {
    if (!this.client || this.#depth > 2 || this.isStopped || this.random() > probability) return undefined;
    this.#depth++;
    this.step();
    this.#depth--;
    return undefined;
  }

  step() {
    const { client, random } = this;
    const room = this.rooms[Math.floor(random() * this.rooms.length)];
    const reenter = value => { this.#maybeStep(0.3); return value; };
    const reentrantContent = { get data() { reenter(); return { by: client.user }; } };
    const actions = {
      join: () => this.#addRoom(client.join(random() < 0.5 ? 'r' : 's', { get autoAck() { return reenter(random() < 0.5); } })),
      direct: () => this.#addRoom(client.direct),
      send: () => room?.send(reentrantContent).catch(() => {}),
      sendTo: () => client.sendTo('ben', reentrantContent, { timeout: 5_000 }).catch(() => {}),
      ack: () => room?.ack(),
      leave: () => room?.leave(),
      listen: () => room && this.#addListeners(room, EVENTS.room),
      wake: () => client._page.dispatchEvent(new Event('online')),
      pause: () => client.pause(),
      resume: () => client.resume(),
      close: () => random() < 0.1 && this.close(),
    };
    const names = ['join', 'join', 'join', 'send', 'send', 'send', 'leave', 'leave', 'resume', 'resume', ...Object.keys(actions)];
    try {
      actions[names[Math.floor(random() * names.length)]]();
    } catch (e) {
      if (e.code !== 'closed') throw e;
    }
  }

  close() {
    if (this.client.state === 'closed') return; // or will be
    this.client.close();
    this.isClosed = true;
    if (this.clock.pendingTimers.size > 0) this.errors.push(`${this.clock.pendingTimers.size} timers after the end`);
  }
}

async function advance(server, ms, step = 250) {
  for (let left = ms; left > 0; left -= step) {
    server.clock.advance(Math.min(left, step));
    await flushPromises();
  }
}

/** Joins, leaves and posts as another user. */
function postAsOtherUser(server, socket) {
  const room = server.random() < 0.5 ? 'r' : 's';
  const isIn = socket.rooms.has(room);
  socket.send(JSON.stringify({ event: isIn && server.random() < 0.5 ? 'leave' : 'join', room, id: 'j' }));
  for (let i = server.random() * 4; i > 0; i--) socket.send(JSON.stringify({ event: 'message', room, id: String(server.random()), text: 'm' }));
}

async function run(seed) {
  const server = new StrictServer(seed, { ...FAULTS, throwOnSend: seed % 4 === 0 ? 0.05 : 0 });
  const clients = ['ann', 'ben'].map(name => new ReentrantClient(server, name));
  let otherSocket;
  for (let i = 0; i < STEPS; i++) {
    if (!server.sockets.has(otherSocket)) otherSocket = new server.options.WebSocket('ws://server?name=carl');
    postAsOtherUser(server, otherSocket);
    if (server.random() < 0.3) clients[Math.floor(server.random() * clients.length)].step();
    await advance(server, Math.floor(server.random() * 600));
    if (server.random() < 0.03) for (const socket of [...server.sockets]) socket.disconnect();
  }
  for (const reentrant of clients) {
    if (reentrant.random() < 0.5) reentrant.isStopped = true; // otherwise its listeners call methods while it closes
    reentrant.close();
    assert.equal(reentrant.client.state, 'closed');
    for (const room of reentrant.rooms) assert.equal(room.state, 'closed', `seed ${seed}: ${room.name}`);
  }
  await advance(server, 60_000, 5_000);
  for (const { user, content } of server.posts) {
    const sender = JSON.parse(content).data?.by;
    if (sender) assert.equal(user, sender, `seed ${seed}: posted under the name of its sender`);
  }
  for (const reentrant of clients) {
    assert.deepEqual(reentrant.errors, [], `seed ${seed}`);
    assert.equal(reentrant.clock.pendingTimers.size, 0, `seed ${seed}`);
  }
}

test(`rooms and clients that listeners close stay closed: seeds ${FIRST} to ${FIRST + SEEDS - 1}`, async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) await run(seed);
});
