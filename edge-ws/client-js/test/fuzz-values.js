/** Unusual values for fuzz tests of the public methods: programs pass them by mistake. */

const circular = {};
circular.self = circular;
const nested = levels => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const veryDeep = Array.from({ length: 50_000 }).reduce(inner => [inner], []);
const throwError = () => { throw new Error('thrown on purpose'); };
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

/** Functions that create the values, so that each call has its own. `reenter` calls a method of the client. */
export const FUZZ_VALUES = [
  () => undefined, () => null, () => true, () => false, () => 0, () => -0, () => 1, () => -1, () => 1.5, () => NaN, () => Infinity,
  () => -Infinity, () => 2 ** 53, () => 1e21, () => 10n, () => '', () => ' ', () => 'r', () => '@', () => '@me', () => '@ben', () => 'ben',
  () => 'a\ud800', () => '\udc00', () => 'a\u0000b', () => '\u0085', () => '\u202e', () => 'x'.repeat(128), () => 'x'.repeat(200), () => 'é'.repeat(70_000),
  () => '5', () => '-5', () => 'NaN', () => 'null', () => 'undefined', () => '[object Object]', () => '__proto__', () => 'constructor',
  () => 'toString', () => 'cursor', () => 'message', () => 'state', () => 'join-1', () => 'ack-1', () => 'ping-1', () => 'give up a', () => 'again a',
  () => Symbol('s'), () => Symbol.iterator, () => () => {}, () => throwError, () => class {}, () => async () => {}, () => [], () => [undefined],
  () => [NaN], () => [, 1], () => ['r'], () => ({}), () => ({ text: 't' }), () => ({ data: 1 }), () => ({ data: null }), () => ({ data: undefined }),
  () => ({ text: 1 }), () => ({ text: 'a', data: 1 }), () => ({ data: 1n }), () => circular, () => ({ data: circular }), () => ({ data: nested(60) }),
  () => ({ data: nested(90) }), () => ({ data: nested(90) }), () => ({ data: veryDeep }), () => ({ data: new Map([[1, 2]]) }), () => ({ data: new Set([1]) }),
  () => new Date(0), () => ({ data: new Date(0) }), () => ({ data: new Date(NaN) }), () => /x/, () => new Error('e'), () => Promise.resolve('p'),
  () => ({ data: Promise.resolve(1) }), () => new Proxy({}, { get: throwError }), () => new Proxy({}, { has: throwError, ownKeys: throwError }),
  () => new Proxy(() => {}, { apply: throwError }), revoked, () => ({ data: revoked() }), () => ({ text: revoked() }), () => Object.create(null),
  () => ({ get data() { return throwError(); } }), () => ({ get id() { return throwError(); } }), () => ({ data: { get a() { return throwError(); } } }),
  () => ({ data: { toJSON: throwError } }), () => ({ data: { toJSON() { throw null; } } }), () => ({ data: { toJSON() { throw revoked(); } } }),
  () => ({ data: { toJSON() {} } }), () => ({ data: { n: 0, toJSON() { return ++this.n; } } }), () => ({ [Symbol.toPrimitive]: throwError, toString: throwError }),
  () => new String('s'), () => new Number(NaN), () => new Uint8Array(4), () => new ArrayBuffer(4), () => Object.freeze({ data: [1] }), () => AbortSignal.abort(),
  () => new AbortController().signal, () => ({ aborted: false, addEventListener: throwError, removeEventListener: throwError }),
  () => Object.assign(new AbortController().signal, { removeEventListener: throwError }), () => ({ then: throwError }), () => ({ then: resolve => resolve() }),
  () => globalThis, () => ({ last: 3 }), () => ({ last: NaN }), () => ({ data: 'a\ud800' }), () => ({ data: { '\udc00': 1 } }), () => ({ data: [() => {}] }),
  reenter => ({ data: { toJSON() { reenter(); return 'acted'; } } }), reenter => ({ get data() { reenter(); return 'acted'; } }), reenter => ({ get id() { reenter(); return undefined; } }),
  reenter => ({ get after() { reenter(); return undefined; } }),
];

const OPTIONS = { send: ['id', 'timeout', 'signal', 'confirm'], join: ['last', 'after', 'epoch', 'autoAck'] };
export const EVENTS = ['message', 'gap', 'resync', 'presence', 'members', 'state', 'cursor', 'confirmed', 'expired', 'error'];

/** Picks random arguments and methods. */
export class FuzzGenerator {
  constructor(random) {
    this.random = random;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  fuzzValue(reenter) {
    return this.pick(FUZZ_VALUES)(reenter);
  }

  /** Mostly the valid argument, so that most calls have no more than one invalid argument. */
  validOrFuzz(valid, reenter, probability = 0.4) {
    return this.random() < probability ? this.fuzzValue(reenter) : valid;
  }

  options(method, reenter) {
    if (this.random() < 0.5) return undefined;
    if (this.random() < 0.2) return this.fuzzValue(reenter);
    const valid = {
      id: this.pick(['a', 'b', 'give up a', 'again a', 'join-2', 'join-3']), timeout: this.pick([0, 2_000, 60_000, 1e12]),
      confirm: true, last: 5, after: this.pick([0, '3', 'cursor']), epoch: 1, autoAck: true,
    };
    const names = OPTIONS[method].filter(name => this.random() < (name === 'id' ? 0.6 : 0.3));
    return Object.fromEntries(names.map(name => [name, name in valid ? this.validOrFuzz(valid[name], reenter, 0.5) : this.fuzzValue(reenter)]));
  }
}
