/** The errors of the client, and how they reach the page. */

/** @type {typeof import('./rejoin.js').RejoinError} */
export const RejoinError = class extends Error {
  /** @param {string} code @param {string} message @param {{ unknown?: boolean }} [details] */
  constructor(code, message, { unknown = false } = {}) {
    super(message);
    this.name = 'RejoinError';
    this.code = code;
    this.unknown = unknown;
  }
};

/** Error codes after which the same frame may succeed later. */
const RETRYABLE = new Set(['unavailable', 'overloaded', 'timeout', 'history_unavailable', 'too_many_new_rooms']);

/** Whether the frame that this error answers may succeed later. @param {any} error */
export const isRetryable = error => RETRYABLE.has(error.code) || error.retry_after_ms != null;

/** Reports an error to the page or program. @param {any} e */
export function report(e) {
  (globalThis.reportError ?? console.error)(e);
  return false;
}
