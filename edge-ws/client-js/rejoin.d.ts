/**
 * Wrong arguments are refused at once, before anything is done, with a `RejoinError` of the code `invalid_argument`.
 * Its message names the argument. A method that returns a promise rejects the promise; any other method throws. The
 * options of `join` are an exception, because they often come from storage: the room is closed from the start, as if
 * the server had refused it. In options, null means absent.
 */

/**
 * The content of a message: a text, or any JSON value. It is read and encoded once, when it is sent, so later changes
 * have no effect. Content that JSON would change silently is refused. Examples are NaN, undefined in a list, half a
 * surrogate pair, and objects whose content is not in fields, such as a Map, a Blob, a RegExp or an iterator. As in
 * JSON, fields that are undefined or functions are omitted, and `toJSON` is called.
 */
export type Content = string | { text: string } | { data: unknown };

export interface ConnectOptions {
  /**
   * A token, or a function that gets one. The function is called before every attempt to connect. If the server
   * refused the last token, the argument is the reason; a cached token is then of no use. After such a call, the next
   * refusal is final. The function has 30 seconds. A token that arrives later is not used, and the function is called
   * again. It is also called a minute or two before the token expires, so that the connection lasts.
   *
   * If the token is of another user, the client continues as that user. Unacknowledged messages of the former user
   * are rejected with `user_changed`. Messages that the former user handled are not acknowledged. `direct`, rooms with
   * `autoAck` and rooms that began after the cursor begin anew for the new user. Other rooms continue where they were.
   */
  token?: string | ((refused?: RejoinError) => string | null | undefined | Promise<string | null | undefined>) | null;
  /**
   * Where the token is sent: in the URL, which proxies may log, or beside the subprotocol `rejoin.v1`. The default is
   * `query`. A token that does not fit into a subprotocol ends the client with `cannot_connect`; JWTs fit.
   */
  tokenIn?: 'query' | 'subprotocol' | null;
  /**
   * The user's name, for servers that accept a client's word for it. Without a name, such a server draws one, which the
   * client keeps for its lifetime.
   */
  name?: string | null;
  /** The most messages that may wait for their ack, in all rooms together; 1000 by default. */
  outbox?: number | null;
  /** For tests, and for platforms without these globals. */
  WebSocket?: (new (url: string, protocols?: string[]) => any) | null;
  /** Asks the server why a connection was refused. The default is `globalThis.fetch`; false turns this off. */
  fetch?: typeof fetch | false | null;
  random?: (() => number) | null;
  clock?: Timing | null;
  /** The source of the events `online` and, at its `document`, `visibilitychange`. The default is `globalThis`. */
  page?: object | null;
}

export interface Timing {
  setTimeout(action: () => void, ms: number): any;
  clearTimeout(timer: any): void;
}

export interface JoinOptions {
  /**
   * Begin with this many of the last messages. Without this and `after`, the room begins with the next message. `after`
   * takes precedence.
   */
  last?: number | string | null;
  /**
   * Resume after this seq, a saved value of `room.seq`; pass `epoch` with it. `'cursor'` resumes after what the user
   * has acknowledged on any device. A string of digits counts as a number, because storage returns strings.
   */
  after?: number | string | 'cursor' | { last: number | string } | null;
  epoch?: number | string | null;
  /**
   * Whether a message is acknowledged when its listeners are done: none has thrown, and no promise of theirs was
   * rejected. The room then begins after the cursor unless `last` or `after` says otherwise. With false, the default,
   * only redelivered messages are acknowledged automatically. In any room, a redelivered message from before the
   * beginning is acknowledged automatically only if all messages between the cursor and it were handled, too.
   */
  autoAck?: boolean | null;
}

export interface SendOptions {
  /**
   * The message's own id, 1 to 128 characters; random by default. The server accepts one message of a user per id,
   * however often it is sent. `join-1`, `ack-1` and the like are reserved for the client.
   */
  id?: string | null;
  /** When to give up, in milliseconds; 0 means never. The default is five minutes. */
  timeout?: number | null;
  signal?: AbortSignal | null;
  /** Whether the message is redelivered until everybody in the room acknowledges it. Direct messages always are. */
  confirm?: boolean | null;
}

/**
 * The id of a message. This client only sends strings; other clients may use other types. 5 and "5" are different ids.
 */
export type Id = string | number | boolean;

/** The answer to a sent message: the message is durable and has its place in the room's order. */
export interface Ack {
  id: string;
  seq: number;
  /** When the message was posted, in milliseconds since the Unix epoch. */
  ts: number;
  /** Whether an earlier attempt with this id, whose answer was lost, had already posted the message. */
  duplicate: boolean;
}

export interface Message {
  room: string;
  /** The message's place in the room: 1, 2, 3 … within the epoch. */
  seq: number;
  epoch: number;
  /** The sender's own id of the message. */
  id?: Id;
  user: string;
  text?: string;
  data?: unknown;
  ts: number;
  /**
   * Set when the message was redelivered, because the user has not acknowledged it. It was not handled here, or is from
   * before the room was joined.
   */
  redelivered?: true;
  /**
   * Set when its user was erased, or the only user to whom it was sent. `text` is then empty, and `user` names nobody.
   */
  erased?: true;
}

/** Another device of the user has acknowledged everything up to this seq. */
export interface Cursor {
  room: string;
  seq: number;
  epoch: number;
}

/**
 * A user has acknowledged a message of this client. Sent to the connection that posted the message, possibly twice;
 * lost when that connection is lost.
 */
export interface Confirmed {
  /** `@name` for a direct message. */
  room: string;
  seq: number;
  id?: Id;
  user: string;
}

/** These users have not acknowledged a message of this client in time. Sent in the same way as `Confirmed`. */
export interface Expired {
  room: string;
  seq: number;
  id?: Id;
  users: string[];
}

/** Missing messages that the client cannot get. Announced in their place between the messages. */
export interface Gap {
  room: string;
  /**
   * `partial`: the messages are no longer kept, or too many arrived while nobody listened. `unrecoverable`: the room
   * began in a new epoch, and what followed `from` in the former epoch is unknown.
   */
  outcome: 'partial' | 'unrecoverable';
  from: number;
  /** The last missing seq; null if unknown. */
  to: number | null;
}

/** The end of the missed messages. From here on messages are live. */
export interface Resync {
  room: string;
  from: number;
  to: number;
  outcome: 'full' | 'partial' | 'unrecoverable';
  /** How many messages were delivered since the answer to the join. */
  messages: number;
  /** Whether this was the first join instead of a rejoin. */
  first: boolean;
}

/**
 * A user joined or left. When several do so at the same time, each gets an event of its own, after `members` and
 * `count` include all of them. More than 200 at once get no events: `count` is right at once, and `members` some
 * seconds later.
 */
export interface Presence {
  room: string;
  action: 'join' | 'leave';
  user: string;
  count: number;
}

export interface ConnectionState {
  state: 'connecting' | 'online' | 'waiting' | 'closed';
  /** When `waiting`: milliseconds until the next attempt; absent while paused. */
  retryInMs?: number;
  /** The close code; 1006 if there was none. */
  code?: number;
  reason?: string;
  /** When `connecting`: the number of the attempt, from 1, since the last stable connection. */
  attempt?: number;
  user?: string;
  /** When `closed`: the reason. When `waiting`: the server's reason for a temporary refusal. */
  error?: RejoinError;
}

export interface RoomState {
  room: string;
  state: 'joining' | 'catching_up' | 'live' | 'closed';
  /** When `closed`: the reason. */
  error?: RejoinError;
}

/**
 * The reason why something was refused or given up. `code` is one of these, or one of a later server:
 *
 * - The server refuses a frame. Final: `invalid_frame`, `unknown_event`, `invalid_room`, `invalid_user`,
 *   `invalid_token`, `forbidden`, `not_joined`, `too_many_rooms`, `id_conflict`, `too_many_recipients`. Temporary, so
 *   that the client tries again: `too_many_new_rooms`, `unavailable`, `overloaded`, `timeout`, `history_unavailable`.
 * - The server refuses a connection. Final: `bad_request`, `invalid_room`, `invalid_user`, `invalid_token`,
 *   `forbidden`, `origin_not_allowed`, `not_found`. Temporary, reported with the state `waiting`:
 *   `too_many_connections`, `full`, `draining`, `unavailable`, `method_not_allowed`, `uri_too_long`,
 *   `headers_too_large`, `internal_error`, `version_not_supported`.
 * - The server ends a connection for good: `protocol_error`, `unsupported_data`, `invalid_payload`,
 *   `policy_violation`, `message_too_big`, `forbidden`.
 * - The client refuses a call before anything is done: `invalid_argument`, `forbidden`, `id_conflict`,
 *   `message_too_big`, `outbox_full`. It gives something up: `send_timeout`, `aborted`, `left`, `closed`,
 *   `user_changed`. It ends itself: `cannot_connect`, `token_expired`. It cannot read a frame of the server:
 *   `invalid_frame`.
 */
export class RejoinError extends Error {
  constructor(code: string, message: string, details?: { unknown?: boolean });
  code: string;
  /** For a message: whether it may have been posted anyway. Sending it again under the same id is safe. */
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
  /** The reason why the state is `closed`; null until then. */
  readonly error: RejoinError | null;
  /** The last delivered seq, and its epoch. Both together are enough to resume in another page or process. */
  readonly seq: number | null;
  readonly epoch: number | null;
  /** The names of the members. The server bounds this list, but not `count`. */
  readonly members: ReadonlySet<string>;
  readonly count: number;
  /**
   * The seq that the user has acknowledged on another device, or had acknowledged when the room was joined; null if
   * unknown.
   */
  readonly cursor: number | null;
  /**
   * Calls `listener` for each event of this kind; the returned function removes the listener. While nobody listens to
   * `message`, messages are kept in order with gaps, for the next listener. The bound is 1,000 messages or about a
   * million characters; beyond it, the oldest become a gap. Other events that would be missed are kept, too, or only
   * the last one.
   */
  on<E extends keyof RoomEvents>(event: E, listener: (value: RoomEvents[E]) => unknown): () => void;
  /**
   * Acknowledges that the user has processed everything up to this seq. Without a seq, it covers everything delivered
   * before the first message whose listeners failed. Sent at most twice a second, and repeated until the server has it.
   * An undefined seq is refused, because it would acknowledge everything.
   */
  ack(): void;
  ack(seq: number): void;
  /**
   * Sends a message. The client keeps the message and sends it again, under the same id, until the server has it.
   * Messages keep the order in which they were sent. One exception: a temporarily refused message may come after
   * messages that were already sent.
   *
   * @throws {RejoinError} (the promise is rejected) when the message is refused for good, given up or aborted
   */
  send(content: Content, options?: SendOptions): Promise<Ack>;
  leave(): void;
}

interface ConnectionEvents {
  state: ConnectionState;
  /** For direct messages. Events of a room are sent to the room. */
  confirmed: Confirmed;
  expired: Expired;
  error: RejoinError;
}

export interface Rejoin {
  readonly state: ConnectionState['state'];
  /** The reason why the state is `closed`; null until then. */
  readonly error: RejoinError | null;
  /**
   * The user's name according to the server; null until the first connection. The name changes when the token function
   * returns a token of another user.
   */
  readonly user: string | null;
  readonly limits: { message_bytes: number; rooms: number } | null;
  readonly rooms: ReadonlyMap<string, Room>;
  /**
   * The user's own room, which receives direct messages. Each message comes once on this device, and none that the user
   * acknowledged before this device connected. The first access joins the room, and its messages are acknowledged
   * automatically. Null when closed.
   */
  readonly direct: Room | null;
  on<E extends keyof ConnectionEvents>(event: E, listener: (value: ConnectionEvents[E]) => void): () => void;
  /**
   * Joins a room, now and after each reconnect. A second call for a joined room returns the same room. Personal rooms,
   * `@name`, cannot be joined by name.
   */
  join(name: string, options?: JoinOptions): Room;
  /**
   * Sends a direct message to a user, whose name is given without `@`. It is kept and repeated like a message of
   * `Room.send`. The message is delivered to each device of the user, and redelivered until one of them acknowledges
   * it. The name is used unchanged: another Unicode normal form is another user.
   */
  sendTo(user: string, content: Content, options?: SendOptions): Promise<Ack>;
  /** Closes the connection until `resume`. Rooms and unacknowledged messages stay. */
  pause(): void;
  /** While `waiting`: connects at once. */
  resume(): void;
  /** Closes the client for good. */
  close(): void;
}

/**
 * Connects to a server, and reconnects when the connection is lost. A relative `url` is resolved against the page's
 * address; `http` becomes `ws`. When the server or the platform refuses the connection for good, the state becomes
 * `closed`, with the reason.
 *
 * @throws {RejoinError} `invalid_argument`
 */
export function connect(url: string | URL, options?: ConnectOptions): Rejoin;

/** A new random id, which is unique. */
export function newId(): string;
