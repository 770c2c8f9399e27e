import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, startClient } from './fakes.js';

/** An HTTP response. */
const answer = (status, body, headers = {}) => ({
  status, headers: new Headers(headers), json: async () => (body === undefined ? JSON.parse('<html>') : body),
});

/** A client whose HTTP requests get these answers in order; the last one is repeated. */
function startWithAnswers(answers, options = {}) {
  const requests = [];
  const remaining = [].concat(answers);
  const run = startClient({
    fetch: async (url, init) => {
      requests.push({ url, ...init });
      const next = remaining.length > 1 ? remaining.shift() : remaining[0];
      return typeof next === 'function' ? next(init) : next;
    },
    ...options,
  });
  return Object.defineProperty({ ...run, requests }, 'socket', { get: () => run.sockets.at(-1) });
}

async function refuseConnection(run, message = 'refused') {
  run.socket.fireError(message);
  for (let i = 0; i < 4; i++) await flushPromises();
}

for (const [status, code] of [[400, 'invalid_user'], [400, 'bad_request'], [401, 'invalid_token'], [403, 'origin_not_allowed'], [404, 'not_found']]) {
  test(`refused with ${status} ${code}: the client closes with the reason, and waiting messages are rejected with it`, async () => {
    const run = startWithAnswers(answer(status, { code, message: 'because' }), { name: 'ann' });
    const { room } = run.joinRoom();
    const waiting = Promise.allSettled([room.send('a'), run.rejoin.sendTo('ben', 'b')]);
    await refuseConnection(run);

    assert.deepEqual(run.requests.map(({ url, headers }) => [url, headers]), [['http://host:1/?name=ann&direct=off&presence=diff', { Accept: 'application/json' }]]);
    assert.equal(run.rejoin.state, 'closed');
    const { state, reason, error } = run.states.at(-1);
    assert.deepEqual([state, reason, error.code, error.message], ['closed', 'because', code, 'because']);
    assert.equal(run.rejoin.error, error);
    assert.equal(room.state, 'closed');
    assert.equal(room.error.code, code);
    assert.deepEqual((await waiting).map(sent => [sent.reason.code, sent.reason.message, sent.reason.unknown]), Array(2).fill([code, 'because', false]));
    assert.equal(run.clock.timerCount, 0);
    assert.throws(() => run.rejoin.join('x'), { code: 'closed', message: /because/ });
  });
}

for (const [what, httpAnswer] of Object.entries({
  'upgrade_required, as the upgrade would succeed': answer(426, { code: 'upgrade_required', message: 'm' }),
  'a 404 of something else': answer(404, undefined), 'a 403 with JSON of something else': answer(403, { error: 'x' }),
  'a page': answer(200, undefined), 'a redirection': { status: 0, type: 'opaqueredirect', json: async () => JSON.parse('') },
  'an error of the network, or of CORS': () => Promise.reject(new TypeError('Failed to fetch')), 'a fetch that throws': () => { throw new Error('no'); },
  'JSON that is null': answer(401, null), 'a code that is none': answer(401, { code: 7 }),
})) {
  test(`answered with ${what}: the client tries again`, async () => {
    const run = startWithAnswers(httpAnswer);
    await refuseConnection(run, 'no way');

    assert.equal(run.states.at(-1).state, 'waiting');
    assert.equal(run.states.at(-1).reason, 'no way');
    run.clock.advance(500);
    await flushPromises();
    assert.equal(run.sockets.length, 2);
  });
}

for (const [status, code, retryAfter, wait] of [[503, 'full', '7', 7_500], [503, 'draining', undefined, 500], [429, 'too_many_connections', '30', 30_500],
  [503, 'unavailable', 'soon', 500], [503, 'full', '86400', 600_500], [503, 'full', '-1', 500]]) {
  test(`refused temporarily with ${status} ${code}, Retry-After ${retryAfter}: the client waits that long, with the reason`, async () => {
    const run = startWithAnswers(answer(status, { code, message: 'for now' }, retryAfter && { 'Retry-After': retryAfter }));
    await refuseConnection(run);
    const { state, reason, error, retryInMs } = run.states.at(-1);
    assert.deepEqual([state, reason, error.code, retryInMs], ['waiting', 'for now', code, wait]);
    run.clock.advance(wait - 1);
    assert.equal(run.sockets.length, 1);
    run.clock.advance(1);
    assert.equal(run.sockets.length, 2);
  });
}

test('Retry-After may be a date', async () => {
  const run = startWithAnswers(answer(503, { code: 'full', message: 'm' }, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() }));
  await refuseConnection(run);

  assert.ok(run.states.at(-1).retryInMs > 30_000 && run.states.at(-1).retryInMs < 61_000);
});

test('after 401 the token function is called once more, with the reason; the next 401 is final', async () => {
  const refusalMessages = [];
  const token = refused => {
    refusalMessages.push(refused?.message);
    return `t${refusalMessages.length}`;
  };
  const run = startWithAnswers(answer(401, { code: 'invalid_token', message: 'expired' }), { token });
  await flushPromises();
  await refuseConnection(run);
  assert.equal(run.rejoin.state, 'waiting');
  assert.equal(run.states.at(-1).error.code, 'invalid_token');
  run.clock.advance(500);
  await flushPromises();
  await refuseConnection(run);

  assert.deepEqual(refusalMessages, [undefined, 'expired']);
  assert.equal(run.rejoin.state, 'closed');
  assert.equal(run.rejoin.error.code, 'invalid_token');
});

test('after an accepted token, the next 401 is not final', async () => {
  let isGood = false;
  const run = startWithAnswers(answer(401, { code: 'invalid_token', message: 'm' }), { token: () => (isGood ? 'good' : 'bad') });
  for (let i = 0; i < 3; i++) {
    await flushPromises();
    await refuseConnection(run);
    assert.equal(run.rejoin.state, 'waiting');
    run.clock.advance(60_000);
    await flushPromises();
    run.socket.pushWelcome();
    run.socket.disconnect(4401);
    run.clock.advance(60_000);
  }
});

test('a token function that fails after 401 is called again', async () => {
  const answers = ['old', new Error('away'), 'new'];
  const run = startWithAnswers(answer(401, { code: 'invalid_token', message: 'm' }), { token: async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  } });
  await flushPromises();
  await refuseConnection(run);
  run.clock.advance(1_000);
  await flushPromises();
  assert.equal(run.rejoin.state, 'waiting');
  run.clock.advance(2_000);
  await flushPromises();

  assert.match(run.socket.url, /token=new/);
});

test('the status of the upgrade counts if the plain request is not refused', async () => {
  const upgrade = answer(426, { code: 'upgrade_required', message: 'm' });
  for (const [message, state, code] of [['Unexpected server response: 403', 'closed', 'forbidden'],
    ['Unexpected server response: 503', 'waiting', undefined], ['Unexpected server response: 502', 'waiting', undefined]]) {
    const run = startWithAnswers(upgrade);
    await refuseConnection(run, message);
    assert.equal(run.rejoin.state, state, message);
    assert.equal(run.rejoin.error?.code, code);
  }
  const proxy = startWithAnswers(answer(404, undefined));
  await refuseConnection(proxy, 'Unexpected server response: 404');
  assert.equal(proxy.rejoin.state, 'waiting', 'that of a proxy passes');
});

test('no request asks for the reason after an open connection, or after a failed token function', async () => {
  const run = startWithAnswers(answer(404, { code: 'not_found', message: 'm' }));
  run.socket.pushWelcome().disconnect();
  run.clock.advance(500);
  run.socket.onopen();
  run.socket.disconnect();
  const other = startWithAnswers(answer(404, { code: 'not_found', message: 'm' }), { token: () => Promise.reject(new Error('no')) });
  for (let i = 0; i < 4; i++) await flushPromises();

  assert.deepEqual([run.requests, other.requests], [[], []]);
  assert.deepEqual([run.rejoin.state, other.rejoin.state], ['waiting', 'waiting']);
});

test('a slow answer delays the next attempt by at most five seconds', async () => {
  const signals = [];
  const run = startWithAnswers(({ signal }) => { signals.push(signal); return new Promise(() => {}); });
  await refuseConnection(run);
  run.clock.advance(4_999);
  assert.equal(run.sockets.length, 1);
  run.clock.advance(1);
  for (let i = 0; i < 4; i++) await flushPromises();

  assert.equal(signals[0].aborted, true);
  assert.equal(run.sockets.length, 2);
});

test('an answer that comes after the state has changed is ignored', async () => {
  for (const trigger of [run => run.rejoin.resume(), run => run.rejoin.pause(), run => run.rejoin.close(), run => run.page.dispatchEvent(new Event('online'))]) {
    let resolveAnswer;
    const run = startWithAnswers(() => new Promise(resolve => { resolveAnswer = resolve; }));
    await refuseConnection(run);
    trigger(run);
    const { state } = run.rejoin;
    resolveAnswer(answer(404, { code: 'not_found', message: 'm' }));
    for (let i = 0; i < 4; i++) await flushPromises();
    assert.equal(run.rejoin.state, state);
    assert.notEqual(run.rejoin.error?.code, 'not_found');
    if (state === 'connecting') assert.equal(run.socket.pushWelcome() && run.rejoin.state, 'online');
  }
});

test('closing the client during the request, or in its state listener, leaves no timer and aborts the request', async () => {
  for (const isFirst of [true, false]) {
    const run = startWithAnswers(() => new Promise(() => {}));
    run.rejoin.on('state', ({ state }) => { if (state === 'waiting' && isFirst) run.rejoin.close(); });
    await refuseConnection(run);
    assert.equal(run.requests.length, isFirst ? 0 : 1);
    run.rejoin.close();
    assert.equal(run.clock.timerCount, 0);
    assert.equal(run.requests[0]?.signal.aborted, isFirst ? undefined : true);
  }
});

test('a token in the subprotocol is in no URL; the plain request sends it in a header', async () => {
  const run = startWithAnswers(answer(401, { code: 'invalid_token', message: 'm' }), { token: 'a.b-c_d', tokenIn: 'subprotocol', name: 'n' });
  assert.equal(run.socket.url, 'ws://host:1/?name=n&direct=off&presence=diff');
  assert.deepEqual(run.socket.protocols, ['rejoin.v1', 'rejoin.token.a.b-c_d']);
  await refuseConnection(run);

  assert.deepEqual(run.requests.map(({ url, headers }) => [url, headers]),
    [['http://host:1/?name=n&direct=off&presence=diff', { Accept: 'application/json', Authorization: 'Bearer a.b-c_d' }]]);
  assert.equal(run.rejoin.state, 'closed');
});

test('a token that does not fit into a subprotocol closes the client, and is in no URL', async () => {
  for (const invalidToken of ['a b', 'a/b', 'ü', 'a,b', 'a\nb', '{"token":"secret"}']) {
    for (const token of [invalidToken, () => invalidToken]) {
      const run = startWithAnswers(answer(426, { code: 'upgrade_required', message: 'm' }), { token, tokenIn: 'subprotocol' });
      await flushPromises();
      assert.deepEqual([run.sockets, run.requests], [[], []]);
      assert.deepEqual([run.rejoin.state, run.rejoin.error.code], ['closed', 'cannot_connect']);
      assert.match(run.rejoin.error.message, /token/);
      assert.equal(run.rejoin.error.message.includes(invalidToken), false, 'the message does not contain it');
    }
  }
});

test('a token is trimmed; an empty token is not sent', async () => {
  for (const [tokenIn, token] of [['subprotocol', ' a.b\r\n'], ['query', '\ta.b\n'], ['subprotocol', '\n'], ['query', '']]) {
    const { socket } = startClient({ token, tokenIn });
    assert.deepEqual(socket.protocols, tokenIn === 'subprotocol' && token.trim() ? ['rejoin.v1', 'rejoin.token.a.b'] : undefined);
    assert.equal(new URL(socket.url).searchParams.get('token'), tokenIn === 'query' && token.trim() ? 'a.b' : null);
  }
});

test('an exception of the WebSocket constructor is final', () => {
  for (const name of ['SecurityError', 'SyntaxError']) {
    const run = startClient({ WebSocket: class { constructor() { throw new DOMException('not from here', name); } } });
    assert.equal(run.rejoin.state, 'closed');
    assert.equal(run.rejoin.error.code, 'cannot_connect');
    assert.match(run.rejoin.error.message, /not from here/);
  }
});

test('a token function that returns no string makes the attempt fail', async () => {
  for (const token of [5, {}, true, Symbol('t'), ['t']]) {
    const run = startClient({ token: () => token });
    await flushPromises();
    assert.equal(run.rejoin.state, 'waiting');
    assert.match(run.states.at(-1).reason, /no string/);
    assert.deepEqual(run.sockets, []);
  }
});

test('a guest reconnects under the name that the server drew; other users do not', () => {
  for (const [options, user, expected] of [[{}, 'guest-1a2b3c4d', 'guest-1a2b3c4d'], [{ token: 't' }, 'guest-1a2b3c4d', 'guest-1a2b3c4d'],
    [{ token: 't' }, 'ann@example.com', null], [{ name: 'ann' }, 'ann', 'ann'], [{ name: 'ann' }, 'guest-1a2b3c4d', 'ann']]) {
    const run = startClient(options);
    run.socket.pushWelcome({ user }).disconnect();
    run.clock.advance(500);
    assert.equal(new URL(run.socket.url).searchParams.get('name'), expected, JSON.stringify([options, user]));
    run.socket.pushWelcome({ user });
    run.socket.disconnect();
    run.clock.advance(1_000);
    assert.equal(new URL(run.socket.url).searchParams.get('name'), expected);
  }
});
