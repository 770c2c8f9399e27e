import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, message, startClient } from './fakes.js';

/** Reconnects as another user. `whileOffline` runs between the two connections. */
async function reconnectAs(run, user = 'ben', whileOffline = () => {}) {
  run.socket.disconnect();
  await whileOffline();
  run.clock.advance(500);
  await flushPromises();
  return run.sockets.at(-1).pushWelcome({ user });
}

test('messages of one user are never sent under the name of another', async () => {
  const run = startClient({ outbox: 5 });
  const { room } = run.joinRoom();
  run.rejoin.direct.on('message', () => {});
  run.socket.pushWelcome().answerJoin().answerJoin({ room: '@ann' });
  const rejectionOf = send => send.then(() => assert.fail('posted'), error => error);
  const sends = [room.send('1', { id: 'a' }), run.rejoin.sendTo('carl', '2', { id: 'b' }), run.rejoin.direct.send('3', { id: 'c' })].map(rejectionOf);
  const socket = await reconnectAs(run, 'ben', () => sends.push(rejectionOf(room.send('4', { id: 'd' })), rejectionOf(run.rejoin.sendTo('carl', '5', { id: 'e' }))));
  socket.answerJoin().answerJoin({ room: '@ben' }).pushResync(1, 0);
  run.clock.advance(5_000);

  assert.deepEqual(run.sockets.at(-1).allSent('message'), []);
  const errors = await Promise.all(sends);
  assert.deepEqual(errors.map(e => [e.name, e.code, e.unknown]), [true, true, true, false, false].map(unknown => ['RejoinError', 'user_changed', unknown]));
  assert.match(errors[0].message, /ben.*ann/);
  const after = [room.send('6', { id: 'a' }), run.rejoin.sendTo('carl', '7', { id: 'b' })];
  assert.deepEqual(run.sockets.at(-1).allSent('message').map(m => m.text), ['6', '7'], 'the same ids are free, and so are the places');
  run.sockets.at(-1).push({ event: 'ack', id: 'a', room: 'r', seq: 1, ts: 1 }, { event: 'ack', id: 'b', room: '@carl', seq: 1, ts: 1 });
  assert.deepEqual((await Promise.all(after)).map(a => a.seq), [1, 1]);
  run.rejoin.close();
  assert.equal(run.clock.timerCount, 0);
});

test('messages sent before the first welcome, or before a reconnect as the same user, are sent', async () => {
  for (const [options, user] of [[{ name: 'ann' }, 'ann'], [{}, 'guest-1a2b3c4d'], [{ token: () => 't' }, 'ann']]) {
    const run = startClient(options);
    await flushPromises();
    run.rejoin.sendTo('carl', '1', { id: 'a' });
    run.socket.pushWelcome({ user });
    assert.equal(run.socket.lastSent('message').id, 'a');
    const socket = await reconnectAs(run, user);
    assert.equal(socket.lastSent('message').id, 'a', JSON.stringify(options));
  }
});

test('messages that one user handled are not acknowledged for another', async () => {
  const run = startClient();
  const { room } = run.joinRoom();
  run.socket.pushWelcome().answerJoin({ seq: 5, cursor: 2 }).pushMessages(6, 7);
  assert.equal(room.cursor, 2);
  room.ack();
  room.ack(7);
  const socket = await reconnectAs(run, 'ben', () => room.ack());
  assert.equal(room.cursor, null);
  assert.equal(socket.lastSent('join').after, 7, 'the room goes on where it was');
  socket.answerJoin({ seq: 7, cursor: 1 }).pushResync(8, 7);
  run.clock.advance(10_000);
  assert.deepEqual(socket.allSent('ack'), []);
  socket.pushMessages(8);
  room.ack();

  assert.equal(socket.lastSent('ack').seq, 8);
});

test('a redelivered message that the former user was handling is not acknowledged for another', async () => {
  const run = startClient();
  const { room } = run.joinRoom();
  let finish;
  room.on('message', m => m.redelivered && new Promise(resolve => { finish = resolve; }));
  run.socket.pushWelcome().answerJoin({ seq: 5, cursor: 4 }).push(message(5, { redelivered: true }));
  const socket = await reconnectAs(run);
  socket.answerJoin({ seq: 5, cursor: 4 }).pushResync(6, 5);
  finish();
  await flushPromises();
  run.clock.advance(1_000);
  assert.deepEqual(socket.allSent('ack'), []);
  socket.push(message(5, { redelivered: true }));
  finish();
  await flushPromises();
  run.clock.advance(1_000);

  assert.equal(socket.lastSent('ack').seq, 5, 'the new user has handled it, too');
});

test('kept messages of a room are delivered to the next user, and acknowledged for that user', async () => {
  const run = startClient();
  const room = run.rejoin.join('r');
  run.socket.pushWelcome().answerJoin({ seq: 5 }).pushMessages(6, 7);
  const socket = await reconnectAs(run);
  socket.answerJoin({ seq: 7 }).pushResync(8, 7);
  room.ack();
  run.clock.advance(1_000);
  assert.deepEqual(socket.allSent('ack').map(a => a.seq), [5], 'nothing beyond what was handed on');
  const seqs = [];
  room.on('message', m => seqs.push(m.seq));
  await flushPromises();
  room.ack();

  assert.deepEqual([seqs, socket.lastSent('ack').seq], [[6, 7], 7]);
});

for (const options of [{ autoAck: true }, { after: 'cursor' }, { autoAck: true, after: 3, epoch: 1 }, { autoAck: true, last: 2 }]) {
  test(`a room that depends on its user starts again for another user: ${JSON.stringify(options)}`, async () => {
    const run = startClient();
    const { received } = run.joinRoom(options);
    run.socket.pushWelcome().answerJoin({ seq: 5, cursor: 3 }).pushMessages(4, 5).pushResync(4, 5);
    const socket = await reconnectAs(run);
    assert.deepEqual(socket.lastSent('join').after, options.last ? { last: 2 } : 'cursor');
    socket.answerJoin({ seq: 5, cursor: 4 }).pushMessages(5).pushResync(5, 5);

    assert.deepEqual(received.seqs, [4, 5, 5]);
    assert.deepEqual(socket.allSent('ack').map(a => a.seq), options.autoAck ? [5] : []);
  });
}

test('nothing is sent or acknowledged under another user\'s name, whatever a listener sends during the change', async () => {
  const users = ['ann', 'ben', 'ann'];
  const run = startClient({ token: () => `of ${users[0]}` });
  await flushPromises();
  const { room } = run.joinRoom({ autoAck: true });
  const errorCodes = [];
  run.rejoin.on('state', ({ state }) => {
    if (state === 'online' || state === 'waiting') room.send(`${state} ${run.rejoin.user}`).catch(e => errorCodes.push(e.code));
  });
  for (const user of users) {
    const socket = run.sockets.at(-1).pushWelcome({ user }).answerJoin({ seq: 0 });
    if (room.state === 'catching_up') socket.pushResync(1, 0);
    assert.deepEqual(socket.allSent('message').map(m => m.text), [`online ${user}`]);
    socket.disconnect();
    run.clock.advance(2_000);
    await flushPromises();
  }

  assert.deepEqual(errorCodes, Array(4).fill('user_changed'));
});
