import { invalid, isAbsent, isObject, LONE_SURROGATE, words } from './checks.js';

/** JSON silently drops the content of these types, even when they also have fields. */
const EMPTIED = [Map, Set, Promise, Error, ArrayBuffer];
const DROPPED = new Set(['undefined', 'function', 'symbol']);

/**
 * The content of a message as JSON fields of a frame. It is read and encoded once, so later changes have no effect.
 *
 * @param {any} given
 */
export function content(given) {
  if (typeof given === 'string') return `"text":${json('content', given)}`;
  if (!isObject(given)) throw invalid('content', 'must be a string, { text } or { data }');
  const fields = readContent(given);
  if (!isAbsent(fields.text) && !isAbsent(fields.data)) throw invalid('content', 'must hold text or data, not both');
  if (typeof fields.text === 'string') return `"text":${json('content.text', fields.text)}`;
  if (!isAbsent(fields.text)) throw invalid('content.text', 'must be a string');
  if (fields.data === undefined) throw invalid('content', 'must be a string, { text } or { data }, and data what JSON can hold');
  return `"data":${json('content.data', fields.data)}`;
}

/** @param {any} given */
function readContent(given) {
  try {
    return { text: given.text, data: given.data };
  } catch (e) {
    throw invalid('content', `cannot be read: ${words(e)}`);
  }
}

/** @param {string} argument @param {any} value */
function json(argument, value) {
  let written;
  try {
    written = JSON.stringify(value, faithful);
  } catch (e) {
    throw invalid(argument, `cannot be sent as JSON: ${words(e)}`);
  }
  if (written === undefined) throw invalid(argument, 'cannot be sent as JSON: there is nothing left of it');
  return written;
}

/**
 * A replacer for `JSON.stringify` that throws where JSON would silently change a value.
 *
 * @this {any}
 * @param {string} key
 * @param {any} given after toJSON
 */
function faithful(key, given) {
  const value = isExotic(given) ? unboxed(given) : given;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} would become null`);
  if (DROPPED.has(typeof value) && Array.isArray(this)) throw new RangeError(`${typeof value} in a list would become null`);
  if (value === null && this[key] instanceof Date) throw new RangeError('a date that is none would become null');
  if (LONE_SURROGATE.test(key) || (typeof value === 'string' && LONE_SURROGATE.test(value))) {
    throw new RangeError('it holds half of a surrogate pair');
  }
  if (isExotic(value) && isEmptied(value)) throw new TypeError(`${kind(value)} would become {}: what it holds is not in fields`);
  return value;
}

/** Whether a value is an object, but neither an array nor a plain object. @param {any} value */
function isExotic(value) {
  if (!isObject(value) || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype !== null && Object.getPrototypeOf(prototype) !== null; // plain objects of any realm
}

/** Whether the object's content is not in its fields. @param {object} value */
function isEmptied(value) {
  return EMPTIED.some(type => value instanceof type) || Object.keys(value).length === 0;
}

/** The primitive value that JSON writes for a boxed value. @param {any} value */
function unboxed(value) {
  if (value instanceof Number) return Number(value);
  if (value instanceof String) return String(value);
  return value instanceof Boolean ? Boolean.prototype.valueOf.call(value) : value;
}

/** @param {object} value */
function kind(value) {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
