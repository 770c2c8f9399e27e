const MOST = 1_000; // what is kept, in number
const MOST_CHARS = 2 ** 20; // and in characters of frames

/**
 * @typedef {object} Item
 * @property {{ seq: number | null, epoch: number | null }} before where the room stood
 * @property {number} chars
 * @property {() => void} tell
 * @property {() => void} [drop] it will not be told
 * @property {import('./rejoin.js').Gap} gap what is announced in its place then
 */

/** What came for a room while nobody listened to its messages, in order. Of too much the oldest is let go, and announced as a gap. */
export class Backlog {
  /** @type {Item[]} */
  #items = [];
  #chars = 0;
  /** @type {{ before: Item['before'], gap: import('./rejoin.js').Gap } | null} what was let go */
  #lost = null;

  /** Where a room stands of which no more than this is missing; nothing when nothing is kept. */
  get before() {
    return (this.#lost ?? this.#items[0])?.before;
  }

  /** @param {Item} item */
  put(item) {
    this.#items.push(item);
    this.#chars += item.chars;
    while (this.#items.length > MOST || this.#chars > MOST_CHARS) this.#letGo();
  }

  /** Hands it all on, as long as somebody listens. @param {() => boolean} hears @param {(gap: import('./rejoin.js').Gap) => void} announce */
  empty(hears, announce) {
    while (hears()) {
      if (this.#lost) {
        const { gap } = this.#lost;
        this.#lost = null;
        announce(gap);
        continue;
      }
      const item = this.#items.shift();
      if (!item) return;
      this.#chars -= item.chars;
      item.tell();
    }
  }

  clear() {
    this.#items = [];
    this.#chars = 0;
    this.#lost = null;
  }

  #letGo() {
    const item = /** @type {Item} */ (this.#items.shift());
    this.#chars -= item.chars;
    item.drop?.();
    if (!this.#lost) return void (this.#lost = { before: item.before, gap: item.gap });
    const { gap } = this.#lost;
    const isAnew = gap.to === null || item.gap.to === null;
    this.#lost.gap = { ...gap, outcome: isAnew ? 'unrecoverable' : 'partial', to: isAnew ? null : item.gap.to };
  }
}
