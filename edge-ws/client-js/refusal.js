import { RejoinError } from './errors.js';
import { Timers, validWaitMs } from './timers.js';

const ANSWER_TIMEOUT_MS = 5_000;
const MAX_WAIT_MS = 600_000;
/** Statuses after which another attempt does not help, and their code when the answer has none. */
const FINAL_STATUSES = new Map([[400, 'bad_request'], [401, 'invalid_token'], [403, 'forbidden'], [404, 'not_found']]);

/**
 * @typedef {object} Refusal why no connection was made, as far as the server reports
 * @property {import('./rejoin.js').RejoinError} error
 * @property {boolean} isFinal
 * @property {boolean} isTokenRefused whether the token was refused
 * @property {number} waitMs the wait that the server asks for
 */

/**
 * Asks why an upgrade was refused, by a plain request to the socket's own URL. A browser does not report the reason.
 * Only an answer with a code is from the server itself; answers of proxies are ignored.
 *
 * @param {any} fetch
 * @param {import('./rejoin.js').Timing} clock
 * @param {{ url: URL, token?: string }} httpRequest with the token, when it is not in the URL
 * @param {number | undefined} upgradeStatus the status of the refused upgrade, where it is known
 * @param {AbortController} abort cancels the request
 * @returns {Promise<Refusal | null>} null when no reason is found
 */
export async function fetchRefusal(fetch, clock, { url, token }, upgradeStatus, abort) {
  const timers = new Timers(clock);
  timers.set('late', ANSWER_TIMEOUT_MS, () => abort.abort());
  /** @type {Promise<null>} */
  const aborted = new Promise(resolve => abort.signal.addEventListener('abort', () => {
    timers.clearAll();
    resolve(null);
  }));
  try {
    const headers = { Accept: 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
    const options = { headers, signal: abort.signal, cache: 'no-store', redirect: 'manual' };
    const answer = sendRequest(fetch, url, options, upgradeStatus);
    return await Promise.race([answer, aborted]);
  } catch {
    return null; // no connection, or another origin: only the attempt's own error is known
  } finally {
    abort.abort(); // stops reading a body that is not needed
  }
}

/** @param {any} fetch @param {URL} url @param {object} options @param {number} [upgradeStatus] */
async function sendRequest(fetch, url, options, upgradeStatus) {
  const response = await fetch(url.href.replace(/^ws/, 'http'), options);
  const body = await response.json();
  if (typeof body?.code !== 'string') return null;
  const status = FINAL_STATUSES.has(response.status) ? response.status : upgradeStatus ?? response.status;
  if (status === 426) return null; // the server would accept an upgrade now
  const isSameStatus = status === response.status; // otherwise the plain request was accepted, unlike the upgrade
  const code = isSameStatus ? body.code : FINAL_STATUSES.get(status) ?? body.code;
  const message = isSameStatus ? String(body.message) : `the server refused the upgrade with ${status}`;
  const waitMs = retryAfterMs(response.headers?.get('Retry-After'));
  const isFinal = FINAL_STATUSES.has(status);
  return { error: new RejoinError(code, message), isFinal, isTokenRefused: status === 401, waitMs };
}

/** The wait in milliseconds, from seconds or a date (RFC 9110, section 10.2.3). @param {any} retryAfter */
function retryAfterMs(retryAfter) {
  const ms = /^\d+$/.test(retryAfter ?? '') ? retryAfter * 1_000 : Date.parse(retryAfter ?? '') - Date.now();
  return Math.min(validWaitMs(ms), MAX_WAIT_MS);
}
