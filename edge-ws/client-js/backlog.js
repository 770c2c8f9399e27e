const MOST = 1_000; // the most messages that are kept
const MOST_CHARS = 2 ** 20; // the most characters of frames that are kept

/**
 * @typedef {object} Item
 * @property {{ seq: number | null, epoch: number | null }} before the room's position before the item
 * @property {number} chars
 * @property {() => void} tell delivers the item
 * @property {() => void} [drop] called when the item is not delivered
 * @property {import('./rejoin.js').Gap} gap announced when the item is not delivered
 */

/**
 * Keeps a room's messages in order while nobody listens to them. Above the bounds, the oldest messages are dropped and
 * announced as a gap.
 */
export class Backlog {
  /** @type {Item[]} */
  #items = [];
  #chars = 0;
  /** @type {{ before: Item['before'], gap: import('./rejoin.js').Gap } | null} the gap of dropped messages */
  #lost = null;

  /** The room's position before the first kept or dropped item; undefined when nothing is kept. */
  get before() {
    return (this.#lost ?? this.#items[0])?.before;
  }

  /** @param {Item} item */
  put(item) {
    this.#items.push(item);
    this.#chars += item.chars;
    while (this.#items.length > MOST || this.#chars > MOST_CHARS) this.#letGo();
  }

  /**
   * Delivers all items, as long as somebody listens.
   *
   * @param {() => boolean} hears
   * @param {(gap: import('./rejoin.js').Gap) => void} announce
   */
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
