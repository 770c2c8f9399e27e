import assert from 'node:assert/strict';
import test from 'node:test';
import { connect, RejoinError } from '../rejoin.js';
import { settle } from './fakes.js';
import { Hall } from './hall.js';
import { Draw, ODD } from './odd.js';
import { Player } from './player.js';

// The public methods with odd values, at every state of the connection:
//     node --test test/odd-values.test.js                      a short run, as in the default tests
//     ODD_SEED=17 ODD_SEEDS=1 node --test test/…               one seed again
//     ODD_SEEDS=20000 node --test test/…                       a long one
const FIRST = Number(process.env.ODD_SEED ?? 1);
const SEEDS = Number(process.env.ODD_SEEDS ?? 150);
const STEPS = 60;
const FAULTS = { cut: 0.03, mute: 0.3, refuse: 0.1, silence: 0.05, skip: 0.05, turnAway: 0.2 };

const wrong = []; // what was found by listeners
globalThis.reportError = e => void (e instanceof assert.AssertionError && wrong.push(e)); // others fail on purpose

async function pass(hall, ms, step = 250) {
  for (let left = ms; left > 0; left -= step) {
    hall.clock.pass(Math.min(left, step));
    await settle();
  }
}

async function run(seed) {
  const where = `seed ${seed}`;
  const hall = new Hall(seed, FAULTS);
  const players = ['ann', 'ben', undefined].map(name => new Player({ url: 'ws://hall', options: hall.options, random: hall.random, rooms: ['r', 's', 'lobby'], users: ['ann', 'ben', 'zo\u00eb', 'zoe\u0308'], name, where }));
  for (let i = 0; i < STEPS; i++) {
    new Draw(hall.random).of(players).step();
    if (hall.random() < 0.6) await pass(hall, Math.floor(hall.random() * 800));
    if (hall.random() < 0.03) for (const link of [...hall.links]) link.cut();
  }
  hall.faults = {};
  for (const player of players) player.isOver = true; // no listener does anything any more
  for (const { client } of players) client.resume();
  await pass(hall, 700_000, 5_000); // more than any send lasts that has an end
  return { hall, players, where };
}

/** Every post was meant for where it went, and says what was said. */
function judge({ hall, players, where }) {
  if (wrong.length > 0) throw wrong[0];
  assert.deepEqual(hall.wrong, [], `${where}: no frame is odd`);
  for (const { at, id, content, user } of hall.posts) {
    const meant = players.filter(p => p.client.user === user).flatMap(p => p.calls).filter(call => call.at === at);
    assert.ok(meant.length > 0, `${where}: ${content} of ${user} was never meant for ${at}`);
    const call = meant.find(c => c.id === id);
    if (call?.isPlain) assert.equal(content, JSON.stringify({ text: call.content }), `${where}: by ${user} in ${at}`);
  }
  for (const room of players.flatMap(p => [...p.ended])) assert.equal(room.state, 'closed', `${where}: ${room.name}`);
  for (const call of players.flatMap(p => p.calls)) {
    assert.notEqual(call.how, 'pending', `${where}: ${call.at} ${call.isPlain ? call.content : 'something odd'} never ends`);
    assert.doesNotMatch(call.how, /not ours/, where);
    if (call.how !== 'posted' || !call.isPlain) continue;
    const posts = hall.posts.filter(p => p.id === call.id && p.at === call.at && p.content === JSON.stringify({ text: call.content }));
    assert.equal(posts.length, 1, `${where}: ${call.content} is posted once, in ${call.at}`);
  }
}

/** Whatever was done, what is open works: rooms, direct messages, and a room that is new. */
async function stillWorks({ hall, players, where }) {
  for (const { client, isEnded, name } of players) {
    assert.equal(client.state, isEnded ? 'closed' : 'online', `${where}: ${name}`);
    if (isEnded) continue;
    const rooms = [...client.rooms.values(), client.join('new'), client.direct];
    const sends = rooms.map(room => room.send('still here', { timeout: 60_000 }));
    sends.push(client.sendTo('ben', 'still here', { timeout: 60_000 }));
    const all = Promise.allSettled(sends);
    await pass(hall, 70_000, 5_000);
    for (const [i, { status, reason }] of (await all).entries()) {
      assert.equal(status, 'fulfilled', `${where}: ${name} in ${rooms[i]?.name} ${rooms[i]?.state}: ${reason}`);
    }
    for (const room of rooms) assert.equal(room.state, 'live', `${where}: ${name} ${room.name}`);
    client.close();
  }
  hall.clock.pass(1_000); // the last words
  assert.equal(hall.clock.pending, 0, `${where}: nothing is left when all are closed`);
}

test(`odd values at every argument, at every state: seeds ${FIRST} to ${FIRST + SEEDS - 1}`, async () => {
  const failed = [];
  const fail = e => failed.push(e);
  process.on('unhandledRejection', fail);
  const hows = new Map();
  let posts = 0;
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const played = await run(seed);
    judge(played);
    await stillWorks(played);
    await settle();
    assert.deepEqual(failed, [], `seed ${seed}: no rejection that nobody handles`);
    posts += played.hall.posts.length;
    for (const { how } of played.players.flatMap(p => p.calls)) hows.set(how, (hows.get(how) ?? 0) + 1);
  }
  process.off('unhandledRejection', fail);
  console.log(`${posts} posts; calls ended: ${[...hows].map(([how, n]) => `${how} ${n}`).join(', ')}`);
  if (SEEDS >= 100) for (const how of ['posted', 'invalid_argument', 'closed', 'invalid_frame']) assert.ok(hows.has(how), how);
});

test('each odd value, at each argument, one by one', async () => {
  const hall = new Hall(1, {});
  const client = connect('ws://hall', { ...hall.options, name: 'ann' });
  const room = client.join('home');
  await pass(hall, 2_000);
  const act = () => {};
  for (const [i, odd] of ODD.entries()) {
    const calls = {
      url: () => connect(odd(act), { ...hall.options }).close(), connect: () => connect('ws://hall', odd(act)).close(),
      ...Object.fromEntries(['token', 'name', 'outbox', 'WebSocket', 'fetch', 'random', 'clock', 'page', 'tokenIn'].map(option =>
        [`connect ${option}`, () => connect('ws://hall', { ...hall.options, [option]: odd(act) }).close()])),
      join: () => client.join(odd(act)).leave(), 'join options': () => client.join('other', odd(act)).leave(),
      ...Object.fromEntries(['last', 'after', 'epoch', 'autoAck'].map(option => [`join ${option}`, () => client.join('other', { [option]: odd(act) }).leave()])),
      ack: () => room.ack(odd(act)), event: () => room.on(odd(act), act)(), listener: () => room.on('message', odd(act))(),
      content: () => room.send(odd(act)), data: () => room.send({ data: odd(act) }), text: () => room.send({ text: odd(act) }), options: () => room.send('x', odd(act)),
      to: () => client.sendTo(odd(act), 'x'), letter: () => client.sendTo('ben', odd(act)), 'letter options': () => client.sendTo('ben', 'x', odd(act)),
      ...Object.fromEntries(['id', 'timeout', 'signal', 'confirm'].map(option => [`send ${option}`, () => room.send('x', { [option]: odd(act) })])),
    };
    for (const [what, call] of Object.entries(calls)) {
      const is = e => assert.ok(e instanceof RejoinError && e.message, `${what} with ${odd}: ${String(e?.stack ?? e)}`);
      try {
        call()?.catch?.(is);
      } catch (e) {
        is(e);
      }
    }
    if (i % 10 === 0) await pass(hall, 1_000);
  }
  await pass(hall, 400_000, 5_000);
  assert.deepEqual(hall.wrong, []);
  assert.equal(room.state, 'live');
  client.close();
});
