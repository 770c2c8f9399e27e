/**
 * Odd values at every argument of the client, against a server that runs; connections are torn now and then.
 *
 *     infra/run --edges 2
 *     node edge-ws/client-js/test/odd-live.js ws://localhost:8080 [SECONDS] [SEED]
 *
 * With node before 22 the package `ws` has to be installed where it is started.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { connect } from '../rejoin.js';
import { Draw } from './odd.js';
import { Player } from './player.js';
import { generator } from './world.js';

const [url = 'ws://localhost:8080', seconds = '60', seed = String(Date.now() % 1e6)] = process.argv.slice(2);
const Base = globalThis.WebSocket ?? createRequire(`${process.cwd()}/`)('ws').WebSocket;
const random = generator(Number(seed));
const draw = new Draw(random);
const sockets = new Set();
class Torn extends Base {
  constructor(...args) {
    super(...args);
    sockets.add(this);
    this.addEventListener('close', () => sockets.delete(this));
  }
}

console.log(`seed ${seed}, ${seconds} s`);
const wrong = [];
process.on('unhandledRejection', e => wrong.push(e));
globalThis.reportError = e => void (e instanceof assert.AssertionError && wrong.push(e));
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const rooms = ['r', 's', 'lobby'].map(name => `odd-${seed}-${Date.now()}-${name}`);

/** Sees what is posted in the rooms, and what comes to two users. */
const seen = [];
const watch = (at, room) => room.on('message', m => seen.push({ at, id: m.id, user: m.user, content: m.text ?? m.data }));
const watcher = connect(url, { name: 'watcher', WebSocket: Base });
for (const room of rooms) watch(room, watcher.join(room));
const names = ['ann', 'ben'].map(name => `${name}-${seed}`);
for (const name of names) watch(`@${name}`, connect(url, { name, WebSocket: Base }).direct);
await sleep(2_000);

const players = [];
const play = name => {
  const options = { WebSocket: Torn, random, page: new EventTarget() };
  players.push(new Player({ url, options, random, rooms, users: names, name, where: `seed ${seed}` }));
  return players.at(-1);
};
const active = [...names, undefined].map(play);
let steps = 0;
for (const end = Date.now() + Number(seconds) * 1_000; Date.now() < end; steps++) {
  const i = Math.floor(random() * active.length);
  active[i].step();
  if (active[i].isEnded) active[i] = play(active[i].name);
  if (random() < 0.3) await sleep(random() * 60);
  if (random() < 0.005) for (const socket of sockets) socket.terminate?.() ?? socket.close();
}
for (const player of players) player.isOver = true;
for (const { client } of players) client.resume();
const calls = () => players.flatMap(p => p.calls);
for (let i = 0; i < 600 && calls().some(call => call.how === 'pending'); i++) await sleep(200);
await sleep(2_000);

const hows = {};
for (const { how } of calls()) hows[how] = (hows[how] ?? 0) + 1;
console.log(`${steps} steps, ${calls().length} sends:`, hows, `${seen.length} seen`);
assert.deepEqual(wrong, []);
assert.equal(hows.pending, undefined, 'every promise has an end');
assert.deepEqual(Object.keys(hows).filter(how => how.startsWith('not ours')), []);
for (const { at, id, user, content } of seen) {
  const of = players.filter(p => p.client.user === user).flatMap(p => p.calls);
  if (of.length === 0) continue; // of somebody else's run
  assert.ok(of.some(call => call.at === at), `${JSON.stringify(content)} was never meant for ${at}`);
  const said = of.filter(c => c.at === at && c.id === id);
  if (said.length > 0 && said.every(c => c.isPlain)) assert.ok(said.some(c => c.content === content), `${content} in ${at}`);
}
const watched = [...rooms, ...names.map(name => `@${name}`)];
for (const player of players) {
  for (const call of player.calls.filter(c => c.how === 'posted' && c.isPlain && watched.includes(c.at))) {
    const times = seen.filter(m => m.at === call.at && m.user === player.client.user && m.content === call.content).length;
    assert.equal(times, 1, `${call.content} of ${player.client.user} in ${call.at}`);
  }
}
for (const { client, isEnded, name } of players) {
  if (isEnded) continue;
  assert.equal(client.state, 'online', name);
  const all = [...client.rooms.values(), client.join(`${rooms[0]}-new`), client.direct];
  for (const room of all) assert.ok((await room.send('still here', { timeout: 30_000 })).seq > 0, `${name} in ${room.name}`);
  assert.ok((await client.sendTo(names[0], 'still here', { timeout: 30_000 })).seq > 0);
}
console.log('OK');
process.exit(0);
