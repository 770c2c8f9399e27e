import assert from 'node:assert/strict';
import test from 'node:test';
import { settle, start } from './fakes.js';

/** A client whose token expires so much after the server's present time, which is 5,000. */
function expiring(left, token, welcome = {}) {
  let given = 0;
  const run = start({ token: token ?? (() => ` t${++given}\n`) });
  const open = async () => {
    await settle();
    const { socket } = run;
    socket.welcome({ expires: 5_000 + left, ...welcome });
    const ping = socket.all('ping').find(p => p.id);
    if (ping) socket.push({ event: 'pong', id: ping.id, ts: 5_000 });
    socket.isLiving = true;
    return socket;
  };
  return Object.assign(Object.defineProperty({ ...run, open }, 'socket', { get: () => run.sockets.at(-1) }));
}

const pass = async (run, ms) => { // the server says something now and then
  for (let left = ms; left > 0; left -= 10_000) {
    run.clock.pass(Math.min(left, 10_000));
    run.socket.push({ event: 'pong', ts: 1 });
    await settle();
  }
};

test('a new token is given a while before the old one expires, and the connection goes on', async () => {
  const run = expiring(600_000);
  const socket = await run.open();
  await pass(run, 500_000);
  assert.equal(socket.all('refresh').length, 0);
  await pass(run, 50_000);
  assert.deepEqual(socket.all('refresh').map(r => r.token), ['t2']);
  socket.push({ event: 'refreshed', id: socket.last('refresh').id, expires: 605_000 + 600_000 });
  socket.push({ event: 'pong', id: socket.all('ping').findLast(p => p.id).id, ts: 555_000 });
  await pass(run, 500_000);
  assert.equal(socket.all('refresh').length, 1);
  await pass(run, 80_000);

  assert.equal(socket.all('refresh').length, 2);
  assert.equal(run.sockets.length, 1);
  run.rejoin.close();
  assert.equal(run.clock.pending, 0);
});

test('a token that lasts less than two minutes is renewed at half of that, one of seconds not at all', async () => {
  const short = expiring(60_000);
  await short.open();
  await pass(short, 29_000);
  assert.equal(short.socket.all('refresh').length, 0);
  await pass(short, 2_000);
  assert.equal(short.socket.all('refresh').length, 1);
  const shorter = expiring(15_000);
  await shorter.open();
  await pass(shorter, 60_000);
  assert.equal(shorter.socket.all('refresh').length, 0);
});

test('a refresh that is refused, or a token that cannot be had, is tried again, not in a tight loop', async () => {
  const answers = ['t1', new Error('away'), undefined, 5, 't2', 't3'];
  const run = expiring(600_000, async () => {
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return next;
  });
  const socket = await run.open();
  await pass(run, 600_000);
  assert.deepEqual(socket.all('refresh').map(r => r.token), ['t2']);
  socket.push({ event: 'error', id: socket.last('refresh').id, code: 'unavailable', message: 'm', retry_after_ms: 30_000 });
  await pass(run, 29_000);
  assert.equal(socket.all('refresh').length, 1);
  await pass(run, 20_000);

  assert.deepEqual(socket.all('refresh').map(r => r.token), ['t2', 't3']);
});

test('without a function, or where the server tells no end, nothing is renewed; 4401 is what it was', async () => {
  const fixed = expiring(60_000, 'fixed');
  await fixed.open();
  await pass(fixed, 600_000);
  const endless = expiring(60_000, undefined, { expires: undefined });
  await endless.open();
  await pass(endless, 600_000);
  assert.deepEqual([fixed.socket.all('refresh'), endless.socket.all('refresh')], [[], []]);
  endless.socket.end(4401);
  endless.clock.pass(1_000);
  await settle();

  assert.match(endless.socket.url, /token=t2/);
});

test('a token that comes when the connection is gone is not sent on the next', async () => {
  let give;
  let asked = 0;
  const run = expiring(60_000, () => (++asked === 2 ? new Promise(resolve => { give = resolve; }) : `t${asked}`));
  await run.open();
  await pass(run, 40_000);
  assert.equal(asked, 2);
  run.socket.end();
  run.clock.pass(1_000);
  const socket = await run.open();
  give('late');
  await settle();

  assert.deepEqual(socket.all('refresh'), []);
});

test('an error of its own is not told, one with another id is', async () => {
  const run = expiring(60_000);
  const errors = [];
  run.rejoin.on('error', e => errors.push(e.code));
  const socket = await run.open();
  await pass(run, 31_000);
  socket.push({ event: 'error', id: socket.last('refresh').id, code: 'invalid_token', message: 'm' }, { event: 'error', id: 'x', code: 'other', message: 'm' });

  assert.deepEqual(errors, ['other']);
});
