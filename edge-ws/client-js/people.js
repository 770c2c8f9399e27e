import { jitter, Timers } from './support.js';

const ANSWER_MS = 10_000; // before the question for the members is sent again

/** The members of a room. */
export class People {
  /** @type {Set<string>} */
  members = new Set();
  count = 0;
  /** @type {number | null} null after a join, whose answer has no version */
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

  /** Takes the members from the answer to a join. @param {any} frame */
  joined(frame) {
    this.#version = null;
    this.#see(frame);
  }

  /** Handles one user who joined or left. @param {any} frame */
  moved({ action, user, count, version }) {
    this.#change([{ action, user }], { count, from: version, version });
  }

  /** Handles several joins and leaves at once. The frame has no names when there are too many. @param {any} frame */
  changed({ joined, left, count, from, version }) {
    const isNamed = Array.isArray(joined) && Array.isArray(left);
    const changes = !isNamed ? [] : [
      ...joined.map(user => ({ action: 'join', user })), ...left.map(user => ({ action: 'leave', user })),
    ];
    if (this.#change(changes, { count, from, version }) && !isNamed) this.#askSoon();
  }

  /**
   * Applies changes. Returns whether they are news and the room is still joined.
   *
   * @param {{ action: string, user: string }[]} changes
   * @param {{ count: number, from: number, version: number }} told
   */
  #change(changes, { count, from, version }) {
    if (this.#version !== null && version <= this.#version) return false;
    const isMissed = this.#version !== null && from > this.#version + 1;
    this.#version = version;
    this.count = count;
    for (const { action, user } of changes) action === 'join' ? this.members.add(user) : this.members.delete(user);
    for (const change of changes) {
      this.#room._emit('presence', { room: this.#room.name, ...change, count });
      if (!this.#room._isIn) return false; // a listener has left the room
    }
    this.#room._emit('members', this.members);
    if (this.#room._isIn && isMissed) this.#ask();
    return this.#room._isIn;
  }

  /** Takes the complete list of members. @param {any} frame */
  listed(frame) {
    if (this.#version !== null && frame.version < this.#version) return;
    this.#version = frame.version;
    this.#see(frame);
  }

  /** Stops when the connection or the room ends. */
  stop() {
    this.#timers.clearAll();
  }

  /**
   * Asks for the members after a random wait, so that not all clients ask at once. A question that is already open is
   * repeated anyway until its answer is new enough.
   */
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
