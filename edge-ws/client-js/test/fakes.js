import { connect } from '../rejoin.js';

/** Time that passes only when a test says so. */
export class FakeClock {
  now = 0;
  #timers = new Map();
  #next = 1;

  setTimeout = (action, ms) => {
    this.#timers.set(this.#next, { action, at: this.now + (ms < 2 ** 31 ? ms : 1) }); // as all timers: too long is at once
    return this.#next++;
  };

  clearTimeout = timer => void this.#timers.delete(timer);

  /** Runs what is due within that time, in order. */
  pass(ms) {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.now = due[1].at;
      due[1].action();
    }
    this.now = end;
  }

  get pending() {
    return this.#timers.size;
  }
}

/** The page: it can say that the network is back, or that it is seen again. */
export class FakePage extends EventTarget {
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
}

/** A client, the sockets it opened and what it told. `settle` lets promises run. */
export function start(options = {}) {
  const clock = new FakeClock();
  const page = new FakePage();
  const sockets = [];
  class FakeSocket {
    sent = [];
    closed = null;

    constructor(url, protocols) {
      this.url = url;
      this.protocols = protocols;
      sockets.push(this);
    }

    send(text) {
      const frame = JSON.parse(text);
      this.sent.push(frame);
      if (this.isLiving && frame.event === 'ping') clock.setTimeout(() => this.push({ event: 'pong', id: frame.id, ts: 1 }), 100);
    }

    /** From now on the server is slow, but alive. */
    answersPings() {
      this.isLiving = true;
      return this;
    }

    close(code, reason) {
      this.closed ??= { code, reason };
    }

    /** The server sends. */
    push(...frames) {
      for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
    }

    /** The connection ends. */
    end(code = 1006, reason = '') {
      this.onclose?.({ code, reason });
    }

    /** It cannot be made, or breaks. Throws, as node's event emitters do, if nobody hears it. */
    fail(message) {
      this.onerror({ message });
    }

    welcome(more = {}) {
      this.push({ event: 'welcome', connection: 'c', user: 'ann', heartbeat_ms: 20_000, limits: { message_bytes: 1_000, rooms: 10 }, ...more });
      return this;
    }

    /** What was sent under that event, the last first. */
    last(event) {
      return this.sent.filter(frame => frame.event === event).at(-1);
    }

    all(event) {
      return this.sent.filter(frame => frame.event === event);
    }

    /** Answers the last join. */
    joined({ seq = 0, epoch = 1, members = ['ann'], count = members.length, room = 'r', cursor } = {}) {
      const id = this.sent.filter(frame => frame.event === 'join' && frame.room === room).at(-1).id;
      this.push({ event: 'join_ack', room, user: 'ann', id, seq, epoch, cursor, members, count });
      return this;
    }

    resync(from, to, outcome = 'full') {
      this.push({ event: 'resync', room: 'r', from, to, outcome });
      return this;
    }

    messages(...seqs) {
      this.push(...seqs.map(seq => message(seq)));
      return this;
    }
  }
  const states = [];
  const rejoin = connect('ws://host:1/', { WebSocket: FakeSocket, clock, page, random: () => 0.5, fetch: false, ...options });
  rejoin.on('state', change => states.push(change));
  return {
    rejoin, clock, page, sockets, states,
    get socket() {
      return sockets.at(-1);
    },
    /** Joins a room, and notes what it tells in `told`. */
    room(joinOptions, name = 'r') {
      const room = rejoin.join(name, joinOptions);
      const told = { seqs: [], gaps: [], resyncs: [], states: [], presence: [], errors: [], order: [] };
      room.on('message', m => { told.seqs.push(m.seq); told.order.push(m.seq); });
      room.on('gap', ({ outcome, from, to }) => { told.gaps.push({ outcome, from, to }); told.order.push('gap'); });
      room.on('resync', r => told.resyncs.push(r));
      room.on('state', s => told.states.push(s.state));
      room.on('presence', p => told.presence.push(`${p.user} ${p.action}`));
      room.on('error', e => told.errors.push(e.code));
      return { room, told };
    },
  };
}

export const message = (seq, more = {}) =>
  ({ event: 'message', room: 'r', seq, epoch: 1, user: 'bob', text: `m${seq}`, ts: 1_000 + seq, ...more });

/** Lets everything run that waits for a promise. */
export const settle = () => new Promise(resolve => setImmediate(resolve));

/** How a promise stands, without waiting for it. */
export async function outcome(promise) {
  let result = 'pending';
  promise.then(value => { result = value; }, error => { result = error; });
  await settle();
  return result;
}
