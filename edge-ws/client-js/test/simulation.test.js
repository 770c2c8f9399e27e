import assert from 'node:assert/strict';
import test from 'node:test';
import { settle } from './fakes.js';
import { ROOM, World } from './world.js';

const SEEDS = 150;

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
