import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { settle, start } from './fakes.js';

test('it connects with name and token in the query', () => {
  const { socket } = start({ name: 'ann b', token: 't&1' });

  assert.equal(socket.url, 'ws://host:1/?name=ann+b&token=t%261&direct=off&presence=diff');
});

test('an http URL is taken as ws, anything else is refused at once', () => {
  const sockets = [];
  const options = { WebSocket: class { constructor(url) { sockets.push(url); } close() {} } };

  connect('https://host/ws', options).close();

  assert.deepEqual(sockets, ['wss://host/ws?direct=off&presence=diff']);
  assert.throws(() => connect('ftp://host', options), { name: 'RejoinError', code: 'invalid_argument' });
  assert.throws(() => connect('no url', options), { name: 'RejoinError', code: 'invalid_argument' });
});

test('it is online with the welcome, not before', () => {
  const { rejoin, socket, states } = start();
  assert.equal(rejoin.state, 'connecting');

  socket.welcome();

  assert.equal(rejoin.state, 'online');
  assert.equal(rejoin.user, 'ann');
  assert.deepEqual(states, [{ state: 'online', user: 'ann' }]);
});

test('without a welcome in time the attempt counts as failed', () => {
  const { rejoin, socket, clock } = start();

  clock.pass(10_000);

  assert.equal(rejoin.state, 'waiting');
  assert.notEqual(socket.closed, null);
});

test('an attempt that ends with no more than an error has failed at once', () => {
  const { socket, states } = start();

  socket.fail('refused');

  assert.deepEqual(states.map(s => [s.state, s.reason]), [['waiting', 'refused']]);
  socket.fail('said again, of a socket that is given up');
  socket.end();
  assert.equal(states.length, 1);
});

test('an error of an open connection is followed by its close, which says why', () => {
  const { socket, states } = start();
  socket.welcome();

  socket.fail('reset');
  socket.end(1013, 'overloaded');

  assert.deepEqual(states.map(s => s.reason), [undefined, 'overloaded']);
});

test('waits grow with each failure, with full jitter, up to a bound', () => {
  const run = start();
  const waits = [];
  for (let i = 0; i < 8; i++) {
    run.socket.end();
    waits.push(run.states.at(-1).retryInMs);
    run.clock.pass(waits.at(-1));
  }

  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]); // half of each ceiling: random is 0.5
  assert.equal(run.sockets.length, 9);
});

test('jitter goes down to nothing and up to the ceiling', () => {
  const waits = [0, 0.999999].map(random => {
    const run = start({ random: () => random });
    run.socket.end();
    return run.states.at(-1).retryInMs;
  });

  assert.deepEqual(waits, [0, 1_000]);
});

test('a connection that held for a while makes waits small again, one that did not does not', () => {
  const run = start();
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome();
  run.clock.pass(9_999);
  run.socket.end();
  assert.equal(run.states.at(-1).retryInMs, 1_000);
  run.clock.pass(1_000);
  run.socket.welcome();
  run.clock.pass(10_000);
  run.socket.end();

  assert.equal(run.states.at(-1).retryInMs, 500);
});

for (const code of [1000, 1001, 1006, 1011, 1012, 1013, 4408]) {
  test(`close code ${code}: it comes back`, () => {
    const { socket, states } = start();
    socket.welcome().end(code, 'why');

    assert.deepEqual(states.at(-1), { state: 'waiting', code, reason: 'why', retryInMs: 500 });
  });
}

for (const [code, name] of [[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]) {
  test(`close code ${code}: it stops and says why`, () => {
    const run = start();
    const { room } = run.room();
    run.socket.welcome().end(code, 'because');
    run.clock.pass(1_000_000);

    assert.equal(run.rejoin.state, 'closed');
    assert.equal(run.states.at(-1).error.code, name);
    assert.equal(run.states.at(-1).error.message, 'because');
    assert.equal(room.state, 'closed');
    assert.equal(run.sockets.length, 1);
    assert.equal(run.clock.pending, 0);
  });
}

test('after 4429 it waits a while longer', () => {
  const { socket, states } = start({ random: () => 0 });
  socket.welcome().end(4429);

  assert.equal(states.at(-1).retryInMs, 1_000);
});

test('the token function is asked before each attempt, and so after 4401', async () => {
  let asked = 0;
  const run = start({ token: async () => `t${++asked}` });
  await settle();
  run.socket.welcome().end(4401);
  run.clock.pass(500);
  await settle();

  assert.deepEqual(run.sockets.map(s => new URL(s.url).searchParams.get('token')), ['t1', 't2']);
});

test('4401 is final when there is only the token that has expired', () => {
  const { socket, rejoin, states } = start({ token: 't' });
  socket.welcome().end(4401);

  assert.equal(rejoin.state, 'closed');
  assert.equal(states.at(-1).error.code, 'token_expired');
});

test('a token function that fails, or never answers, is asked again later', async () => {
  const answers = [() => Promise.reject(new Error('no server')), () => new Promise(() => {}), () => 'good'];
  const run = start({ token: () => answers.shift()() });
  await settle();
  assert.match(run.states.at(-1).reason, /no server/);
  run.clock.pass(500); // asks again; nothing comes
  run.clock.pass(30_000);
  assert.equal(run.rejoin.state, 'waiting');
  run.clock.pass(1_000);
  await settle();

  assert.equal(new URL(run.socket.url).searchParams.get('token'), 'good');
  assert.equal(run.sockets.length, 1);
});

test('a token may take its time: what the server has to answer begins with the socket', async () => {
  const given = [];
  const run = start({ token: () => new Promise(resolve => given.push(resolve)) });
  run.clock.pass(29_000);
  assert.equal(run.rejoin.state, 'connecting');
  given[0]('slow');
  await settle();
  run.clock.pass(9_000);
  assert.equal(new URL(run.socket.url).searchParams.get('token'), 'slow');
  run.socket.welcome();
  assert.equal(run.rejoin.state, 'online');
  run.socket.end();
  run.clock.pass(500);
  given[1]('slow, too');
  await settle();
  run.clock.pass(10_000);
  assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'no answer']);
});

test('a token that takes more than thirty seconds is asked for again, and comes too late', async () => {
  const given = [];
  const run = start({ token: () => new Promise(resolve => given.push(resolve)) });
  run.clock.pass(30_000);
  assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'no token within 30 s']);
  run.clock.pass(500);
  given[0]('late');
  await settle();
  assert.deepEqual([given.length, run.sockets.length], [2, 0]);
  given[1]('in time');
  await settle();

  assert.equal(new URL(run.socket.url).searchParams.get('token'), 'in time');
});

test('a token that comes after the client was closed opens nothing', async () => {
  let give;
  const run = start({ token: () => new Promise(resolve => { give = resolve; }) });
  run.rejoin.close();
  give('late');
  await settle();

  assert.equal(run.sockets.length, 0);
});

test('it comes back when the server said it should', () => {
  const { socket, states } = start();
  socket.welcome().push({ event: 'reconnect', after_ms: 1_234 });
  socket.end(1012);

  assert.equal(states.at(-1).retryInMs, 1_234);
});

test('what the server said about coming back holds once', () => {
  const run = start();
  run.socket.welcome().push({ event: 'reconnect', after_ms: 1_234 });
  run.socket.end(1012);
  run.clock.pass(1_234);
  run.socket.end();

  assert.equal(run.states.at(-1).retryInMs, 1_000);
});

test('what one connection said about coming back says nothing about a later one', () => {
  const run = start();
  run.socket.welcome().push({ event: 'reconnect', after_ms: 1_234 });
  run.rejoin.pause();
  run.rejoin.resume();
  run.socket.welcome();
  run.socket.end();

  assert.equal(run.states.at(-1).retryInMs, 500);
});

test('when the network is back it tries at once', () => {
  const run = start();
  run.socket.end();
  run.page.dispatchEvent(new Event('online'));

  assert.equal(run.rejoin.state, 'connecting');
  run.clock.pass(500);
  assert.equal(run.sockets.length, 2, 'the attempt that was due before is not made as well');
});

test('when the network changed under an open socket it asks for a sign of life, and gives it up without one', () => {
  const run = start();
  run.socket.welcome();
  run.page.dispatchEvent(new Event('online'));
  assert.equal(run.socket.all('ping').length, 1);
  run.socket.push({ event: 'pong', ts: 1 });
  run.clock.pass(5_000);
  assert.equal(run.rejoin.state, 'online');
  run.page.document.dispatchEvent(new Event('visibilitychange'));
  run.clock.pass(5_000);

  assert.equal(run.rejoin.state, 'waiting');
});

test('a silent server is asked for a sign of life, then given up', () => {
  const run = start();
  run.socket.welcome();
  run.clock.pass(19_999);
  assert.equal(run.socket.all('ping').length, 0);
  run.clock.pass(1);
  assert.equal(run.socket.all('ping').length, 1);
  run.clock.pass(29_999);
  assert.equal(run.rejoin.state, 'online');
  run.clock.pass(1);

  assert.equal(run.rejoin.state, 'waiting');
  assert.notEqual(run.socket.closed, null);
});

test('any frame is a sign of life', () => {
  const run = start();
  run.socket.welcome();
  for (let i = 0; i < 20; i++) {
    run.clock.pass(20_000);
    run.socket.push({ event: 'pong', ts: 1 });
  }

  assert.equal(run.rejoin.state, 'online');
});

test('nothing that a lost socket still says counts', () => {
  const run = start();
  const lost = run.socket.welcome();
  lost.end();
  run.clock.pass(500);
  run.socket.welcome();
  lost.push({ event: 'reconnect', after_ms: 1 });
  lost.end(4403);

  assert.equal(run.rejoin.state, 'online');
});

test('paused it stays away, even when the network is back, until resumed', () => {
  const run = start();
  run.socket.welcome();
  run.rejoin.pause();
  assert.deepEqual(run.states.at(-1), { state: 'waiting', reason: 'paused' });
  run.page.dispatchEvent(new Event('online'));
  run.clock.pass(1_000_000);
  assert.equal(run.sockets.length, 1);
  run.rejoin.resume();

  assert.equal(run.sockets.length, 2);
  assert.equal(run.rejoin.state, 'connecting');
});

test('closed is closed: no timers, no listeners, no more rooms', () => {
  const run = start();
  run.socket.welcome();
  run.room();
  run.rejoin.close();
  run.page.dispatchEvent(new Event('online'));

  assert.equal(run.clock.pending, 0);
  assert.equal(run.sockets.length, 1);
  assert.equal(run.socket.closed.code, 1000);
  assert.throws(() => run.rejoin.join('r'), { code: 'closed' });
});

test('an error of no room is told to the client, broken JSON too', () => {
  const { rejoin, socket } = start();
  const errors = [];
  rejoin.on('error', e => errors.push(e.code));
  socket.welcome().push({ event: 'error', code: 'unknown_event', message: 'no' });
  socket.onmessage({ data: '{' });
  socket.push({ event: 'something_new', room: 'nowhere' });

  assert.deepEqual(errors, ['unknown_event', 'invalid_frame']);
});

test('a listener that throws is reported and stops nothing', t => {
  const reported = [];
  t.mock.method(console, 'error', e => reported.push(e.message));
  const { rejoin, socket } = start();
  const seen = [];
  rejoin.on('state', () => { throw new Error('oops'); });
  const off = rejoin.on('state', s => seen.push(s.state));
  socket.welcome();
  off();
  socket.end();

  assert.deepEqual(seen, ['online']);
  assert.deepEqual(reported, ['oops', 'oops']);
});
