/** Looks at each argument of the public methods once, at the call. What passes has been read: no getter is asked again. */
import { RejoinError } from './support.js';

const MOST_ID = 128; // characters, as the server takes them
const MOST_NAME = 1_000; // more than any server takes, and not so many that the frame would end the connection
const OWN_ID = /^(join|ack|ping|refresh)-\d+$/; // of the client's own frames: an answer must not be taken for another one's
const CONTROL = /\p{Cc}/u;
export const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether it is an id of the client's own frames. @param {any} id */
export const isOwnId = id => typeof id === 'string' && OWN_ID.test(id);

/** @param {string} argument @param {string} shouldBe */
export const invalid = (argument, shouldBe) => new RejoinError('invalid_argument', `${argument} ${shouldBe}`);

/** Null and undefined are both absence. @param {any} value */
export const isAbsent = value => value === undefined || value === null;

/** @param {any} value */
export const isObject = value => typeof value === 'object' && value !== null;

/** What went wrong, in words, whatever was thrown. @param {any} e */
export function words(e) {
  try {
    return String(e instanceof Error ? e.message : e).slice(0, 300);
  } catch {
    return 'something without words was thrown';
  }
}

/**
 * The named fields of an object, each read once.
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

/** A whole number from 0 on, or its digits, as storage gives them back. @param {string} argument @param {any} value */
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

/** What cannot even be looked at, such as a revoked proxy, does not hold. @param {() => boolean} condition */
function holds(condition) {
  try {
    return condition();
  } catch {
    return false;
  }
}

/** A string, or what holds one in `href`. @param {any} given */
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

/** Whether events may be heard there; a program's `globalThis` has none. @param {any} target */
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

/** A token without blanks around it, as a file's last line has; nothing where there is none. @param {any} given @returns {string | undefined} */
export function token(given) {
  if (isAbsent(given)) return undefined;
  if (typeof given !== 'string') throw new TypeError('the function for tokens gave something that is no string');
  return given.trim() || undefined;
}

/** In NFC, as the server writes names of rooms in its answers. @param {any} name */
export function roomName(name) {
  if (text('name', name).startsWith('@')) {
    throw new RejoinError('forbidden', 'name must not begin with @: personal rooms are not joined by name; the own one is `direct`');
  }
  return name.normalize('NFC');
}

/** The options and nothing, or nothing and why. @param {any} given @returns {[any, any]} */
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

/** As it is given: users' names in tokens are in no normal form, and another form may be another user. @param {any} user */
export function recipient(user) {
  if (text('user', user).startsWith('@')) throw invalid('user', 'must be the name of a user, without @');
  return user;
}

/** Adds or removes a listener, by what the platform does and not by what somebody made of it. @param {'add' | 'remove'} how @param {any} signal @param {any} listener */
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
