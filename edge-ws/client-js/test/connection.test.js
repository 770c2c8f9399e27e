import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { flushPromises, startClient } from './fakes.js';

test('the client connects with name and token in the query', () => {
  const { socket } = startClient({ name: 'ann b', token: 't&1' });

  assert.equal(socket.url, 'ws://host:1/?name=ann+b&token=t%261&direct=off&presence=diff');
});

test('an http URL becomes ws; any other scheme is refused', () => {
  const sockets = [];
  const options = { WebSocket: class { constructor(url) { sockets.push(url); } close() {} } };

  connect('https://host/ws', options).close();

  assert.deepEqual(sockets, ['wss://host/ws?direct=off&presence=diff']);
  assert.throws(() => connect('ftp://host', options), { name: 'RejoinError', code: 'invalid_argument' });
  assert.throws(() => connect('no url', options), { name: 'RejoinError', code: 'invalid_argument' });
});

test('the client is online after the welcome, not before', () => {
  const { rejoin, socket, states } = startClient();
  assert.equal(rejoin.state, 'connecting');

  socket.pushWelcome();

  assert.equal(rejoin.state, 'online');
  assert.equal(rejoin.user, 'ann');
  assert.deepEqual(states, [{ state: 'online', user: 'ann' }]);
});

test('an attempt without a welcome in time fails', () => {
  const { rejoin, socket, clock } = startClient();

  clock.advance(10_000);

  assert.equal(rejoin.state, 'waiting');
  assert.notEqual(socket.closed, null);
});

test('an error event before the socket opens makes the attempt fail at once', () => {
  const { socket, states } = startClient();

  socket.fireError('refused');

  assert.deepEqual(states.map(s => [s.state, s.reason]), [['waiting', 'refused']]);
  socket.fireError('said again, of a socket that is given up');
  socket.disconnect();
  assert.equal(states.length, 1);
});

test('an error event of an open connection is ignored; its close event has the reason', () => {
  const { socket, states } = startClient();
  socket.pushWelcome();

  socket.fireError('reset');
  socket.disconnect(1013, 'overloaded');

  assert.deepEqual(states.map(s => s.reason), [undefined, 'overloaded']);
});

test('waits grow with each failure, with full jitter, up to a limit', () => {
  const run = startClient();
  const waits = [];
  for (let i = 0; i < 8; i++) {
    run.socket.disconnect();
    waits.push(run.states.at(-1).retryInMs);
    run.clock.advance(waits.at(-1));
  }

  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]); // half of each ceiling: random is 0.5
  assert.equal(run.sockets.length, 9);
});

test('jitter ranges from 0 to the full wait', () => {
  const waits = [0, 0.999999].map(random => {
    const run = startClient({ random: () => random });
    run.socket.disconnect();
    return run.states.at(-1).retryInMs;
  });

  assert.deepEqual(waits, [0, 1_000]);
});

test('a stable connection resets the waits, a short one does not', () => {
  const run = startClient();
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome();
  run.clock.advance(9_999);
  run.socket.disconnect();
  assert.equal(run.states.at(-1).retryInMs, 1_000);
  run.clock.advance(1_000);
  run.socket.pushWelcome();
  run.clock.advance(10_000);
  run.socket.disconnect();

  assert.equal(run.states.at(-1).retryInMs, 500);
});

for (const code of [1000, 1001, 1006, 1011, 1012, 1013, 4408]) {
  test(`close code ${code}: the client reconnects`, () => {
    const { socket, states } = startClient();
    socket.pushWelcome().disconnect(code, 'why');

    assert.deepEqual(states.at(-1), { state: 'waiting', code, reason: 'why', retryInMs: 500 });
  });
}

for (const [code, name] of [[1002, 'protocol_error'], [1003, 'unsupported_data'], [1007, 'invalid_payload'],
  [1008, 'policy_violation'], [1009, 'message_too_big'], [4403, 'forbidden']]) {
  test(`close code ${code}: the client closes with the reason`, () => {
    const run = startClient();
    const { room } = run.joinRoom();
    run.socket.pushWelcome().disconnect(code, 'because');
    run.clock.advance(1_000_000);

    assert.equal(run.rejoin.state, 'closed');
    assert.equal(run.states.at(-1).error.code, name);
    assert.equal(run.states.at(-1).error.message, 'because');
    assert.equal(room.state, 'closed');
    assert.equal(run.sockets.length, 1);
    assert.equal(run.clock.timerCount, 0);
  });
}

test('after 4429 the client waits longer', () => {
  const { socket, states } = startClient({ random: () => 0 });
  socket.pushWelcome().disconnect(4429);

  assert.equal(states.at(-1).retryInMs, 1_000);
});

test('the token function is called before each attempt, also after 4401', async () => {
  let tokenCalls = 0;
  const run = startClient({ token: async () => `t${++tokenCalls}` });
  await flushPromises();
  run.socket.pushWelcome().disconnect(4401);
  run.clock.advance(500);
  await flushPromises();

  assert.deepEqual(run.sockets.map(s => new URL(s.url).searchParams.get('token')), ['t1', 't2']);
});

test('4401 is final without a token function', () => {
  const { socket, rejoin, states } = startClient({ token: 't' });
  socket.pushWelcome().disconnect(4401);

  assert.equal(rejoin.state, 'closed');
  assert.equal(states.at(-1).error.code, 'token_expired');
});

test('a token function that fails or never returns is called again later', async () => {
  const answers = [() => Promise.reject(new Error('no server')), () => new Promise(() => {}), () => 'good'];
  const run = startClient({ token: () => answers.shift()() });
  await flushPromises();
  assert.match(run.states.at(-1).reason, /no server/);
  run.clock.advance(500); // calls the function again, which does not return
  run.clock.advance(30_000);
  assert.equal(run.rejoin.state, 'waiting');
  run.clock.advance(1_000);
  await flushPromises();

  assert.equal(new URL(run.socket.url).searchParams.get('token'), 'good');
  assert.equal(run.sockets.length, 1);
});

test('the time for the server\'s welcome starts when the token is there', async () => {
  const tokenResolvers = [];
  const run = startClient({ token: () => new Promise(resolve => tokenResolvers.push(resolve)) });
  run.clock.advance(29_000);
  assert.equal(run.rejoin.state, 'connecting');
  tokenResolvers[0]('slow');
  await flushPromises();
  run.clock.advance(9_000);
  assert.equal(new URL(run.socket.url).searchParams.get('token'), 'slow');
  run.socket.pushWelcome();
  assert.equal(run.rejoin.state, 'online');
  run.socket.disconnect();
  run.clock.advance(500);
  tokenResolvers[1]('slow, too');
  await flushPromises();
  run.clock.advance(10_000);
  assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'no answer']);
});

test('a token that takes more than thirty seconds is not used, and the function is called again', async () => {
  const tokenResolvers = [];
  const run = startClient({ token: () => new Promise(resolve => tokenResolvers.push(resolve)) });
  run.clock.advance(30_000);
  assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'no token within 30 s']);
  run.clock.advance(500);
  tokenResolvers[0]('late');
  await flushPromises();
  assert.deepEqual([tokenResolvers.length, run.sockets.length], [2, 0]);
  tokenResolvers[1]('in time');
  await flushPromises();

  assert.equal(new URL(run.socket.url).searchParams.get('token'), 'in time');
});

test('a token that comes after close opens no socket', async () => {
  let resolveToken;
  const run = startClient({ token: () => new Promise(resolve => { resolveToken = resolve; }) });
  run.rejoin.close();
  resolveToken('late');
  await flushPromises();

  assert.equal(run.sockets.length, 0);
});

test('the client reconnects after the time that the server gave', () => {
  const { socket, states } = startClient();
  socket.pushWelcome().push({ event: 'reconnect', after_ms: 1_234 });
  socket.disconnect(1012);

  assert.equal(states.at(-1).retryInMs, 1_234);
});

test('the server\'s reconnect time is used only once', () => {
  const run = startClient();
  run.socket.pushWelcome().push({ event: 'reconnect', after_ms: 1_234 });
  run.socket.disconnect(1012);
  run.clock.advance(1_234);
  run.socket.disconnect();

  assert.equal(run.states.at(-1).retryInMs, 1_000);
});

test('the reconnect time of one connection does not apply to a later one', () => {
  const run = startClient();
  run.socket.pushWelcome().push({ event: 'reconnect', after_ms: 1_234 });
  run.rejoin.pause();
  run.rejoin.resume();
  run.socket.pushWelcome();
  run.socket.disconnect();

  assert.equal(run.states.at(-1).retryInMs, 500);
});

test('when the network is back the client connects at once', () => {
  const run = startClient();
  run.socket.disconnect();
  run.page.dispatchEvent(new Event('online'));

  assert.equal(run.rejoin.state, 'connecting');
  run.clock.advance(500);
  assert.equal(run.sockets.length, 2, 'the attempt that was due before is not made as well');
});

test('when the network changes during a connection, the client sends a ping and reconnects without an answer', () => {
  const run = startClient();
  run.socket.pushWelcome();
  run.page.dispatchEvent(new Event('online'));
  assert.equal(run.socket.allSent('ping').length, 1);
  run.socket.push({ event: 'pong', ts: 1 });
  run.clock.advance(5_000);
  assert.equal(run.rejoin.state, 'online');
  run.page.document.dispatchEvent(new Event('visibilitychange'));
  run.clock.advance(5_000);

  assert.equal(run.rejoin.state, 'waiting');
});

test('a silent server gets a ping, then the client reconnects', () => {
  const run = startClient();
  run.socket.pushWelcome();
  run.clock.advance(19_999);
  assert.equal(run.socket.allSent('ping').length, 0);
  run.clock.advance(1);
  assert.equal(run.socket.allSent('ping').length, 1);
  run.clock.advance(29_999);
  assert.equal(run.rejoin.state, 'online');
  run.clock.advance(1);

  assert.equal(run.rejoin.state, 'waiting');
  assert.notEqual(run.socket.closed, null);
});

test('any frame proves that the connection is alive', () => {
  const run = startClient();
  run.socket.pushWelcome();
  for (let i = 0; i < 20; i++) {
    run.clock.advance(20_000);
    run.socket.push({ event: 'pong', ts: 1 });
  }

  assert.equal(run.rejoin.state, 'online');
});

test('events of a lost socket are ignored', () => {
  const run = startClient();
  const lost = run.socket.pushWelcome();
  lost.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome();
  lost.push({ event: 'reconnect', after_ms: 1 });
  lost.disconnect(4403);

  assert.equal(run.rejoin.state, 'online');
});

test('a paused client does not connect until it is resumed, even when the network is back', () => {
  const run = startClient();
  run.socket.pushWelcome();
  run.rejoin.pause();
  assert.deepEqual(run.states.at(-1), { state: 'waiting', reason: 'paused' });
  run.page.dispatchEvent(new Event('online'));
  run.clock.advance(1_000_000);
  assert.equal(run.sockets.length, 1);
  run.rejoin.resume();

  assert.equal(run.sockets.length, 2);
  assert.equal(run.rejoin.state, 'connecting');
});

test('close leaves no timers and no listeners, and then join throws', () => {
  const run = startClient();
  run.socket.pushWelcome();
  run.joinRoom();
  run.rejoin.close();
  run.page.dispatchEvent(new Event('online'));

  assert.equal(run.clock.timerCount, 0);
  assert.equal(run.sockets.length, 1);
  assert.equal(run.socket.closed.code, 1000);
  assert.throws(() => run.rejoin.join('r'), { code: 'closed' });
});

test('an error without a room is an event of the client, and so is broken JSON', () => {
  const { rejoin, socket } = startClient();
  const errors = [];
  rejoin.on('error', e => errors.push(e.code));
  socket.pushWelcome().push({ event: 'error', code: 'unknown_event', message: 'no' });
  socket.onmessage({ data: '{' });
  socket.push({ event: 'something_new', room: 'nowhere' });

  assert.deepEqual(errors, ['unknown_event', 'invalid_frame']);
});

test('a listener that throws is reported and does not affect the others', t => {
  const reported = [];
  t.mock.method(console, 'error', e => reported.push(e.message));
  const { rejoin, socket } = startClient();
  const received = [];
  rejoin.on('state', () => { throw new Error('oops'); });
  const off = rejoin.on('state', s => received.push(s.state));
  socket.pushWelcome();
  off();
  socket.disconnect();

  assert.deepEqual(received, ['online']);
  assert.deepEqual(reported, ['oops', 'oops']);
});
