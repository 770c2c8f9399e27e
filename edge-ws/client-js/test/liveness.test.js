import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, resultOf, startClient } from './fakes.js';

/** A client that is live in a room. */
function startLive(options) {
  const run = startClient(options);
  const { room, received } = run.joinRoom();
  run.socket.pushWelcome({ limits: { message_bytes: 100_000, rooms: 9 } }).answerJoin();
  return { ...run, room, received, get socket() { return run.sockets.at(-1); } };
}

test('without an ack from a silent server, the client sends a ping and reconnects within ten seconds', () => {
  const run = startLive();
  run.clock.advance(15_000);
  const { now } = run.clock;
  run.room.send('hi', { id: 'a' });
  while (run.sockets.length === 1 && run.clock.now - now < 60_000) run.clock.advance(100);

  assert.ok(run.clock.now - now <= 9_000, `${run.clock.now - now} ms`);
  run.sockets.at(-1).pushWelcome().answerJoin();
  assert.equal(run.sockets.at(-1).lastSent('message').id, 'a');
});

test('the client also reconnects when a join has no answer, and when the network falls silent after other frames', () => {
  const joining = startClient();
  joining.joinRoom();
  joining.socket.pushWelcome();
  joining.clock.advance(9_000);
  assert.equal(joining.sockets.length, 2);
  const receiving = startLive();
  receiving.room.send('hi');
  for (let i = 0; i < 5; i++) {
    receiving.clock.advance(900);
    receiving.socket.pushMessages(i + 1);
  }
  receiving.clock.advance(9_000);
  assert.equal(receiving.sockets.length, 2);
});

test('a slow server that answers pings gets fewer pings, and the connection is kept', () => {
  const run = startLive();
  run.socket.answerPings();
  run.room.send('hi', { timeout: 0 });
  run.clock.advance(300_000);

  assert.equal(run.sockets.length, 1);
  assert.ok(run.socket.allSent('ping').length < 20, `${run.socket.allSent('ping').length} pings`);
});

test('an answer to a ping that takes four seconds keeps the connection', () => {
  const run = startLive();
  run.room.send('hi', { timeout: 0 });
  for (let i = 0; i < 60; i++) {
    const before = run.socket.allSent('ping').length;
    run.clock.advance(1_000);
    if (run.socket.allSent('ping').length > before) run.clock.setTimeout(() => run.socket.push({ event: 'pong', ts: 1 }), 4_000);
  }

  assert.equal(run.sockets.length, 1);
});

test('a large message gets more time, but not unlimited time', () => {
  const run = startLive();
  run.room.send('x'.repeat(60_000), { timeout: 0 });
  run.clock.advance(20_000); // 60 KB at 32 kbit/s
  assert.equal(run.sockets.length, 1);
  run.clock.advance(10_000);
  assert.equal(run.sockets.length, 2, 'but not for ever');
});

test('when a server that was slow before becomes silent, the client reconnects within thirty seconds', () => {
  const run = startLive();
  run.socket.answerPings();
  run.room.send('hi', { timeout: 0 });
  run.clock.advance(120_000);
  run.socket.isAnsweringPings = false;
  const { now } = run.clock;
  while (run.sockets.length === 1 && run.clock.now - now < 60_000) run.clock.advance(100);

  assert.ok(run.clock.now - now > 10_000 && run.clock.now - now <= 30_000, `${run.clock.now - now} ms`);
});

test('with minutes of queued data, the client reconnects after two and a half heartbeats', () => {
  const run = startLive();
  for (let i = 0; i < 10; i++) run.room.send('x'.repeat(60_000), { timeout: 0 });
  const { now } = run.clock;
  while (run.sockets.length === 1 && run.clock.now - now < 300_000) run.clock.advance(100);

  assert.ok(run.clock.now - now > 45_000 && run.clock.now - now <= 2.5 * 20_000 + 1_000, `${run.clock.now - now} ms`);
});

test('while no answer is due, there is no ping before the heartbeat', () => {
  const run = startLive();
  run.clock.advance(19_000);
  assert.equal(run.socket.allSent('ping').length, 0);
  const sent = resultOf(run.room.send('hi', { id: 'a' }));
  run.socket.push({ event: 'ack', id: 'a', room: 'r', seq: 1, ts: 1 });
  run.clock.advance(10_000);

  assert.equal(run.sockets.length, 1);
  assert.equal(run.socket.allSent('ping').length, 0);
  return sent;
});

test('a page with late timers, after a sleep or in the background, sends a ping first and waits the same number of ticks', () => {
  const timers = [];
  const clock = { setTimeout: action => { const timer = { action }; timers.push(timer); return timer; }, clearTimeout: timer => { timer.action = null; } };
  const run = startClient({ clock });
  run.joinRoom();
  run.socket.pushWelcome().answerJoin();
  run.rejoin.rooms.get('r').send('hi', { timeout: 0 });
  const fireAllTimers = () => timers.splice(0).forEach(timer => timer.action?.()); // all timers that were due while the page slept, at once
  for (let i = 0; i < 3; i++) fireAllTimers();
  assert.equal(run.socket.allSent('ping').length > 0, true);
  assert.equal(run.sockets.length, 1, 'there was no time to answer');
  run.socket.push({ event: 'pong', ts: 1 });
  for (let i = 0; i < 3; i++) fireAllTimers();

  assert.equal(run.sockets.length, 1);
});

test('pause and close leave no timer', () => {
  for (const end of ['pause', 'close']) {
    const run = startLive();
    run.room.send('hi', { timeout: 0 }).catch(() => {});
    run.clock.advance(4_000);
    run.rejoin[end]();
    run.rejoin.close();
    assert.equal(run.clock.timerCount, 0);
  }
});

/** A server that refuses some messages with errors that name no message. `run` makes it read all frames that were sent. */
function refusingServer(run, isRefused) {
  let read = 0;
  const posted = [];
  const step = () => {
    const { sent } = run.socket;
    const progress = read < sent.length;
    for (; read < sent.length; read++) {
      const { event, id } = sent[read];
      if (event === 'ping') run.socket.push({ event: 'pong', id, ts: 1 });
      if (event === 'message' && isRefused(id)) run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
      else if (event === 'message') posted.push(id);
    }
    return progress;
  };
  return { posted, run() { while (step()); }, ack() { for (const id of new Set(posted)) run.socket.push({ event: 'ack', id, room: run.room.name, seq: 1, ts: 1 }); } };
}

for (const refusedIds of [['a'], ['b'], ['c'], ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']]) {
  test(`an error that names no message rejects the right messages: ${refusedIds}`, async () => {
    const run = startLive();
    const errors = [];
    run.rejoin.on('error', e => errors.push(e.code));
    const server = refusingServer(run, id => refusedIds.includes(id));
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const sends = Promise.allSettled(ids.map(id => run.room.send(id, { id })));
    server.run();
    run.room.send('after', { id: 'f' });
    server.run();
    server.ack();

    assert.deepEqual((await sends).map(({ status, reason }) => [status, reason?.code]),
      ids.map(id => (refusedIds.includes(id) ? ['rejected', 'invalid_frame'] : ['fulfilled', undefined])));
    assert.ok(server.posted.includes('f'));
    assert.deepEqual(errors, []);
    run.rejoin.close();
    assert.equal(run.clock.timerCount, 0);
  });
}

test('messages to rooms and users wait until the refused message is found', async () => {
  const run = startLive();
  run.room.send('bad', { id: 'a' }).catch(() => {});
  run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
  run.room.send('x', { id: 'b' });
  run.rejoin.sendTo('ben', 'y', { id: 'c' });
  assert.deepEqual(run.socket.allSent('message').map(m => m.id), ['a']);
  refusingServer(run, id => id === 'a').run();
  await flushPromises();

  assert.deepEqual(run.socket.allSent('message').map(m => m.id).sort(), ['a', 'a', 'b', 'c']);
});

test('a refused direct message is found, too', async () => {
  const run = startLive();
  const sends = Promise.allSettled([run.rejoin.sendTo('ben', 'x', { id: 'a' }), run.rejoin.sendTo('carl', 'y', { id: 'b' })]);
  refusingServer(run, id => id === 'b').run();
  run.socket.push({ event: 'ack', id: 'a', room: '@ben', seq: 1, ts: 1 });

  assert.deepEqual((await sends).map(s => s.reason?.code), [undefined, 'invalid_frame']);
});

test('a connection lost during the search: the next connection sends all messages again', async () => {
  const run = startLive();
  const sends = Promise.allSettled(['a', 'b'].map(id => run.room.send(id, { id })));
  run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome({ limits: { message_bytes: 100_000, rooms: 9 } }).answerJoin();
  assert.deepEqual(run.socket.allSent('message').map(m => m.id), ['a', 'b']);
  const server = refusingServer(run, id => id === 'a');
  server.run();
  server.ack();

  assert.deepEqual((await sends).map(s => s.reason?.code), ['invalid_frame', undefined]);
});

test('a server that never answers the ping of the search: messages continue after ten seconds', () => {
  const run = startLive();
  run.room.send('x', { id: 'a', timeout: 0 });
  run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
  run.room.send('y', { id: 'b', timeout: 0 });
  for (let i = 0; i < 10; i++) {
    assert.equal(run.socket.lastSent('message').id, 'a');
    run.clock.advance(1_000);
    run.socket.push({ event: 'pong', ts: 1 }); // without an id
  }

  assert.equal(run.socket.lastSent('message').id, 'b');
});

test('an error that names nothing is an event if no message is unanswered, or if it is temporary', () => {
  const run = startLive();
  const errors = [];
  run.rejoin.on('error', e => errors.push(e.code));
  run.socket.push({ event: 'error', code: 'unknown_event', message: 'm' });
  run.room.send('x');
  run.socket.push({ event: 'error', code: 'overloaded', message: 'm' }, { event: 'error', code: 'forbidden', id: 'of nothing', message: 'm' });

  assert.deepEqual(errors, ['unknown_event', 'overloaded', 'forbidden']);
  assert.equal(run.socket.allSent('message').length, 1);
});

test('a join refused with too_many_new_rooms is sent again after the time that the server gave', () => {
  const run = startClient();
  const { room } = run.joinRoom();
  run.socket.answerPings().pushWelcome().push({ event: 'error', id: 'join-1', room: 'r', code: 'too_many_new_rooms', message: 'm', retry_after_ms: 7_000 });
  run.clock.advance(6_999);
  assert.equal(run.socket.allSent('join').length, 1);
  run.clock.advance(1_001);
  assert.equal(run.socket.allSent('join').length, 2);
  run.socket.answerJoin();

  assert.equal(room.state, 'live');
});

test('unexpected frames of a server do no harm', () => {
  const run = startLive();
  run.socket.push({ event: 'welcome', user: 'ann' });
  run.clock.advance(1_000);
  assert.equal(run.sockets.length, 1, 'without a heartbeat');
  for (const text of ['null', '5', '"x"', '[]', '{}', '{"event":5}', '{"event":null}', '{"event":"error"}', '{"event":"ack"}', '{"event":"pong"}',
    '{"event":"reconnect","after_ms":"x"}', '{"event":"reconnect"}', '{"event":"error","id":{},"room":7,"code":5,"retry_after_ms":"soon"}', '']) {
    run.socket.onmessage({ data: text });
  }
  run.socket.onmessage({ data: new ArrayBuffer(3) });
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome().answerJoin();

  assert.equal(run.room.state, 'catching_up');
});
