/**
 * How wrong arguments are refused: at once, before anything is done, with a `RejoinError` whose code is `invalid_argument` and
 * whose message names the argument. A method that gives a promise rejects it, any other throws. Only options of `join`, which
 * often come from storage, do not end a page: the room is closed from the start, as if the server had refused it. In
 * options, null is absence.
 */

/**
 * What a message says: a text, or any JSON value. It is read and written out once, when it is sent: later changes do not matter.
 * Refused is what JSON would change without a word: NaN, undefined in a list, half a surrogate pair, and what holds its content
 * not in fields, such as a Map, a Blob, a RegExp or an iterator. As in JSON, fields that are undefined or functions are left
 * out, and `toJSON` is asked.
 */
export type Content = string | { text: string } | { data: unknown };

export interface ConnectOptions {
  /**
   * A token, or a function that gets one: it is asked before every attempt to connect. When the server did not take the last
   * one, it is told why: a cached one is no use then. It is asked once more, and the next refusal is final. It has 30 seconds:
   * a token that comes later is not used, and it is asked again. It is also asked a minute or two before the token
   * expires, so that the connection lasts.
   *
   * When it gives the token of another user, the client goes on as that one. What the former user sent and was not acknowledged
   * is rejected with `user_changed`; what they handled is not acknowledged. `direct`, rooms with `autoAck` and those that began
   * after the cursor begin anew, for the new user; other rooms go on where they were.
   */
  token?: string | ((refused?: RejoinError) => string | null | undefined | Promise<string | null | undefined>) | null;
  /**
   * Where the token goes: into the URL, which proxies may log, or beside the subprotocol `rejoin.v1`. `query` unless told. A token that
   * a subprotocol cannot hold ends the client with `cannot_connect`; JWTs fit.
   */
  tokenIn?: 'query' | 'subprotocol' | null;
  /**
   * How the user wants to be called; used where the server takes a client's word for it. Without one such a server draws a
   * name, which is kept for as long as this client is.
   */
  name?: string | null;
  /** How many messages may wait for their ack, in all rooms together; 1000 unless told. */
  outbox?: number | null;
  /** Seams for tests and for platforms without these globals. */
  WebSocket?: (new (url: string, protocols?: string[]) => any) | null;
  /** Asks the server why a connection was refused; `globalThis.fetch` unless told, false to leave it. */
  fetch?: typeof fetch | false | null;
  random?: (() => number) | null;
  clock?: Timing | null;
  /** Where `online` and, at its `document`, `visibilitychange` are heard; `globalThis` unless told. */
  page?: object | null;
}

export interface Timing {
  setTimeout(action: () => void, ms: number): any;
  clearTimeout(timer: any): void;
}

export interface JoinOptions {
  /** The last so many messages first. Without this and `after` the room begins now. `after` goes before it. */
  last?: number | string | null;
  /**
   * Resume after this seq, as `room.seq` was when it was saved; give `epoch` with it. Or `'cursor'`: after what the user has
   * acknowledged on any device. Digits, as storage gives them back, count as numbers.
   */
  after?: number | string | 'cursor' | { last: number | string } | null;
  epoch?: number | string | null;
  /**
   * Whether a message is acknowledged once its listeners are done with it: none of them threw, no promise of theirs was
   * rejected. Begins after the cursor unless `last` or `after` says otherwise. False unless told: then only messages that are
   * redelivered are acknowledged by themselves; those from before the beginning, in any room, only if all between the cursor and
   * them was handled as well.
   */
  autoAck?: boolean | null;
}

export interface SendOptions {
  /**
   * The message's own id, 1 to 128 characters; drawn unless told. The server takes one message of a user under an id, however
   * often it is sent. Not `join-1`, `ack-1` and the like: those are the client's own.
   */
  id?: string | null;
  /** When to give up, in milliseconds; 0 is never, five minutes unless told. */
  timeout?: number | null;
  signal?: AbortSignal | null;
  /** Delivered again until everybody who is in the room acknowledges it. Direct messages always are. */
  confirm?: boolean | null;
}

/** What other clients give their messages: this one takes strings only. 5 and "5" are two. */
export type Id = string | number | boolean;

/** The message is durable and has its place in the room's order. */
export interface Ack {
  id: string;
  seq: number;
  /** When it was posted, in milliseconds since the epoch. */
  ts: number;
  /** Whether it had been posted before under this id, by an attempt whose answer was lost. */
  duplicate: boolean;
}

export interface Message {
  room: string;
  /** Its place in the room: 1, 2, 3 … within the epoch. */
  seq: number;
  epoch: number;
  /** The sender's own id of it. */
  id?: Id;
  user: string;
  text?: string;
  data?: unknown;
  ts: number;
  /** It came again, because the user has not acknowledged it; it was not handled here, or is from before the room was joined. */
  redelivered?: true;
  /** Its user was erased, or whoever it was sent to alone: `text` is empty, and `user` stands for nobody. */
  erased?: true;
}

/** Another device of the user has acknowledged everything up to that seq. */
export interface Cursor {
  room: string;
  seq: number;
  epoch: number;
}

/** A user has acknowledged a message of ours. Told to the connection that posted it, perhaps twice; lost with that connection. */
export interface Confirmed {
  /** `@name` for a direct message. */
  room: string;
  seq: number;
  id?: Id;
  user: string;
}

/** These users have not acknowledged a message of ours in time. Told as `Confirmed` is. */
export interface Expired {
  room: string;
  seq: number;
  id?: Id;
  users: string[];
}

/** Messages that cannot be had. Announced where they would have been. */
export interface Gap {
  room: string;
  /** `partial`: no longer kept, or too much came while nobody listened. `unrecoverable`: the room began anew, and what followed `from` in its former life is unknown. */
  outcome: 'partial' | 'unrecoverable';
  from: number;
  /** The last one missing; null if unknown. */
  to: number | null;
}

/** The end of what was missed; from here on messages are live. */
export interface Resync {
  room: string;
  from: number;
  to: number;
  outcome: 'full' | 'partial' | 'unrecoverable';
  /** How many messages were handed on since the join was answered. */
  messages: number;
  /** Whether this was the first time rather than a return. */
  first: boolean;
}

/**
 * A user came or left. Where many did at the same time each is told by one of these, once `members` and `count` have all of it.
 * More than 200 at once are told by none: `count` is right at once, and `members` some seconds later.
 */
export interface Presence {
  room: string;
  action: 'join' | 'leave';
  user: string;
  count: number;
}

export interface ConnectionState {
  state: 'connecting' | 'online' | 'waiting' | 'closed';
  /** When `waiting`: the time to the next attempt; absent while paused. */
  retryInMs?: number;
  /** The close code, 1006 if there was none. */
  code?: number;
  reason?: string;
  /** When `connecting`: 1 for the first attempt since the connection was good. */
  attempt?: number;
  user?: string;
  /** When `closed`: why. When `waiting`: what the server said to refuse the connection for now. */
  error?: RejoinError;
}

export interface RoomState {
  room: string;
  state: 'joining' | 'catching_up' | 'live' | 'closed';
  /** When `closed`: why. */
  error?: RejoinError;
}

/**
 * Why something was refused or given up. `code` is one of these, or one of a later server:
 *
 * - The server refuses a frame, for good with `invalid_frame`, `unknown_event`, `invalid_room`, `invalid_user`, `invalid_token`,
 *   `forbidden`, `not_joined`, `too_many_rooms`, `id_conflict`, `too_many_recipients`. For now, so that the client tries again, with
 *   `too_many_new_rooms`, `unavailable`, `overloaded`, `timeout`, `history_unavailable`.
 * - The server refuses a connection, for good with `bad_request`, `invalid_room`, `invalid_user`, `invalid_token`, `forbidden`,
 *   `origin_not_allowed`, `not_found`. For now with `too_many_connections`, `full`, `draining`, `unavailable`, and with
 *   `method_not_allowed`, `uri_too_long`, `headers_too_large`, `internal_error`, `version_not_supported`: state `waiting` tells it.
 * - The server ends a connection for good: `protocol_error`, `unsupported_data`, `invalid_payload`, `policy_violation`,
 *   `message_too_big`, `forbidden`.
 * - The client says `invalid_argument`, `forbidden`, `id_conflict`, `message_too_big`, `outbox_full` before anything is done;
 *   `send_timeout`, `aborted`, `left`, `closed`, `user_changed` of what it gives up; `cannot_connect`, `token_expired` of its end;
 *   `invalid_frame` of what the server sent.
 */
export class RejoinError extends Error {
  constructor(code: string, message: string, details?: { unknown?: boolean });
  code: string;
  /** Of a message: it may have been posted all the same. Sending it again under the same id is safe. */
  unknown: boolean;
}

interface RoomEvents {
  message: Message;
  gap: Gap;
  resync: Resync;
  presence: Presence;
  members: ReadonlySet<string>;
  state: RoomState;
  cursor: Cursor;
  confirmed: Confirmed;
  expired: Expired;
  error: RejoinError;
}

export interface Room {
  readonly name: string;
  readonly state: RoomState['state'];
  /** Why it is closed; null until then. */
  readonly error: RejoinError | null;
  /** The last seq handed on, and the epoch it counts in: enough to resume in another page or process. */
  readonly seq: number | null;
  readonly epoch: number | null;
  /** Who is here, by name; the server bounds the list, not the count. */
  readonly members: ReadonlySet<string>;
  readonly count: number;
  /** What the user has acknowledged on another device, or had when the room was joined; null if nothing is known. */
  readonly cursor: number | null;
  /**
   * Calls `listener` for each such event; returns a function that ends it. While nobody listens to `message`, messages are
   * kept, with gaps in their places, and handed to who listens next: 1,000 or about a million characters; of more the
   * oldest become a gap. Of other events those that would be missed are kept as well, or the last of them.
   */
  on<E extends keyof RoomEvents>(event: E, listener: (value: RoomEvents[E]) => unknown): () => void;
  /**
   * Says that the user has processed everything up to that seq; without one, everything that was handed on, up to the first
   * whose listeners failed. Sent at most twice a second, and again until the server knows. A seq that is undefined is refused:
   * it would say that all is processed.
   */
  ack(): void;
  ack(seq: number): void;
  /**
   * Posts. Kept and sent again, under the same id, until the server has it. Messages keep the order in which they were
   * sent, except that one refused for the moment may come after those that were already on their way.
   *
   * @throws {RejoinError} (the promise is rejected) when refused for good, given up or aborted
   */
  send(content: Content, options?: SendOptions): Promise<Ack>;
  leave(): void;
}

interface ConnectionEvents {
  state: ConnectionState;
  /** Of direct messages; those of a room are told by the room. */
  confirmed: Confirmed;
  expired: Expired;
  error: RejoinError;
}

export interface Rejoin {
  readonly state: ConnectionState['state'];
  /** Why it is closed; null until then. */
  readonly error: RejoinError | null;
  /** Who the server says we are; null before it did. Another one later if the function for tokens gives another one's token. */
  readonly user: string | null;
  readonly limits: { message_bytes: number; rooms: number } | null;
  readonly rooms: ReadonlyMap<string, Room>;
  /**
   * The user's own room, where direct messages come: each once on this device, and none that the user has acknowledged
   * before it connected. It is joined from the first time this is read, and acknowledges by itself. Null once closed.
   */
  readonly direct: Room | null;
  on<E extends keyof ConnectionEvents>(event: E, listener: (value: ConnectionEvents[E]) => void): () => void;
  /**
   * Joins a room, now and after each reconnect. Joining one that is joined gives the same room. Personal rooms, `@name`, are
   * not joined by name.
   */
  join(name: string, options?: JoinOptions): Room;
  /**
   * Sends a user, whose name is given without `@`, a direct message, as `Room.send` does. It is delivered to each of their
   * devices, and again until one acknowledges it. The name is taken as it is: another Unicode normal form is another user.
   */
  sendTo(user: string, content: Content, options?: SendOptions): Promise<Ack>;
  /** Gives the connection up until `resume`; rooms and what waits to be sent stay. */
  pause(): void;
  /** While `waiting`: tries at once. */
  resume(): void;
  /** Leaves for good. */
  close(): void;
}

/**
 * Connects, and stays so. A relative `url` is one of the page's own server; `http` is taken as `ws`. When the server refuses the
 * connection for good, or the platform does, the client becomes `closed` and says why.
 *
 * @throws {RejoinError} `invalid_argument`
 */
export function connect(url: string | URL, options?: ConnectOptions): Rejoin;

/** An id that nobody else draws. */
export function newId(): string;
