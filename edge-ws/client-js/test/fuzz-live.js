/**
 * Random values for every argument of the client, against a running server. Sometimes connections are closed.
 *
 *     infra/run --edges 2
 *     node edge-ws/client-js/test/fuzz-live.js ws://localhost:8080 [SECONDS] [SEED]
 *
 * With node before 22 the package `ws` has to be installed where it is started.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { connect } from '../rejoin.js';
import { FuzzClient } from './fuzz-client.js';
import { seededRandom } from './one-room-server.js';

const [url = 'ws://localhost:8080', seconds = '60', seed = String(Date.now() % 1e6)] = process.argv.slice(2);
const PlatformWebSocket = globalThis.WebSocket ?? createRequire(`${process.cwd()}/`)('ws').WebSocket;
const random = seededRandom(Number(seed));
const sockets = new Set();
class TrackedWebSocket extends PlatformWebSocket {
  constructor(...args) {
    super(...args);
    sockets.add(this);
    this.addEventListener('close', () => sockets.delete(this));
  }
}

console.log(`seed ${seed}, ${seconds} s`);
const failures = [];
process.on('unhandledRejection', e => failures.push(e));
globalThis.reportError = e => void (e instanceof assert.AssertionError && failures.push(e));
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const rooms = ['r', 's', 'lobby'].map(name => `fuzz-${seed}-${Date.now()}-${name}`);

/** Records the messages of the rooms, and the direct messages of two users. */
const receivedMessages = [];
const recordMessages = (target, room) => room.on('message', m => receivedMessages.push({ target, id: m.id, user: m.user, content: m.text ?? m.data }));
const observer = connect(url, { name: 'watcher', WebSocket: PlatformWebSocket });
for (const room of rooms) recordMessages(room, observer.join(room));
const names = ['ann', 'ben'].map(name => `${name}-${seed}`);
for (const name of names) recordMessages(`@${name}`, connect(url, { name, WebSocket: PlatformWebSocket }).direct);
await sleep(2_000);

const fuzzClients = [];
const addFuzzClient = name => {
  const options = { WebSocket: TrackedWebSocket, random, page: new EventTarget() };
  fuzzClients.push(new FuzzClient({ url, options, random, roomNames: rooms, userNames: names, name, label: `seed ${seed}` }));
  return fuzzClients.at(-1);
};
const activeClients = [...names, undefined].map(addFuzzClient);
let steps = 0;
for (const end = Date.now() + Number(seconds) * 1_000; Date.now() < end; steps++) {
  const i = Math.floor(random() * activeClients.length);
  activeClients[i].step();
  if (activeClients[i].isClosed) activeClients[i] = addFuzzClient(activeClients[i].name);
  if (random() < 0.3) await sleep(random() * 60);
  if (random() < 0.005) for (const socket of sockets) socket.terminate?.() ?? socket.close();
}
for (const fuzzClient of fuzzClients) fuzzClient.isStopped = true;
for (const { client } of fuzzClients) client.resume();
const calls = () => fuzzClients.flatMap(f => f.calls);
for (let i = 0; i < 600 && calls().some(call => call.result === 'pending'); i++) await sleep(200);
await sleep(2_000);

const resultCounts = {};
for (const { result } of calls()) resultCounts[result] = (resultCounts[result] ?? 0) + 1;
console.log(`${steps} steps, ${calls().length} sends:`, resultCounts, `${receivedMessages.length} seen`);
assert.deepEqual(failures, []);
assert.equal(resultCounts.pending, undefined, 'every promise is settled');
assert.deepEqual(Object.keys(resultCounts).filter(result => result.startsWith('not ours')), []);
for (const { target, id, user, content } of receivedMessages) {
  const sentCalls = fuzzClients.filter(f => f.client.user === user).flatMap(f => f.calls);
  if (sentCalls.length === 0) continue; // of somebody else's run
  assert.ok(sentCalls.some(call => call.target === target), `${JSON.stringify(content)} was never sent to ${target}`);
  const sameId = sentCalls.filter(c => c.target === target && c.id === id);
  if (sameId.length > 0 && sameId.every(c => c.isPlain)) assert.ok(sameId.some(c => c.content === content), `${content} in ${target}`);
}
const observedTargets = [...rooms, ...names.map(name => `@${name}`)];
for (const fuzzClient of fuzzClients) {
  for (const call of fuzzClient.calls.filter(c => c.result === 'posted' && c.isPlain && observedTargets.includes(c.target))) {
    const times = receivedMessages.filter(m => m.target === call.target && m.user === fuzzClient.client.user && m.content === call.content).length;
    assert.equal(times, 1, `${call.content} of ${fuzzClient.client.user} in ${call.target}`);
  }
}
for (const { client, isClosed, name } of fuzzClients) {
  if (isClosed) continue;
  assert.equal(client.state, 'online', name);
  const all = [...client.rooms.values(), client.join(`${rooms[0]}-new`), client.direct];
  for (const room of all) assert.ok((await room.send('still here', { timeout: 30_000 })).seq > 0, `${name} in ${room.name}`);
  assert.ok((await client.sendTo(names[0], 'still here', { timeout: 30_000 })).seq > 0);
}
console.log('OK');
process.exit(0);
