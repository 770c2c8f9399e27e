import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises } from './fakes.js';
import { ROOM, OneRoomServer } from './one-room-server.js';

const SEEDS = 100;
const MESSAGES = 30;
const FAULTS = { disconnect: 0.05, noCloseEvent: 0.3, refuse: 0.1, noAnswer: 0.1, dropFrame: 0.05, duplicate: 0.1, listenerFails: 0.2 };

/** One device of a user: the messages that its listener handled, and the cursors of other devices that it received. */
class Device {
  handled = [];
  cursors = [];

  constructor(server, user, options) {
    this.user = user;
    this.client = server.newClient(user);
    this.room = this.client.join(ROOM, options);
    this.room.on('message', ({ seq }) => this.#handle(server, seq));
    this.room.on('cursor', ({ seq }) => this.cursors.push(seq));
  }

  /** Sometimes fails, at once or later. */
  #handle(server, seq) {
    const succeeds = !server.chance('listenerFails');
    const finish = () => {
      if (!succeeds) throw new Error('a listener fails');
      this.handled.push(seq);
    };
    return server.random() < 0.5 ? finish() : new Promise((resolve, reject) => {
      server.clock.setTimeout(() => {
        try {
          resolve(finish());
        } catch (e) {
          reject(e);
        }
      }, Math.floor(server.random() * 2_000));
    });
  }
}

/** Advances the clock in steps, and flushes promises after each. */
async function advance(server, ms) {
  for (let left = ms; left > 0; left -= 200) {
    server.clock.advance(Math.min(left, 200));
    await flushPromises();
  }
}

/** Two devices of one user and one of another. Unacknowledged messages are redelivered until all are acknowledged. */
async function run(seed, faults) {
  const server = new OneRoomServer(seed, faults);
  const options = { after: 'cursor', autoAck: true };
  const devices = ['ann', 'ann', 'bob'].map(user => new Device(server, user, options));
  server.onAck = (user, seq) => {
    const handled = new Set(devices.filter(d => d.user === user).flatMap(d => d.handled));
    for (let n = 1; n <= seq; n++) assert.ok(handled.has(n), `seed ${seed}: ${user} acknowledges ${seq} without ${n}`);
  };
  const redeliver = () => {
    server.redeliver();
    server.clock.setTimeout(redeliver, 3_000);
  };
  redeliver();
  for (let i = 0; i < MESSAGES; i++) {
    devices[i % 3].room.send(`${i}`, { timeout: 0 });
    await advance(server, Math.floor(server.random() * 700));
    if (server.chance('disconnect')) for (const socket of [...server.sockets]) socket.disconnect();
  }
  server.faults = {};
  await advance(server, 120_000);
  return { server, devices };
}

test('with random faults, all messages are acknowledged in the end, and none before it was handled', async () => {
  globalThis.reportError = () => {};
  let handled = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { server, devices } = await run(seed, FAULTS);
    assert.equal(server.messages.length, MESSAGES, `seed ${seed}`);
    for (const user of ['ann', 'bob']) {
      assert.equal(server.cursors.get(user), MESSAGES, `seed ${seed}: ${user} has acknowledged everything`);
      const seqs = new Set(devices.filter(d => d.user === user).flatMap(d => d.handled));
      assert.equal(seqs.size, MESSAGES, `seed ${seed}: ${user} has handled everything`);
    }
    for (const { handled: seqs, cursors } of devices) {
      assert.equal(new Set(seqs).size, seqs.length, `seed ${seed}: nothing is handled twice`);
      assert.deepEqual(cursors, [...cursors].sort((a, b) => a - b), `seed ${seed}: a cursor never goes back`);
      handled += seqs.length;
    }
  }
  assert.ok(handled > SEEDS * MESSAGES * 2);
});
