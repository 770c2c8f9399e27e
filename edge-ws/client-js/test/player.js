import assert from 'node:assert/strict';
import { connect, RejoinError } from '../rejoin.js';
import { Draw, EVENTS } from './odd.js';

/** One user's client, what was called on it and what became of it. */
export class Player {
  calls = []; // of send and sendTo: { at, content, promise, how }
  joined = []; // rooms that `join` gave
  ended = new Set(); // those that were closed
  isEnded = false; // by `close`
  #depth = 0;

  constructor({ url, options, random, rooms, users, name, where }) {
    Object.assign(this, { url, options, rooms, users, name, where, draw: new Draw(random) });
    this.client = connect(url, { ...options, name });
    this.client.on('state', ({ state }) => {
      assert.ok(!this.wasClosed, `${this.where}: a client that was closed is ${state}`);
      this.wasClosed = state === 'closed';
      this.#now(0.2);
    });
  }

  /** Something else is called in the middle of what goes on. */
  act = () => this.#now(0.5);

  #now(chance) {
    if (this.#depth > 1 || this.isOver || this.draw.random() > chance) return;
    this.#depth++;
    this.step();
    this.#depth--;
  }

  step() {
    const { draw } = this;
    const room = this.joined.length > 0 && draw.random() < 0.8 ? draw.of(this.joined) : undefined;
    const isNested = this.#depth > 0;
    const weighted = isNested && draw.random() < 0.7 ? ['join'] : ['join', 'send', 'send', 'send', 'sendTo', 'ack', 'on', 'roomOn', 'direct'];
    if (draw.random() < (isNested ? 0.9 : 0.15)) weighted.push('leave', 'leave', 'pause', 'resume', 'resume', 'wake', 'connect');
    if (draw.random() < (isNested ? 0.05 : 0.01)) weighted.push('close');
    const what = draw.of(weighted);
    try {
      this.#do(what, room);
    } catch (e) {
      assert.ok(e instanceof RejoinError, `${this.where}: ${what} throws ${String(e?.stack ?? e)}`);
    }
  }

  #do(what, room) {
    const { client, draw, act } = this;
    switch (what) {
      case 'join': return void this.#keep(client.join(draw.or(draw.of(this.rooms), act, 0.2), draw.options('join', act)));
      case 'direct': return void (client.direct && this.#keep(client.direct));
      case 'send': return room && this.#send(() => room.name, (content, options) => room.send(content, options));
      case 'sendTo': return this.#sendTo(draw.or(draw.of(this.users), act));
      case 'ack': return room && (draw.random() < 0.5 ? room.ack() : room.ack(draw.or(1, act)));
      case 'leave': return room?.leave();
      case 'pause': return client.pause();
      case 'resume': return client.resume();
      case 'close': this.isEnded = true; return client.close();
      case 'wake': return client._page.dispatchEvent(new Event('online'));
      case 'on': return void this.#listen(client);
      case 'roomOn': return room && this.#listen(room);
      case 'connect': return connect(draw.or(this.url, act), draw.or({ ...this.options, [draw.of(['token', 'name', 'outbox', 'clock', 'page', 'random', 'fetch', 'tokenIn'])]: draw.odd(act) }, act)).close();
    }
  }

  #keep(room) {
    if (this.joined.includes(room)) return;
    this.joined.push(room);
    for (const event of ['state', 'members', 'gap']) room.on(event, () => this.#now(0.2));
    room.on('state', ({ state }) => {
      assert.ok(!this.ended.has(room), `${this.where}: a room that was closed is ${state}`);
      if (state === 'closed') this.ended.add(room);
    });
  }

  #listen(emitter) {
    const { draw } = this;
    const end = emitter.on(draw.or(draw.of(EVENTS), this.act, 0.2), draw.or(() => draw.random() < 0.2 && this.#now(0.3), this.act, 0.2));
    if (draw.random() < 0.3) end();
  }

  #sendTo(user) {
    this.#send(() => (typeof user === 'string' ? `@${user}` : null), (content, options) => this.client.sendTo(user, content, options));
  }

  /** A send either way, and what its content would be. */
  #send(at, send) {
    const { draw } = this;
    const isPlain = draw.random() < 0.5;
    const content = isPlain ? `plain ${draw.random()}` : draw.odd(this.act);
    const call = { content, isPlain, how: 'pending' };
    call.promise = send(content, draw.options('send', this.act));
    Object.defineProperty(call, 'at', { get: at }); // a personal room gets its name later
    assert.ok(call.promise instanceof Promise, `${this.where}: a promise`);
    call.promise.then(ack => { call.how = 'posted'; call.id = ack.id; }, error => {
      call.how = error instanceof RejoinError ? error.code : `not ours: ${error?.stack}`;
      call.unknown = error.unknown;
    });
    this.calls.push(call);
  }
}
