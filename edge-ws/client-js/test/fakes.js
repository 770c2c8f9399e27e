import { connect } from '../rejoin.js';

/** A clock that only a test advances. */
export class FakeClock {
  now = 0;
  #timers = new Map();
  #nextId = 1;

  setTimeout = (action, ms) => {
    this.#timers.set(this.#nextId, { action, at: this.now + (ms < 2 ** 31 ? ms : 1) }); // too long a time fires at once, as real timers do
    return this.#nextId++;
  };

  clearTimeout = timer => void this.#timers.delete(timer);

  /** Runs the timers that are due within this time, in order. */
  advance(ms) {
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

  get timerCount() {
    return this.#timers.size;
  }
}

/** A page, as the source of the events `online` and `visibilitychange`. */
export class FakePage extends EventTarget {
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
}

/** A client with its sockets and states. */
export function startClient(options = {}) {
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
      if (!this.isAnsweringPings || frame.event !== 'ping') return;
      clock.setTimeout(() => this.push({ event: 'pong', id: frame.id, ts: 1 }), 100);
    }

    /** Answers pings from now on, but nothing else. */
    answerPings() {
      this.isAnsweringPings = true;
      return this;
    }

    close(code, reason) {
      this.closed ??= { code, reason };
    }

    /** Frames from the server. */
    push(...frames) {
      for (const frame of frames) this.onmessage?.({ data: JSON.stringify(frame) });
    }

    /** Closes the connection, as the server or the network does. */
    disconnect(code = 1006, reason = '') {
      this.onclose?.({ code, reason });
    }

    /** An error of the socket. Throws without a listener, as event emitters of node do. */
    fireError(message) {
      this.onerror({ message });
    }

    pushWelcome(overrides = {}) {
      this.push({ event: 'welcome', connection: 'c', user: 'ann', heartbeat_ms: 20_000, limits: { message_bytes: 1_000, rooms: 10 }, ...overrides });
      return this;
    }

    /** The last sent frame of this event. */
    lastSent(event) {
      return this.sent.filter(frame => frame.event === event).at(-1);
    }

    allSent(event) {
      return this.sent.filter(frame => frame.event === event);
    }

    /** Answers the last join. */
    answerJoin({ seq = 0, epoch = 1, members = ['ann'], count = members.length, room = 'r', cursor } = {}) {
      const id = this.sent.filter(frame => frame.event === 'join' && frame.room === room).at(-1).id;
      this.push({ event: 'join_ack', room, user: 'ann', id, seq, epoch, cursor, members, count });
      return this;
    }

    pushResync(from, to, outcome = 'full') {
      this.push({ event: 'resync', room: 'r', from, to, outcome });
      return this;
    }

    pushMessages(...seqs) {
      this.push(...seqs.map(seq => message(seq)));
      return this;
    }
  }
  const states = [];
  const rejoin = connect('ws://host:1/', { WebSocket: FakeSocket, clock, page, random: () => 0.5, fetch: false, ...options });
  rejoin.on('state', state => states.push(state));
  return {
    rejoin, clock, page, sockets, states,
    get socket() {
      return sockets.at(-1);
    },
    /** Joins a room, and records its events in `received`. */
    joinRoom(joinOptions, name = 'r') {
      const room = rejoin.join(name, joinOptions);
      const received = { seqs: [], gaps: [], resyncs: [], states: [], presence: [], errors: [], order: [] };
      room.on('message', m => { received.seqs.push(m.seq); received.order.push(m.seq); });
      room.on('gap', ({ outcome, from, to }) => { received.gaps.push({ outcome, from, to }); received.order.push('gap'); });
      room.on('resync', r => received.resyncs.push(r));
      room.on('state', s => received.states.push(s.state));
      room.on('presence', p => received.presence.push(`${p.user} ${p.action}`));
      room.on('error', e => received.errors.push(e.code));
      return { room, received };
    },
  };
}

export const message = (seq, overrides = {}) =>
  ({ event: 'message', room: 'r', seq, epoch: 1, user: 'bob', text: `m${seq}`, ts: 1_000 + seq, ...overrides });

/** Runs all callbacks of settled promises. */
export const flushPromises = () => new Promise(resolve => setImmediate(resolve));

/** The value or error of a promise, or 'pending', without waiting for it. */
export async function resultOf(promise) {
  let result = 'pending';
  promise.then(value => { result = value; }, error => { result = error; });
  await flushPromises();
  return result;
}
