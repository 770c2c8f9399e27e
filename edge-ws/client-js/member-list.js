import { jitterMs, Timers } from './timers.js';

const ANSWER_TIMEOUT_MS = 10_000; // before the request for the members is sent again

/** The members of a room. */
export class MemberList {
  /** @type {Set<string>} */
  members = new Set();
  count = 0;
  /** @type {number | null} null after a join, whose answer has no version */
  #version = null;
  #client;
  #room;
  #timers;

  /** @param {any} client @param {{ name: string, _isJoined: boolean, _emit(event: string, value: any): any }} room */
  constructor(client, room) {
    this.#client = client;
    this.#room = room;
    this.#timers = new Timers(client._clock);
  }

  /** Takes the members from the answer to a join. @param {any} frame */
  onJoinAck(frame) {
    this.#version = null;
    this.#setMembers(frame);
  }

  /** Handles one user who joined or left. @param {any} frame */
  onPresence({ action, user, count, version }) {
    this.#applyChanges([{ action, user }], { count, from: version, version });
  }

  /** Handles several joins and leaves at once. The frame has no names when there are too many. @param {any} frame */
  onPresenceDiff({ joined, left, count, from, version }) {
    const hasNames = Array.isArray(joined) && Array.isArray(left);
    const changes = !hasNames ? [] : [
      ...joined.map(user => ({ action: 'join', user })), ...left.map(user => ({ action: 'leave', user })),
    ];
    if (this.#applyChanges(changes, { count, from, version }) && !hasNames) this.#requestSoon();
  }

  /**
   * Applies changes. Returns whether they are new and the room is still joined.
   *
   * @param {{ action: string, user: string }[]} changes
   * @param {{ count: number, from: number, version: number }} update
   */
  #applyChanges(changes, { count, from, version }) {
    if (this.#version !== null && version <= this.#version) return false;
    const hasMissedChanges = this.#version !== null && from > this.#version + 1;
    this.#version = version;
    this.count = count;
    for (const { action, user } of changes) action === 'join' ? this.members.add(user) : this.members.delete(user);
    for (const change of changes) {
      this.#room._emit('presence', { room: this.#room.name, ...change, count });
      if (!this.#room._isJoined) return false; // a listener has left the room
    }
    this.#room._emit('members', this.members);
    if (this.#room._isJoined && hasMissedChanges) this.#request();
    return this.#room._isJoined;
  }

  /** Takes the complete list of members. @param {any} frame */
  onPresenceState(frame) {
    if (this.#version !== null && frame.version < this.#version) return;
    this.#version = frame.version;
    this.#setMembers(frame);
  }

  /** Stops when the connection or the room ends. */
  stopTimers() {
    this.#timers.clearAll();
  }

  /**
   * Asks for the members after a random wait, so that not all clients ask at once. A request that already waits for
   * its answer is repeated anyway until the answer is new enough.
   */
  #requestSoon() {
    if (this.#timers.has('answer')) return;
    this.#timers.set('answer', jitterMs(this.#client._random, 2), () => this.#request());
  }

  #request() {
    this.#client._send({ event: 'presence', room: this.#room.name });
    this.#timers.set('answer', ANSWER_TIMEOUT_MS + jitterMs(this.#client._random, 2), () => this.#request());
  }

  /** @param {{ members: string[], count: number }} list */
  #setMembers({ members, count }) {
    this.#timers.clearAll();
    this.members = new Set(members);
    this.count = count;
    this.#room._emit('members', this.members);
  }
}
