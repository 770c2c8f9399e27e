// What all peers have to do before they are measured: join, acknowledge, deliver at both servers, in order; where a peer can resume,
// resume with nothing missed and nothing twice. PEERS names the peers to be tried, ROOT the working tree.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clients } from './clients.js';
import { cleanUp, end, freePort, start, startPostgres, startRedis } from './processes.js';

const here = dirname(fileURLToPath(import.meta.url));
const node = ['node', '--expose-gc'];
const ws = [...node, join(here, 'ws.js')];
const centrifuge = [join(here, '../centrifuge')];
const PEERS = {
  'node-pubsub': { command: ws, mode: 'pubsub', client: clients.ws, servers: 2 },
  'node-stream': { command: ws, mode: 'stream', client: clients.ws, servers: 2, resumes: true },
  'node-postgres': { command: ws, mode: 'postgres', client: clients.ws, servers: 2 },
  socketio: { command: [...node, join(here, 'socketio.js')], mode: '', client: clients.socketio, servers: 2, tellsOwnFirst: true },
  centrifuge: { command: centrifuge, mode: 'memory', client: clients.centrifuge, servers: 1 },
  'centrifuge-redis': { command: centrifuge, mode: 'redis', client: clients.centrifuge, servers: 2, resumes: true },
};

const texts = (name, count) => Array.from({ length: count }, (_, n) => `${name}-${n}`);
const of = (name, all) => all.filter(text => text.startsWith(`${name}-`));

after(cleanUp);

for (const name of process.env.PEERS.split(' ').filter(Boolean)) {
  const peer = PEERS[name];
  describe(name, () => {
    const servers = [];
    const ports = [];
    const open = (server, who, room, place) => peer.client({ port: ports[server % ports.length], name: who, room, place });

    before(async () => {
      const environment = { MODE: peer.mode, REDIS_URL: await startRedis() };
      if (peer.mode === 'postgres') environment.POSTGRES_URL = await startPostgres(process.env.ROOT);
      for (let n = 0; n < peer.servers; n++) ports.push(await freePort());
      const starts = ports.map(port => start(peer.command, { ...environment, PORT: String(port) }, /^ready$/m));
      servers.push(...await Promise.all(starts));
    });

    test('what is posted at one server is delivered at all, in order, each text once', async () => {
      const members = await Promise.all([0, 1, 0, 1].map((server, n) => open(server, `m${n}`, 'hall')));
      const elsewhere = await open(0, 'other', 'corridor');
      await Promise.all(members.slice(0, 2).flatMap((member, n) => texts(`m${n}`, 200).map(text => member.post(text))));
      for (const member of members) {
        await member.has(400);
        assert.deepEqual(of('m0', member.texts), texts('m0', 200));
        assert.deepEqual(of('m1', member.texts), texts('m1', 200));
        if (!peer.tellsOwnFirst) assert.deepEqual(member.texts, members[0].texts); // one order for all
      }
      await elsewhere.post('other-0');
      await elsewhere.has(1);
      assert.deepEqual(elsewhere.texts, ['other-0']); // nothing came from the room next door
      await Promise.all([...members, elsewhere].map(member => member.close()));
    });

    test('a room that was empty takes members again', async () => {
      for (let n = 0; n < 5; n++) {
        const member = await open(n, 'm', 'attic');
        await member.post(`m-${n}`);
        await member.has(1);
        assert.deepEqual(member.texts, [`m-${n}`]);
        await member.close();
      }
    });

    test('who comes back gets what it missed, while more is posted', { skip: !peer.resumes && 'the peer has no resume' }, async () => {
      const poster = await open(0, 'poster', 'hall-2');
      const first = await open(1, 'guest', 'hall-2');
      await poster.post('poster-0');
      await first.has(1);
      await first.close();
      const all = texts('poster', 251);
      for (const text of all.slice(1, 101)) await poster.post(text);
      const later = (async () => {
        for (const text of all.slice(101)) await poster.post(text);
      })();
      const back = await open(0, 'guest', 'hall-2', first.place);
      await later;
      await back.has(250);
      assert.deepEqual([...first.texts, ...back.texts], all);
      const none = await open(1, 'guest', 'hall-2', back.place); // nothing was missed
      await poster.post('poster-251');
      await none.has(1);
      assert.deepEqual(none.texts, ['poster-251']);
      await Promise.all([poster, back, none].map(member => member.close()));
    });

    test('SIGTERM ends a server in order', async () => {
      const member = await open(0, 'm', 'hall');
      for (const server of servers) assert.equal(await end(server), 0, server.said);
      await member.close();
    });
  });
}
