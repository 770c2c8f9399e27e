import { errorText, token as checkedToken } from './checks.js';
import { RejoinError } from './errors.js';

const PROTOCOL = 'rejoin.v1';
const TOKEN_PROTOCOL = 'rejoin.token.';
const SUBPROTOCOL_CHARS = /^[\w!#$%&'*+.^`|~-]+$/; // characters of a subprotocol's name (RFC 9110, section 5.6.2)

/**
 * @typedef {object} AttemptEnd how an attempt, or the connection it became, ended
 * @property {number} [code]
 * @property {string} [reason]
 * @property {number} [status] of the refused upgrade, where the platform reports it
 * @property {boolean} [isRefused] whether there never was a connection
 * @property {any} [error] set when another attempt does not help
 */

/** One attempt to connect, and the connection that it becomes. */
export class ConnectionAttempt {
  /** @type {any} */
  #socket = null;
  #isOpen = false;
  #isEnded = false;
  /** @type {string | undefined} */
  #token;
  #options;
  #url;
  #onTokenReady;
  #onMessage;
  #onEnd;

  /**
   * @param {any} options of the client
   * @param {URL} url
   * @param {{ onTokenReady(): void, onMessage(text: any): void, onEnd(end: AttemptEnd): void }} listener
   *     `onTokenReady` is called when the token is there; `onEnd` at most once; nothing is called after `abandon`
   */
  constructor(options, url, { onTokenReady, onMessage, onEnd }) {
    this.#options = options;
    this.#url = new URL(url);
    this.#onTokenReady = onTokenReady;
    this.#onMessage = onMessage;
    this.#onEnd = onEnd;
  }

  /**
   * @param {string | undefined} name
   * @param {any} tokenRefusal why the server refused the last token
   */
  async start(name, tokenRefusal) {
    if (name) this.#url.searchParams.set('name', name);
    try {
      const { token } = this.#options;
      this.#token = checkedToken(typeof token === 'function' ? await token(tokenRefusal) : token);
    } catch (e) {
      return this.#finish({ reason: `cannot connect: ${errorText(e)}` });
    }
    if (this.#isEnded) return;
    this.#onTokenReady();
    try {
      this.#connect();
    } catch (e) { // no attempt with these options can succeed
      this.#finish({ error: new RejoinError('cannot_connect', `cannot connect: ${errorText(e)}`) });
    }
  }

  /** The URL and token of the plain HTTP request that asks why the attempt was refused. */
  get httpRequest() {
    return { url: this.#url, token: this.#isTokenInSubprotocol ? this.#token : undefined };
  }

  /**
   * Sends a text. If the platform refuses, the attempt ends, but only after the caller's code has run.
   *
   * @param {string} text
   */
  send(text) {
    try {
      this.#socket?.send(text);
    } catch (e) {
      queueMicrotask(() => this.#finish({ reason: `cannot send: ${errorText(e)}` }));
    }
  }

  /** Abandons the socket, however long it takes to close. @param {string} reason */
  abandon(reason) {
    this.#isEnded = true;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    try {
      this.#socket.close(1000, reason);
    } catch {
      // the socket is abandoned anyway
    }
  }

  get #isTokenInSubprotocol() {
    return this.#options.tokenIn === 'subprotocol' && this.#token !== undefined;
  }

  #connect() {
    const { WebSocket } = this.#options;
    if (this.#isTokenInSubprotocol && !SUBPROTOCOL_CHARS.test(this.#token ?? '')) {
      throw new TypeError('the token holds what no subprotocol may hold');
    }
    if (this.#token && !this.#isTokenInSubprotocol) this.#url.searchParams.set('token', this.#token);
    this.#url.searchParams.set('direct', 'off'); // the client joins the user's own room itself, from its position
    this.#url.searchParams.set('presence', 'diff'); // one frame for many users who join at once
    const socket = this.#socket = this.#isTokenInSubprotocol
      ? new WebSocket(this.#url.href, [PROTOCOL, TOKEN_PROTOCOL + this.#token])
      : new WebSocket(this.#url.href);
    socket.onopen = () => void (this.#isOpen = true);
    socket.onmessage = (/** @type {any} */ e) => {
      this.#isOpen = true;
      this.#onMessage(e.data);
    };
    socket.onclose = (/** @type {any} */ e) => {
      this.#finish({ code: e.code, reason: e.reason, isRefused: !this.#isOpen });
    };
    // Stays as long as the socket: `ws` ends the process on an error without a listener. On node 20, no other event
    // follows this one.
    socket.onerror = (/** @type {any} */ e) => {
      if (this.#isOpen) return;
      const status = /** @type {any} */ (/response: (\d{3})$/.exec(e.message ?? ''))?.[1]; // the format of `ws`
      this.#finish({ reason: e.message, status: status && Number(status), isRefused: true });
    };
  }

  /** Reports the end, unless it was reported or the attempt was abandoned. @param {AttemptEnd} end */
  #finish(end) {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd(end);
  }
}
