import { token as checkedToken, words } from './checks.js';
import { RejoinError } from './support.js';

const PROTOCOL = 'rejoin.v1';
const TOKEN_PROTOCOL = 'rejoin.token.';
const IN_PROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/; // what a subprotocol's name may hold (RFC 9110, section 5.6.2)

/**
 * @typedef {object} End how an attempt, or the connection it became, ended
 * @property {number} [code]
 * @property {string} [reason]
 * @property {number} [status] with which the upgrade was refused, where the platform tells it
 * @property {boolean} [isRefused] there never was a connection
 * @property {any} [error] it will not get better
 */

/** One attempt to connect, and the connection it becomes. */
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
   * @param {{ opening(): void, message(text: any): void, end(how: End): void }} tells when it has the token; one end at most, and
   *     nothing after it is given up
   */
  constructor(options, url, { opening, message, end }) {
    this.#options = options;
    this.#url = new URL(url);
    this.#opening = opening;
    this.#message = message;
    this.#end = end;
  }

  /** @param {string | undefined} name @param {any} refused why the last token was not taken */
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
    } catch (e) { // such a socket will never be opened
      this.#over({ error: new RejoinError('cannot_connect', `cannot connect: ${words(e)}`) });
    }
  }

  /** Where to ask why it was refused. */
  get plain() {
    return { url: this.#url, token: this.#inProtocol ? this.#token : undefined };
  }

  /** Where the platform refuses, that ends the attempt, but not in the middle of what sends. @param {string} text */
  send(text) {
    try {
      this.#socket?.send(text);
    } catch (e) {
      queueMicrotask(() => this.#over({ reason: `cannot send: ${words(e)}` }));
    }
  }

  /** Has nothing more to do with the socket, however long that takes to close. @param {string} reason */
  drop(reason) {
    this.#isOver = true;
    if (!this.#socket) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    try {
      this.#socket.close(1000, reason);
    } catch {
      // it is given up all the same
    }
  }

  get #inProtocol() {
    return this.#options.tokenIn === 'subprotocol' && this.#token !== undefined;
  }

  #connect() {
    const { WebSocket } = this.#options;
    if (this.#inProtocol && !IN_PROTOCOL.test(this.#token ?? '')) throw new TypeError('the token holds what no subprotocol may hold');
    if (this.#token && !this.#inProtocol) this.#url.searchParams.set('token', this.#token);
    this.#url.searchParams.set('direct', 'off'); // who wants direct messages joins their room from where it stands
    this.#url.searchParams.set('presence', 'diff'); // one frame for many who come at once
    const socket = this.#socket = this.#inProtocol
      ? new WebSocket(this.#url.href, [PROTOCOL, TOKEN_PROTOCOL + this.#token])
      : new WebSocket(this.#url.href);
    socket.onopen = () => void (this.#isOpen = true);
    socket.onmessage = (/** @type {any} */ e) => {
      this.#isOpen = true;
      this.#message(e.data);
    };
    socket.onclose = (/** @type {any} */ e) => this.#over({ code: e.code, reason: e.reason, isRefused: !this.#isOpen });
    // Stays for as long as the socket: `ws` ends the process over an error nobody hears, and node 20 says no more than it
    socket.onerror = (/** @type {any} */ e) => {
      if (this.#isOpen) return;
      const status = /** @type {any} */ (/response: (\d{3})$/.exec(e.message ?? ''))?.[1]; // as `ws` says it
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
