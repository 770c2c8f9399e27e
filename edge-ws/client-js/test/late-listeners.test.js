import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { flushPromises, message, startClient } from './fakes.js';

globalThis.reportError = () => {};

/** A client that is live in a room without listeners. */
function startLive(seq = 0, options) {
  const run = startClient();
  const room = run.rejoin.join('r', options);
  run.socket.pushWelcome().answerJoin({ seq });
  return { ...run, room, get socket() { return run.sockets.at(-1); } };
}

/** Records the events of a room from now on. */
function recordEvents(room, events = ['message', 'gap', 'resync']) {
  const received = [];
  for (const event of events) {
    room.on(event, e => received.push({ message: e.seq, gap: [e.outcome, e.from, e.to], resync: 'resync' }[event]));
  }
  return received;
}

for (const events of [['message', 'gap', 'resync'], ['resync', 'gap', 'message'], ['gap', 'message', 'resync']]) {
  test(`messages that came before any listener are delivered to the first listener, in order: ${events}`, async () => {
    const run = startClient();
    const room = run.rejoin.join('r', { last: 5 });
    run.socket.pushWelcome().answerJoin({ seq: 10 }).pushMessages(8, 9, 10).pushResync(8, 10, 'partial').pushMessages(11);
    assert.equal(room.seq, 7, 'none was handed on');
    await flushPromises();
    const received = recordEvents(room, events);
    run.socket.pushMessages(12);
    await flushPromises();

    assert.deepEqual(received.filter(t => t !== 'resync'), [8, 9, 10, ['partial', 6, 7], 11, 12]);
    assert.equal(received.filter(t => t === 'resync').length, 1);
    assert.equal(room.seq, 12);
  });
}

test('listeners that are added in the same task all receive the kept messages', async () => {
  const { room, socket } = startLive();
  socket.pushMessages(1, 2);
  const [one, two] = [recordEvents(room, ['message']), recordEvents(room, ['message'])];
  assert.deepEqual(one, [], 'not before `on` has returned');
  await flushPromises();

  assert.deepEqual([one, two], [[1, 2], [1, 2]]);
});

test('kept messages count as received for a reconnect, but not as delivered for room.seq', () => {
  const run = startLive(5);
  run.socket.pushMessages(6, 7);
  assert.deepEqual([run.room.seq, run.room.epoch], [5, 1]);
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome();

  assert.equal(run.socket.lastSent('join').after, 7);
});

test('too many kept messages: the oldest are dropped, and announced as a gap', async () => {
  const { room, socket } = startLive();
  for (let seq = 1; seq <= 1_500; seq++) socket.pushMessages(seq);
  assert.equal(room.seq, 0);
  const received = recordEvents(room);
  await flushPromises();

  assert.deepEqual(received[0], ['partial', 1, 500]);
  assert.deepEqual(received.slice(1), Array.from({ length: 1_000 }, (_, i) => 501 + i));
});

test('kept messages are also limited by their size', async () => {
  const { room, socket } = startLive();
  for (let seq = 1; seq <= 40; seq++) socket.push(message(seq, { text: 'x'.repeat(60_000) }));
  const received = recordEvents(room);
  await flushPromises();

  assert.deepEqual(received[0], ['partial', 1, 23]);
  assert.deepEqual(received.slice(1), Array.from({ length: 17 }, (_, i) => 24 + i));
});

test('dropped messages are not acknowledged, and are delivered when they are redelivered', async () => {
  const run = startLive(0, { autoAck: true });
  run.socket.pushResync(1, 0);
  for (let seq = 1; seq <= 1_002; seq++) run.socket.pushMessages(seq);
  const received = recordEvents(run.room, ['message']);
  await flushPromises();
  run.clock.advance(1_000);
  assert.deepEqual(run.socket.allSent('ack'), []);
  run.socket.push(message(1, { redelivered: true }), message(2, { redelivered: true }));
  run.clock.advance(1_000);

  assert.deepEqual(received.slice(-2), [1, 2]);
  assert.equal(run.socket.lastSent('ack').seq, 1_002);
});

test('gaps and a new epoch keep their places between kept messages', async () => {
  const run = startLive(5);
  run.socket.pushMessages(6);
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome().answerJoin({ seq: 2, epoch: 9 }).pushResync(3, 2, 'unrecoverable');
  run.socket.push(message(3, { epoch: 9 }));
  assert.deepEqual([run.room.seq, run.room.epoch], [5, 1]);
  const received = recordEvents(run.room);
  await flushPromises();

  assert.deepEqual(received.filter(t => t !== 'resync'), [6, ['unrecoverable', 7, null], 3]);
  assert.deepEqual([run.room.seq, run.room.epoch], [3, 9]);
});

test('messages after a listener was removed are kept for the next listener', async () => {
  const { room, socket } = startLive();
  const first = [];
  const removeListener = room.on('message', m => { first.push(m.seq); if (m.seq === 2) removeListener(); });
  socket.pushMessages(1, 2, 3, 4);
  const second = recordEvents(room, ['message']);
  await flushPromises();

  assert.deepEqual([first, second], [[1, 2], [3, 4]]);
});

test('a listener that is removed, or leaves the room, during the delivery of kept messages gets no more', async () => {
  const going = startLive();
  going.socket.pushMessages(1, 2, 3);
  const seqs = [];
  const removeListener = going.room.on('message', m => { seqs.push(m.seq); removeListener(); });
  await flushPromises();
  assert.deepEqual(seqs, [1]);
  assert.equal(going.room.seq, 1);
  const leaving = startLive();
  leaving.socket.pushMessages(1, 2, 3);
  leaving.room.on('message', m => { seqs.push(m.seq); leaving.room.leave(); });
  await flushPromises();
  assert.deepEqual(seqs, [1, 1]);
});

test('kept direct messages are delivered to a later listener, and acknowledged then', async () => {
  const { rejoin, socket, clock } = startClient();
  const { direct } = rejoin;
  socket.pushWelcome().answerJoin({ room: '@ann', seq: 2, cursor: 0 });
  socket.push(message(1, { room: '@ann' }), message(2, { room: '@ann' }), { event: 'resync', room: '@ann', from: 1, to: 2, outcome: 'full' });
  clock.advance(1_000);
  assert.deepEqual(socket.allSent('ack'), []);
  const received = recordEvents(direct, ['message']);
  await flushPromises();
  clock.advance(1_000);

  assert.deepEqual(received, [1, 2]);
  assert.equal(socket.lastSent('ack').seq, 2);
});

test('kept direct messages of one user are not delivered to another user', async () => {
  const run = startClient();
  const { direct } = run.rejoin;
  run.socket.pushWelcome().answerJoin({ room: '@ann', seq: 1, cursor: 0 });
  run.socket.push(message(1, { room: '@ann' }));
  run.socket.disconnect();
  run.clock.advance(500);
  run.sockets.at(-1).pushWelcome({ user: 'ben' });
  const received = recordEvents(direct, ['message']);
  await flushPromises();

  assert.deepEqual(received, []);
});

test('a late listener receives kept members, confirmed, cursor, expired and error events', async () => {
  const { room, rejoin, socket } = startLive();
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'confirmed', room: 'r', seq: 1, user: 'bob' }, { event: 'confirmed', room: 'r', seq: 2, user: 'bob' },
    { event: 'expired', room: '@carl', seq: 3, users: ['carl'] }, { event: 'error', code: 'unknown_event', message: 'm' },
    { event: 'cursor', room: 'r', seq: 1, epoch: 1 });
  await flushPromises();
  const received = [];
  room.on('members', m => received.push([...m]));
  room.on('confirmed', c => received.push(c.seq));
  room.on('cursor', c => received.push(c.seq));
  rejoin.on('expired', e => received.push(e.users));
  rejoin.on('error', e => received.push(e.code));
  await flushPromises();

  assert.deepEqual(received, [['ann', 'bob'], 1, 2, 1, ['carl'], 'unknown_event']);
});

test('a late listener receives the state closed, but no other state', async () => {
  const { room, socket } = startLive();
  socket.disconnect(4403, 'no');
  const refused = connect('ws://host', { WebSocket: class { constructor() { throw new Error('no'); } } });
  const received = [];
  refused.on('state', s => received.push(['client', s.state, s.error.code]));
  room.on('state', s => received.push(['room', s.state, s.error.code]));
  await flushPromises();

  assert.deepEqual(received, [['client', 'closed', 'cannot_connect'], ['room', 'closed', 'forbidden']]);
});

test('a listener that changes a message does not change what is acknowledged', async () => {
  for (const modify of [m => { m.seq = 99; }, m => { delete m.seq; }, m => { m.seq = 'x'; m.redelivered = true; }, m => Object.keys(m).forEach(k => delete m[k])]) {
    const run = startLive(0, { autoAck: true });
    run.socket.pushResync(1, 0);
    run.room.on('message', modify);
    run.socket.pushMessages(1, 2);
    run.clock.advance(1_000);
    assert.deepEqual(run.socket.allSent('ack').map(a => a.seq), [1, 2]);
  }
});

test('a listener that returns a broken thenable does not stop the delivery', async () => {
  for (const badThenable of [{ then() { throw new Error('no'); } }, { then: resolve => resolve() }, { get then() { throw new Error('no'); } }]) {
    const { room, socket } = startLive();
    const seqs = [];
    room.on('message', m => { seqs.push(m.seq); return badThenable; });
    socket.pushMessages(1, 2);
    await flushPromises();
    assert.deepEqual(seqs, [1, 2]);
  }
});
