import assert from 'node:assert/strict';
import test from 'node:test';
import { runInNewContext } from 'node:vm';
import { resultOf, startClient } from './fakes.js';

function startLive(options) {
  const run = startClient(options);
  const { room } = run.joinRoom();
  run.socket.pushWelcome().answerJoin();
  return { ...run, room, get socket() { return run.sockets.at(-1); } };
}

const circular = {};
circular.self = circular;
const deep = JSON.parse('['.repeat(200) + ']'.repeat(200));
let veryDeep = [];
for (let i = 0; i < 100_000; i++) veryDeep = [veryDeep];
const sparse = [1];
sparse[2] = 3;
const invalidContents = {
  'a big integer': { data: 1n }, 'one inside': { data: [{ a: 1n }] }, 'a circle': { data: circular },
  'toJSON that throws': { data: { toJSON() { throw new Error('no'); } } }, 'toJSON that throws nothing': { data: { toJSON() { throw undefined; } } },
  'toJSON that throws what has no words': { data: { toJSON() { throw Object.create(null); } } },
  'toJSON of nothing': { data: { toJSON() {} } }, 'a getter that throws': { data: { get a() { throw new Error('no'); } } },
  'content that throws': { get data() { throw new Error('no'); } }, 'a proxy that throws': new Proxy({}, { get() { throw new Error('no'); } }),
  'data in a proxy that throws': { data: new Proxy({}, { ownKeys() { throw new Error('no'); } }) }, 'what is too deep': { data: veryDeep },
  nothing: undefined, null: null, 'a number': 5, 'a list': ['hi'], 'an empty object': {}, 'a function': () => 'hi', 'a symbol': Symbol('hi'),
  'a String object': new String('hi'), 'data: undefined': { data: undefined }, 'data: a function': { data() {} }, 'data: a symbol': { data: Symbol('x') },
  'text that is none': { text: 5 }, 'text and data': { text: 'a', data: 'b' }, 'text: null': { text: null },
  NaN: { data: NaN }, Infinity: { data: [1, { x: -Infinity }] }, 'a hole in a list': { data: sparse }, 'undefined in a list': { data: [undefined] },
  'a function in a list': { data: [() => {}] }, 'a date that is none': { data: { at: new Date(NaN) } }, 'a map': { data: new Map([[1, 2]]) },
  'a Number object of none': { data: [new Number(NaN)] }, 'a String object with half a pair': { data: new String('\ud800') }, 'a regular expression': { data: /x/ },
  'a blob': { data: { file: new Blob(['x']) } }, 'the fields of a query': { data: new URLSearchParams('a=1') }, 'headers': { data: new Headers({ a: '1' }) },
  'a weak map': { data: new WeakMap() }, 'an iterator': { data: [1].values() }, 'a generator': { data: (function* () { yield 1; })() }, 'a boxed symbol': { data: Object(Symbol('x')) },
  'a class that hides what it holds': { data: new (class { #a = 1; get a() { return this.#a; } })() }, 'inherited fields': { data: Object.create({ a: 1 }) },
  'toJSON of a regular expression': { data: { toJSON: () => /x/ } }, 'a map with fields': { data: Object.assign(new Map([[1, 2]]), { a: 1 }) }, 'a view of bytes': { data: new DataView(new ArrayBuffer(8)) },
  'a weak set of another realm': { data: runInNewContext('new WeakSet()') },
  'a set': { data: { a: new Set([1]) } }, 'a promise': { data: Promise.resolve(1) }, 'an error': { data: new Error('x') }, 'bytes': { data: new ArrayBuffer(8) },
  'half a pair in a text': 'a\ud83d', 'half a pair in { text }': { text: '\ude00' }, 'half a pair in data': { data: ['a\udc00b'] }, 'half a pair in a name': { data: { 'a\ud800': 1 } },
};

for (const [what, content] of Object.entries(invalidContents)) {
  test(`content that is invalid (${what}) is refused at once in every state, and does not affect other messages`, async () => {
    const run = startClient();
    const { room } = run.joinRoom();
    const sends = () => [room.send(content), run.rejoin.sendTo('ben', content)].map(resultOf);
    const early = sends();
    run.socket.pushWelcome();
    const joining = sends();
    run.socket.answerJoin();
    const joined = sends();
    run.socket.disconnect();
    const all = [...early, ...joining, ...joined, ...sends()];
    for (const sent of all) {
      const error = await sent;
      assert.equal(error.name, 'RejoinError');
      assert.equal(error.code, 'invalid_argument');
      assert.match(error.message, /^content/);
      assert.equal(error.unknown, false);
    }
    room.send('next', { id: 'a' });
    run.clock.advance(500);
    run.sockets.at(-1).pushWelcome().answerJoin();

    assert.deepEqual(run.sockets.flatMap(s => s.allSent('message')).map(m => m.id), ['a']);
    assert.equal(room.state, 'catching_up');
  });
}

const validContents = {
  'a text with a pair': ['😀', { text: '😀' }], 'an empty text': ['', { text: '' }], '{ text }': [{ text: 'a', data: undefined }, { text: 'a' }],
  'null beside a text': [{ text: 'a', data: null }, { text: 'a' }], 'null beside data': [{ text: null, data: 1 }, { data: 1 }],
  'data: null': [{ data: null }, { data: null }], 'data: false': [{ data: false }, { data: false }], 'data: 0': [{ data: -0 }, { data: 0 }],
  'a date': [{ data: new Date(0) }, { data: '1970-01-01T00:00:00.000Z' }], 'fields that are undefined': [{ data: { a: 1, b: undefined, c() {} } }, { data: { a: 1 } }],
  'toJSON': [{ data: { toJSON: () => ({ a: [1] }) } }, { data: { a: [1] } }], 'a class': [{ data: new (class { a = 1; })() }, { data: { a: 1 } }],
  'boxed values': [{ data: [new Number(1), new String('s'), new Boolean(false)] }, { data: [1, 's', false] }], 'an empty object': [{ data: {} }, { data: {} }],
  'an object of another realm': [{ data: runInNewContext('({ a: {}, b: [{}] })') }, { data: { a: {}, b: [{}] } }], 'an address': [{ data: new URL('http://a/') }, { data: 'http://a/' }],
  'bytes with places': [{ data: new Uint8Array(2) }, { data: { 0: 0, 1: 0 } }], 'an empty object without prototype': [{ data: Object.create(null) }, { data: {} }],
  'an object without prototype': [{ data: Object.assign(Object.create(null), { a: 1 }) }, { data: { a: 1 } }], 'a proxy': [new Proxy({ data: 1 }, {}), { data: 1 }],
  'fields named like those of a frame': [{ data: { event: 'leave', room: 'x', to: 'ben', id: '1' } }, { data: { event: 'leave', room: 'x', to: 'ben', id: '1' } }],
  'what is beside it': [{ data: 1, room: 'x', to: 'ben', event: 'leave', id: 'z' }, { data: 1 }],
};

for (const [what, [content, fields]] of Object.entries(validContents)) {
  test(`valid content (${what}) is sent`, () => {
    const { room, socket } = startLive();
    room.send(content, { id: 'a' });

    assert.deepEqual(socket.lastSent('message'), { event: 'message', room: 'r', id: 'a', ...fields });
  });
}

test('content is encoded once, when send is called; later changes have no effect, also after a reconnect', () => {
  const run = startClient();
  const { room } = run.joinRoom();
  let times = 0;
  const data = { list: [1], toJSON() { times++; return { list: this.list, times }; } };
  const content = { data };
  room.send(content, { id: 'a' });
  data.list.push(2);
  content.data = 'other';
  run.socket.pushWelcome().answerJoin();
  data.list.push(3);
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome().answerJoin();

  assert.deepEqual(run.sockets.flatMap(s => s.allSent('message')).map(m => m.data), [{ list: [1], times: 1 }, { list: [1], times: 1 }]);
  assert.equal(times, 1);
});

test('content that leaves the room or closes the client while it is read does not wait for ever', async () => {
  for (const end of [run => run.room.leave(), run => run.rejoin.close()]) {
    for (const send of [(run, data) => run.room.send({ data }), (run, data) => run.rejoin.sendTo('ben', { data })]) {
      const run = startLive();
      const sent = send(run, { toJSON() { end(run); return 1; } });
      run.clock.advance(0);
      const result = await resultOf(sent);
      assert.ok(result === 'pending' || result.code);
      run.rejoin.close(); // a direct message needs no room
      assert.match((await resultOf(sent)).code, /^(closed|left)$/);
      assert.equal(run.clock.timerCount, 0);
    }
  }
});

test('content that sends another message while it is read comes after that message', () => {
  const run = startLive();
  run.room.send({ data: { toJSON() { run.room.send('first', { id: 'a' }); return 'second'; } } }, { id: 'b' });

  assert.deepEqual(run.socket.allSent('message').map(m => m.id), ['a', 'b']);
});

test('the client does not check the depth of content', () => {
  const { room, socket } = startLive();
  socket.push({ event: 'welcome', user: 'ann', heartbeat_ms: 20_000, limits: { message_bytes: 100_000, rooms: 1 } });
  socket.answerJoin();
  room.send({ data: deep }, { id: 'a' });

  assert.equal(socket.lastSent('message').id, 'a');
});

test('content above the server\'s limit is refused by send, as soon as the limit is known', async () => {
  const run = startClient();
  const { room } = run.joinRoom();
  const early = room.send('x'.repeat(2_000), { id: 'a' });
  run.socket.pushWelcome();
  assert.equal((await resultOf(room.send('é'.repeat(600)))).code, 'message_too_big');
  run.socket.answerJoin();

  assert.equal((await resultOf(early)).code, 'message_too_big');
  assert.equal((await resultOf(early)).unknown, false);
  assert.equal(run.socket.allSent('message').length, 0);
});

test('waiting messages that are too large are each encoded once and rejected, and do not hold back others', async t => {
  const encodedIds = [];
  const encode = t.mock.method(TextEncoder.prototype, 'encode', function (text) {
    encodedIds.push(JSON.parse(text).id);
    return new Uint8Array(text.length * 2);
  });
  const run = startClient();
  const { room } = run.joinRoom();
  const large = Array.from({ length: 50 }, (_, i) => room.send('x'.repeat(600), { id: `${i}` }));
  room.send('small', { id: 'small' });
  const ends = Promise.allSettled(large);
  run.socket.pushWelcome().answerJoin();
  encode.mock.restore();

  assert.deepEqual(encodedIds, large.map((_, i) => `${i}`));
  assert.deepEqual(run.socket.allSent('message').map(m => m.id), ['small']);
  assert.deepEqual((await ends).map(end => end.reason.code), Array(50).fill('message_too_big'));
});
