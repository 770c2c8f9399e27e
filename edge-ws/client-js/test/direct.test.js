import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, message, resultOf, startClient } from './fakes.js';

const directMessage = (seq, overrides) => message(seq, { room: '@ann', ...overrides });

/** A client that listens to its direct messages, with the seqs that it received. */
function startListening(options) {
  const run = startClient(options);
  const seqs = [];
  run.rejoin.direct.on('message', m => seqs.push(m.seq));
  return Object.defineProperty({ ...run, seqs }, 'socket', { get: () => run.sockets.at(-1) });
}

const reconnect = (run, overrides) => {
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome(overrides);
};

test('a client that does not use direct does not receive direct messages', () => {
  const { socket } = startClient();
  socket.pushWelcome();

  assert.match(socket.url, /direct=off/);
  assert.deepEqual(socket.sent, []);
});

test('the own room is joined after the cursor, and acknowledges automatically', () => {
  const run = startListening();
  assert.equal(run.rejoin.direct, run.rejoin.direct);
  run.socket.pushWelcome();
  assert.deepEqual(run.socket.lastSent('join'), { event: 'join', room: '@ann', id: 'join-1', after: 'cursor' });
  run.socket.answerJoin({ room: '@ann', seq: 2, cursor: 1 }).push(directMessage(2), { event: 'resync', room: '@ann', from: 2, to: 2, outcome: 'full' });

  assert.deepEqual(run.seqs, [2]);
  assert.deepEqual(run.socket.allSent('ack').map(a => [a.room, a.seq, a.epoch]), [['@ann', 2, 1]]);
  assert.equal(run.rejoin.direct.name, '@ann');
  assert.equal(run.rejoin.rooms.size, 0);
});

test('after a reconnect the own room resumes from its position, not from the cursor', () => {
  const run = startListening();
  run.socket.pushWelcome().answerJoin({ room: '@ann', seq: 2 }).push(directMessage(1), directMessage(2));
  reconnect(run);
  assert.deepEqual([run.socket.lastSent('join').after, run.socket.lastSent('join').epoch], [2, 1]);
  run.socket.answerJoin({ room: '@ann', seq: 4, cursor: 4 }).push(directMessage(3), directMessage(4));

  assert.deepEqual(run.seqs, [1, 2, 3, 4]);
});

test('after a change of user, direct is the room of the new user', () => {
  const run = startListening();
  run.socket.pushWelcome().answerJoin({ room: '@ann', seq: 1 }).push(directMessage(1));
  reconnect(run, { user: 'guest-7' });
  assert.deepEqual([run.socket.lastSent('join').room, run.socket.lastSent('join').after], ['@guest-7', 'cursor']);
  run.socket.answerJoin({ room: '@guest-7', seq: 1 }).push(directMessage(1, { room: '@guest-7' }));

  assert.deepEqual(run.seqs, [1, 1]);
});

test('a direct message that is handled after a change of user is not acknowledged for the new user', async () => {
  const run = startClient();
  let finish;
  run.rejoin.direct.on('message', m => m.seq === 5 && new Promise(resolve => { finish = resolve; }));
  run.socket.pushWelcome().answerJoin({ room: '@ann', seq: 5, cursor: 4 }).push(directMessage(5));
  run.socket.disconnect();
  run.clock.advance(500);
  run.sockets.at(-1).pushWelcome({ user: 'guest-7' });
  assert.equal(run.rejoin.direct.cursor, null);
  run.sockets.at(-1).answerJoin({ room: '@guest-7', seq: 9, cursor: 2 });
  finish();
  await flushPromises();
  run.clock.advance(1_000);

  assert.deepEqual(run.sockets.at(-1).allSent('ack'), []);
});

test('direct can be used at any time, left, and used again', () => {
  const run = startClient();
  run.socket.pushWelcome();
  const { direct } = run.rejoin;
  assert.equal(run.socket.lastSent('join').room, '@ann');
  direct.leave();
  assert.equal(run.socket.lastSent('leave').room, '@ann');
  assert.notEqual(run.rejoin.direct, direct);
  run.rejoin.close();

  assert.equal(direct.state, 'closed');
  assert.equal(run.rejoin.direct, null);
});

test('personal rooms cannot be joined by name', () => {
  const { rejoin } = startClient();

  assert.throws(() => rejoin.join('@ben'), { code: 'forbidden' });
  assert.throws(() => rejoin.join('@'), { code: 'forbidden', message: /direct/ });
});

test('a direct message needs no joined room, and is acknowledged like any other', async () => {
  const { rejoin, socket } = startClient();
  const early = rejoin.sendTo('ben', 'early', { id: 'a' });
  socket.pushWelcome();
  const late = rejoin.sendTo('ben', { data: [1] }, { id: 'b' });
  assert.deepEqual(socket.allSent('message'), [{ event: 'message', to: 'ben', id: 'a', text: 'early' },
    { event: 'message', to: 'ben', id: 'b', data: [1] }]);
  socket.push({ event: 'ack', id: 'a', room: '@ben', seq: 1, ts: 9 }, { event: 'ack', id: 'b', room: '@ben', seq: 2, ts: 9 });

  assert.equal((await early).seq, 1);
  assert.equal((await late).seq, 2);
});

test('a recipient\'s name is sent unchanged: another normal form may be another user', async () => {
  const names = ['Ame\u0301lie', 'Am\u00e9lie', '\u212bsa', '\u00c5sa', 'A\u030asa'];
  const { rejoin, socket } = startClient();
  socket.pushWelcome();
  const sends = names.map(user => rejoin.sendTo(user, `to ${user}`, { id: 'x' }));
  assert.deepEqual(socket.allSent('message').map(m => [m.to, m.text]), names.map(user => [user, `to ${user}`]));
  socket.push(...names.map((user, i) => ({ event: 'ack', id: 'x', room: `@${user}`, seq: i, ts: 9 })).reverse());

  assert.deepEqual((await Promise.all(sends)).map(a => a.seq), [0, 1, 2, 3, 4]);
});

test('the own room has the user\'s name exactly as the server gives it', () => {
  for (const [user, similarUser] of [['Ame\u0301lie', 'Am\u00e9lie'], ['Am\u00e9lie', 'Ame\u0301lie']]) {
    const { rejoin, socket } = startClient();
    const texts = [];
    rejoin.direct.on('message', m => texts.push(m.text));
    socket.pushWelcome({ user });
    assert.equal(socket.lastSent('join').room, `@${user}`);
    socket.answerJoin({ room: `@${user}`, seq: 1 }).push(directMessage(1, { room: `@${user}`, text: 'mine' }), directMessage(2, { room: `@${similarUser}`, text: 'not mine' }));
    assert.deepEqual(texts, ['mine']);
  }
});

test('one id can be used for messages to two users', async () => {
  const { rejoin, socket } = startClient();
  socket.pushWelcome();
  const sends = [rejoin.sendTo('ben', 'hi', { id: 'x' }), rejoin.sendTo('carl', 'hi', { id: 'x' })];
  socket.push({ event: 'ack', id: 'x', room: '@carl', seq: 7, ts: 9 }, { event: 'ack', id: 'x', room: '@ben', seq: 1, ts: 9 });

  assert.deepEqual((await Promise.all(sends)).map(a => a.seq), [1, 7]);
});

test('unacknowledged direct messages are sent again after a reconnect, refused ones are not', async () => {
  const run = startClient();
  run.socket.pushWelcome();
  const [toBen, toNobody, toCarl] = [run.rejoin.sendTo('ben', 'hi', { id: 'a' }),
    run.rejoin.sendTo('nobody', 'hi', { id: 'b' }), run.rejoin.sendTo('carl', 'hi', { id: 'c' })].map(resultOf);
  run.socket.push({ event: 'error', id: 'b', code: 'invalid_user', message: 'no' },
    { event: 'error', id: 'c', room: '@carl', code: 'forbidden', message: 'no' });
  reconnect(run);

  assert.deepEqual(run.sockets.at(-1).allSent('message').map(m => m.id), ['a']);
  assert.equal(await toBen, 'pending');
  assert.deepEqual([(await toNobody).code, (await toCarl).code], ['invalid_user', 'forbidden']);
});

test('a message to oneself is sent and received', async () => {
  const run = startListening();
  run.socket.pushWelcome().answerJoin({ room: '@ann' });
  const sent = run.rejoin.sendTo('ann', 'hi', { id: 'x' });
  run.socket.push(directMessage(1, { id: 'x' }), { event: 'ack', id: 'x', room: '@ann', seq: 1, ts: 9 });
  run.rejoin.direct.send('hi again', { id: 'y' });

  assert.equal((await sent).seq, 1);
  assert.deepEqual(run.seqs, [1]);
  assert.equal(run.socket.lastSent('message').room, '@ann');
});

test('confirmed and expired are events of the client for direct messages, and of the room for others', () => {
  const { rejoin, socket, joinRoom } = startClient();
  const { room } = joinRoom();
  const received = [];
  for (const event of ['confirmed', 'expired']) {
    rejoin.on(event, e => received.push(['client', event, e]));
    room.on(event, e => received.push(['room', event, e]));
  }
  socket.pushWelcome().answerJoin();
  room.send('hi', { id: 'x', confirm: true });
  assert.equal(socket.lastSent('message').confirm, true);
  socket.push({ event: 'confirmed', room: 'r', seq: 1, id: 'x', user: 'ben' },
    { event: 'expired', room: '@ben', seq: 2, users: ['ben'] });

  assert.deepEqual(received, [['room', 'confirmed', { room: 'r', seq: 1, id: 'x', user: 'ben' }],
    ['client', 'expired', { room: '@ben', seq: 2, users: ['ben'] }]]);
});

test('too_many_recipients is a final refusal', async () => {
  const { socket, joinRoom } = startClient();
  const { room } = joinRoom();
  socket.pushWelcome().answerJoin();
  const sent = resultOf(room.send('hi', { id: 'x', confirm: true }));
  socket.push({ event: 'error', id: 'x', room: 'r', code: 'too_many_recipients', message: 'no' });
  await flushPromises();

  assert.equal((await sent).code, 'too_many_recipients');
  assert.equal((await sent).unknown, false);
});

test('id_conflict is a final refusal', async () => {
  const { socket, joinRoom, clock } = startClient();
  const { room } = joinRoom();
  socket.pushWelcome().answerJoin();
  const sent = resultOf(room.send('hi', { id: '1' }));
  socket.push({ event: 'error', id: '1', room: 'r', code: 'id_conflict', message: 'taken' });
  await flushPromises();

  assert.equal((await sent).code, 'id_conflict');
  assert.equal((await sent).unknown, false);
  clock.advance(20_000);
  assert.equal(socket.sent.filter(frame => frame.event === 'message').length, 1);
});

test('a closed client rejects direct messages', async () => {
  const { rejoin, clock } = startClient();
  const waiting = resultOf(rejoin.sendTo('ben', 'hi'));
  rejoin.close();

  assert.equal((await waiting).code, 'closed');
  assert.equal((await resultOf(rejoin.sendTo('ben', 'hi'))).code, 'closed');
  assert.equal(clock.timerCount, 0);
});
