import assert from 'node:assert/strict';
import test from 'node:test';
import { message, settle, start } from './fakes.js';

/** A client that comes back as somebody else; `late` is what is done in between. */
async function change(run, user = 'ben', late = () => {}) {
  run.socket.end();
  await late();
  run.clock.pass(500);
  await settle();
  return run.sockets.at(-1).welcome({ user });
}

test('what one user sent is never posted under the name of another one', async () => {
  const run = start({ outbox: 5 });
  const { room } = run.room();
  run.rejoin.direct.on('message', () => {});
  run.socket.welcome().joined().joined({ room: '@ann' });
  const failed = send => send.then(() => assert.fail('posted'), error => error);
  const sends = [room.send('1', { id: 'a' }), run.rejoin.sendTo('carl', '2', { id: 'b' }), run.rejoin.direct.send('3', { id: 'c' })].map(failed);
  const socket = await change(run, 'ben', () => sends.push(failed(room.send('4', { id: 'd' })), failed(run.rejoin.sendTo('carl', '5', { id: 'e' }))));
  socket.joined().joined({ room: '@ben' }).resync(1, 0);
  run.clock.pass(5_000);

  assert.deepEqual(run.sockets.at(-1).all('message'), []);
  const errors = await Promise.all(sends);
  assert.deepEqual(errors.map(e => [e.name, e.code, e.unknown]), [true, true, true, false, false].map(unknown => ['RejoinError', 'user_changed', unknown]));
  assert.match(errors[0].message, /ben.*ann/);
  const after = [room.send('6', { id: 'a' }), run.rejoin.sendTo('carl', '7', { id: 'b' })];
  assert.deepEqual(run.sockets.at(-1).all('message').map(m => m.text), ['6', '7'], 'the same ids are free, and so are the places');
  run.sockets.at(-1).push({ event: 'ack', id: 'a', room: 'r', seq: 1, ts: 1 }, { event: 'ack', id: 'b', room: '@carl', seq: 1, ts: 1 });
  assert.deepEqual((await Promise.all(after)).map(a => a.seq), [1, 1]);
  run.rejoin.close();
  assert.equal(run.clock.pending, 0);
});

test('what was sent before the first welcome, or to come back as the same user, is posted', async () => {
  for (const [options, user] of [[{ name: 'ann' }, 'ann'], [{}, 'guest-1a2b3c4d'], [{ token: () => 't' }, 'ann']]) {
    const run = start(options);
    await settle();
    run.rejoin.sendTo('carl', '1', { id: 'a' });
    run.socket.welcome({ user });
    assert.equal(run.socket.last('message').id, 'a');
    const socket = await change(run, user);
    assert.equal(socket.last('message').id, 'a', JSON.stringify(options));
  }
});

test('what one user handled is not acknowledged for another one', async () => {
  const run = start();
  const { room } = run.room();
  run.socket.welcome().joined({ seq: 5, cursor: 2 }).messages(6, 7);
  assert.equal(room.cursor, 2);
  room.ack();
  room.ack(7);
  const socket = await change(run, 'ben', () => room.ack());
  assert.equal(room.cursor, null);
  assert.equal(socket.last('join').after, 7, 'the room goes on where it was');
  socket.joined({ seq: 7, cursor: 1 }).resync(8, 7);
  run.clock.pass(10_000);
  assert.deepEqual(socket.all('ack'), []);
  socket.messages(8);
  room.ack();

  assert.equal(socket.last('ack').seq, 8);
});

test('nor is a redelivered message that the former user is not done with', async () => {
  const run = start();
  const { room } = run.room();
  let finish;
  room.on('message', m => m.redelivered && new Promise(resolve => { finish = resolve; }));
  run.socket.welcome().joined({ seq: 5, cursor: 4 }).push(message(5, { redelivered: true }));
  const socket = await change(run);
  socket.joined({ seq: 5, cursor: 4 }).resync(6, 5);
  finish();
  await settle();
  run.clock.pass(1_000);
  assert.deepEqual(socket.all('ack'), []);
  socket.push(message(5, { redelivered: true }));
  finish();
  await settle();
  run.clock.pass(1_000);

  assert.equal(socket.last('ack').seq, 5, 'the new user has handled it, too');
});

test('what was kept for nobody is handed on to the next user, and acknowledged as theirs', async () => {
  const run = start();
  const room = run.rejoin.join('r');
  run.socket.welcome().joined({ seq: 5 }).messages(6, 7);
  const socket = await change(run);
  socket.joined({ seq: 7 }).resync(8, 7);
  room.ack();
  run.clock.pass(1_000);
  assert.deepEqual(socket.all('ack').map(a => a.seq), [5], 'nothing beyond what was handed on');
  const seqs = [];
  room.on('message', m => seqs.push(m.seq));
  await settle();
  room.ack();

  assert.deepEqual([seqs, socket.last('ack').seq], [[6, 7], 7]);
});

for (const options of [{ autoAck: true }, { after: 'cursor' }, { autoAck: true, after: 3, epoch: 1 }, { autoAck: true, last: 2 }]) {
  test(`a room that depends on its user begins anew for another one: ${JSON.stringify(options)}`, async () => {
    const run = start();
    const { told } = run.room(options);
    run.socket.welcome().joined({ seq: 5, cursor: 3 }).messages(4, 5).resync(4, 5);
    const socket = await change(run);
    assert.deepEqual(socket.last('join').after, options.last ? { last: 2 } : 'cursor');
    socket.joined({ seq: 5, cursor: 4 }).messages(5).resync(5, 5);

    assert.deepEqual(told.seqs, [4, 5, 5]);
    assert.deepEqual(socket.all('ack').map(a => a.seq), options.autoAck ? [5] : []);
  });
}

test('nothing is posted or acknowledged by a token that belongs to somebody else, whatever a listener does at that moment', async () => {
  const users = ['ann', 'ben', 'ann'];
  const run = start({ token: () => `of ${users[0]}` });
  await settle();
  const { room } = run.room({ autoAck: true });
  const hows = [];
  run.rejoin.on('state', ({ state }) => {
    if (state === 'online' || state === 'waiting') room.send(`${state} ${run.rejoin.user}`).catch(e => hows.push(e.code));
  });
  for (const user of users) {
    const socket = run.sockets.at(-1).welcome({ user }).joined({ seq: 0 });
    if (room.state === 'catching_up') socket.resync(1, 0);
    assert.deepEqual(socket.all('message').map(m => m.text), [`online ${user}`]);
    socket.end();
    run.clock.pass(2_000);
    await settle();
  }

  assert.deepEqual(hows, Array(4).fill('user_changed'));
});
