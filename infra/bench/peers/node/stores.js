// Where a message is before it is acknowledged. In each mode members get it by Redis pub/sub, one channel for a room.
//   pubsub    published, and nowhere else
//   stream    in the room's Redis stream, where whoever comes back reads what it missed
//   postgres  committed in PostgreSQL
import pg from 'pg';
import { createClient, defineScript } from 'redis';

/** How a message's frame begins; where messages are numbered, the digits follow. */
const HEAD = '{"event":"message",';
const NUMBERED = HEAD + '"seq":';

/** How many messages a room's stream keeps, at least. */
const KEPT = 1000;

/** Appends to the room's stream and publishes, in one step, so that all servers tell messages in the order of the stream. */
const append = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: `
    local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ${KEPT}, '0-*', 'm', ARGV[1])
    local seq = string.sub(id, 3)
    redis.call('PUBLISH', KEYS[1], '${NUMBERED}' .. seq .. ',' .. ARGV[1])
    return tonumber(seq)`,
  parseCommand(parser, room, fields) {
    parser.pushKey(room);
    parser.push(fields);
  },
  transformReply: seq => seq,
});

export async function openStore({ MODE, REDIS_URL, POSTGRES_URL }) {
  const redis = await connect(createClient({ url: REDIS_URL, scripts: { append } }));
  const subscriber = await connect(createClient({ url: REDIS_URL }));
  const store = {
    isNumbered: false,
    last: async () => 0,
    after: async () => [],
    subscribe: (room, listener) => subscriber.subscribe(room, listener, true), // true: as bytes
    unsubscribe: (room, listener) => subscriber.unsubscribe(room, listener, true),
    close: async () => [redis, subscriber].forEach(client => client.destroy()),
  };
  switch (MODE) {
    case 'pubsub': return { ...store, ...pubsub(redis) };
    case 'stream': return { ...store, ...await stream(redis) };
    case 'postgres': return { ...store, ...await postgres(redis, POSTGRES_URL, store) };
    default: throw new Error(`MODE is pubsub, stream or postgres, not ${MODE}`);
  }
}

async function connect(client) {
  return client.on('error', error => console.error(error)).connect();
}

/** A message's fields as JSON, with the brace that ends them and not the one that begins them. */
function fieldsOf(message) {
  return JSON.stringify(message).slice(1);
}

function pubsub(redis) {
  return {
    post: async (room, message) => {
      await redis.publish(room, HEAD + fieldsOf(message));
    },
  };
}

async function stream(redis) {
  await redis.scriptLoad(append.SCRIPT); // else the first calls are repeated with the script in full, and lose their order
  return {
    isNumbered: true,
    seqOf: frame => Number.parseInt(frame.toString('latin1', NUMBERED.length, NUMBERED.length + 16), 10),
    post: async (room, message) => ({ seq: await redis.append(room, fieldsOf(message)) }),
    last: async room => {
      const [entry] = await redis.xRevRange(room, '+', '-', { COUNT: 1 });
      return entry ? seqOfEntry(entry) : 0;
    },
    after: async (room, seq) => {
      const entries = await redis.xRange(room, `(0-${seq}`, '+');
      return entries.map(entry => Buffer.from(`${NUMBERED}${seqOfEntry(entry)},${entry.message.m}`));
    },
  };
}

/** Entries of a stream are 0-1, 0-2, 0-3 … */
function seqOfEntry({ id }) {
  return Number(id.slice(2));
}

async function postgres(redis, url, store) {
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', error => console.error(error));
  await pool.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(1); -- both servers may start at once
    CREATE TABLE IF NOT EXISTS message (
      room text NOT NULL,
      row bigint GENERATED ALWAYS AS IDENTITY,
      author text NOT NULL,
      text text NOT NULL,
      posted timestamptz NOT NULL,
      PRIMARY KEY (room, row)
    );
    COMMIT`);
  const insert = async (room, { user, text, ts }) => {
    const { rows } = await pool.query({
      name: 'insert', // prepared once for each connection
      text: 'INSERT INTO message (room, author, text, posted) VALUES ($1, $2, $3, $4) RETURNING row',
      values: [room, user, text, new Date(ts)],
    });
    return Number(rows[0].row);
  };
  const lasts = new Map(); // the last post under way of each room: one after the other, so that they are told in their order
  return {
    post: async (room, message) => {
      const before = lasts.get(room);
      const stored = (async () => {
        await before?.catch(() => {}); // told to who posted that
        const row = await insert(room, message);
        redis.publish(room, HEAD + fieldsOf({ ...message, row })).catch(error => console.error(error));
        return { row };
      })();
      lasts.set(room, stored);
      try {
        return await stored;
      } finally {
        if (lasts.get(room) === stored) lasts.delete(room);
      }
    },
    close: async () => {
      await store.close();
      await pool.end();
    },
  };
}
