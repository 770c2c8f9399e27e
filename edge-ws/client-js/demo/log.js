/** The list of messages. Text from users is inserted as text, never as markup. */

const MOST_ROWS = 500;
const NEAR = 80; // pixels from the end that still count as the end

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Creates an element with this class, text and children. */
export function element(name, className, text, ...children) {
  const made = document.createElement(name);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

export class Log {
  /** Rows of own messages that the room has not shown yet, by id. They are the last rows. */
  #pending = new Map();
  #list;
  #newer;
  #isCut = false;

  constructor(list, newer) {
    this.#list = list;
    this.#newer = newer;
    newer.addEventListener('click', () => this.#toEnd());
    list.addEventListener('scroll', () => { if (this.#isAtEnd()) newer.hidden = true; });
  }

  clear() {
    this.#pending.clear();
    this.#list.replaceChildren();
    this.#newer.hidden = true;
    this.#isCut = false;
  }

  /** Adds a message of the room. An own message replaces the row that waited for it. */
  message({ id, user, text, data, ts, seq }, isOwn) {
    if (isOwn) this.#forget(id);
    const body = element('div', 'text', text);
    if (text === undefined) body.append(element('code', '', JSON.stringify(data, null, 2)));
    const time = element('time', '', clock.format(ts));
    time.dateTime = new Date(ts).toISOString();
    const meta = element('div', 'meta', undefined, element('span', 'user', user), time, element('span', 'seq', `#${seq}`));
    if (isOwn) meta.append(element('span', 'mark', 'sent'));
    const row = element('div', isOwn ? 'message own' : 'message', undefined, meta, body);
    row.dataset.seq = seq;
    this.#add(row);
  }

  /** Adds a row for an own message that is being sent. */
  pending(id, user, text) {
    const meta = element('div', 'meta', undefined, element('span', 'user', user), element('span', 'mark', 'sending …'));
    const row = element('div', 'message own pending', undefined, meta, element('div', 'text', text));
    this.#pending.set(id, row);
    this.#list.append(row);
    this.#toEnd();
  }

  /** Marks an own message as acknowledged. The room shows it soon, unless it is shown already. */
  acknowledged(id, isShown) {
    if (isShown) return this.#forget(id);
    const mark = this.#pending.get(id)?.querySelector('.mark');
    if (mark) mark.textContent = 'sent';
  }

  /** Marks an own message as failed, with a button to send it again. */
  failed(id, why, again) {
    const row = this.#pending.get(id);
    if (!row) return;
    row.className = 'message own failed';
    row.querySelector('.mark').textContent = `not sent: ${why}`;
    const button = element('button', '', 'Send again');
    button.addEventListener('click', () => {
      button.remove();
      row.className = 'message own pending';
      row.querySelector('.mark').textContent = 'sending …';
      again();
    });
    row.append(button);
  }

  /** Adds a notice between the messages. */
  notice(text, kind = '') {
    this.#add(element('div', `notice ${kind}`, text));
  }

  #forget(id) {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
  }

  #add(row) {
    const stays = this.#isAtEnd();
    const [firstPending] = this.#pending.values();
    this.#list.insertBefore(row, firstPending ?? null);
    this.#bound();
    if (stays) this.#toEnd();
    else if (row.classList.contains('message')) this.#newer.hidden = false;
  }

  #bound() {
    while (this.#list.childElementCount > MOST_ROWS) {
      this.#list.children[this.#isCut ? 1 : 0].remove();
      if (this.#isCut) continue;
      this.#isCut = true;
      this.#list.prepend(element('div', 'notice', 'Older messages are still in the room, but no longer on this page.'));
    }
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#newer.hidden = true;
  }
}
