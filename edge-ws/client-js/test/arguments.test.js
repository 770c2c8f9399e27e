import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { outcome, settle, start } from './fakes.js';

globalThis.reportError = () => {}; // a room that cannot be joined is reported

const refusal = argument => ({ name: 'RejoinError', code: 'invalid_argument', message: new RegExp(`^${argument.replace('.', '\\.')}\\b`) });
const throwing = { get id() { throw new Error('no id'); }, get after() { throw new Error('no after'); }, get name() { throw new Error('no name'); } };

/** A client with a room, live. */
function live(options) {
  const run = start(options);
  const { room, told } = run.room();
  run.socket.welcome().joined();
  return { ...run, room, told, get socket() { return run.sockets.at(-1); } };
}

for (const [what, url] of [['nothing', undefined], ['null', null], ['a number', 7], ['an object', {}], ['no URL', 'no url'],
  ['another scheme', 'ftp://host'], ['a symbol', Symbol('url')], ['what cannot be read', { get href() { throw new Error('no'); } }]]) {
  test(`connect to ${what} is refused`, () => {
    assert.throws(() => connect(url, { WebSocket: class {} }), refusal('url'));
  });
}

test('connect takes what holds a URL, and leaves its fragment out', () => {
  const urls = [];
  const WebSocket = class { constructor(url) { urls.push(url); } close() {} };
  connect(new URL('https://host/ws#there'), { WebSocket }).close();
  connect({ href: 'http://host/' }, { WebSocket }).close();

  assert.deepEqual(urls, ['wss://host/ws?direct=off&presence=diff', 'ws://host/?direct=off&presence=diff']);
});

for (const [argument, options] of [['options', 'ann'], ['options', () => {}], ['options', throwing], ['options.token', { token: 5 }],
  ['options.token', { token: {} }], ['options.name', { name: 7 }], ['options.name', { name: 'a\ud800' }], ['options.name', { name: ['ann'] }],
  ['options.outbox', { outbox: 0 }], ['options.outbox', { outbox: NaN }], ['options.outbox', { outbox: '10' }], ['options.outbox', { outbox: Infinity }],
  ['options.WebSocket', { WebSocket: 'ws' }], ['options.random', { random: 0.5 }], ['options.clock', { clock: {} }], ['options.page', { page: 1 }],
  ['options.fetch', { fetch: 1 }], ['options.tokenIn', { tokenIn: 'header' }]]) {
  test(`connect refuses a bad ${argument}`, () => {
    const isObject = typeof options === 'object' && options !== throwing;
    const given = isObject ? { WebSocket: class {}, ...options } : options;

    assert.throws(() => connect('ws://host', given), refusal(argument));
  });
}

test('without a WebSocket of the platform or its own, connect says what is missing', t => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.defineProperty(globalThis, 'WebSocket', { value: undefined, configurable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, 'WebSocket', before) : delete globalThis.WebSocket));

  assert.throws(() => connect('ws://host'), { code: 'invalid_argument', message: /package ws/ });
});

for (const [name, code] of [[undefined, 'invalid_argument'], [null, 'invalid_argument'], ['', 'invalid_argument'], [5, 'invalid_argument'],
  [{}, 'invalid_argument'], ['a\udfff', 'invalid_argument'], ['x'.repeat(70_000), 'invalid_argument'], [Symbol('r'), 'invalid_argument'], ['@', 'forbidden'], ['@me', 'forbidden']]) {
  test(`a room is not joined under the name ${String(name).slice(0, 20)}`, () => {
    const { rejoin, socket } = start();
    socket.welcome();

    assert.throws(() => rejoin.join(name), { name: 'RejoinError', code });
    assert.deepEqual([...rejoin.rooms], []);
    assert.deepEqual(socket.sent, []);
  });
}

[{ after: NaN }, { after: Infinity }, { after: -1 }, { after: 1.5 }, { after: '' }, { after: 'null' }, { after: '5 ' },
  { after: '-5' }, { after: 5n }, { after: true }, { after: [] }, { after: {} }, { after: { last: -1 } }, { after: 2 ** 53 },
  { after: 5, epoch: 'x' }, { epoch: NaN }, { last: 1.5 }, { last: 'all' }, { last: -1 }, { last: {} }, { autoAck: 1 }, { autoAck: 'false' },
  throwing, 'after', 7, new Proxy({}, { get() { throw new Error('no'); } })].forEach((options, i) => {
  test(`a room whose options cannot be used is closed from the start, and says why: case ${i}`, async () => {
    const { rejoin, socket } = start();
    socket.welcome();
    const room = rejoin.join('r', options);
    const told = [];
    room.on('state', s => told.push([s.state, s.error.code]));
    room.on('message', () => assert.fail());
    await settle();

    assert.equal(room.state, 'closed');
    assert.equal(room.error.code, 'invalid_argument');
    assert.match(room.error.message, /^options/);
    assert.deepEqual(told, [['closed', 'invalid_argument']]);
    assert.equal((await outcome(room.send('hi'))).code, 'closed');
    assert.deepEqual(socket.sent, []);
    assert.notEqual(rejoin.join('r'), room, 'the name is free');
  });
});

test('bad options do nothing to the room of that name that is there', () => {
  const { rejoin, room, socket } = live();
  rejoin.join('r', { after: NaN });

  assert.equal(room.state, 'live');
  assert.equal(rejoin.join('r'), room);
  socket.messages(1);
  assert.equal(socket.all('join').length, 1);
});

for (const [options, after, epoch] of [[{ after: '5', epoch: '7' }, 5, 7], [{ last: '20' }, { last: 20 }], [{ after: { last: 5 } }, { last: 5 }],
  [{ after: 5, last: 20 }, 5], [{ after: null, last: 20 }, { last: 20 }], [{ after: null, epoch: null, last: null, autoAck: null }, undefined],
  [null, undefined], [{ after: '0' }, 0], [{ after: 'cursor', epoch: 3 }, 'cursor']]) {
  test(`what storage gives back is taken: ${JSON.stringify(options)}`, () => {
    const { rejoin, socket } = start();
    socket.welcome();
    rejoin.join('r', options);

    assert.deepEqual([socket.last('join').after, socket.last('join').epoch], [after, epoch]);
  });
}

for (const user of [undefined, null, '', '@gus', '@', 5, {}, ['gus'], 'a\ud800', 'x'.repeat(70_000), NaN, () => 'gus', Symbol('gus')]) {
  test(`a direct message to ${String(user).slice(0, 20)} is refused, and goes nowhere`, async () => {
    const run = live();
    const refused = await outcome(run.rejoin.sendTo(user, 'secret'));
    run.socket.end();
    run.clock.pass(500);
    run.socket.welcome().joined();
    run.clock.pass(1_000_000);

    assert.equal(refused.code, 'invalid_argument');
    assert.match(refused.message, /^user /);
    assert.deepEqual(run.sockets.flatMap(s => s.all('message')), []);
  });
}

for (const [argument, options] of [['id', { id: '' }], ['id', { id: 5 }], ['id', { id: {} }], ['id', { id: 'x'.repeat(129) }], ['id', { id: 'a\u0000' }],
  ['id', { id: 'a\u0085' }], ['id', { id: '\ud800' }], ['id', { id: 'join-1' }], ['id', { id: 'ack-12' }], ['timeout', { timeout: -1 }],
  ['timeout', { timeout: NaN }], ['timeout', { timeout: '1000' }], ['signal', { signal: {} }], ['signal', { signal: true }],
  ['confirm', { confirm: 1 }], ['confirm', { confirm: 'true' }], ['', 7], ['', throwing], ['', 'x']]) {
  test(`send refuses bad options: ${argument} ${options === throwing ? 'that throws' : JSON.stringify(options)}`, async () => {
    const { room, rejoin, socket } = live();
    for (const sent of [room.send('hi', options), rejoin.sendTo('ben', 'hi', options)].map(outcome)) {
      const refused = await sent;
      assert.equal(refused.code, 'invalid_argument');
      assert.match(refused.message, argument ? new RegExp(`^options\\.${argument} `) : /^options /);
    }
    assert.equal(socket.all('message').length, 0);
    room.send('next', { id: 'b' });
    assert.equal(socket.last('message').id, 'b');
  });
}

test('options that are null are absent', () => {
  const { room, socket } = live();
  room.send('hi', null);
  room.send('hi', { id: null, timeout: null, signal: null, confirm: null });

  const [one, two] = socket.all('message');
  assert.match(one.id, /./);
  assert.match(two.id, /./);
  assert.notEqual(one.id, two.id);
});

test('a send without id is posted once, though its ack takes long', () => {
  const run = live();
  run.socket.answersPings();
  run.room.send('once', { id: null });
  const [{ id }] = run.socket.all('message');
  run.clock.pass(10_000);

  assert.deepEqual(run.socket.all('message').map(m => m.id), [id, id]);
});

test('a timeout longer than timers last is no timeout, and none ends at once', async () => {
  const { room, clock } = live();
  const sends = [2 ** 31, 1e12, Infinity].map(timeout => outcome(room.send('hi', { timeout })));
  clock.pass(10);

  assert.deepEqual(await Promise.all(sends), ['pending', 'pending', 'pending']);
});

test('the same id with another content is refused, and does nothing to the first', async () => {
  const { room, socket } = live();
  const first = room.send('one', { id: 'a' });
  for (const other of [room.send('two', { id: 'a' }), room.send({ data: 'one' }, { id: 'a' }), room.send('one', { id: 'a', confirm: true })].map(outcome)) {
    assert.equal((await other).code, 'id_conflict');
  }
  socket.push({ event: 'ack', id: 'a', room: 'r', seq: 1, ts: 1 });

  assert.equal((await first).seq, 1);
  assert.equal(socket.all('message').length, 1);
});

test('an id_conflict of the server is final', async () => {
  const { room, socket, clock } = live();
  const sent = room.send('one', { id: 'a' });
  socket.push({ event: 'error', id: 'a', room: 'r', code: 'id_conflict', message: 'no' });
  clock.pass(1_000_000);

  assert.equal((await outcome(sent)).code, 'id_conflict');
  assert.equal(socket.all('message').length, 1);
});

test('ids that look like names of timers or of properties do no harm', async () => {
  const { room, socket, clock } = live();
  const ids = ['a', 'give up a', 'again a', '__proto__', 'constructor', 'join', 'pause'];
  const sends = ids.map(id => room.send(id, { id, timeout: 5_000 }));
  ids.slice(1).forEach(id => socket.push({ event: 'ack', id, room: 'r', seq: 1, ts: 1 }));
  const all = await Promise.allSettled([...sends.slice(1), (clock.pass(5_000), sends[0])]);

  assert.deepEqual(all.map(({ status }) => status), [...ids.slice(1).map(() => 'fulfilled'), 'rejected']);
});

for (const seq of [undefined, null, NaN, -1, 1.5, '', 'all', {}, 5n, Infinity]) {
  test(`ack refuses ${String(seq)}: it would say that all is processed`, () => {
    const { room, socket } = live();
    socket.messages(1, 2);

    assert.throws(() => room.ack(seq), refusal('seq'));
    assert.deepEqual(socket.all('ack'), []);
    room.ack();
    assert.equal(socket.last('ack').seq, 2);
  });
}

test('listeners are functions, of events that there are', () => {
  const { rejoin, room } = live();
  for (const emitter of [rejoin, room]) {
    for (const event of ['mesage', undefined, null, {}, '', 'toString', '__proto__', Symbol('state')]) {
      assert.throws(() => emitter.on(event, () => {}), refusal('event'));
    }
    for (const listener of [undefined, null, {}, 'listener', { handleEvent() {} }]) {
      assert.throws(() => emitter.on('state', listener), refusal('listener'));
    }
  }
});
