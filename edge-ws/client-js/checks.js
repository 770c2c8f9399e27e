/**
 * Checks the arguments of the public methods. Each argument is read once, when the method is called, so no getter runs
 * again later.
 */
import { RejoinError } from './errors.js';

const MAX_ID_CHARS = 128; // the server's bound
const MAX_NAME_CHARS = 1_000; // more than any server allows, but few enough that the frame does not end the connection
const CLIENT_FRAME_ID = /^(join|ack|ping|refresh)-\d+$/; // reserved for the client's own frames
const CONTROL = /\p{Cc}/u;
export const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Whether this id is reserved for the client's own frames. Messages must not use it, because answers are matched by id.
 *
 * @param {any} id
 */
export const isClientFrameId = id => typeof id === 'string' && CLIENT_FRAME_ID.test(id);

/** @param {string} argument @param {string} shouldBe */
export const invalid = (argument, shouldBe) => new RejoinError('invalid_argument', `${argument} ${shouldBe}`);

/** Whether a value is absent: null or undefined. @param {any} value */
export const isAbsent = value => value === undefined || value === null;

/** @param {any} value */
export const isObject = value => typeof value === 'object' && value !== null;

/** The text of an error, whatever was thrown. @param {any} e */
export function errorText(e) {
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
function readFields(argument, object, names) {
  if (isAbsent(object)) return {};
  if (!isObject(object)) throw invalid(argument, 'must be an object');
  try {
    return Object.fromEntries(names.map(name => [name, object[name] ?? undefined]));
  } catch (e) {
    throw invalid(argument, `cannot be read: ${errorText(e)}`);
  }
}

/**
 * Checks a whole number from 0 on. A string of digits is accepted, because storage returns strings.
 *
 * @param {string} argument
 * @param {any} value
 */
export function wholeNumber(argument, value) {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || number < 0) throw invalid(argument, 'must be a whole number from 0 on');
  return number;
}

/** @param {string} argument @param {any} value */
const optionalWholeNumber = (argument, value) => (value === undefined ? undefined : wholeNumber(argument, value));

/** @param {string} argument @param {any} value */
function checkedText(argument, value) {
  if (typeof value !== 'string' || value === '') throw invalid(argument, 'must be a string that is not empty');
  if (value.length > MAX_NAME_CHARS) throw invalid(argument, `must have ${MAX_NAME_CHARS} characters at most`);
  if (LONE_SURROGATE.test(value)) throw invalid(argument, 'must not hold half of a surrogate pair');
  return value;
}

/**
 * Evaluates a condition; an exception counts as false. Reading a revoked proxy throws, for example.
 *
 * @param {() => boolean} condition
 */
function isSatisfied(condition) {
  try {
    return condition();
  } catch {
    return false;
  }
}

/** Checks a URL: a string, or an object with a string in `href`. @param {any} input */
export function url(input) {
  try {
    const text = typeof input === 'string' ? input : input.href;
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
const mayHaveListeners = target => ['addEventListener', 'removeEventListener'].every(name =>
  target[name] === undefined || typeof target[name] === 'function');

/** @param {any} input @returns {any} */
export function connectOptions(input) {
  const names = ['token', 'name', 'outbox', 'WebSocket', 'fetch', 'random', 'clock', 'page', 'tokenIn'];
  const options = readFields('options', input, names);
  const { token, name, outbox, tokenIn, clock, page } = options;
  if (token !== undefined && typeof token !== 'function' && typeof token !== 'string') {
    throw invalid('options.token', 'must be a string or a function that gets one');
  }
  if (name !== undefined && name !== '') checkedText('options.name', name);
  if (outbox !== undefined && !(Number.isSafeInteger(outbox) && outbox > 0)) {
    throw invalid('options.outbox', 'must be a whole number from 1 on');
  }
  if (tokenIn !== undefined && tokenIn !== 'query' && tokenIn !== 'subprotocol') {
    throw invalid('options.tokenIn', 'must be "query" or "subprotocol"');
  }
  for (const option of ['WebSocket', 'fetch', 'random']) {
    const isUnset = options[option] === undefined || (option === 'fetch' && options.fetch === false);
    if (!isUnset && typeof options[option] !== 'function') throw invalid(`options.${option}`, 'must be a function');
  }
  const isClock = () => typeof clock.setTimeout === 'function' && typeof clock.clearTimeout === 'function';
  if (clock !== undefined && !isSatisfied(isClock)) {
    throw invalid('options.clock', 'must have setTimeout and clearTimeout');
  }
  const isPage = () =>
    [page, page.document].every(target => isAbsent(target) || mayHaveListeners(target)) && isObject(page);
  if (page !== undefined && !isSatisfied(isPage)) throw invalid('options.page', 'must be an object such as a window');
  options.WebSocket ??= globalThis.WebSocket;
  if (options.WebSocket === undefined) {
    throw invalid('options.WebSocket', 'is needed, since this platform has none: install the package ws and pass its WebSocket');
  }
  return options;
}

/**
 * Trims a token, because the last line of a file ends with a line break; undefined for an empty one.
 *
 * @param {any} input
 * @returns {string | undefined}
 */
export function token(input) {
  if (isAbsent(input)) return undefined;
  if (typeof input !== 'string') throw new TypeError('the function for tokens gave something that is no string');
  return input.trim() || undefined;
}

/** Checks a room's name and converts it to NFC, the form in which the server returns names. @param {any} name */
export function roomName(name) {
  if (checkedText('name', name).startsWith('@')) {
    throw new RejoinError('forbidden', 'name must not begin with @: personal rooms are not joined by name; the own one is `direct`');
  }
  return name.normalize('NFC');
}

/**
 * Checks the options of `join`: returns the options and null, or no options and the error.
 *
 * @param {any} input
 * @returns {[any, any]}
 */
export function joinOptions(input) {
  try {
    return [checkedJoinOptions(readFields('options', input, ['last', 'after', 'epoch', 'autoAck'])), null];
  } catch (e) {
    return [{}, e];
  }
}

/** @param {any} options */
function checkedJoinOptions({ last, after, epoch, autoAck = false }) {
  if (typeof autoAck !== 'boolean') throw invalid('options.autoAck', 'must be true or false');
  const checked = {
    autoAck, last: optionalWholeNumber('options.last', last), epoch: optionalWholeNumber('options.epoch', epoch),
  };
  if (isObject(after)) {
    const fields = readFields('options.after', after, ['last']);
    return { ...checked, last: wholeNumber('options.after.last', fields.last) };
  }
  if (after === undefined || after === 'cursor') return { ...checked, after };
  return { ...checked, after: checkedAfter(after) };
}

/** @param {any} after */
function checkedAfter(after) {
  try {
    return wholeNumber('options.after', after);
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
  if (checkedText('user', user).startsWith('@')) throw invalid('user', 'must be the name of a user, without @');
  return user;
}

/**
 * Adds or removes an abort listener with the platform's own method, even if the signal overrides it.
 *
 * @param {'add' | 'remove'} action
 * @param {any} signal
 * @param {any} listener
 */
export const updateAbortListener = (action, signal, listener) =>
  EventTarget.prototype[`${action}EventListener`].call(signal, 'abort', listener);

/** @param {any} input @returns {any} */
export function sendOptions(input) {
  const options = readFields('options', input, ['id', 'timeout', 'signal', 'confirm']);
  const { id, timeout, signal, confirm } = options;
  if (id !== undefined) {
    checkedText('options.id', id);
    if (id.length > MAX_ID_CHARS) throw invalid('options.id', `must have ${MAX_ID_CHARS} characters at most`);
    if (CONTROL.test(id)) throw invalid('options.id', 'must not hold control characters');
    if (CLIENT_FRAME_ID.test(id)) throw invalid('options.id', `must not be "${id}": the client numbers frames of its own like this`);
  }
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout >= 0)) {
    throw invalid('options.timeout', 'must be a number of milliseconds; 0 is never');
  }
  if (confirm !== undefined && typeof confirm !== 'boolean') throw invalid('options.confirm', 'must be true or false');
  const isSignal = () => {
    updateAbortListener('remove', signal, null);
    options.isAborted = signal.aborted;
    return typeof options.isAborted === 'boolean';
  };
  if (signal !== undefined && !isSatisfied(isSignal)) throw invalid('options.signal', 'must be an AbortSignal');
  return options;
}
