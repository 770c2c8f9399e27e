import assert from 'node:assert/strict';
import test from 'node:test';
import { connect } from '../rejoin.js';
import { flushPromises, resultOf, startClient } from './fakes.js';

globalThis.reportError = () => {}; // a room that cannot be joined is reported

const invalidArgument = argument => ({ name: 'RejoinError', code: 'invalid_argument', message: new RegExp(`^${argument.replace('.', '\\.')}\\b`) });
const throwingOptions = { get id() { throw new Error('no id'); }, get after() { throw new Error('no after'); }, get name() { throw new Error('no name'); } };

/** A client that is live in a room. */
function startLive(options) {
  const run = startClient(options);
  const { room, received } = run.joinRoom();
  run.socket.pushWelcome().answerJoin();
  return { ...run, room, received, get socket() { return run.sockets.at(-1); } };
}

for (const [what, url] of [['nothing', undefined], ['null', null], ['a number', 7], ['an object', {}], ['no URL', 'no url'],
  ['another scheme', 'ftp://host'], ['a symbol', Symbol('url')], ['what cannot be read', { get href() { throw new Error('no'); } }]]) {
  test(`connect to ${what} is refused`, () => {
    assert.throws(() => connect(url, { WebSocket: class {} }), invalidArgument('url'));
  });
}

test('connect accepts an object with a URL, and removes the fragment', () => {
  const urls = [];
  const WebSocket = class { constructor(url) { urls.push(url); } close() {} };
  connect(new URL('https://host/ws#there'), { WebSocket }).close();
  connect({ href: 'http://host/' }, { WebSocket }).close();

  assert.deepEqual(urls, ['wss://host/ws?direct=off&presence=diff', 'ws://host/?direct=off&presence=diff']);
});

for (const [argument, options] of [['options', 'ann'], ['options', () => {}], ['options', throwingOptions], ['options.token', { token: 5 }],
  ['options.token', { token: {} }], ['options.name', { name: 7 }], ['options.name', { name: 'a\ud800' }], ['options.name', { name: ['ann'] }],
  ['options.outbox', { outbox: 0 }], ['options.outbox', { outbox: NaN }], ['options.outbox', { outbox: '10' }], ['options.outbox', { outbox: Infinity }],
  ['options.WebSocket', { WebSocket: 'ws' }], ['options.random', { random: 0.5 }], ['options.clock', { clock: {} }], ['options.page', { page: 1 }],
  ['options.fetch', { fetch: 1 }], ['options.tokenIn', { tokenIn: 'header' }]]) {
  test(`connect refuses an invalid ${argument}`, () => {
    const isObject = typeof options === 'object' && options !== throwingOptions;
    const given = isObject ? { WebSocket: class {}, ...options } : options;

    assert.throws(() => connect('ws://host', given), invalidArgument(argument));
  });
}

test('without any WebSocket, connect throws and names the package ws', t => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.defineProperty(globalThis, 'WebSocket', { value: undefined, configurable: true });
  t.after(() => (before ? Object.defineProperty(globalThis, 'WebSocket', before) : delete globalThis.WebSocket));

  assert.throws(() => connect('ws://host'), { code: 'invalid_argument', message: /package ws/ });
});

for (const [name, code] of [[undefined, 'invalid_argument'], [null, 'invalid_argument'], ['', 'invalid_argument'], [5, 'invalid_argument'],
  [{}, 'invalid_argument'], ['a\udfff', 'invalid_argument'], ['x'.repeat(70_000), 'invalid_argument'], [Symbol('r'), 'invalid_argument'], ['@', 'forbidden'], ['@me', 'forbidden']]) {
  test(`join refuses the name ${String(name).slice(0, 20)}`, () => {
    const { rejoin, socket } = startClient();
    socket.pushWelcome();

    assert.throws(() => rejoin.join(name), { name: 'RejoinError', code });
    assert.deepEqual([...rejoin.rooms], []);
    assert.deepEqual(socket.sent, []);
  });
}

[{ after: NaN }, { after: Infinity }, { after: -1 }, { after: 1.5 }, { after: '' }, { after: 'null' }, { after: '5 ' },
  { after: '-5' }, { after: 5n }, { after: true }, { after: [] }, { after: {} }, { after: { last: -1 } }, { after: 2 ** 53 },
  { after: 5, epoch: 'x' }, { epoch: NaN }, { last: 1.5 }, { last: 'all' }, { last: -1 }, { last: {} }, { autoAck: 1 }, { autoAck: 'false' },
  throwingOptions, 'after', 7, new Proxy({}, { get() { throw new Error('no'); } })].forEach((options, i) => {
  test(`a room with invalid options is closed from the start, with the reason: case ${i}`, async () => {
    const { rejoin, socket } = startClient();
    socket.pushWelcome();
    const room = rejoin.join('r', options);
    const received = [];
    room.on('state', s => received.push([s.state, s.error.code]));
    room.on('message', () => assert.fail());
    await flushPromises();

    assert.equal(room.state, 'closed');
    assert.equal(room.error.code, 'invalid_argument');
    assert.match(room.error.message, /^options/);
    assert.deepEqual(received, [['closed', 'invalid_argument']]);
    assert.equal((await resultOf(room.send('hi'))).code, 'closed');
    assert.deepEqual(socket.sent, []);
    assert.notEqual(rejoin.join('r'), room, 'the name is free');
  });
});

test('a join with invalid options does not change an existing room of that name', () => {
  const { rejoin, room, socket } = startLive();
  rejoin.join('r', { after: NaN });

  assert.equal(room.state, 'live');
  assert.equal(rejoin.join('r'), room);
  socket.pushMessages(1);
  assert.equal(socket.allSent('join').length, 1);
});

for (const [options, after, epoch] of [[{ after: '5', epoch: '7' }, 5, 7], [{ last: '20' }, { last: 20 }], [{ after: { last: 5 } }, { last: 5 }],
  [{ after: 5, last: 20 }, 5], [{ after: null, last: 20 }, { last: 20 }], [{ after: null, epoch: null, last: null, autoAck: null }, undefined],
  [null, undefined], [{ after: '0' }, 0], [{ after: 'cursor', epoch: 3 }, 'cursor']]) {
  test(`join accepts options as storage returns them: ${JSON.stringify(options)}`, () => {
    const { rejoin, socket } = startClient();
    socket.pushWelcome();
    rejoin.join('r', options);

    assert.deepEqual([socket.lastSent('join').after, socket.lastSent('join').epoch], [after, epoch]);
  });
}

for (const user of [undefined, null, '', '@gus', '@', 5, {}, ['gus'], 'a\ud800', 'x'.repeat(70_000), NaN, () => 'gus', Symbol('gus')]) {
  test(`a direct message to ${String(user).slice(0, 20)} is refused and never sent`, async () => {
    const run = startLive();
    const refused = await resultOf(run.rejoin.sendTo(user, 'secret'));
    run.socket.disconnect();
    run.clock.advance(500);
    run.socket.pushWelcome().answerJoin();
    run.clock.advance(1_000_000);

    assert.equal(refused.code, 'invalid_argument');
    assert.match(refused.message, /^user /);
    assert.deepEqual(run.sockets.flatMap(s => s.allSent('message')), []);
  });
}

for (const [argument, options] of [['id', { id: '' }], ['id', { id: 5 }], ['id', { id: {} }], ['id', { id: 'x'.repeat(129) }], ['id', { id: 'a\u0000' }],
  ['id', { id: 'a\u0085' }], ['id', { id: '\ud800' }], ['id', { id: 'join-1' }], ['id', { id: 'ack-12' }], ['timeout', { timeout: -1 }],
  ['timeout', { timeout: NaN }], ['timeout', { timeout: '1000' }], ['signal', { signal: {} }], ['signal', { signal: true }],
  ['confirm', { confirm: 1 }], ['confirm', { confirm: 'true' }], ['', 7], ['', throwingOptions], ['', 'x']]) {
  test(`send refuses invalid options: ${argument} ${options === throwingOptions ? 'that throws' : JSON.stringify(options)}`, async () => {
    const { room, rejoin, socket } = startLive();
    for (const sent of [room.send('hi', options), rejoin.sendTo('ben', 'hi', options)].map(resultOf)) {
      const refused = await sent;
      assert.equal(refused.code, 'invalid_argument');
      assert.match(refused.message, argument ? new RegExp(`^options\\.${argument} `) : /^options /);
    }
    assert.equal(socket.allSent('message').length, 0);
    room.send('next', { id: 'b' });
    assert.equal(socket.lastSent('message').id, 'b');
  });
}

test('options that are null count as absent', () => {
  const { room, socket } = startLive();
  room.send('hi', null);
  room.send('hi', { id: null, timeout: null, signal: null, confirm: null });

  const [one, two] = socket.allSent('message');
  assert.match(one.id, /./);
  assert.match(two.id, /./);
  assert.notEqual(one.id, two.id);
});

test('a send without an id is repeated under one id', () => {
  const run = startLive();
  run.socket.answerPings();
  run.room.send('once', { id: null });
  const [{ id }] = run.socket.allSent('message');
  run.clock.advance(10_000);

  assert.deepEqual(run.socket.allSent('message').map(m => m.id), [id, id]);
});

test('a timeout longer than the longest timer does not fire at once', async () => {
  const { room, clock } = startLive();
  const sends = [2 ** 31, 1e12, Infinity].map(timeout => resultOf(room.send('hi', { timeout })));
  clock.advance(10);

  assert.deepEqual(await Promise.all(sends), ['pending', 'pending', 'pending']);
});

test('another message under an id that waits is refused, and the first one is not affected', async () => {
  const { room, socket } = startLive();
  const first = room.send('one', { id: 'a' });
  for (const other of [room.send('two', { id: 'a' }), room.send({ data: 'one' }, { id: 'a' }), room.send('one', { id: 'a', confirm: true })].map(resultOf)) {
    assert.equal((await other).code, 'id_conflict');
  }
  socket.push({ event: 'ack', id: 'a', room: 'r', seq: 1, ts: 1 });

  assert.equal((await first).seq, 1);
  assert.equal(socket.allSent('message').length, 1);
});

test('an id_conflict from the server is final', async () => {
  const { room, socket, clock } = startLive();
  const sent = room.send('one', { id: 'a' });
  socket.push({ event: 'error', id: 'a', room: 'r', code: 'id_conflict', message: 'no' });
  clock.advance(1_000_000);

  assert.equal((await resultOf(sent)).code, 'id_conflict');
  assert.equal(socket.allSent('message').length, 1);
});

test('ids that look like names of timers or properties do no harm', async () => {
  const { room, socket, clock } = startLive();
  const ids = ['a', 'give up a', 'again a', '__proto__', 'constructor', 'join', 'pause'];
  const sends = ids.map(id => room.send(id, { id, timeout: 5_000 }));
  ids.slice(1).forEach(id => socket.push({ event: 'ack', id, room: 'r', seq: 1, ts: 1 }));
  const all = await Promise.allSettled([...sends.slice(1), (clock.advance(5_000), sends[0])]);

  assert.deepEqual(all.map(({ status }) => status), [...ids.slice(1).map(() => 'fulfilled'), 'rejected']);
});

for (const seq of [undefined, null, NaN, -1, 1.5, '', 'all', {}, 5n, Infinity]) {
  test(`ack refuses ${String(seq)}, which would acknowledge everything`, () => {
    const { room, socket } = startLive();
    socket.pushMessages(1, 2);

    assert.throws(() => room.ack(seq), invalidArgument('seq'));
    assert.deepEqual(socket.allSent('ack'), []);
    room.ack();
    assert.equal(socket.lastSent('ack').seq, 2);
  });
}

test('on refuses unknown events, and listeners that are not functions', () => {
  const { rejoin, room } = startLive();
  for (const emitter of [rejoin, room]) {
    for (const event of ['mesage', undefined, null, {}, '', 'toString', '__proto__', Symbol('state')]) {
      assert.throws(() => emitter.on(event, () => {}), invalidArgument('event'));
    }
    for (const listener of [undefined, null, {}, 'listener', { handleEvent() {} }]) {
      assert.throws(() => emitter.on('state', listener), invalidArgument('listener'));
    }
  }
});
