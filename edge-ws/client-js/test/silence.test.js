import assert from 'node:assert/strict';
import test from 'node:test';
import { outcome, settle, start } from './fakes.js';

/** A client that is live in a room. */
function live(options) {
  const run = start(options);
  const { room, told } = run.room();
  run.socket.welcome({ limits: { message_bytes: 100_000, rooms: 9 } }).joined();
  return { ...run, room, told, get socket() { return run.sockets.at(-1); } };
}

test('an ack that is overdue makes it ask a silent server for a sign of life, and come back within ten seconds', () => {
  const run = live();
  run.clock.pass(15_000);
  const { now } = run.clock;
  run.room.send('hi', { id: 'a' });
  while (run.sockets.length === 1 && run.clock.now - now < 60_000) run.clock.pass(100);

  assert.ok(run.clock.now - now <= 9_000, `${run.clock.now - now} ms`);
  run.sockets.at(-1).welcome().joined();
  assert.equal(run.sockets.at(-1).last('message').id, 'a');
});

test('so does a join without an answer, and a network that falls silent after something else came', () => {
  const joining = start();
  joining.room();
  joining.socket.welcome();
  joining.clock.pass(9_000);
  assert.equal(joining.sockets.length, 2);
  const talking = live();
  talking.room.send('hi');
  for (let i = 0; i < 5; i++) {
    talking.clock.pass(900);
    talking.socket.messages(i + 1);
  }
  talking.clock.pass(9_000);
  assert.equal(talking.sockets.length, 2);
});

test('a server that is slow but lives is asked less and less, and never given up', () => {
  const run = live();
  run.socket.answersPings();
  run.room.send('hi', { timeout: 0 });
  run.clock.pass(300_000);

  assert.equal(run.sockets.length, 1);
  assert.ok(run.socket.all('ping').length < 20, `${run.socket.all('ping').length} pings`);
});

test('a sign of life that takes four seconds is one', () => {
  const run = live();
  run.room.send('hi', { timeout: 0 });
  for (let i = 0; i < 60; i++) {
    const before = run.socket.all('ping').length;
    run.clock.pass(1_000);
    if (run.socket.all('ping').length > before) run.clock.setTimeout(() => run.socket.push({ event: 'pong', ts: 1 }), 4_000);
  }

  assert.equal(run.sockets.length, 1);
});

test('what takes long to leave is given the time', () => {
  const run = live();
  run.room.send('x'.repeat(60_000), { timeout: 0 });
  run.clock.pass(20_000); // 60 KB at 32 kbit/s
  assert.equal(run.sockets.length, 1);
  run.clock.pass(10_000);
  assert.equal(run.sockets.length, 2, 'but not for ever');
});

test('a server that was slow before is given up within thirty seconds', () => {
  const run = live();
  run.socket.answersPings();
  run.room.send('hi', { timeout: 0 });
  run.clock.pass(120_000);
  run.socket.isLiving = false;
  const { now } = run.clock;
  while (run.sockets.length === 1 && run.clock.now - now < 60_000) run.clock.pass(100);

  assert.ok(run.clock.now - now > 10_000 && run.clock.now - now <= 30_000, `${run.clock.now - now} ms`);
});

test('what takes minutes to leave is given up after two and a half heartbeats', () => {
  const run = live();
  for (let i = 0; i < 10; i++) run.room.send('x'.repeat(60_000), { timeout: 0 });
  const { now } = run.clock;
  while (run.sockets.length === 1 && run.clock.now - now < 300_000) run.clock.pass(100);

  assert.ok(run.clock.now - now > 45_000 && run.clock.now - now <= 2.5 * 20_000 + 1_000, `${run.clock.now - now} ms`);
});

test('while nothing is due, silence is what it was before', () => {
  const run = live();
  run.clock.pass(19_000);
  assert.equal(run.socket.all('ping').length, 0);
  const sent = outcome(run.room.send('hi', { id: 'a' }));
  run.socket.push({ event: 'ack', id: 'a', room: 'r', seq: 1, ts: 1 });
  run.clock.pass(10_000);

  assert.equal(run.sockets.length, 1);
  assert.equal(run.socket.all('ping').length, 0);
  return sent;
});

test('a page whose timers come late, as in the background or after a sleep, asks first and waits as many ticks', () => {
  const timers = [];
  const clock = { setTimeout: action => { const timer = { action }; timers.push(timer); return timer; }, clearTimeout: timer => { timer.action = null; } };
  const run = start({ clock });
  run.room();
  run.socket.welcome().joined();
  run.rejoin.rooms.get('r').send('hi', { timeout: 0 });
  const late = () => timers.splice(0).forEach(timer => timer.action?.()); // all that was due while the page slept, at once
  for (let i = 0; i < 3; i++) late();
  assert.equal(run.socket.all('ping').length > 0, true);
  assert.equal(run.sockets.length, 1, 'there was no time to answer');
  run.socket.push({ event: 'pong', ts: 1 });
  for (let i = 0; i < 3; i++) late();

  assert.equal(run.sockets.length, 1);
});

test('paused or closed, nothing of it is left', () => {
  for (const end of ['pause', 'close']) {
    const run = live();
    run.room.send('hi', { timeout: 0 }).catch(() => {});
    run.clock.pass(4_000);
    run.rejoin[end]();
    run.rejoin.close();
    assert.equal(run.clock.pending, 0);
  }
});

/** A server that refuses some messages without saying which, as soon as it reads them; it is read by hand, in order. */
function refusing(run, isBad) {
  let read = 0;
  const posted = [];
  const step = () => {
    const { sent } = run.socket;
    const progress = read < sent.length;
    for (; read < sent.length; read++) {
      const { event, id } = sent[read];
      if (event === 'ping') run.socket.push({ event: 'pong', id, ts: 1 });
      if (event === 'message' && isBad(id)) run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
      else if (event === 'message') posted.push(id);
    }
    return progress;
  };
  return { posted, run() { while (step()); }, ack() { for (const id of new Set(posted)) run.socket.push({ event: 'ack', id, room: run.room.name, seq: 1, ts: 1 }); } };
}

for (const bad of [['a'], ['b'], ['c'], ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']]) {
  test(`an error that names no message fails the right ones: ${bad}`, async () => {
    const run = live();
    const errors = [];
    run.rejoin.on('error', e => errors.push(e.code));
    const server = refusing(run, id => bad.includes(id));
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const sends = Promise.allSettled(ids.map(id => run.room.send(id, { id })));
    server.run();
    run.room.send('after', { id: 'f' });
    server.run();
    server.ack();

    assert.deepEqual((await sends).map(({ status, reason }) => [status, reason?.code]),
      ids.map(id => (bad.includes(id) ? ['rejected', 'invalid_frame'] : ['fulfilled', undefined])));
    assert.ok(server.posted.includes('f'));
    assert.deepEqual(errors, []);
    run.rejoin.close();
    assert.equal(run.clock.pending, 0);
  });
}

test('what is sent meanwhile waits until it is known, also in other rooms and to users', async () => {
  const run = live();
  run.room.send('bad', { id: 'a' }).catch(() => {});
  run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
  run.room.send('x', { id: 'b' });
  run.rejoin.sendTo('ben', 'y', { id: 'c' });
  assert.deepEqual(run.socket.all('message').map(m => m.id), ['a']);
  refusing(run, id => id === 'a').run();
  await settle();

  assert.deepEqual(run.socket.all('message').map(m => m.id).sort(), ['a', 'a', 'b', 'c']);
});

test('a direct message that is refused without a word is found, too', async () => {
  const run = live();
  const sends = Promise.allSettled([run.rejoin.sendTo('ben', 'x', { id: 'a' }), run.rejoin.sendTo('carl', 'y', { id: 'b' })]);
  refusing(run, id => id === 'b').run();
  run.socket.push({ event: 'ack', id: 'a', room: '@ben', seq: 1, ts: 1 });

  assert.deepEqual((await sends).map(s => s.reason?.code), [undefined, 'invalid_frame']);
});

test('a connection that is lost meanwhile lets all go on with the next', async () => {
  const run = live();
  const sends = Promise.allSettled(['a', 'b'].map(id => run.room.send(id, { id })));
  run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome({ limits: { message_bytes: 100_000, rooms: 9 } }).joined();
  assert.deepEqual(run.socket.all('message').map(m => m.id), ['a', 'b']);
  const server = refusing(run, id => id === 'a');
  server.run();
  server.ack();

  assert.deepEqual((await sends).map(s => s.reason?.code), ['invalid_frame', undefined]);
});

test('a server that never answers the question lets messages go on after a while', () => {
  const run = live();
  run.room.send('x', { id: 'a', timeout: 0 });
  run.socket.push({ event: 'error', code: 'invalid_frame', message: 'not this' });
  run.room.send('y', { id: 'b', timeout: 0 });
  for (let i = 0; i < 10; i++) {
    assert.equal(run.socket.last('message').id, 'a');
    run.clock.pass(1_000);
    run.socket.push({ event: 'pong', ts: 1 }); // without an id
  }

  assert.equal(run.socket.last('message').id, 'b');
});

test('an error that names nothing, while nothing is on its way or that may pass, is told', () => {
  const run = live();
  const errors = [];
  run.rejoin.on('error', e => errors.push(e.code));
  run.socket.push({ event: 'error', code: 'unknown_event', message: 'm' });
  run.room.send('x');
  run.socket.push({ event: 'error', code: 'overloaded', message: 'm' }, { event: 'error', code: 'forbidden', id: 'of nothing', message: 'm' });

  assert.deepEqual(errors, ['unknown_event', 'overloaded', 'forbidden']);
  assert.equal(run.socket.all('message').length, 1);
});

test('a join that is refused because there are too many new rooms is asked again when the server says', () => {
  const run = start();
  const { room } = run.room();
  run.socket.answersPings().welcome().push({ event: 'error', id: 'join-1', room: 'r', code: 'too_many_new_rooms', message: 'm', retry_after_ms: 7_000 });
  run.clock.pass(6_999);
  assert.equal(run.socket.all('join').length, 1);
  run.clock.pass(1_001);
  assert.equal(run.socket.all('join').length, 2);
  run.socket.joined();

  assert.equal(room.state, 'live');
});

test('strange frames of a server do no harm', () => {
  const run = live();
  run.socket.push({ event: 'welcome', user: 'ann' });
  run.clock.pass(1_000);
  assert.equal(run.sockets.length, 1, 'without a heartbeat');
  for (const text of ['null', '5', '"x"', '[]', '{}', '{"event":5}', '{"event":null}', '{"event":"error"}', '{"event":"ack"}', '{"event":"pong"}',
    '{"event":"reconnect","after_ms":"x"}', '{"event":"reconnect"}', '{"event":"error","id":{},"room":7,"code":5,"retry_after_ms":"soon"}', '']) {
    run.socket.onmessage({ data: text });
  }
  run.socket.onmessage({ data: new ArrayBuffer(3) });
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome().joined();

  assert.equal(run.room.state, 'catching_up');
});
