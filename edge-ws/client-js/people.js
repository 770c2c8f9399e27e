import { jitter, Timers } from './support.js';

const ANSWER_MS = 10_000; // to the question who is here, before it is put again

/** Who is in a room. */
export class People {
  /** @type {Set<string>} */
  members = new Set();
  count = 0;
  /** @type {number | null} a join's answer does not tell it */
  #version = null;
  #client;
  #room;
  #timers;

  /** @param {any} client @param {{ name: string, _isIn: boolean, _emit(event: string, value: any): any }} room */
  constructor(client, room) {
    this.#client = client;
    this.#room = room;
    this.#timers = new Timers(client._clock);
  }

  /** The answer to a join. @param {any} frame */
  joined(frame) {
    this.#version = null;
    this.#see(frame);
  }

  /** Somebody came or went. @param {any} frame */
  moved({ action, user, count, version }) {
    this.#change([{ action, user }], { count, from: version, version });
  }

  /** Several did, close to each other; where there are no names, too many for them. @param {any} frame */
  changed({ joined, left, count, from, version }) {
    const isNamed = Array.isArray(joined) && Array.isArray(left);
    const changes = !isNamed ? [] : [
      ...joined.map(user => ({ action: 'join', user })), ...left.map(user => ({ action: 'leave', user })),
    ];
    if (this.#change(changes, { count, from, version }) && !isNamed) this.#askSoon();
  }

  /**
   * Whether it is news, and the room goes on.
   *
   * @param {{ action: string, user: string }[]} changes @param {{ count: number, from: number, version: number }} told
   */
  #change(changes, { count, from, version }) {
    if (this.#version !== null && version <= this.#version) return false;
    const isMissed = this.#version !== null && from > this.#version + 1;
    this.#version = version;
    this.count = count;
    for (const { action, user } of changes) action === 'join' ? this.members.add(user) : this.members.delete(user);
    for (const change of changes) {
      this.#room._emit('presence', { room: this.#room.name, ...change, count });
      if (!this.#room._isIn) return false; // somebody heard of it and has ended it
    }
    this.#room._emit('members', this.members);
    if (this.#room._isIn && isMissed) this.#ask();
    return this.#room._isIn;
  }

  /** All who are here. @param {any} frame */
  listed(frame) {
    if (this.#version !== null && frame.version < this.#version) return;
    this.#version = frame.version;
    this.#see(frame);
  }

  /** The connection is gone, or the room. */
  stop() {
    this.#timers.clearAll();
  }

  /** Not all clients at once. A question that is open will be put again until its answer is as late as this. */
  #askSoon() {
    if (!this.#timers.has('answer')) this.#timers.set('answer', jitter(this.#client._random, 2), () => this.#ask());
  }

  #ask() {
    this.#client._send({ event: 'presence', room: this.#room.name });
    this.#timers.set('answer', ANSWER_MS + jitter(this.#client._random, 2), () => this.#ask());
  }

  /** @param {{ members: string[], count: number }} list */
  #see({ members, count }) {
    this.#timers.clearAll();
    this.members = new Set(members);
    this.count = count;
    this.#room._emit('members', this.members);
  }
}
