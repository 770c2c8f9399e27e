/** Values that programs pass by mistake, and calls of every public method with them. */

const circle = {};
circle.me = circle;
const nested = levels => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const bottomless = Array.from({ length: 50_000 }).reduce(inner => [inner], []);
const thrower = () => { throw new Error('thrown on purpose'); };
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Makes each value anew: what a call does to it stays with that call. `act` calls something of the client. */
export const ODD = [
  () => undefined, () => null, () => true, () => false, () => 0, () => -0, () => 1, () => -1, () => 1.5, () => NaN, () => Infinity,
  () => -Infinity, () => 2 ** 53, () => 1e21, () => 10n, () => '', () => ' ', () => 'r', () => '@', () => '@me', () => '@ben', () => 'ben',
  () => 'a\ud800', () => '\udc00', () => 'a\u0000b', () => '\u0085', () => '\u202e', () => 'x'.repeat(128), () => 'x'.repeat(200), () => 'é'.repeat(70_000),
  () => '5', () => '-5', () => 'NaN', () => 'null', () => 'undefined', () => '[object Object]', () => '__proto__', () => 'constructor',
  () => 'toString', () => 'cursor', () => 'message', () => 'state', () => 'join-1', () => 'ack-1', () => 'ping-1', () => 'give up a', () => 'again a',
  () => Symbol('s'), () => Symbol.iterator, () => () => {}, () => thrower, () => class {}, () => async () => {}, () => [], () => [undefined],
  () => [NaN], () => [, 1], () => ['r'], () => ({}), () => ({ text: 't' }), () => ({ data: 1 }), () => ({ data: null }), () => ({ data: undefined }),
  () => ({ text: 1 }), () => ({ text: 'a', data: 1 }), () => ({ data: 1n }), () => circle, () => ({ data: circle }), () => ({ data: nested(60) }),
  () => ({ data: nested(90) }), () => ({ data: nested(90) }), () => ({ data: bottomless }), () => ({ data: new Map([[1, 2]]) }), () => ({ data: new Set([1]) }),
  () => new Date(0), () => ({ data: new Date(0) }), () => ({ data: new Date(NaN) }), () => /x/, () => new Error('e'), () => Promise.resolve('p'),
  () => ({ data: Promise.resolve(1) }), () => new Proxy({}, { get: thrower }), () => new Proxy({}, { has: thrower, ownKeys: thrower }),
  () => new Proxy(() => {}, { apply: thrower }), revoked, () => ({ data: revoked() }), () => ({ text: revoked() }), () => Object.create(null),
  () => ({ get data() { return thrower(); } }), () => ({ get id() { return thrower(); } }), () => ({ data: { get a() { return thrower(); } } }),
  () => ({ data: { toJSON: thrower } }), () => ({ data: { toJSON() { throw null; } } }), () => ({ data: { toJSON() { throw revoked(); } } }),
  () => ({ data: { toJSON() {} } }), () => ({ data: { n: 0, toJSON() { return ++this.n; } } }), () => ({ [Symbol.toPrimitive]: thrower, toString: thrower }),
  () => new String('s'), () => new Number(NaN), () => new Uint8Array(4), () => new ArrayBuffer(4), () => Object.freeze({ data: [1] }), () => AbortSignal.abort(),
  () => new AbortController().signal, () => ({ aborted: false, addEventListener: thrower, removeEventListener: thrower }),
  () => Object.assign(new AbortController().signal, { removeEventListener: thrower }), () => ({ then: thrower }), () => ({ then: resolve => resolve() }),
  () => globalThis, () => ({ last: 3 }), () => ({ last: NaN }), () => ({ data: 'a\ud800' }), () => ({ data: { '\udc00': 1 } }), () => ({ data: [() => {}] }),
  act => ({ data: { toJSON() { act(); return 'acted'; } } }), act => ({ get data() { act(); return 'acted'; } }), act => ({ get id() { act(); return undefined; } }),
  act => ({ get after() { act(); return undefined; } }),
];

const OPTIONS = { send: ['id', 'timeout', 'signal', 'confirm'], join: ['last', 'after', 'epoch', 'autoAck'] };
export const EVENTS = ['message', 'gap', 'resync', 'presence', 'members', 'state', 'cursor', 'confirmed', 'expired', 'error'];

/** Draws arguments and calls. */
export class Draw {
  constructor(random) {
    this.random = random;
  }

  of(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  odd(act) {
    return this.of(ODD)(act);
  }

  /** An argument: mostly one that is fit, since most calls have no more than one fault. */
  or(fit, act, odds = 0.4) {
    return this.random() < odds ? this.odd(act) : fit;
  }

  options(method, act) {
    if (this.random() < 0.5) return undefined;
    if (this.random() < 0.2) return this.odd(act);
    const fit = { id: this.of(['a', 'b', 'give up a', 'again a', 'join-2', 'join-3']), timeout: this.of([0, 2_000, 60_000, 1e12]), confirm: true, last: 5, after: this.of([0, '3', 'cursor']), epoch: 1, autoAck: true };
    const names = OPTIONS[method].filter(name => this.random() < (name === 'id' ? 0.6 : 0.3));
    return Object.fromEntries(names.map(name => [name, name in fit ? this.or(fit[name], act, 0.5) : this.odd(act)]));
  }
}
