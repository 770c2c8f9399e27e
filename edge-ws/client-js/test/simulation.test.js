import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises } from './fakes.js';
import { ROOM, OneRoomServer } from './one-room-server.js';

const SEEDS = 150;

/** Two clients post messages while faults happen. Then the faults stop, long enough for the clients to recover. */
async function run(seed, faults) {
  const server = new OneRoomServer(seed, faults);
  const received = [];
  const sends = [];
  const rooms = ['ann', 'bob'].map(name => server.newClient(name).join(ROOM, { after: 0 }));
  rooms[0].on('message', m => received.push([m.seq, m.seq]));
  rooms[0].on('gap', ({ from, to }) => received.push([from, to, 'gap']));
  for (let i = 0; i < 40; i++) {
    const author = Math.floor(server.random() * 2);
    sends.push({ text: `${author} ${i}`, ack: rooms[author].send(`${author} ${i}`, { timeout: 0 }) });
    server.clock.advance(Math.floor(server.random() * 700));
    if (server.chance('disconnect')) for (const socket of [...server.sockets]) socket.disconnect();
  }
  server.faults = {};
  for (let i = 0; i < 60; i++) server.clock.advance(10_000);
  await flushPromises();
  return { server, received, sends, rooms };
}

const FAULTS = { disconnect: 0.05, noCloseEvent: 0.3, refuse: 0.1, noAnswer: 0.05, dropFrame: 0.05, duplicate: 0.1 };

test('with random faults, each message is posted once, and delivered once and in order', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { server, received, sends, rooms } = await run(seed, FAULTS);
    const posted = server.messages.map(m => m.text);
    assert.deepEqual([...posted].sort(), sends.map(s => s.text).sort(), `seed ${seed}: posted once`);
    assert.deepEqual(received, server.messages.map(m => [m.seq, m.seq]), `seed ${seed}: handed on once and in order`);
    assert.deepEqual(rooms.map(r => r.state), ['live', 'live'], `seed ${seed}`);
    for (const { text, ack } of sends) assert.equal(server.messages[(await ack).seq - 1].text, text, `seed ${seed}: the ack tells the place`);
  }
});

test('when messages expire, delivered messages and announced gaps together cover every seq', async () => {
  let gaps = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { server, received } = await run(seed, { ...FAULTS, expireMessages: 0.2 });
    let next = 1;
    for (const [from, to] of received) {
      assert.equal(from, next, `seed ${seed}`);
      next = to + 1;
    }
    assert.equal(next, server.messages.length + 1, `seed ${seed}`);
    gaps += received.filter(t => t[2]).length;
  }
  assert.ok(gaps > 0, 'there were gaps to announce');
});

test('without refusals, the messages of one client keep their order', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { server, sends } = await run(seed, { ...FAULTS, refuse: 0, noAnswer: 0 });
    for (const author of ['0', '1']) {
      const ofAuthor = texts => texts.filter(text => text.startsWith(author));
      assert.deepEqual(ofAuthor(server.messages.map(m => m.text)), ofAuthor(sends.map(s => s.text)), `seed ${seed}`);
    }
  }
});
