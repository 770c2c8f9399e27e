import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { message, settle, start } from './fakes.js';

globalThis.reportError = () => {};

/** A client that is live in a room nobody listens to. */
function live(seq = 0, options) {
  const run = start();
  const room = run.rejoin.join('r', options);
  run.socket.welcome().joined({ seq });
  return { ...run, room, get socket() { return run.sockets.at(-1); } };
}

/** Notes what a room tells, from now on. */
function listen(room, events = ['message', 'gap', 'resync']) {
  const told = [];
  for (const event of events) {
    room.on(event, e => told.push({ message: e.seq, gap: [e.outcome, e.from, e.to], resync: 'resync' }[event]));
  }
  return told;
}

for (const events of [['message', 'gap', 'resync'], ['resync', 'gap', 'message'], ['gap', 'message', 'resync']]) {
  test(`what came before anybody listened is handed to who listens first, in order: ${events}`, async () => {
    const run = start();
    const room = run.rejoin.join('r', { last: 5 });
    run.socket.welcome().joined({ seq: 10 }).messages(8, 9, 10).resync(8, 10, 'partial').messages(11);
    assert.equal(room.seq, 7, 'none was handed on');
    await settle();
    const told = listen(room, events);
    run.socket.messages(12);
    await settle();

    assert.deepEqual(told.filter(t => t !== 'resync'), [8, 9, 10, ['partial', 6, 7], 11, 12]);
    assert.equal(told.filter(t => t === 'resync').length, 1);
    assert.equal(room.seq, 12);
  });
}

test('listeners that begin in the same breath all hear it', async () => {
  const { room, socket } = live();
  socket.messages(1, 2);
  const [one, two] = [listen(room, ['message']), listen(room, ['message'])];
  assert.deepEqual(one, [], 'not before `on` has returned');
  await settle();

  assert.deepEqual([one, two], [[1, 2], [1, 2]]);
});

test('what is kept counts as seen by the connection, and as not seen by who resumes elsewhere', () => {
  const run = live(5);
  run.socket.messages(6, 7);
  assert.deepEqual([run.room.seq, run.room.epoch], [5, 1]);
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome();

  assert.equal(run.socket.last('join').after, 7);
});

test('of too much the oldest is let go, and announced', async () => {
  const { room, socket } = live();
  for (let seq = 1; seq <= 1_500; seq++) socket.messages(seq);
  assert.equal(room.seq, 0);
  const told = listen(room);
  await settle();

  assert.deepEqual(told[0], ['partial', 1, 500]);
  assert.deepEqual(told.slice(1), Array.from({ length: 1_000 }, (_, i) => 501 + i));
});

test('large messages are bounded by their size', async () => {
  const { room, socket } = live();
  for (let seq = 1; seq <= 40; seq++) socket.push(message(seq, { text: 'x'.repeat(60_000) }));
  const told = listen(room);
  await settle();

  assert.deepEqual(told[0], ['partial', 1, 23]);
  assert.deepEqual(told.slice(1), Array.from({ length: 17 }, (_, i) => 24 + i));
});

test('what was let go counts as not handled: it is not acknowledged, and handed on when it is redelivered', async () => {
  const run = live(0, { autoAck: true });
  run.socket.resync(1, 0);
  for (let seq = 1; seq <= 1_002; seq++) run.socket.messages(seq);
  const told = listen(run.room, ['message']);
  await settle();
  run.clock.pass(1_000);
  assert.deepEqual(run.socket.all('ack'), []);
  run.socket.push(message(1, { redelivered: true }), message(2, { redelivered: true }));
  run.clock.pass(1_000);

  assert.deepEqual(told.slice(-2), [1, 2]);
  assert.equal(run.socket.last('ack').seq, 1_002);
});

test('gaps and a new life of the room keep their places', async () => {
  const run = live(5);
  run.socket.messages(6);
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome().joined({ seq: 2, epoch: 9 }).resync(3, 2, 'unrecoverable');
  run.socket.push(message(3, { epoch: 9 }));
  assert.deepEqual([run.room.seq, run.room.epoch], [5, 1]);
  const told = listen(run.room);
  await settle();

  assert.deepEqual(told.filter(t => t !== 'resync'), [6, ['unrecoverable', 7, null], 3]);
  assert.deepEqual([run.room.seq, run.room.epoch], [3, 9]);
});

test('a listener that goes leaves what comes to the next', async () => {
  const { room, socket } = live();
  const first = [];
  const off = room.on('message', m => { first.push(m.seq); if (m.seq === 2) off(); });
  socket.messages(1, 2, 3, 4);
  const second = listen(room, ['message']);
  await settle();

  assert.deepEqual([first, second], [[1, 2], [3, 4]]);
});

test('who listens while it is handed over may go, or leave the room', async () => {
  const going = live();
  going.socket.messages(1, 2, 3);
  const seqs = [];
  const off = going.room.on('message', m => { seqs.push(m.seq); off(); });
  await settle();
  assert.deepEqual(seqs, [1]);
  assert.equal(going.room.seq, 1);
  const leaving = live();
  leaving.socket.messages(1, 2, 3);
  leaving.room.on('message', m => { seqs.push(m.seq); leaving.room.leave(); });
  await settle();
  assert.deepEqual(seqs, [1, 1]);
});

test('direct messages that came before a listener are handed to it, and acknowledged then', async () => {
  const { rejoin, socket, clock } = start();
  const { direct } = rejoin;
  socket.welcome().joined({ room: '@ann', seq: 2, cursor: 0 });
  socket.push(message(1, { room: '@ann' }), message(2, { room: '@ann' }), { event: 'resync', room: '@ann', from: 1, to: 2, outcome: 'full' });
  clock.pass(1_000);
  assert.deepEqual(socket.all('ack'), []);
  const told = listen(direct, ['message']);
  await settle();
  clock.pass(1_000);

  assert.deepEqual(told, [1, 2]);
  assert.equal(socket.last('ack').seq, 2);
});

test('direct messages of one user are not handed to another one', async () => {
  const run = start();
  const { direct } = run.rejoin;
  run.socket.welcome().joined({ room: '@ann', seq: 1, cursor: 0 });
  run.socket.push(message(1, { room: '@ann' }));
  run.socket.end();
  run.clock.pass(500);
  run.sockets.at(-1).welcome({ user: 'ben' });
  const told = listen(direct, ['message']);
  await settle();

  assert.deepEqual(told, []);
});

test('who is here, what was confirmed and what went wrong is told to who listens late', async () => {
  const { room, rejoin, socket } = live();
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'confirmed', room: 'r', seq: 1, user: 'bob' }, { event: 'confirmed', room: 'r', seq: 2, user: 'bob' },
    { event: 'expired', room: '@carl', seq: 3, users: ['carl'] }, { event: 'error', code: 'unknown_event', message: 'm' },
    { event: 'cursor', room: 'r', seq: 1, epoch: 1 });
  await settle();
  const told = [];
  room.on('members', m => told.push([...m]));
  room.on('confirmed', c => told.push(c.seq));
  room.on('cursor', c => told.push(c.seq));
  rejoin.on('expired', e => told.push(e.users));
  rejoin.on('error', e => told.push(e.code));
  await settle();

  assert.deepEqual(told, [['ann', 'bob'], 1, 2, 1, ['carl'], 'unknown_event']);
});

test('the end of a client or a room is told to who listens late; other states are not', async () => {
  const { room, socket } = live();
  socket.end(4403, 'no');
  const refused = connect('ws://host', { WebSocket: class { constructor() { throw new Error('no'); } } });
  const told = [];
  refused.on('state', s => told.push(['client', s.state, s.error.code]));
  room.on('state', s => told.push(['room', s.state, s.error.code]));
  await settle();

  assert.deepEqual(told, [['client', 'closed', 'cannot_connect'], ['room', 'closed', 'forbidden']]);
});

test('a listener may do anything to a message: what is acknowledged stays what it was', async () => {
  for (const harm of [m => { m.seq = 99; }, m => { delete m.seq; }, m => { m.seq = 'x'; m.redelivered = true; }, m => Object.keys(m).forEach(k => delete m[k])]) {
    const run = live(0, { autoAck: true });
    run.socket.resync(1, 0);
    run.room.on('message', harm);
    run.socket.messages(1, 2);
    run.clock.pass(1_000);
    assert.deepEqual(run.socket.all('ack').map(a => a.seq), [1, 2]);
  }
});

test('a listener that gives back something like a promise that misbehaves is reported, and stops nothing', async () => {
  for (const strange of [{ then() { throw new Error('no'); } }, { then: resolve => resolve() }, { get then() { throw new Error('no'); } }]) {
    const { room, socket } = live();
    const seqs = [];
    room.on('message', m => { seqs.push(m.seq); return strange; });
    socket.messages(1, 2);
    await settle();
    assert.deepEqual(seqs, [1, 2]);
  }
});
