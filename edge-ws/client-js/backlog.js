const MAX_MESSAGES = 1_000; // the most messages that are kept
const MAX_CHARS = 2 ** 20; // the most characters of frames that are kept

/**
 * @typedef {object} Item
 * @property {{ seq: number | null, epoch: number | null }} positionBefore the room's position before the item
 * @property {number} chars
 * @property {() => void} deliver delivers the item
 * @property {() => void} [onDrop] called when the item is not delivered
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
  /** @type {{ positionBefore: Item['positionBefore'], gap: import('./rejoin.js').Gap } | null} */
  #droppedGap = null;

  /** The room's position before the first kept or dropped item; undefined when nothing is kept. */
  get startPosition() {
    return (this.#droppedGap ?? this.#items[0])?.positionBefore;
  }

  /** @param {Item} item */
  add(item) {
    this.#items.push(item);
    this.#chars += item.chars;
    while (this.#items.length > MAX_MESSAGES || this.#chars > MAX_CHARS) this.#dropOldest();
  }

  /**
   * Delivers all items, as long as somebody listens.
   *
   * @param {() => boolean} hasListener
   * @param {(gap: import('./rejoin.js').Gap) => void} announceGap
   */
  deliver(hasListener, announceGap) {
    while (hasListener()) {
      if (this.#droppedGap) {
        const { gap } = this.#droppedGap;
        this.#droppedGap = null;
        announceGap(gap);
        continue;
      }
      const item = this.#items.shift();
      if (!item) return;
      this.#chars -= item.chars;
      item.deliver();
    }
  }

  clear() {
    this.#items = [];
    this.#chars = 0;
    this.#droppedGap = null;
  }

  #dropOldest() {
    const item = /** @type {Item} */ (this.#items.shift());
    this.#chars -= item.chars;
    item.onDrop?.();
    if (!this.#droppedGap) return void (this.#droppedGap = { positionBefore: item.positionBefore, gap: item.gap });
    const { gap } = this.#droppedGap;
    const isUnrecoverable = gap.to === null || item.gap.to === null;
    const outcome = isUnrecoverable ? 'unrecoverable' : 'partial';
    this.#droppedGap.gap = { ...gap, outcome, to: isUnrecoverable ? null : item.gap.to };
  }
}
