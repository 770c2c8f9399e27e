import { asked, RejoinError, Timers } from './support.js';

const ANSWER_MS = 5_000;
const MOST_WAIT_MS = 600_000;
/** Statuses that will not get better by coming back, and their code where the answer has none. */
const FINAL = new Map([[400, 'bad_request'], [401, 'invalid_token'], [403, 'forbidden'], [404, 'not_found']]);

/**
 * @typedef {object} Refusal why no connection was made, as far as the server tells
 * @property {import('./rejoin.js').RejoinError} error
 * @property {boolean} isFinal
 * @property {boolean} isToken the token is to blame
 * @property {number} waitMs what it asks for
 */

/**
 * Asks the socket's own URL by a plain request, since a browser does not tell how an upgrade was refused. Only an answer with a code
 * is the server's own: those of proxies pass.
 *
 * @param {any} fetch
 * @param {import('./rejoin.js').Timing} clock
 * @param {{ url: URL, token?: string }} at the token, where it is not in the URL
 * @param {number | undefined} status with which the upgrade was refused, where that is known
 * @param {AbortController} abort gives it up
 * @returns {Promise<Refusal | null>} null when nothing can be said
 */
export async function askWhy(fetch, clock, { url, token }, status, abort) {
  const timers = new Timers(clock);
  timers.set('late', ANSWER_MS, () => abort.abort());
  /** @type {Promise<null>} */
  const givenUp = new Promise(resolve => abort.signal.addEventListener('abort', () => {
    timers.clearAll();
    resolve(null);
  }));
  try {
    const headers = { Accept: 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
    const answered = request(fetch, url, { headers, signal: abort.signal, cache: 'no-store', redirect: 'manual' }, status);
    return await Promise.race([answered, givenUp]);
  } catch {
    return null; // away, or of another origin: what the attempt itself told is all there is
  } finally {
    abort.abort(); // of what is no answer nothing more is read
  }
}

/** @param {any} fetch @param {URL} url @param {object} options @param {number} [refused] */
async function request(fetch, url, options, refused) {
  const response = await fetch(url.href.replace(/^ws/, 'http'), options);
  const body = await response.json();
  if (typeof body?.code !== 'string') return null;
  const status = FINAL.has(response.status) ? response.status : refused ?? response.status;
  if (status === 426) return null; // it would let us in
  const isOwn = status === response.status; // else it would let this program in, as an upgrade from elsewhere
  const code = isOwn ? body.code : FINAL.get(status) ?? body.code;
  const message = isOwn ? String(body.message) : `the server refused the upgrade with ${status}`;
  const waitMs = wait(response.headers?.get('Retry-After'));
  return { error: new RejoinError(code, message), isFinal: FINAL.has(status), isToken: status === 401, waitMs };
}

/** Seconds or a date (RFC 9110, section 10.2.3). @param {any} retryAfter */
function wait(retryAfter) {
  const ms = /^\d+$/.test(retryAfter ?? '') ? retryAfter * 1_000 : Date.parse(retryAfter ?? '') - Date.now();
  return Math.min(asked(ms), MOST_WAIT_MS);
}
