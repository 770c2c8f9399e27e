import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, startClient } from './fakes.js';

/** A client whose token expires this long after the server's time, which is 5,000 ms. */
function startWithExpiringToken(leftMs, token, welcome = {}) {
  let tokenCount = 0;
  const run = startClient({ token: token ?? (() => ` t${++tokenCount}\n`) });
  const open = async () => {
    await flushPromises();
    const { socket } = run;
    socket.pushWelcome({ expires: 5_000 + leftMs, ...welcome });
    const ping = socket.allSent('ping').find(p => p.id);
    if (ping) socket.push({ event: 'pong', id: ping.id, ts: 5_000 });
    socket.isAnsweringPings = true;
    return socket;
  };
  return Object.assign(Object.defineProperty({ ...run, open }, 'socket', { get: () => run.sockets.at(-1) }));
}

const advance = async (run, ms) => { // with frames of the server in between
  for (let leftMs = ms; leftMs > 0; leftMs -= 10_000) {
    run.clock.advance(Math.min(leftMs, 10_000));
    run.socket.push({ event: 'pong', ts: 1 });
    await flushPromises();
  }
};

test('a new token is sent before the old one expires, and the connection continues', async () => {
  const run = startWithExpiringToken(600_000);
  const socket = await run.open();
  await advance(run, 500_000);
  assert.equal(socket.allSent('refresh').length, 0);
  await advance(run, 50_000);
  assert.deepEqual(socket.allSent('refresh').map(r => r.token), ['t2']);
  socket.push({ event: 'refreshed', id: socket.lastSent('refresh').id, expires: 605_000 + 600_000 });
  socket.push({ event: 'pong', id: socket.allSent('ping').findLast(p => p.id).id, ts: 555_000 });
  await advance(run, 500_000);
  assert.equal(socket.allSent('refresh').length, 1);
  await advance(run, 80_000);

  assert.equal(socket.allSent('refresh').length, 2);
  assert.equal(run.sockets.length, 1);
  run.rejoin.close();
  assert.equal(run.clock.timerCount, 0);
});

test('a token that lasts less than two minutes is renewed at half of its time, one that lasts seconds is not renewed', async () => {
  const short = startWithExpiringToken(60_000);
  await short.open();
  await advance(short, 29_000);
  assert.equal(short.socket.allSent('refresh').length, 0);
  await advance(short, 2_000);
  assert.equal(short.socket.allSent('refresh').length, 1);
  const shorter = startWithExpiringToken(15_000);
  await shorter.open();
  await advance(shorter, 60_000);
  assert.equal(shorter.socket.allSent('refresh').length, 0);
});

test('a refused refresh and a failed token function are tried again, with waits', async () => {
  const answers = ['t1', new Error('away'), undefined, 5, 't2', 't3'];
  const run = startWithExpiringToken(600_000, async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  });
  const socket = await run.open();
  await advance(run, 600_000);
  assert.deepEqual(socket.allSent('refresh').map(r => r.token), ['t2']);
  socket.push({ event: 'error', id: socket.lastSent('refresh').id, code: 'unavailable', message: 'm', retry_after_ms: 30_000 });
  await advance(run, 29_000);
  assert.equal(socket.allSent('refresh').length, 1);
  await advance(run, 20_000);

  assert.deepEqual(socket.allSent('refresh').map(r => r.token), ['t2', 't3']);
});

test('without a token function or an expiry there is no renewal, and 4401 reconnects with a new token', async () => {
  const fixed = startWithExpiringToken(60_000, 'fixed');
  await fixed.open();
  await advance(fixed, 600_000);
  const endless = startWithExpiringToken(60_000, undefined, { expires: undefined });
  await endless.open();
  await advance(endless, 600_000);
  assert.deepEqual([fixed.socket.allSent('refresh'), endless.socket.allSent('refresh')], [[], []]);
  endless.socket.disconnect(4401);
  endless.clock.advance(1_000);
  await flushPromises();

  assert.match(endless.socket.url, /token=t2/);
});

test('a token that comes after the connection is lost is not sent on the next one', async () => {
  let resolveToken;
  let tokenCalls = 0;
  const run = startWithExpiringToken(60_000, () => (++tokenCalls === 2 ? new Promise(resolve => { resolveToken = resolve; }) : `t${tokenCalls}`));
  await run.open();
  await advance(run, 40_000);
  assert.equal(tokenCalls, 2);
  run.socket.disconnect();
  run.clock.advance(1_000);
  const socket = await run.open();
  resolveToken('late');
  await flushPromises();

  assert.deepEqual(socket.allSent('refresh'), []);
});

test('an error that answers a refresh is not an event, an error with another id is', async () => {
  const run = startWithExpiringToken(60_000);
  const errors = [];
  run.rejoin.on('error', e => errors.push(e.code));
  const socket = await run.open();
  await advance(run, 31_000);
  socket.push({ event: 'error', id: socket.lastSent('refresh').id, code: 'invalid_token', message: 'm' }, { event: 'error', id: 'x', code: 'other', message: 'm' });

  assert.deepEqual(errors, ['other']);
});
