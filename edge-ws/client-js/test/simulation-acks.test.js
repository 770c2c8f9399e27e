import assert from 'node:assert/strict';
import test from 'node:test';
import { settle } from './fakes.js';
import { ROOM, World } from './world.js';

const SEEDS = 100;
const MESSAGES = 30;
const ALL = { cut: 0.05, mute: 0.3, refuse: 0.1, silence: 0.1, skip: 0.05, repeat: 0.1, fail: 0.2 };

/** One device of a user: what its listener managed, and what it was told of the others. */
class Device {
  handled = [];
  cursors = [];
  #running = 0;

  constructor(world, user, options) {
    this.user = user;
    this.client = world.client(user);
    this.room = this.client.join(ROOM, options);
    this.room.on('message', ({ seq }) => this.#handle(world, seq));
    this.room.on('cursor', ({ seq }) => this.cursors.push(seq));
  }

  /** Fails now and then, at once or later. */
  #handle(world, seq) {
    const isWell = !world.chance('fail');
    const end = () => {
      if (!isWell) throw new Error('a listener fails');
      this.handled.push(seq);
    };
    return world.random() < 0.5 ? end() : new Promise((resolve, reject) => {
      world.clock.setTimeout(() => {
        try {
          resolve(end());
        } catch (e) {
          reject(e);
        }
      }, Math.floor(world.random() * 2_000));
    });
  }
}

/** Time passes in steps, so that promises get their turn as well. */
async function pass(world, ms) {
  for (let left = ms; left > 0; left -= 200) {
    world.clock.pass(Math.min(left, 200));
    await settle();
  }
}

/** Two devices of one user and one of another; what is not acknowledged is delivered again, until all of it is. */
async function run(seed, faults) {
  const world = new World(seed, faults);
  const options = { after: 'cursor', autoAck: true };
  const devices = ['ann', 'ann', 'bob'].map(user => new Device(world, user, options));
  world.onAck = (user, seq) => {
    const handled = new Set(devices.filter(d => d.user === user).flatMap(d => d.handled));
    for (let n = 1; n <= seq; n++) assert.ok(handled.has(n), `seed ${seed}: ${user} acknowledges ${seq} without ${n}`);
  };
  const redeliver = () => {
    world.redeliver();
    world.clock.setTimeout(redeliver, 3_000);
  };
  redeliver();
  for (let i = 0; i < MESSAGES; i++) {
    devices[i % 3].room.send(`${i}`, { timeout: 0 });
    await pass(world, Math.floor(world.random() * 700));
    if (world.chance('cut')) for (const link of [...world.links]) link.cut();
  }
  world.faults = {};
  await pass(world, 120_000);
  return { world, devices };
}

test('whatever happens: in the end all is acknowledged, and nothing that was not handled', async () => {
  globalThis.reportError = () => {};
  let handled = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { world, devices } = await run(seed, ALL);
    assert.equal(world.log.length, MESSAGES, `seed ${seed}`);
    for (const user of ['ann', 'bob']) {
      assert.equal(world.cursors.get(user), MESSAGES, `seed ${seed}: ${user} has acknowledged everything`);
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
