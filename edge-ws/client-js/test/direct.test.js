import assert from 'node:assert/strict';
import test from 'node:test';
import { message, outcome, settle, start } from './fakes.js';

const letter = (seq, more) => message(seq, { room: '@ann', ...more });

/** A client that listens to its direct messages, and what came. */
function listening(options) {
  const run = start(options);
  const seqs = [];
  run.rejoin.direct.on('message', m => seqs.push(m.seq));
  return Object.defineProperty({ ...run, seqs }, 'socket', { get: () => run.sockets.at(-1) });
}

const comeBack = (run, more) => {
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome(more);
};

test('who does not ask for direct messages gets none, and none are lost to the others', () => {
  const { socket } = start();
  socket.welcome();

  assert.match(socket.url, /direct=off/);
  assert.deepEqual(socket.sent, []);
});

test('the own room is joined after the cursor, and acknowledges by itself', () => {
  const run = listening();
  assert.equal(run.rejoin.direct, run.rejoin.direct);
  run.socket.welcome();
  assert.deepEqual(run.socket.last('join'), { event: 'join', room: '@ann', id: 'join-1', after: 'cursor' });
  run.socket.joined({ room: '@ann', seq: 2, cursor: 1 }).push(letter(2), { event: 'resync', room: '@ann', from: 2, to: 2, outcome: 'full' });

  assert.deepEqual(run.seqs, [2]);
  assert.deepEqual(run.socket.all('ack').map(a => [a.room, a.seq, a.epoch]), [['@ann', 2, 1]]);
  assert.equal(run.rejoin.direct.name, '@ann');
  assert.equal(run.rejoin.rooms.size, 0);
});

test('with a memory it goes on from there, whatever other devices have acknowledged', () => {
  const run = listening();
  run.socket.welcome().joined({ room: '@ann', seq: 2 }).push(letter(1), letter(2));
  comeBack(run);
  assert.deepEqual([run.socket.last('join').after, run.socket.last('join').epoch], [2, 1]);
  run.socket.joined({ room: '@ann', seq: 4, cursor: 4 }).push(letter(3), letter(4));

  assert.deepEqual(run.seqs, [1, 2, 3, 4]);
});

test('another user has another room', () => {
  const run = listening();
  run.socket.welcome().joined({ room: '@ann', seq: 1 }).push(letter(1));
  comeBack(run, { user: 'guest-7' });
  assert.deepEqual([run.socket.last('join').room, run.socket.last('join').after], ['@guest-7', 'cursor']);
  run.socket.joined({ room: '@guest-7', seq: 1 }).push(letter(1, { room: '@guest-7' }));

  assert.deepEqual(run.seqs, [1, 1]);
});

test('what was handled late for one user is not acknowledged for another', async () => {
  const run = start();
  let finish;
  run.rejoin.direct.on('message', m => m.seq === 5 && new Promise(resolve => { finish = resolve; }));
  run.socket.welcome().joined({ room: '@ann', seq: 5, cursor: 4 }).push(letter(5));
  run.socket.end();
  run.clock.pass(500);
  run.sockets.at(-1).welcome({ user: 'guest-7' });
  assert.equal(run.rejoin.direct.cursor, null);
  run.sockets.at(-1).joined({ room: '@guest-7', seq: 9, cursor: 2 });
  finish();
  await settle();
  run.clock.pass(1_000);

  assert.deepEqual(run.sockets.at(-1).all('ack'), []);
});

test('it may be asked for at any time, left, and asked for again', () => {
  const run = start();
  run.socket.welcome();
  const { direct } = run.rejoin;
  assert.equal(run.socket.last('join').room, '@ann');
  direct.leave();
  assert.equal(run.socket.last('leave').room, '@ann');
  assert.notEqual(run.rejoin.direct, direct);
  run.rejoin.close();

  assert.equal(direct.state, 'closed');
  assert.equal(run.rejoin.direct, null);
});

test('personal rooms are not joined by name', () => {
  const { rejoin } = start();

  assert.throws(() => rejoin.join('@ben'), { code: 'forbidden' });
  assert.throws(() => rejoin.join('@'), { code: 'forbidden', message: /direct/ });
});

test('a direct message needs no room, and is acknowledged like any other', async () => {
  const { rejoin, socket } = start();
  const early = rejoin.sendTo('ben', 'early', { id: 'a' });
  socket.welcome();
  const late = rejoin.sendTo('ben', { data: [1] }, { id: 'b' });
  assert.deepEqual(socket.all('message'), [{ event: 'message', to: 'ben', id: 'a', text: 'early' },
    { event: 'message', to: 'ben', id: 'b', data: [1] }]);
  socket.push({ event: 'ack', id: 'a', room: '@ben', seq: 1, ts: 9 }, { event: 'ack', id: 'b', room: '@ben', seq: 2, ts: 9 });

  assert.equal((await early).seq, 1);
  assert.equal((await late).seq, 2);
});

test('a name goes to the server as it is: another normal form may be another user', async () => {
  const names = ['Ame\u0301lie', 'Am\u00e9lie', '\u212bsa', '\u00c5sa', 'A\u030asa'];
  const { rejoin, socket } = start();
  socket.welcome();
  const sends = names.map(user => rejoin.sendTo(user, `to ${user}`, { id: 'x' }));
  assert.deepEqual(socket.all('message').map(m => [m.to, m.text]), names.map(user => [user, `to ${user}`]));
  socket.push(...names.map((user, i) => ({ event: 'ack', id: 'x', room: `@${user}`, seq: i, ts: 9 })).reverse());

  assert.deepEqual((await Promise.all(sends)).map(a => a.seq), [0, 1, 2, 3, 4]);
});

test('the own room is named as the server names its user, in whatever normal form', () => {
  for (const [user, alike] of [['Ame\u0301lie', 'Am\u00e9lie'], ['Am\u00e9lie', 'Ame\u0301lie']]) {
    const { rejoin, socket } = start();
    const texts = [];
    rejoin.direct.on('message', m => texts.push(m.text));
    socket.welcome({ user });
    assert.equal(socket.last('join').room, `@${user}`);
    socket.joined({ room: `@${user}`, seq: 1 }).push(letter(1, { room: `@${user}`, text: 'mine' }), letter(2, { room: `@${alike}`, text: 'not mine' }));
    assert.deepEqual(texts, ['mine']);
  }
});

test('one id may be used for two users', async () => {
  const { rejoin, socket } = start();
  socket.welcome();
  const sends = [rejoin.sendTo('ben', 'hi', { id: 'x' }), rejoin.sendTo('carl', 'hi', { id: 'x' })];
  socket.push({ event: 'ack', id: 'x', room: '@carl', seq: 7, ts: 9 }, { event: 'ack', id: 'x', room: '@ben', seq: 1, ts: 9 });

  assert.deepEqual((await Promise.all(sends)).map(a => a.seq), [1, 7]);
});

test('what was not acknowledged is sent again after a reconnect; what is refused is not', async () => {
  const run = start();
  run.socket.welcome();
  const [toBen, toNobody, toCarl] = [run.rejoin.sendTo('ben', 'hi', { id: 'a' }),
    run.rejoin.sendTo('nobody', 'hi', { id: 'b' }), run.rejoin.sendTo('carl', 'hi', { id: 'c' })].map(outcome);
  run.socket.push({ event: 'error', id: 'b', code: 'invalid_user', message: 'no' },
    { event: 'error', id: 'c', room: '@carl', code: 'forbidden', message: 'no' });
  comeBack(run);

  assert.deepEqual(run.sockets.at(-1).all('message').map(m => m.id), ['a']);
  assert.equal(await toBen, 'pending');
  assert.deepEqual([(await toNobody).code, (await toCarl).code], ['invalid_user', 'forbidden']);
});

test('a note to oneself is sent and received', async () => {
  const run = listening();
  run.socket.welcome().joined({ room: '@ann' });
  const sent = run.rejoin.sendTo('ann', 'hi', { id: 'x' });
  run.socket.push(letter(1, { id: 'x' }), { event: 'ack', id: 'x', room: '@ann', seq: 1, ts: 9 });
  run.rejoin.direct.send('hi again', { id: 'y' });

  assert.equal((await sent).seq, 1);
  assert.deepEqual(run.seqs, [1]);
  assert.equal(run.socket.last('message').room, '@ann');
});

test('what becomes of a message is told: of direct ones by the client, of others by the room', () => {
  const { rejoin, socket, room: join } = start();
  const { room } = join();
  const told = [];
  for (const event of ['confirmed', 'expired']) {
    rejoin.on(event, e => told.push(['client', event, e]));
    room.on(event, e => told.push(['room', event, e]));
  }
  socket.welcome().joined();
  room.send('hi', { id: 'x', confirm: true });
  assert.equal(socket.last('message').confirm, true);
  socket.push({ event: 'confirmed', room: 'r', seq: 1, id: 'x', user: 'ben' },
    { event: 'expired', room: '@ben', seq: 2, users: ['ben'] });

  assert.deepEqual(told, [['room', 'confirmed', { room: 'r', seq: 1, id: 'x', user: 'ben' }],
    ['client', 'expired', { room: '@ben', seq: 2, users: ['ben'] }]]);
});

test('a message that too many would have to confirm is refused for good', async () => {
  const { socket, room: join } = start();
  const { room } = join();
  socket.welcome().joined();
  const sent = outcome(room.send('hi', { id: 'x', confirm: true }));
  socket.push({ event: 'error', id: 'x', room: 'r', code: 'too_many_recipients', message: 'no' });
  await settle();

  assert.equal((await sent).code, 'too_many_recipients');
  assert.equal((await sent).unknown, false);
});

test('another message under an id that is taken is refused for good', async () => {
  const { socket, room: join, clock } = start();
  const { room } = join();
  socket.welcome().joined();
  const sent = outcome(room.send('hi', { id: '1' }));
  socket.push({ event: 'error', id: '1', room: 'r', code: 'id_conflict', message: 'taken' });
  await settle();

  assert.equal((await sent).code, 'id_conflict');
  assert.equal((await sent).unknown, false);
  clock.pass(20_000);
  assert.equal(socket.sent.filter(frame => frame.event === 'message').length, 1);
});

test('a closed client sends nothing more', async () => {
  const { rejoin, clock } = start();
  const waiting = outcome(rejoin.sendTo('ben', 'hi'));
  rejoin.close();

  assert.equal((await waiting).code, 'closed');
  assert.equal((await outcome(rejoin.sendTo('ben', 'hi'))).code, 'closed');
  assert.equal(clock.pending, 0);
});
