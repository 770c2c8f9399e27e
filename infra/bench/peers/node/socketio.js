// Rooms over Socket.IO with its Redis adapter, for two servers or more, as its documentation writes them:
//   socket.emit('join', 'ROOM', ack), socket.emit('message', 'hi', ack); socket.on('message', ({ room, user, text, ts }) => …)
// The ack says that a server has taken the message. Nothing is kept, so nothing can be resumed.
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { serve } from './serving.js';

const publisher = createClient({ url: process.env.REDIS_URL });
const subscriber = publisher.duplicate();
for (const client of [publisher, subscriber]) client.on('error', error => console.error(error));
await Promise.all([publisher.connect(), subscriber.connect()]);

const http = createServer();
const io = new Server(http, {
  adapter: createAdapter(publisher, subscriber),
  transports: ['websocket'],
  serveClient: false,
  maxHttpBufferSize: 64 * 1024,
});
io.engine.on('connection', socket => { socket.request = null; }); // saves memory, says the documentation

io.on('connection', socket => {
  const user = socket.handshake.auth.name;
  let room;
  socket.on('join', (name, ack) => {
    room = name;
    socket.join(room);
    ack({ room });
  });
  socket.on('message', (text, ack) => {
    const ts = Date.now();
    io.to(room).emit('message', { room, user, text, ts });
    ack({ ts });
  });
});

serve(http, async () => {
  await io.close();
  publisher.destroy();
  subscriber.destroy();
});
