import assert from 'node:assert/strict';
import test from 'node:test';
import { settle, start } from './fakes.js';

/** An answer over HTTP. */
const answer = (status, body, headers = {}) => ({
  status, headers: new Headers(headers), json: async () => (body === undefined ? JSON.parse('<html>') : body),
});

/** A client whose plain requests are answered like this, one after the other, the last for ever. */
function asking(answers, options = {}) {
  const asked = [];
  const list = [].concat(answers);
  const run = start({
    fetch: async (url, init) => {
      asked.push({ url, ...init });
      const next = list.length > 1 ? list.shift() : list[0];
      return typeof next === 'function' ? next(init) : next;
    },
    ...options,
  });
  return Object.defineProperty({ ...run, asked }, 'socket', { get: () => run.sockets.at(-1) });
}

async function refuse(run, message = 'refused') {
  run.socket.fail(message);
  for (let i = 0; i < 4; i++) await settle();
}

for (const [status, code] of [[400, 'invalid_user'], [400, 'bad_request'], [401, 'invalid_token'], [403, 'origin_not_allowed'], [404, 'not_found']]) {
  test(`refused with ${status} ${code}: it is closed and says why, and so does all that waits`, async () => {
    const run = asking(answer(status, { code, message: 'because' }), { name: 'ann' });
    const { room } = run.room();
    const waiting = Promise.allSettled([room.send('a'), run.rejoin.sendTo('ben', 'b')]);
    await refuse(run);

    assert.deepEqual(run.asked.map(({ url, headers }) => [url, headers]), [['http://host:1/?name=ann&direct=off&presence=diff', { Accept: 'application/json' }]]);
    assert.equal(run.rejoin.state, 'closed');
    const { state, reason, error } = run.states.at(-1);
    assert.deepEqual([state, reason, error.code, error.message], ['closed', 'because', code, 'because']);
    assert.equal(run.rejoin.error, error);
    assert.equal(room.state, 'closed');
    assert.equal(room.error.code, code);
    assert.deepEqual((await waiting).map(sent => [sent.reason.code, sent.reason.message, sent.reason.unknown]), Array(2).fill([code, 'because', false]));
    assert.equal(run.clock.pending, 0);
    assert.throws(() => run.rejoin.join('x'), { code: 'closed', message: /because/ });
  });
}

for (const [what, given] of Object.entries({
  'upgrade_required, as the upgrade would succeed': answer(426, { code: 'upgrade_required', message: 'm' }),
  'a 404 of something else': answer(404, undefined), 'a 403 with JSON of something else': answer(403, { error: 'x' }),
  'a page': answer(200, undefined), 'a redirection': { status: 0, type: 'opaqueredirect', json: async () => JSON.parse('') },
  'an error of the network, or of CORS': () => Promise.reject(new TypeError('Failed to fetch')), 'a fetch that throws': () => { throw new Error('no'); },
  'JSON that is null': answer(401, null), 'a code that is none': answer(401, { code: 7 }),
})) {
  test(`answered with ${what}, it goes on trying`, async () => {
    const run = asking(given);
    await refuse(run, 'no way');

    assert.equal(run.states.at(-1).state, 'waiting');
    assert.equal(run.states.at(-1).reason, 'no way');
    run.clock.pass(500);
    await settle();
    assert.equal(run.sockets.length, 2);
  });
}

for (const [status, code, retryAfter, wait] of [[503, 'full', '7', 7_500], [503, 'draining', undefined, 500], [429, 'too_many_connections', '30', 30_500],
  [503, 'unavailable', 'soon', 500], [503, 'full', '86400', 600_500], [503, 'full', '-1', 500]]) {
  test(`refused for now with ${status} ${code}, Retry-After ${retryAfter}: it waits so long, and says why`, async () => {
    const run = asking(answer(status, { code, message: 'for now' }, retryAfter && { 'Retry-After': retryAfter }));
    await refuse(run);
    const { state, reason, error, retryInMs } = run.states.at(-1);
    assert.deepEqual([state, reason, error.code, retryInMs], ['waiting', 'for now', code, wait]);
    run.clock.pass(wait - 1);
    assert.equal(run.sockets.length, 1);
    run.clock.pass(1);
    assert.equal(run.sockets.length, 2);
  });
}

test('Retry-After may be a date', async () => {
  const run = asking(answer(503, { code: 'full', message: 'm' }, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() }));
  await refuse(run);

  assert.ok(run.states.at(-1).retryInMs > 30_000 && run.states.at(-1).retryInMs < 61_000);
});

test('after 401 the function for tokens is asked once more, and told why; the next 401 is final', async () => {
  const given = [];
  const run = asking(answer(401, { code: 'invalid_token', message: 'expired' }), { token: refused => { given.push(refused?.message); return `t${given.length}`; } });
  await settle();
  await refuse(run);
  assert.equal(run.rejoin.state, 'waiting');
  assert.equal(run.states.at(-1).error.code, 'invalid_token');
  run.clock.pass(500);
  await settle();
  await refuse(run);

  assert.deepEqual(given, [undefined, 'expired']);
  assert.equal(run.rejoin.state, 'closed');
  assert.equal(run.rejoin.error.code, 'invalid_token');
});

test('a token that was taken makes room for another refusal', async () => {
  let isGood = false;
  const run = asking(answer(401, { code: 'invalid_token', message: 'm' }), { token: () => (isGood ? 'good' : 'bad') });
  for (let i = 0; i < 3; i++) {
    await settle();
    await refuse(run);
    assert.equal(run.rejoin.state, 'waiting');
    run.clock.pass(60_000);
    await settle();
    run.socket.welcome();
    run.socket.end(4401);
    run.clock.pass(60_000);
  }
});

test('a token that cannot be had after 401 is asked for again', async () => {
  const answers = ['old', new Error('away'), 'new'];
  const run = asking(answer(401, { code: 'invalid_token', message: 'm' }), { token: async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  } });
  await settle();
  await refuse(run);
  run.clock.pass(1_000);
  await settle();
  assert.equal(run.rejoin.state, 'waiting');
  run.clock.pass(2_000);
  await settle();

  assert.match(run.socket.url, /token=new/);
});

test('a status that the platform tells counts where the plain request would be let in', async () => {
  const upgrade = answer(426, { code: 'upgrade_required', message: 'm' });
  for (const [message, state, code] of [['Unexpected server response: 403', 'closed', 'forbidden'],
    ['Unexpected server response: 503', 'waiting', undefined], ['Unexpected server response: 502', 'waiting', undefined]]) {
    const run = asking(upgrade);
    await refuse(run, message);
    assert.equal(run.rejoin.state, state, message);
    assert.equal(run.rejoin.error?.code, code);
  }
  const proxy = asking(answer(404, undefined));
  await refuse(proxy, 'Unexpected server response: 404');
  assert.equal(proxy.rejoin.state, 'waiting', 'that of a proxy passes');
});

test('a connection that was open is not asked about, nor is a token that could not be had', async () => {
  const run = asking(answer(404, { code: 'not_found', message: 'm' }));
  run.socket.welcome().end();
  run.clock.pass(500);
  run.socket.onopen();
  run.socket.end();
  const other = asking(answer(404, { code: 'not_found', message: 'm' }), { token: () => Promise.reject(new Error('no')) });
  for (let i = 0; i < 4; i++) await settle();

  assert.deepEqual([run.asked, other.asked], [[], []]);
  assert.deepEqual([run.rejoin.state, other.rejoin.state], ['waiting', 'waiting']);
});

test('an answer that takes long holds the next attempt back, for five seconds at most', async () => {
  const signals = [];
  const run = asking(({ signal }) => { signals.push(signal); return new Promise(() => {}); });
  await refuse(run);
  run.clock.pass(4_999);
  assert.equal(run.sockets.length, 1);
  run.clock.pass(1);
  for (let i = 0; i < 4; i++) await settle();

  assert.equal(signals[0].aborted, true);
  assert.equal(run.sockets.length, 2);
});

test('an answer that comes after something else has happened counts for nothing', async () => {
  for (const happen of [run => run.rejoin.resume(), run => run.rejoin.pause(), run => run.rejoin.close(), run => run.page.dispatchEvent(new Event('online'))]) {
    let give;
    const run = asking(() => new Promise(resolve => { give = resolve; }));
    await refuse(run);
    happen(run);
    const { state } = run.rejoin;
    give(answer(404, { code: 'not_found', message: 'm' }));
    for (let i = 0; i < 4; i++) await settle();
    assert.equal(run.rejoin.state, state);
    assert.notEqual(run.rejoin.error?.code, 'not_found');
    if (state === 'connecting') assert.equal(run.socket.welcome() && run.rejoin.state, 'online');
  }
});

test('who closes the client while it asks why it was refused, or when it hears of it, leaves nothing behind', async () => {
  for (const isFirst of [true, false]) {
    const run = asking(() => new Promise(() => {}));
    run.rejoin.on('state', ({ state }) => { if (state === 'waiting' && isFirst) run.rejoin.close(); });
    await refuse(run);
    assert.equal(run.asked.length, isFirst ? 0 : 1);
    run.rejoin.close();
    assert.equal(run.clock.pending, 0);
    assert.equal(run.asked[0]?.signal.aborted, isFirst ? undefined : true);
  }
});

test('a token beside the subprotocol is in no URL, and goes into a header of the plain request', async () => {
  const run = asking(answer(401, { code: 'invalid_token', message: 'm' }), { token: 'a.b-c_d', tokenIn: 'subprotocol', name: 'n' });
  assert.equal(run.socket.url, 'ws://host:1/?name=n&direct=off&presence=diff');
  assert.deepEqual(run.socket.protocols, ['rejoin.v1', 'rejoin.token.a.b-c_d']);
  await refuse(run);

  assert.deepEqual(run.asked.map(({ url, headers }) => [url, headers]),
    [['http://host:1/?name=n&direct=off&presence=diff', { Accept: 'application/json', Authorization: 'Bearer a.b-c_d' }]]);
  assert.equal(run.rejoin.state, 'closed');
});

test('a token that a subprotocol cannot hold ends the client, and is in no URL', async () => {
  for (const odd of ['a b', 'a/b', 'ü', 'a,b', 'a\nb', '{"token":"secret"}']) {
    for (const token of [odd, () => odd]) {
      const run = asking(answer(426, { code: 'upgrade_required', message: 'm' }), { token, tokenIn: 'subprotocol' });
      await settle();
      assert.deepEqual([run.sockets, run.asked], [[], []]);
      assert.deepEqual([run.rejoin.state, run.rejoin.error.code], ['closed', 'cannot_connect']);
      assert.match(run.rejoin.error.message, /token/);
      assert.equal(run.rejoin.error.message.includes(odd), false, 'nor is it told');
    }
  }
});

test('blanks around a token are none of it; without a token nothing is offered', async () => {
  for (const [tokenIn, token] of [['subprotocol', ' a.b\r\n'], ['query', '\ta.b\n'], ['subprotocol', '\n'], ['query', '']]) {
    const { socket } = start({ token, tokenIn });
    assert.deepEqual(socket.protocols, tokenIn === 'subprotocol' && token.trim() ? ['rejoin.v1', 'rejoin.token.a.b'] : undefined);
    assert.equal(new URL(socket.url).searchParams.get('token'), tokenIn === 'query' && token.trim() ? 'a.b' : null);
  }
});

test('what the platform refuses to open is final', () => {
  for (const name of ['SecurityError', 'SyntaxError']) {
    const run = start({ WebSocket: class { constructor() { throw new DOMException('not from here', name); } } });
    assert.equal(run.rejoin.state, 'closed');
    assert.equal(run.rejoin.error.code, 'cannot_connect');
    assert.match(run.rejoin.error.message, /not from here/);
  }
});

test('a function for tokens that gives no string is an attempt that failed', async () => {
  for (const token of [5, {}, true, Symbol('t'), ['t']]) {
    const run = start({ token: () => token });
    await settle();
    assert.equal(run.rejoin.state, 'waiting');
    assert.match(run.states.at(-1).reason, /no string/);
    assert.deepEqual(run.sockets, []);
  }
});

test('a guest keeps the name that the server drew, and nobody else does', () => {
  for (const [options, user, expected] of [[{}, 'guest-1a2b3c4d', 'guest-1a2b3c4d'], [{ token: 't' }, 'guest-1a2b3c4d', 'guest-1a2b3c4d'],
    [{ token: 't' }, 'ann@example.com', null], [{ name: 'ann' }, 'ann', 'ann'], [{ name: 'ann' }, 'guest-1a2b3c4d', 'ann']]) {
    const run = start(options);
    run.socket.welcome({ user }).end();
    run.clock.pass(500);
    assert.equal(new URL(run.socket.url).searchParams.get('name'), expected, JSON.stringify([options, user]));
    run.socket.welcome({ user });
    run.socket.end();
    run.clock.pass(1_000);
    assert.equal(new URL(run.socket.url).searchParams.get('name'), expected);
  }
});
