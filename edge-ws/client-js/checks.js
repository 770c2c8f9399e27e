/**
 * Checks the arguments of the public methods. Each argument is read once, when the method is called, so no getter runs
 * again later.
 */
import { RejoinError } from './support.js';

const MOST_ID = 128; // characters, the server's bound
const MOST_NAME = 1_000; // more than any server allows, but few enough that the frame does not end the connection
const OWN_ID = /^(join|ack|ping|refresh)-\d+$/; // reserved for the client's own frames
const CONTROL = /\p{Cc}/u;
export const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Whether this id is reserved for the client's own frames. Messages must not use it, because answers are matched by id.
 *
 * @param {any} id
 */
export const isOwnId = id => typeof id === 'string' && OWN_ID.test(id);

/** @param {string} argument @param {string} shouldBe */
export const invalid = (argument, shouldBe) => new RejoinError('invalid_argument', `${argument} ${shouldBe}`);

/** Whether a value is absent: null or undefined. @param {any} value */
export const isAbsent = value => value === undefined || value === null;

/** @param {any} value */
export const isObject = value => typeof value === 'object' && value !== null;

/** The text of an error, whatever was thrown. @param {any} e */
export function words(e) {
  try {
    return String(e instanceof Error ? e.message : e).slice(0, 300);
  } catch {
    return 'something without words was thrown';
  }
}

/**
 * Reads the named fields of an object, each once.
 *
 * @param {string} argument
 * @param {any} object
 * @param {string[]} names
 * @returns {any}
 */
function read(argument, object, names) {
  if (isAbsent(object)) return {};
  if (!isObject(object)) throw invalid(argument, 'must be an object');
  try {
    return Object.fromEntries(names.map(name => [name, object[name] ?? undefined]));
  } catch (e) {
    throw invalid(argument, `cannot be read: ${words(e)}`);
  }
}

/**
 * Checks a whole number from 0 on. A string of digits is accepted, because storage returns strings.
 *
 * @param {string} argument
 * @param {any} value
 */
export function whole(argument, value) {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || number < 0) throw invalid(argument, 'must be a whole number from 0 on');
  return number;
}

/** @param {string} argument @param {any} value */
const optional = (argument, value) => (value === undefined ? undefined : whole(argument, value));

/** @param {string} argument @param {any} value */
function text(argument, value) {
  if (typeof value !== 'string' || value === '') throw invalid(argument, 'must be a string that is not empty');
  if (value.length > MOST_NAME) throw invalid(argument, `must have ${MOST_NAME} characters at most`);
  if (LONE_SURROGATE.test(value)) throw invalid(argument, 'must not hold half of a surrogate pair');
  return value;
}

/**
 * Evaluates a condition; an exception counts as false. Reading a revoked proxy throws, for example.
 *
 * @param {() => boolean} condition
 */
function holds(condition) {
  try {
    return condition();
  } catch {
    return false;
  }
}

/** Checks a URL: a string, or an object with a string in `href`. @param {any} given */
export function url(given) {
  try {
    const text = typeof given === 'string' ? given : given.href;
    if (typeof text !== 'string') throw new TypeError('no text');
    const checked = new URL(text, globalThis.location?.href);
    checked.protocol = checked.protocol.replace(/^http/, 'ws');
    if (!/^wss?:$/.test(checked.protocol)) throw new TypeError('another scheme');
    checked.hash = '';
    return checked;
  } catch {
    throw invalid('url', 'must be a ws, wss, http or https URL');
  }
}

/**
 * Whether a target can register listeners, or has no methods for that, like `globalThis` in node.
 *
 * @param {any} target
 */
const isHeard = target => ['addEventListener', 'removeEventListener'].every(name =>
  target[name] === undefined || typeof target[name] === 'function');

/** @param {any} given @returns {any} */
export function connectOptions(given) {
  const options = read('options', given, ['token', 'name', 'outbox', 'WebSocket', 'fetch', 'random', 'clock', 'page', 'tokenIn']);
  const { token, name, outbox, tokenIn, clock, page } = options;
  if (token !== undefined && typeof token !== 'function' && typeof token !== 'string') {
    throw invalid('options.token', 'must be a string or a function that gets one');
  }
  if (name !== undefined && name !== '') text('options.name', name);
  if (outbox !== undefined && !(Number.isSafeInteger(outbox) && outbox > 0)) {
    throw invalid('options.outbox', 'must be a whole number from 1 on');
  }
  if (tokenIn !== undefined && tokenIn !== 'query' && tokenIn !== 'subprotocol') {
    throw invalid('options.tokenIn', 'must be "query" or "subprotocol"');
  }
  for (const seam of ['WebSocket', 'fetch', 'random']) {
    const isNone = options[seam] === undefined || (seam === 'fetch' && options.fetch === false);
    if (!isNone && typeof options[seam] !== 'function') throw invalid(`options.${seam}`, 'must be a function');
  }
  const isClock = () => typeof clock.setTimeout === 'function' && typeof clock.clearTimeout === 'function';
  if (clock !== undefined && !holds(isClock)) throw invalid('options.clock', 'must have setTimeout and clearTimeout');
  const isPage = () => [page, page.document].every(target => isAbsent(target) || isHeard(target)) && isObject(page);
  if (page !== undefined && !holds(isPage)) throw invalid('options.page', 'must be an object such as a window');
  options.WebSocket ??= globalThis.WebSocket;
  if (options.WebSocket === undefined) {
    throw invalid('options.WebSocket', 'is needed, since this platform has none: install the package ws and pass its WebSocket');
  }
  return options;
}

/**
 * Trims a token, because the last line of a file ends with a line break; undefined for an empty one.
 *
 * @param {any} given
 * @returns {string | undefined}
 */
export function token(given) {
  if (isAbsent(given)) return undefined;
  if (typeof given !== 'string') throw new TypeError('the function for tokens gave something that is no string');
  return given.trim() || undefined;
}

/** Checks a room's name and converts it to NFC, the form in which the server returns names. @param {any} name */
export function roomName(name) {
  if (text('name', name).startsWith('@')) {
    throw new RejoinError('forbidden', 'name must not begin with @: personal rooms are not joined by name; the own one is `direct`');
  }
  return name.normalize('NFC');
}

/**
 * Checks the options of `join`: returns the options and null, or no options and the error.
 *
 * @param {any} given
 * @returns {[any, any]}
 */
export function joinOptions(given) {
  try {
    return [checkedJoin(read('options', given, ['last', 'after', 'epoch', 'autoAck'])), null];
  } catch (e) {
    return [{}, e];
  }
}

/** @param {any} options */
function checkedJoin({ last, after, epoch, autoAck = false }) {
  if (typeof autoAck !== 'boolean') throw invalid('options.autoAck', 'must be true or false');
  const checked = { autoAck, last: optional('options.last', last), epoch: optional('options.epoch', epoch) };
  if (isObject(after)) return { ...checked, last: whole('options.after.last', read('options.after', after, ['last']).last) };
  if (after === undefined || after === 'cursor') return { ...checked, after };
  return { ...checked, after: position(after) };
}

/** @param {any} after */
function position(after) {
  try {
    return whole('options.after', after);
  } catch {
    throw invalid('options.after', 'must be a seq, a whole number from 0 on; or "cursor"');
  }
}

/**
 * Checks a user's name and leaves it unchanged. Names in tokens have no Unicode normal form, so another form may be
 * another user.
 *
 * @param {any} user
 */
export function recipient(user) {
  if (text('user', user).startsWith('@')) throw invalid('user', 'must be the name of a user, without @');
  return user;
}

/**
 * Adds or removes an abort listener with the platform's own method, even if the signal overrides it.
 *
 * @param {'add' | 'remove'} how
 * @param {any} signal
 * @param {any} listener
 */
export const onAbort = (how, signal, listener) => EventTarget.prototype[`${how}EventListener`].call(signal, 'abort', listener);

/** @param {any} given @returns {any} */
export function sendOptions(given) {
  const options = read('options', given, ['id', 'timeout', 'signal', 'confirm']);
  const { id, timeout, signal, confirm } = options;
  if (id !== undefined) {
    if (text('options.id', id).length > MOST_ID) throw invalid('options.id', `must have ${MOST_ID} characters at most`);
    if (CONTROL.test(id)) throw invalid('options.id', 'must not hold control characters');
    if (OWN_ID.test(id)) throw invalid('options.id', `must not be "${id}": the client numbers frames of its own like this`);
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw invalid('options.timeout', 'must be a number of milliseconds; 0 is never');
  }
  if (confirm !== undefined && typeof confirm !== 'boolean') throw invalid('options.confirm', 'must be true or false');
  const isSignal = () => {
    onAbort('remove', signal, null);
    options.isAborted = signal.aborted;
    return typeof options.isAborted === 'boolean';
  };
  if (signal !== undefined && !holds(isSignal)) throw invalid('options.signal', 'must be an AbortSignal');
  return options;
}
