import assert from 'node:assert/strict';
import { connect, RejoinError } from '../rejoin.js';
import { FuzzGenerator, EVENTS } from './fuzz-values.js';

/** One user's client, on which random methods are called with random arguments. Records the calls and their results. */
export class FuzzClient {
  calls = []; // of send and sendTo: { target, content, isPlain, promise, result }
  joinedRooms = []; // that `join` returned
  closedRooms = new Set();
  isClosed = false; // by `close`
  #depth = 0;

  constructor({ url, options, random, roomNames, userNames, name, label }) {
    Object.assign(this, { url, options, roomNames, userNames, name, label, fuzz: new FuzzGenerator(random) });
    this.client = connect(url, { ...options, name });
    this.client.on('state', ({ state }) => {
      assert.ok(!this.wasClosed, `${this.label}: a client that was closed is ${state}`);
      this.wasClosed = state === 'closed';
      this.#maybeStep(0.2);
    });
  }

  /** Calls another method from inside a getter or a listener. */
  reenter = () => this.#maybeStep(0.5);

  #maybeStep(probability) {
    if (this.#depth > 1 || this.isStopped || this.fuzz.random() > probability) return;
    this.#depth++;
    this.step();
    this.#depth--;
  }

  step() {
    const { fuzz } = this;
    const room = this.joinedRooms.length > 0 && fuzz.random() < 0.8 ? fuzz.pick(this.joinedRooms) : undefined;
    const isNested = this.#depth > 0;
    const methods = isNested && fuzz.random() < 0.7 ? ['join'] : ['join', 'send', 'send', 'send', 'sendTo', 'ack', 'on', 'roomOn', 'direct'];
    if (fuzz.random() < (isNested ? 0.9 : 0.15)) methods.push('leave', 'leave', 'pause', 'resume', 'resume', 'wake', 'connect');
    if (fuzz.random() < (isNested ? 0.05 : 0.01)) methods.push('close');
    const method = fuzz.pick(methods);
    try {
      this.#call(method, room);
    } catch (e) {
      assert.ok(e instanceof RejoinError, `${this.label}: ${method} throws ${String(e?.stack ?? e)}`);
    }
  }

  #call(method, room) {
    const { client, fuzz, reenter } = this;
    switch (method) {
      case 'join': {
        const name = fuzz.validOrFuzz(fuzz.pick(this.roomNames), reenter, 0.2);
        return void this.#addRoom(client.join(name, fuzz.options('join', reenter)));
      }
      case 'direct': return void (client.direct && this.#addRoom(client.direct));
      case 'send': return room && this.#send(() => room.name, (content, options) => room.send(content, options));
      case 'sendTo': return this.#sendTo(fuzz.validOrFuzz(fuzz.pick(this.userNames), reenter));
      case 'ack': return room && (fuzz.random() < 0.5 ? room.ack() : room.ack(fuzz.validOrFuzz(1, reenter)));
      case 'leave': return room?.leave();
      case 'pause': return client.pause();
      case 'resume': return client.resume();
      case 'close': this.isClosed = true; return client.close();
      case 'wake': return client._page.dispatchEvent(new Event('online'));
      case 'on': return void this.#addListener(client);
      case 'roomOn': return room && this.#addListener(room);
      case 'connect': return this.#connectAndClose();
    }
  }

  #connectAndClose() {
    const { fuzz, reenter } = this;
    const url = fuzz.validOrFuzz(this.url, reenter);
    const option = fuzz.pick(['token', 'name', 'outbox', 'clock', 'page', 'random', 'fetch', 'tokenIn']);
    connect(url, fuzz.validOrFuzz({ ...this.options, [option]: fuzz.fuzzValue(reenter) }, reenter)).close();
  }

  #addRoom(room) {
    if (this.joinedRooms.includes(room)) return;
    this.joinedRooms.push(room);
    for (const event of ['state', 'members', 'gap']) room.on(event, () => this.#maybeStep(0.2));
    room.on('state', ({ state }) => {
      assert.ok(!this.closedRooms.has(room), `${this.label}: a room that was closed is ${state}`);
      if (state === 'closed') this.closedRooms.add(room);
    });
  }

  #addListener(emitter) {
    const { fuzz } = this;
    const event = fuzz.validOrFuzz(fuzz.pick(EVENTS), this.reenter, 0.2);
    const listener = fuzz.validOrFuzz(() => fuzz.random() < 0.2 && this.#maybeStep(0.3), this.reenter, 0.2);
    const removeListener = emitter.on(event, listener);
    if (fuzz.random() < 0.3) removeListener();
  }

  #sendTo(user) {
    this.#send(() => (typeof user === 'string' ? `@${user}` : null), (content, options) => this.client.sendTo(user, content, options));
  }

  /** Sends a message to a room or a user, and records the call. */
  #send(getTarget, send) {
    const { fuzz } = this;
    const isPlain = fuzz.random() < 0.5;
    const content = isPlain ? `plain ${fuzz.random()}` : fuzz.fuzzValue(this.reenter);
    const call = { content, isPlain, result: 'pending' };
    call.promise = send(content, fuzz.options('send', this.reenter));
    Object.defineProperty(call, 'target', { get: getTarget }); // a personal room gets its name later
    assert.ok(call.promise instanceof Promise, `${this.label}: a promise`);
    call.promise.then(ack => { call.result = 'posted'; call.id = ack.id; }, error => {
      call.result = error instanceof RejoinError ? error.code : `not ours: ${error?.stack}`;
      call.unknown = error.unknown;
    });
    this.calls.push(call);
  }
}
