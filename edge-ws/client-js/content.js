import { errorText, invalid, isAbsent, isObject, LONE_SURROGATE } from './checks.js';

/** JSON silently drops the content of these types, even when they also have fields. */
const LOSSY_TYPES = [Map, Set, Promise, Error, ArrayBuffer];
const OMITTED_TYPES = new Set(['undefined', 'function', 'symbol']);

/**
 * The content of a message as JSON fields of a frame. It is read and encoded once, so later changes have no effect.
 *
 * @param {any} input
 */
export function encodeContent(input) {
  if (typeof input === 'string') return `"text":${toJson('content', input)}`;
  if (!isObject(input)) throw invalid('content', 'must be a string, { text } or { data }');
  const fields = readContent(input);
  if (!isAbsent(fields.text) && !isAbsent(fields.data)) throw invalid('content', 'must hold text or data, not both');
  if (typeof fields.text === 'string') return `"text":${toJson('content.text', fields.text)}`;
  if (!isAbsent(fields.text)) throw invalid('content.text', 'must be a string');
  if (fields.data === undefined) throw invalid('content', 'must be a string, { text } or { data }, and data what JSON can hold');
  return `"data":${toJson('content.data', fields.data)}`;
}

/** @param {any} input */
function readContent(input) {
  try {
    return { text: input.text, data: input.data };
  } catch (e) {
    throw invalid('content', `cannot be read: ${errorText(e)}`);
  }
}

/** @param {string} argument @param {any} value */
function toJson(argument, value) {
  let text;
  try {
    text = JSON.stringify(value, strictReplacer);
  } catch (e) {
    throw invalid(argument, `cannot be sent as JSON: ${errorText(e)}`);
  }
  if (text === undefined) throw invalid(argument, 'cannot be sent as JSON: there is nothing left of it');
  return text;
}

/**
 * A replacer for `JSON.stringify` that throws where JSON would silently change a value.
 *
 * @this {any}
 * @param {string} key
 * @param {any} input after toJSON
 */
function strictReplacer(key, input) {
  const value = isClassInstance(input) ? unbox(input) : input;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} would become null`);
  if (OMITTED_TYPES.has(typeof value) && Array.isArray(this)) {
    throw new RangeError(`${typeof value} in a list would become null`);
  }
  if (value === null && this[key] instanceof Date) throw new RangeError('a date that is none would become null');
  if (LONE_SURROGATE.test(key) || (typeof value === 'string' && LONE_SURROGATE.test(value))) {
    throw new RangeError('it holds half of a surrogate pair');
  }
  if (isClassInstance(value) && isLossy(value)) {
    throw new TypeError(`${typeName(value)} would become {}: what it holds is not in fields`);
  }
  return value;
}

/** Whether a value is an object, but neither an array nor a plain object. @param {any} value */
function isClassInstance(value) {
  if (!isObject(value) || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype !== null && Object.getPrototypeOf(prototype) !== null; // plain objects of any realm
}

/** Whether the object's content is not in its fields. @param {object} value */
function isLossy(value) {
  return LOSSY_TYPES.some(type => value instanceof type) || Object.keys(value).length === 0;
}

/** The primitive value that JSON writes for a boxed value. @param {any} value */
function unbox(value) {
  if (value instanceof Number) return Number(value);
  if (value instanceof String) return String(value);
  return value instanceof Boolean ? Boolean.prototype.valueOf.call(value) : value;
}

/** @param {object} value */
function typeName(value) {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
