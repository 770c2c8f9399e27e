import { token as checkedToken, words } from './checks.js';
import { RejoinError } from './support.js';

const PROTOCOL = 'rejoin.v1';
const TOKEN_PROTOCOL = 'rejoin.token.';
const IN_PROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/; // characters of a subprotocol's name (RFC 9110, section 5.6.2)

/**
 * @typedef {object} End how an attempt, or the connection it became, ended
 * @property {number} [code]
 * @property {string} [reason]
 * @property {number} [status] of the refused upgrade, where the platform reports it
 * @property {boolean} [isRefused] whether there never was a connection
 * @property {any} [error] set when another attempt does not help
 */

/** One attempt to connect, and the connection that it becomes. */
export class Attempt {
  /** @type {any} */
  #socket = null;
  #isOpen = false;
  #isOver = false;
  /** @type {string | undefined} */
  #token;
  #options;
  #url;
  #opening;
  #message;
  #end;

  /**
   * @param {any} options of the client
   * @param {URL} url
   * @param {{ opening(): void, message(text: any): void, end(how: End): void }} tells `opening` is called when the
   *     token is there; `end` at most once; nothing is called after `drop`
   */
  constructor(options, url, { opening, message, end }) {
    this.#options = options;
    this.#url = new URL(url);
    this.#opening = opening;
    this.#message = message;
    this.#end = end;
  }

  /**
   * @param {string | undefined} name
   * @param {any} refused why the server refused the last token
   */
  async start(name, refused) {
    if (name) this.#url.searchParams.set('name', name);
    try {
      const { token } = this.#options;
      this.#token = checkedToken(typeof token === 'function' ? await token(refused) : token);
    } catch (e) {
      return this.#over({ reason: `cannot connect: ${words(e)}` });
    }
    if (this.#isOver) return;
    this.#opening();
    try {
      this.#connect();
    } catch (e) { // no attempt with these options can succeed
      this.#over({ error: new RejoinError('cannot_connect', `cannot connect: ${words(e)}`) });
    }
  }

  /** The URL and token for asking why the attempt was refused. */
  get plain() {
    return { url: this.#url, token: this.#inProtocol ? this.#token : undefined };
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
      queueMicrotask(() => this.#over({ reason: `cannot send: ${words(e)}` }));
    }
  }

  /** Abandons the socket, however long it takes to close. @param {string} reason */
  drop(reason) {
    this.#isOver = true;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    try {
      this.#socket.close(1000, reason);
    } catch {
      // the socket is abandoned anyway
    }
  }

  get #inProtocol() {
    return this.#options.tokenIn === 'subprotocol' && this.#token !== undefined;
  }

  #connect() {
    const { WebSocket } = this.#options;
    if (this.#inProtocol && !IN_PROTOCOL.test(this.#token ?? '')) throw new TypeError('the token holds what no subprotocol may hold');
    if (this.#token && !this.#inProtocol) this.#url.searchParams.set('token', this.#token);
    this.#url.searchParams.set('direct', 'off'); // the client joins the user's own room itself, from its position
    this.#url.searchParams.set('presence', 'diff'); // one frame for many users who join at once
    const socket = this.#socket = this.#inProtocol
      ? new WebSocket(this.#url.href, [PROTOCOL, TOKEN_PROTOCOL + this.#token])
      : new WebSocket(this.#url.href);
    socket.onopen = () => void (this.#isOpen = true);
    socket.onmessage = (/** @type {any} */ e) => {
      this.#isOpen = true;
      this.#message(e.data);
    };
    socket.onclose = (/** @type {any} */ e) => this.#over({ code: e.code, reason: e.reason, isRefused: !this.#isOpen });
    // Stays as long as the socket: `ws` ends the process on an error without a listener. On node 20, no other event
    // follows this one.
    socket.onerror = (/** @type {any} */ e) => {
      if (this.#isOpen) return;
      const status = /** @type {any} */ (/response: (\d{3})$/.exec(e.message ?? ''))?.[1]; // the format of `ws`
      this.#over({ reason: e.message, status: status && Number(status), isRefused: true });
    };
  }

  /** @param {End} how */
  #over(how) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#end(how);
  }
}
