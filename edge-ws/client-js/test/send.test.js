import assert from 'node:assert/strict';
import test from 'node:test';
import { newId, RejoinError } from '../rejoin.js';
import { resultOf, startClient } from './fakes.js';

function startLive(options) {
  const run = startClient(options);
  const { room } = run.joinRoom();
  run.socket.pushWelcome().answerJoin();
  return { ...run, room, get socket() { return run.sockets.at(-1); } };
}

function reconnect(run, wait = 500) {
  run.socket.disconnect();
  run.clock.advance(wait);
  run.socket.pushWelcome().answerJoin();
}

const ack = (id, overrides = {}) => ({ event: 'ack', id, room: 'r', seq: 1, ts: 99, ...overrides });
const error = (id, code, overrides = {}) => ({ event: 'error', id, room: 'r', code, message: `is ${code}`, ...overrides });

test('a text or any JSON is sent under its own id, and the ack resolves the promise', async () => {
  const { room, socket } = startLive();
  const first = room.send('hi');
  room.send({ data: { x: [null] } });
  room.send({ text: 'yo' });
  const [one, two, three] = socket.allSent('message');
  assert.deepEqual(one, { event: 'message', room: 'r', id: one.id, text: 'hi' });
  assert.deepEqual(two.data, { x: [null] });
  assert.equal(three.text, 'yo');
  assert.equal(new Set([one.id, two.id, three.id]).size, 3);
  socket.push(ack(one.id, { seq: 4 }));

  assert.deepEqual(await first, { id: one.id, seq: 4, ts: 99, duplicate: false });
});

test('a message sent before the room is joined waits for the join', () => {
  const run = startClient();
  const { room } = run.joinRoom();
  room.send('early', { id: 'a' });
  run.socket.pushWelcome();
  assert.equal(run.socket.allSent('message').length, 0);
  run.socket.answerJoin();

  assert.equal(run.socket.allSent('message').length, 1);
});

test('unacknowledged messages are sent again after a reconnect, in order, under the same ids', async () => {
  const run = startLive();
  const sends = ['a', 'b', 'c'].map(id => run.room.send(id, { id }));
  run.socket.push(ack('b'));
  reconnect(run);
  assert.deepEqual(run.socket.allSent('message').map(m => m.id), ['a', 'c']);
  run.socket.push(ack('a', { duplicate: true }), ack('c', { seq: 3 }));

  assert.deepEqual((await Promise.all(sends)).map(a => a.duplicate), [true, false, false]);
});

test('a message sent while offline follows earlier messages', () => {
  const run = startLive();
  run.room.send('1', { id: 'a' });
  run.socket.disconnect();
  run.room.send('2', { id: 'b' });
  run.clock.advance(500);
  run.socket.pushWelcome().answerJoin();

  assert.deepEqual(run.socket.allSent('message').map(m => m.id), ['a', 'b']);
});

test('a message without an ack is sent again, with growing waits', () => {
  const run = startLive();
  run.socket.answerPings().push({ event: 'welcome', user: 'ann', heartbeat_ms: 1e9, limits: { message_bytes: 1_000, rooms: 1 } });
  run.room.send('1', { id: 'a', timeout: 0 });
  run.socket.answerJoin();
  const times = [];
  for (let i = 0; i < 20; i++) {
    const before = run.socket.allSent('message').length;
    run.clock.advance(10_000);
    if (run.socket.allSent('message').length > before) times.push(run.clock.now);
  }

  assert.deepEqual(times, [10_000, 30_000, 70_000, 150_000]);
});

for (const code of ['overloaded', 'unavailable', 'timeout', 'history_unavailable', 'something_new']) {
  test(`a temporary error (${code}) delays the message and holds back later ones`, async () => {
    const { room, clock, socket } = startLive();
    const first = room.send('1', { id: 'a' });
    socket.push(error('a', code, { retry_after_ms: 1_000 }));
    room.send('2', { id: 'b' });
    clock.advance(1_999);
    assert.deepEqual(socket.allSent('message').map(m => m.id), ['a']);
    clock.advance(1);
    assert.deepEqual(socket.allSent('message').map(m => m.id), ['a', 'a', 'b']);
    socket.push(ack('a'));

    assert.equal((await first).seq, 1);
  });
}

for (const code of ['forbidden', 'invalid_frame', 'unknown_event', 'invalid_room', 'something_new']) {
  test(`a final error (${code}) rejects the message, and does not affect others`, async () => {
    const { room, clock, socket } = startLive();
    const first = room.send('1', { id: 'a' });
    const second = room.send('2', { id: 'b' });
    socket.push(error('a', code), ack('b'));
    clock.advance(1_000);

    const failed = await resultOf(first);
    assert.ok(failed instanceof RejoinError);
    assert.deepEqual([failed.code, failed.message, failed.unknown], [code, `is ${code}`, false]);
    assert.equal((await second).id, 'b');
    assert.equal(socket.allSent('message').length, 2);
  });
}

test('an error with only an id rejects the message with that id', async () => {
  const { room, socket } = startLive();
  const sent = room.send('1', { id: 'a' });
  socket.push({ event: 'error', id: 'a', code: 'invalid_frame', message: 'no' });

  assert.equal((await resultOf(sent)).code, 'invalid_frame');
});

test('after not_joined the room is joined again before the message is sent again', () => {
  const { room, socket } = startLive();
  room.send('1', { id: 'a' });
  socket.push(error('a', 'not_joined'));
  assert.equal(socket.allSent('join').length, 2);
  assert.equal(socket.allSent('message').length, 1);
  socket.answerJoin().pushResync(1, 0);

  assert.equal(socket.allSent('message').length, 2);
});

test('a message whose ack was lost is repeated, and further answers to it are ignored', async () => {
  for (const isDirect of [false, true]) {
    const run = startLive();
    run.socket.answerPings();
    const errors = [];
    for (const emitter of [run.room, run.rejoin]) emitter.on('error', e => errors.push(e.code));
    const target = isDirect ? '@ben' : 'r';
    const sent = isDirect ? run.rejoin.sendTo('ben', '1', { id: 'a' }) : run.room.send('1', { id: 'a' });
    const timeout = error('a', 'timeout', { room: target, retry_after_ms: 1_000 });
    run.clock.advance(60_000);
    const before = run.socket.allSent('message').length;
    run.socket.push(timeout, timeout); // one for each attempt
    run.clock.advance(5_000);
    assert.deepEqual(run.socket.allSent('message').slice(before).map(m => [m.id, m.text]), [['a', '1']]);
    run.socket.push(ack('a', { room: target, seq: 7, duplicate: true }), timeout, error('a', 'overloaded', { room: target }), ack('a', { room: target, seq: 7 }));
    run.clock.advance(60_000);

    assert.deepEqual(await sent, { id: 'a', seq: 7, ts: 99, duplicate: true });
    assert.deepEqual(errors, []);
    assert.equal(run.socket.allSent('message').length, before + 1);
  }
});

test('a send that times out is rejected, and unknown says whether it may have been posted', async () => {
  const run = startLive();
  const sent = run.room.send('1', { timeout: 3_000 });
  run.socket.disconnect();
  const unsent = run.room.send('2', { timeout: 1_000 });
  const both = Promise.allSettled([sent, unsent]);
  run.clock.advance(1_000);
  run.sockets.at(-1).pushWelcome();
  run.clock.advance(2_000);

  assert.deepEqual((await both).map(({ reason }) => [reason.code, reason.unknown]), [['send_timeout', true], ['send_timeout', false]]);
});

const waitForResend = run => run.clock.advance(10_000); // the ack is late
for (const [what, trigger, unknown] of [
  ['refused', run => run.socket.push(error('a', 'forbidden')), false],
  ['refused after an ack that may have got lost with its connection', run => { reconnect(run); run.socket.push(error('a', 'forbidden')); }, true],
  ['refused after one that is late', run => { waitForResend(run); run.socket.push(error('a', 'forbidden')); }, true],
  ['refused twice, as it was sent', run => { waitForResend(run); run.socket.push(error('a', 'overloaded'), error('a', 'forbidden')); }, false],
  ['refused after a timeout', run => { run.socket.push(error('a', 'timeout')); waitForResend(run); run.socket.push(error('a', 'forbidden')); }, true],
  ['refused because of what it says', run => { waitForResend(run); run.socket.push(error('a', 'invalid_frame')); }, false],
  ['refused because another one has its id', run => { reconnect(run); run.socket.push(error('a', 'id_conflict')); }, false],
  ['refused for now', run => run.socket.push(error('a', 'unavailable')), false],
  ['refused for now, by a code of a later version', run => run.socket.push(error('a', 'something_new', { retry_after_ms: 9 })), true],
  ['sent before the room was joined', run => run.socket.push(error('a', 'not_joined')), false],
  ['on its way', () => {}, true],
  ['more than the next server takes', run => { run.socket.disconnect(); run.clock.advance(500); run.socket.pushWelcome({ limits: { message_bytes: 9, rooms: 1 } }).answerJoin(); }, true],
]) {
  test(`a message that was ${what} ${unknown ? 'may have been posted' : 'was not posted'}`, async () => {
    const run = startLive();
    run.socket.answerPings();
    const sent = run.room.send('1', { id: 'a' }).catch(e => e);
    trigger(run);
    run.room.leave();

    assert.equal((await sent).unknown, unknown);
  });
}

test('by default a send times out after five minutes', async () => {
  const run = startClient();
  const { room } = run.joinRoom();
  const sent = room.send('1');
  run.clock.advance(299_999);
  assert.equal(await resultOf(sent), 'pending');
  run.clock.advance(1);

  assert.equal((await resultOf(sent)).code, 'send_timeout');
});

test('an abort rejects a message before and after it was sent', async () => {
  const { room, clock, socket } = startLive();
  const abort = new AbortController();
  const sent = room.send('1', { id: 'a', signal: abort.signal });
  abort.abort();
  const both = Promise.allSettled([sent, room.send('2', { signal: abort.signal })]);
  clock.advance(1_000_000);

  assert.deepEqual((await both).map(({ reason }) => reason.code), ['aborted', 'aborted']);
  assert.equal(socket.allSent('message').length, 1);
});

test('a message that times out no longer holds back others', () => {
  const { room, clock, socket } = startLive();
  room.send('1', { id: 'a', timeout: 2_000 }).catch(() => {});
  socket.push(error('a', 'overloaded', { retry_after_ms: 60_000 }));
  room.send('2', { id: 'b' });
  clock.advance(2_000);

  assert.deepEqual(socket.allSent('message').map(m => m.id), ['a', 'b']);
});

test('the same message under the same id is sent once', () => {
  const { room, socket } = startLive();

  assert.equal(room.send('1', { id: 'a' }), room.send('1', { id: 'a' }));
  assert.equal(socket.allSent('message').length, 1);
});

test('the outbox limit applies to all rooms together, and each answer frees a slot', async () => {
  const run = startLive({ outbox: 2 });
  const other = run.rejoin.join('other');
  const first = run.room.send('1', { id: 'a' });
  other.send('2').catch(() => {});
  assert.equal((await resultOf(run.room.send('3'))).code, 'outbox_full');
  run.socket.push(ack('a'));
  await first;

  assert.equal(await resultOf(run.room.send('4')), 'pending');
});

test('a message above the server\'s limit is refused by the client: the server would close the connection', async () => {
  const { room, socket } = startLive();
  const large = room.send('é'.repeat(500));
  const small = room.send('e'.repeat(500), { id: 'a' });
  socket.push(ack('a'));

  assert.equal((await resultOf(large)).code, 'message_too_big');
  assert.equal((await small).id, 'a');
});

test('leaving, closing and a refused join reject waiting messages', async () => {
  const left = startLive();
  const one = left.room.send('1');
  left.room.leave();
  const closed = startLive();
  const two = closed.room.send('2');
  closed.rejoin.close();
  const refused = startClient();
  const { room } = refused.joinRoom();
  const three = room.send('3');
  const all = Promise.allSettled([one, two, three]);
  refused.socket.pushWelcome().push(error('join-1', 'forbidden'));

  assert.deepEqual((await all).map(({ reason }) => [reason.code, reason.unknown]),
    [['left', true], ['closed', true], ['forbidden', false]]);
  assert.equal((await resultOf(room.send('4'))).code, 'closed');
  assert.equal(closed.clock.timerCount, 0);
});

test('ids differ, with and without a secure context', t => {
  const ids = [newId(), newId()];
  for (const crypto of [{ getRandomValues: bytes => bytes.fill(7) }, undefined]) {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
    Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    t.after(() => Object.defineProperty(globalThis, 'crypto', before));
    ids.push(newId());
    Object.defineProperty(globalThis, 'crypto', before);
  }

  assert.equal(new Set(ids).size, 4);
  assert.match(ids[2], /^[0-9a-f]{32}$/);
  assert.match(ids[3], /^[0-9a-f]{32}$/);
});
