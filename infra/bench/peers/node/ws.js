// Rooms over WebSocket with the library ws, for two servers or more: what a team writes that follows the documentation of ws and of
// node-redis. It speaks a part of Rejoin's protocol; a connection is in one room:
//   ws://HOST:PORT/ws/ROOM?name=ann, or /ws?name=ann and then {"event":"join","room":"ROOM","after":SEQ}
//   {"event":"message","text":"hi","id":"1"}  gets  {"event":"ack","id":"1","room":"ROOM",…}
// MODE says where a message is before its ack, see stores.js.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { serve } from './serving.js';
import { openStore } from './stores.js';

const HEARTBEAT_MS = 30_000;
const MAX_PAYLOAD = 64 * 1024;
/** Who reads too slowly is closed, before it takes the memory of all. */
const MAX_BUFFERED = 1024 * 1024;

const store = await openStore(process.env);
const rooms = new Map();
const http = createServer((_, response) => response.writeHead(426).end());
const server = new WebSocketServer({ server: http, maxPayload: MAX_PAYLOAD });

server.on('connection', (socket, request) => {
  const asked = parse(request.url);
  if (!asked) return socket.close(1008, 'connect to /ws or /ws/ROOM, with ?name=NAME');
  const member = { socket, name: asked.name, room: null, seq: 0, waiting: null };
  socket.isAlive = true;
  socket.on('pong', () => { socket.isAlive = true; });
  socket.on('error', () => socket.terminate());
  socket.on('message', data => receive(member, data));
  socket.on('close', () => leave(member));
  if (asked.room) join(member, { room: asked.room });
});

function parse(target) {
  try {
    const url = new URL(target, 'ws://localhost');
    const [, first, room] = url.pathname.split('/');
    const name = url.searchParams.get('name');
    return first === 'ws' && name ? { room: room && decodeURIComponent(room), name } : null;
  } catch {
    return null;
  }
}

function receive(member, data) {
  let frame;
  try {
    frame = JSON.parse(data);
  } catch {
    return refuse(member, undefined, 'a frame is JSON');
  }
  switch (frame?.event) {
    case 'message': return post(member, frame);
    case 'join': return join(member, frame);
    case 'ping': return send(member, JSON.stringify({ event: 'pong', id: frame.id }));
    default: return refuse(member, frame?.id, 'the event is message, join or ping');
  }
}

async function post(member, { id, text }) {
  if (!member.room || typeof text !== 'string') return refuse(member, id, 'join a room, then post a text');
  const room = member.room.name;
  const ts = Date.now();
  try {
    const told = await store.post(room, { room, user: member.name, text, ts });
    if (id !== undefined) send(member, JSON.stringify({ event: 'ack', id, room, ...told, ts }));
  } catch (error) {
    console.error(error);
    send(member, JSON.stringify({ event: 'error', id, code: 'unavailable', message: 'try again' }));
  }
}

/** First subscribed, then what was missed: nothing can fall in between. Until then, what comes live has to wait. */
async function join(member, { id, room, after }) {
  if (member.room || typeof room !== 'string') return refuse(member, id, 'a connection joins one room');
  member.waiting = [];
  member.room = enter(member, room);
  try {
    await member.room.subscribed;
    const seq = await store.last(room);
    send(member, JSON.stringify({ event: 'join_ack', id, room, user: member.name, seq, epoch: 1, count: member.room.members.size }));
    if (after === undefined) member.seq = seq;
    else await resume(member, after);
  } catch (error) {
    console.error(error);
    return member.socket.close(1013, 'try again');
  }
  const { waiting } = member;
  member.waiting = null;
  for (const frame of waiting) deliver(member, frame);
}

async function resume(member, after) {
  if (!store.isNumbered)
    return send(member, JSON.stringify({ event: 'resync', room: member.room.name, from: 1, to: 0, outcome: 'unrecoverable' }));
  member.seq = after;
  const frames = await store.after(member.room.name, after);
  const from = frames.length === 0 ? after + 1 : store.seqOf(frames[0]);
  for (const frame of frames) deliver(member, frame);
  const outcome = from === after + 1 ? 'full' : 'partial';
  send(member, JSON.stringify({ event: 'resync', room: member.room.name, from, to: member.seq, outcome }));
}

/** The room, which is subscribed to while this server has members of it. */
function enter(member, name) {
  let room = rooms.get(name);
  if (!room) {
    room = { name, members: new Set() };
    room.listener = frame => fanOut(room, frame);
    room.subscribed = store.subscribe(name, room.listener);
    rooms.set(name, room);
  }
  room.members.add(member);
  return room;
}

function leave(member) {
  const { room } = member;
  if (!room) return;
  room.members.delete(member);
  if (room.members.size > 0) return;
  rooms.delete(room.name);
  store.unsubscribe(room.name, room.listener).catch(error => console.error(error));
}

/** The frame is encoded once for all: it is sent as it came from Redis. */
function fanOut(room, frame) {
  for (const member of room.members) {
    if (member.waiting) member.waiting.push(frame);
    else deliver(member, frame);
  }
}

function deliver(member, frame) {
  if (store.isNumbered) {
    const seq = store.seqOf(frame);
    if (seq <= member.seq) return; // it was among what the member missed
    member.seq = seq;
  }
  send(member, frame);
}

function send({ socket }, frame) {
  if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
  else socket.send(frame, { binary: false });
}

function refuse(member, id, message) {
  send(member, JSON.stringify({ event: 'error', id, code: 'invalid_frame', message }));
}

/** As the documentation of ws has it: who did not answer the last ping is gone. */
const heartbeat = setInterval(() => {
  for (const socket of server.clients) {
    if (!socket.isAlive) socket.terminate();
    else {
      socket.isAlive = false;
      socket.ping();
    }
  }
}, HEARTBEAT_MS);

serve(http, async () => {
  clearInterval(heartbeat);
  http.close();
  for (const socket of server.clients) socket.terminate();
  await store.close();
});
