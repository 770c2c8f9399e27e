import assert from 'node:assert/strict';
import test from 'node:test';
import { runInNewContext } from 'node:vm';
import { outcome, start } from './fakes.js';

function live(options) {
  const run = start(options);
  const { room } = run.room();
  run.socket.welcome().joined();
  return { ...run, room, get socket() { return run.sockets.at(-1); } };
}

const circle = {};
circle.me = circle;
const deep = JSON.parse('['.repeat(200) + ']'.repeat(200));
let endless = [];
for (let i = 0; i < 100_000; i++) endless = [endless];
const sparse = [1];
sparse[2] = 3;
const refused = {
  'a big integer': { data: 1n }, 'one inside': { data: [{ a: 1n }] }, 'a circle': { data: circle },
  'toJSON that throws': { data: { toJSON() { throw new Error('no'); } } }, 'toJSON that throws nothing': { data: { toJSON() { throw undefined; } } },
  'toJSON that throws what has no words': { data: { toJSON() { throw Object.create(null); } } },
  'toJSON of nothing': { data: { toJSON() {} } }, 'a getter that throws': { data: { get a() { throw new Error('no'); } } },
  'content that throws': { get data() { throw new Error('no'); } }, 'a proxy that throws': new Proxy({}, { get() { throw new Error('no'); } }),
  'data in a proxy that throws': { data: new Proxy({}, { ownKeys() { throw new Error('no'); } }) }, 'what is too deep': { data: endless },
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

for (const [what, content] of Object.entries(refused)) {
  test(`${what} is refused at once, in every state, and does nothing to what else is sent`, async () => {
    const run = start();
    const { room } = run.room();
    const sends = () => [room.send(content), run.rejoin.sendTo('ben', content)].map(outcome);
    const early = sends();
    run.socket.welcome();
    const joining = sends();
    run.socket.joined();
    const joined = sends();
    run.socket.end();
    const all = [...early, ...joining, ...joined, ...sends()];
    for (const sent of all) {
      const error = await sent;
      assert.equal(error.name, 'RejoinError');
      assert.equal(error.code, 'invalid_argument');
      assert.match(error.message, /^content/);
      assert.equal(error.unknown, false);
    }
    room.send('next', { id: 'a' });
    run.clock.pass(500);
    run.sockets.at(-1).welcome().joined();

    assert.deepEqual(run.sockets.flatMap(s => s.all('message')).map(m => m.id), ['a']);
    assert.equal(room.state, 'catching_up');
  });
}

const taken = {
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

for (const [what, [content, fields]] of Object.entries(taken)) {
  test(`${what} is sent as it is`, () => {
    const { room, socket } = live();
    room.send(content, { id: 'a' });

    assert.deepEqual(socket.last('message'), { event: 'message', room: 'r', id: 'a', ...fields });
  });
}

test('what was serialised at the call is what is sent, whatever becomes of it, also after a reconnect', () => {
  const run = start();
  const { room } = run.room();
  let times = 0;
  const data = { list: [1], toJSON() { times++; return { list: this.list, times }; } };
  const content = { data };
  room.send(content, { id: 'a' });
  data.list.push(2);
  content.data = 'other';
  run.socket.welcome().joined();
  data.list.push(3);
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome().joined();

  assert.deepEqual(run.sockets.flatMap(s => s.all('message')).map(m => m.data), [{ list: [1], times: 1 }, { list: [1], times: 1 }]);
  assert.equal(times, 1);
});

test('content that ends its room or client while it is read is not kept for ever', async () => {
  for (const end of [run => run.room.leave(), run => run.rejoin.close()]) {
    for (const send of [(run, data) => run.room.send({ data }), (run, data) => run.rejoin.sendTo('ben', { data })]) {
      const run = live();
      const sent = send(run, { toJSON() { end(run); return 1; } });
      run.clock.pass(0);
      const how = await outcome(sent);
      assert.ok(how === 'pending' || how.code);
      run.rejoin.close(); // a direct message needs no room
      assert.match((await outcome(sent)).code, /^(closed|left)$/);
      assert.equal(run.clock.pending, 0);
    }
  }
});

test('content that sends while it is read comes after what it sent', () => {
  const run = live();
  run.room.send({ data: { toJSON() { run.room.send('first', { id: 'a' }); return 'second'; } } }, { id: 'b' });

  assert.deepEqual(run.socket.all('message').map(m => m.id), ['a', 'b']);
});

test('what is deeper than a server may take is left to the server', () => {
  const { room, socket } = live();
  socket.push({ event: 'welcome', user: 'ann', heartbeat_ms: 20_000, limits: { message_bytes: 100_000, rooms: 1 } });
  socket.joined();
  room.send({ data: deep }, { id: 'a' });

  assert.equal(socket.last('message').id, 'a');
});

test('what is larger than the server takes is refused at the call, once the limit is known', async () => {
  const run = start();
  const { room } = run.room();
  const early = room.send('x'.repeat(2_000), { id: 'a' });
  run.socket.welcome();
  assert.equal((await outcome(room.send('é'.repeat(600)))).code, 'message_too_big');
  run.socket.joined();

  assert.equal((await outcome(early)).code, 'message_too_big');
  assert.equal((await outcome(early)).unknown, false);
  assert.equal(run.socket.all('message').length, 0);
});

test('many that turn out to be too large are each looked at once, and hold nothing back', async t => {
  const looked = [];
  const encode = t.mock.method(TextEncoder.prototype, 'encode', function (text) {
    looked.push(JSON.parse(text).id);
    return new Uint8Array(text.length * 2);
  });
  const run = start();
  const { room } = run.room();
  const large = Array.from({ length: 50 }, (_, i) => room.send('x'.repeat(600), { id: `${i}` }));
  room.send('small', { id: 'small' });
  const ends = Promise.allSettled(large);
  run.socket.welcome().joined();
  encode.mock.restore();

  assert.deepEqual(looked, large.map((_, i) => `${i}`));
  assert.deepEqual(run.socket.all('message').map(m => m.id), ['small']);
  assert.deepEqual((await ends).map(end => end.reason.code), Array(50).fill('message_too_big'));
});
