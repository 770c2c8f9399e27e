import assert from 'node:assert/strict';
import test from 'node:test';
import { newId, RejoinError } from '../rejoin.js';
import { outcome, start } from './fakes.js';

function live(options) {
  const run = start(options);
  const { room } = run.room();
  run.socket.welcome().joined();
  return { ...run, room, get socket() { return run.sockets.at(-1); } };
}

function comeBack(run, wait = 500) {
  run.socket.end();
  run.clock.pass(wait);
  run.socket.welcome().joined();
}

const ack = (id, more = {}) => ({ event: 'ack', id, room: 'r', seq: 1, ts: 99, ...more });
const error = (id, code, more = {}) => ({ event: 'error', id, room: 'r', code, message: `is ${code}`, ...more });

test('a text, or any JSON, is posted under an id of its own and resolved by the ack', async () => {
  const { room, socket } = live();
  const first = room.send('hi');
  room.send({ data: { x: [null] } });
  room.send({ text: 'yo' });
  const [one, two, three] = socket.all('message');
  assert.deepEqual(one, { event: 'message', room: 'r', id: one.id, text: 'hi' });
  assert.deepEqual(two.data, { x: [null] });
  assert.equal(three.text, 'yo');
  assert.equal(new Set([one.id, two.id, three.id]).size, 3);
  socket.push(ack(one.id, { seq: 4 }));

  assert.deepEqual(await first, { id: one.id, seq: 4, ts: 99, duplicate: false });
});

test('what is sent before the room is joined waits for that', () => {
  const run = start();
  const { room } = run.room();
  room.send('early', { id: 'a' });
  run.socket.welcome();
  assert.equal(run.socket.all('message').length, 0);
  run.socket.joined();

  assert.equal(run.socket.all('message').length, 1);
});

test('what was not acknowledged is sent again after a reconnect, in order, under the same id', async () => {
  const run = live();
  const sends = ['a', 'b', 'c'].map(id => run.room.send(id, { id }));
  run.socket.push(ack('b'));
  comeBack(run);
  assert.deepEqual(run.socket.all('message').map(m => m.id), ['a', 'c']);
  run.socket.push(ack('a', { duplicate: true }), ack('c', { seq: 3 }));

  assert.deepEqual((await Promise.all(sends)).map(a => a.duplicate), [true, false, false]);
});

test('what is sent while offline follows what was sent before', () => {
  const run = live();
  run.room.send('1', { id: 'a' });
  run.socket.end();
  run.room.send('2', { id: 'b' });
  run.clock.pass(500);
  run.socket.welcome().joined();

  assert.deepEqual(run.socket.all('message').map(m => m.id), ['a', 'b']);
});

test('without an ack it is sent again, later and later', () => {
  const run = live();
  run.socket.answersPings().push({ event: 'welcome', user: 'ann', heartbeat_ms: 1e9, limits: { message_bytes: 1_000, rooms: 1 } });
  run.room.send('1', { id: 'a', timeout: 0 });
  run.socket.joined();
  const times = [];
  for (let i = 0; i < 20; i++) {
    const before = run.socket.all('message').length;
    run.clock.pass(10_000);
    if (run.socket.all('message').length > before) times.push(run.clock.now);
  }

  assert.deepEqual(times, [10_000, 30_000, 70_000, 150_000]);
});

for (const code of ['overloaded', 'unavailable', 'timeout', 'history_unavailable', 'something_new']) {
  test(`an error that may pass (${code}) is waited out, and holds back what comes later`, async () => {
    const { room, clock, socket } = live();
    const first = room.send('1', { id: 'a' });
    socket.push(error('a', code, { retry_after_ms: 1_000 }));
    room.send('2', { id: 'b' });
    clock.pass(1_999);
    assert.deepEqual(socket.all('message').map(m => m.id), ['a']);
    clock.pass(1);
    assert.deepEqual(socket.all('message').map(m => m.id), ['a', 'a', 'b']);
    socket.push(ack('a'));

    assert.equal((await first).seq, 1);
  });
}

for (const code of ['forbidden', 'invalid_frame', 'unknown_event', 'invalid_room', 'something_new']) {
  test(`an error that will not pass (${code}) rejects, and lets the others go on`, async () => {
    const { room, clock, socket } = live();
    const first = room.send('1', { id: 'a' });
    const second = room.send('2', { id: 'b' });
    socket.push(error('a', code), ack('b'));
    clock.pass(1_000);

    const failed = await outcome(first);
    assert.ok(failed instanceof RejoinError);
    assert.deepEqual([failed.code, failed.message, failed.unknown], [code, `is ${code}`, false]);
    assert.equal((await second).id, 'b');
    assert.equal(socket.all('message').length, 2);
  });
}

test('an error that names only the id finds its message', async () => {
  const { room, socket } = live();
  const sent = room.send('1', { id: 'a' });
  socket.push({ event: 'error', id: 'a', code: 'invalid_frame', message: 'no' });

  assert.equal((await outcome(sent)).code, 'invalid_frame');
});

test('a server that forgot the membership is joined again before the message is', () => {
  const { room, socket } = live();
  room.send('1', { id: 'a' });
  socket.push(error('a', 'not_joined'));
  assert.equal(socket.all('join').length, 2);
  assert.equal(socket.all('message').length, 1);
  socket.joined().resync(1, 0);

  assert.equal(socket.all('message').length, 2);
});

test('a post whose answer got lost is repeated after a timeout, and what else is said about it is no news', async () => {
  for (const isLetter of [false, true]) {
    const run = live();
    run.socket.answersPings();
    const errors = [];
    for (const emitter of [run.room, run.rejoin]) emitter.on('error', e => errors.push(e.code));
    const at = isLetter ? '@ben' : 'r';
    const sent = isLetter ? run.rejoin.sendTo('ben', '1', { id: 'a' }) : run.room.send('1', { id: 'a' });
    const timeout = error('a', 'timeout', { room: at, retry_after_ms: 1_000 });
    run.clock.pass(60_000);
    const before = run.socket.all('message').length;
    run.socket.push(timeout, timeout); // one for each time it was sent
    run.clock.pass(5_000);
    assert.deepEqual(run.socket.all('message').slice(before).map(m => [m.id, m.text]), [['a', '1']]);
    run.socket.push(ack('a', { room: at, seq: 7, duplicate: true }), timeout, error('a', 'overloaded', { room: at }), ack('a', { room: at, seq: 7 }));
    run.clock.pass(60_000);

    assert.deepEqual(await sent, { id: 'a', seq: 7, ts: 99, duplicate: true });
    assert.deepEqual(errors, []);
    assert.equal(run.socket.all('message').length, before + 1);
  }
});

test('a send that takes too long is given up, and says whether it may have been posted', async () => {
  const run = live();
  const sent = run.room.send('1', { timeout: 3_000 });
  run.socket.end();
  const unsent = run.room.send('2', { timeout: 1_000 });
  const both = Promise.allSettled([sent, unsent]);
  run.clock.pass(1_000);
  run.sockets.at(-1).welcome();
  run.clock.pass(2_000);

  assert.deepEqual((await both).map(({ reason }) => [reason.code, reason.unknown]), [['send_timeout', true], ['send_timeout', false]]);
});

const again = run => run.clock.pass(10_000); // the ack is late
for (const [what, happen, unknown] of [
  ['refused', run => run.socket.push(error('a', 'forbidden')), false],
  ['refused after an ack that may have got lost with its connection', run => { comeBack(run); run.socket.push(error('a', 'forbidden')); }, true],
  ['refused after one that is late', run => { again(run); run.socket.push(error('a', 'forbidden')); }, true],
  ['refused twice, as it was sent', run => { again(run); run.socket.push(error('a', 'overloaded'), error('a', 'forbidden')); }, false],
  ['refused after a timeout', run => { run.socket.push(error('a', 'timeout')); again(run); run.socket.push(error('a', 'forbidden')); }, true],
  ['refused because of what it says', run => { again(run); run.socket.push(error('a', 'invalid_frame')); }, false],
  ['refused because another one has its id', run => { comeBack(run); run.socket.push(error('a', 'id_conflict')); }, false],
  ['refused for now', run => run.socket.push(error('a', 'unavailable')), false],
  ['refused for now, by a code of a later version', run => run.socket.push(error('a', 'something_new', { retry_after_ms: 9 })), true],
  ['sent before the room was joined', run => run.socket.push(error('a', 'not_joined')), false],
  ['on its way', () => {}, true],
  ['more than the next server takes', run => { run.socket.end(); run.clock.pass(500); run.socket.welcome({ limits: { message_bytes: 9, rooms: 1 } }).joined(); }, true],
]) {
  test(`what was ${what} ${unknown ? 'may have been posted' : 'was not posted'}`, async () => {
    const run = live();
    run.socket.answersPings();
    const sent = run.room.send('1', { id: 'a' }).catch(e => e);
    happen(run);
    run.room.leave();

    assert.equal((await sent).unknown, unknown);
  });
}

test('by default it is given up after five minutes', async () => {
  const run = start();
  const { room } = run.room();
  const sent = room.send('1');
  run.clock.pass(299_999);
  assert.equal(await outcome(sent), 'pending');
  run.clock.pass(1);

  assert.equal((await outcome(sent)).code, 'send_timeout');
});

test('an abort takes a message back, whenever it comes', async () => {
  const { room, clock, socket } = live();
  const abort = new AbortController();
  const sent = room.send('1', { id: 'a', signal: abort.signal });
  abort.abort();
  const both = Promise.allSettled([sent, room.send('2', { signal: abort.signal })]);
  clock.pass(1_000_000);

  assert.deepEqual((await both).map(({ reason }) => reason.code), ['aborted', 'aborted']);
  assert.equal(socket.all('message').length, 1);
});

test('one that held back others and is given up lets them go', () => {
  const { room, clock, socket } = live();
  room.send('1', { id: 'a', timeout: 2_000 }).catch(() => {});
  socket.push(error('a', 'overloaded', { retry_after_ms: 60_000 }));
  room.send('2', { id: 'b' });
  clock.pass(2_000);

  assert.deepEqual(socket.all('message').map(m => m.id), ['a', 'b']);
});

test('the same id again is the same message', () => {
  const { room, socket } = live();

  assert.equal(room.send('1', { id: 'a' }), room.send('1', { id: 'a' }));
  assert.equal(socket.all('message').length, 1);
});

test('the outbox is bounded over all rooms, and a place comes back with each answer', async () => {
  const run = live({ outbox: 2 });
  const other = run.rejoin.join('other');
  const first = run.room.send('1', { id: 'a' });
  other.send('2').catch(() => {});
  assert.equal((await outcome(run.room.send('3'))).code, 'outbox_full');
  run.socket.push(ack('a'));
  await first;

  assert.equal(await outcome(run.room.send('4')), 'pending');
});

test('a message larger than the server takes is refused here: sent, it would end the connection', async () => {
  const { room, socket } = live();
  const large = room.send('é'.repeat(500));
  const small = room.send('e'.repeat(500), { id: 'a' });
  socket.push(ack('a'));

  assert.equal((await outcome(large)).code, 'message_too_big');
  assert.equal((await small).id, 'a');
});

test('leaving, closing and a refused room reject what waits', async () => {
  const left = live();
  const one = left.room.send('1');
  left.room.leave();
  const closed = live();
  const two = closed.room.send('2');
  closed.rejoin.close();
  const refused = start();
  const { room } = refused.room();
  const three = room.send('3');
  const all = Promise.allSettled([one, two, three]);
  refused.socket.welcome().push(error('join-1', 'forbidden'));

  assert.deepEqual((await all).map(({ reason }) => [reason.code, reason.unknown]),
    [['left', true], ['closed', true], ['forbidden', false]]);
  assert.equal((await outcome(room.send('4'))).code, 'closed');
  assert.equal(closed.clock.pending, 0);
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
