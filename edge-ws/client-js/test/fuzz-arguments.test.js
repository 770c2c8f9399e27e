import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, RejoinError } from '../rejoin.js';
import { flushPromises } from './fakes.js';
import { StrictServer } from './strict-server.js';
import { FuzzGenerator, FUZZ_VALUES } from './fuzz-values.js';
import { FuzzClient } from './fuzz-client.js';

// The public methods with random values, in every state of the connection:
//     node --test test/fuzz-arguments.test.js                                    a short run, as in the default tests
//     FUZZ_ARGUMENTS_SEED=17 FUZZ_ARGUMENTS_SEEDS=1 node --test test/…           one seed again
//     FUZZ_ARGUMENTS_SEEDS=20000 node --test test/…                              a long run
const FIRST = Number(process.env.FUZZ_ARGUMENTS_SEED ?? 1);
const SEEDS = Number(process.env.FUZZ_ARGUMENTS_SEEDS ?? 150);
const STEPS = 60;
const FAULTS = { disconnect: 0.03, noCloseEvent: 0.3, fetchFails: 0.3, refuse: 0.1, noAnswer: 0.05, dropFrame: 0.05, refuseConnection: 0.2 };

const listenerFailures = []; // failed assertions of listeners
globalThis.reportError = e => void (e instanceof assert.AssertionError && listenerFailures.push(e)); // others fail on purpose

async function advance(server, ms, step = 250) {
  for (let left = ms; left > 0; left -= step) {
    server.clock.advance(Math.min(left, step));
    await flushPromises();
  }
}

async function run(seed) {
  const label = `seed ${seed}`;
  const server = new StrictServer(seed, FAULTS);
  const names = { roomNames: ['r', 's', 'lobby'], userNames: ['ann', 'ben', 'zo\u00eb', 'zoe\u0308'] };
  const fuzzClients = ['ann', 'ben', undefined].map(name =>
    new FuzzClient({ url: 'ws://server', options: server.options, random: server.random, ...names, name, label }));
  for (let i = 0; i < STEPS; i++) {
    new FuzzGenerator(server.random).pick(fuzzClients).step();
    if (server.random() < 0.6) await advance(server, Math.floor(server.random() * 800));
    if (server.random() < 0.03) for (const socket of [...server.sockets]) socket.disconnect();
  }
  server.faults = {};
  for (const fuzzClient of fuzzClients) fuzzClient.isStopped = true; // its listeners call nothing any more
  for (const { client } of fuzzClients) client.resume();
  await advance(server, 700_000, 5_000); // longer than the longest timeout of a send
  return { server, fuzzClients, label };
}

/** Checks that each post went to its target with its content, and that each send has a result. */
function checkResults({ server, fuzzClients, label }) {
  if (listenerFailures.length > 0) throw listenerFailures[0];
  assert.deepEqual(server.invalidFrames, [], `${label}: no frame is invalid`);
  for (const { target, id, content, user } of server.posts) {
    const sentCalls = fuzzClients.filter(f => f.client.user === user).flatMap(f => f.calls).filter(call => call.target === target);
    assert.ok(sentCalls.length > 0, `${label}: ${content} of ${user} was never sent to ${target}`);
    const call = sentCalls.find(c => c.id === id);
    if (call?.isPlain) assert.equal(content, JSON.stringify({ text: call.content }), `${label}: by ${user} in ${target}`);
  }
  for (const room of fuzzClients.flatMap(f => [...f.closedRooms])) assert.equal(room.state, 'closed', `${label}: ${room.name}`);
  for (const call of fuzzClients.flatMap(f => f.calls)) {
    assert.notEqual(call.result, 'pending', `${label}: ${call.target} ${call.isPlain ? call.content : 'a fuzz value'} is never settled`);
    assert.doesNotMatch(call.result, /not ours/, label);
    if (call.result !== 'posted' || !call.isPlain) continue;
    const posts = server.posts.filter(p => p.id === call.id && p.target === call.target && p.content === JSON.stringify({ text: call.content }));
    assert.equal(posts.length, 1, `${label}: ${call.content} is posted once, in ${call.target}`);
  }
}

/** Checks that open clients still work: their rooms, direct messages, and a new room. */
async function checkStillWorks({ server, fuzzClients, label }) {
  for (const { client, isClosed, name } of fuzzClients) {
    assert.equal(client.state, isClosed ? 'closed' : 'online', `${label}: ${name}`);
    if (isClosed) continue;
    const rooms = [...client.rooms.values(), client.join('new'), client.direct];
    const sends = rooms.map(room => room.send('still here', { timeout: 60_000 }));
    sends.push(client.sendTo('ben', 'still here', { timeout: 60_000 }));
    const all = Promise.allSettled(sends);
    await advance(server, 70_000, 5_000);
    for (const [i, { status, reason }] of (await all).entries()) {
      assert.equal(status, 'fulfilled', `${label}: ${name} in ${rooms[i]?.name} ${rooms[i]?.state}: ${reason}`);
    }
    for (const room of rooms) assert.equal(room.state, 'live', `${label}: ${name} ${room.name}`);
    client.close();
  }
  server.clock.advance(1_000); // for the last frames
  assert.equal(server.clock.timerCount, 0, `${label}: no timer is left when all clients are closed`);
}

test(`methods with random arguments, in every state of the connection: seeds ${FIRST} to ${FIRST + SEEDS - 1}`, async () => {
  const unhandledRejections = [];
  const onUnhandledRejection = e => unhandledRejections.push(e);
  process.on('unhandledRejection', onUnhandledRejection);
  const resultCounts = new Map();
  let posts = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const outcome = await run(seed);
    checkResults(outcome);
    await checkStillWorks(outcome);
    await flushPromises();
    assert.deepEqual(unhandledRejections, [], `seed ${seed}: no unhandled rejection`);
    posts += outcome.server.posts.length;
    for (const { result } of outcome.fuzzClients.flatMap(f => f.calls)) resultCounts.set(result, (resultCounts.get(result) ?? 0) + 1);
  }
  process.off('unhandledRejection', onUnhandledRejection);
  console.log(`${posts} posts; calls ended: ${[...resultCounts].map(([result, n]) => `${result} ${n}`).join(', ')}`);
  if (SEEDS >= 100) for (const result of ['posted', 'invalid_argument', 'closed', 'invalid_frame']) assert.ok(resultCounts.has(result), result);
});

test('each fuzz value for each argument', async () => {
  const server = new StrictServer(1, {});
  const client = connect('ws://server', { ...server.options, name: 'ann' });
  const room = client.join('home');
  await advance(server, 2_000);
  const reenter = () => {};
  for (const [i, makeValue] of FUZZ_VALUES.entries()) {
    const calls = {
      url: () => connect(makeValue(reenter), { ...server.options }).close(), connect: () => connect('ws://server', makeValue(reenter)).close(),
      ...Object.fromEntries(['token', 'name', 'outbox', 'WebSocket', 'fetch', 'random', 'clock', 'page', 'tokenIn'].map(option =>
        [`connect ${option}`, () => connect('ws://server', { ...server.options, [option]: makeValue(reenter) }).close()])),
      join: () => client.join(makeValue(reenter)).leave(), 'join options': () => client.join('other', makeValue(reenter)).leave(),
      ...Object.fromEntries(['last', 'after', 'epoch', 'autoAck'].map(option => [`join ${option}`, () => client.join('other', { [option]: makeValue(reenter) }).leave()])),
      ack: () => room.ack(makeValue(reenter)), event: () => room.on(makeValue(reenter), reenter)(), listener: () => room.on('message', makeValue(reenter))(),
      content: () => room.send(makeValue(reenter)), data: () => room.send({ data: makeValue(reenter) }), text: () => room.send({ text: makeValue(reenter) }), options: () => room.send('x', makeValue(reenter)),
      to: () => client.sendTo(makeValue(reenter), 'x'), letter: () => client.sendTo('ben', makeValue(reenter)), 'letter options': () => client.sendTo('ben', 'x', makeValue(reenter)),
      ...Object.fromEntries(['id', 'timeout', 'signal', 'confirm'].map(option => [`send ${option}`, () => room.send('x', { [option]: makeValue(reenter) })])),
    };
    for (const [argument, call] of Object.entries(calls)) {
      const checkError = e => assert.ok(e instanceof RejoinError && e.message, `${argument} with ${makeValue}: ${String(e?.stack ?? e)}`);
      try {
        call()?.catch?.(checkError);
      } catch (e) {
        checkError(e);
      }
    }
    if (i % 10 === 0) await advance(server, 1_000);
  }
  await advance(server, 400_000, 5_000);
  assert.deepEqual(server.invalidFrames, []);
  assert.equal(room.state, 'live');
  client.close();
});
