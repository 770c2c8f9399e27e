/** The list of messages. Text from users is inserted as text, never as markup. */

const MAX_ROWS = 500;
const END_TOLERANCE_PX = 80; // pixels from the end that still count as the end

const timeFormat = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Creates an element with this class, text and children. */
export function element(name, className, text, ...children) {
  const created = document.createElement(name);
  created.className = className;
  if (text !== undefined) created.textContent = text;
  created.append(...children);
  return created;
}

export class Log {
  /** Rows of own messages that the room has not shown yet, by id. They are the last rows. */
  #pending = new Map();
  #list;
  #newMessagesButton;
  #hasRemovedRows = false;

  constructor(list, newMessagesButton) {
    this.#list = list;
    this.#newMessagesButton = newMessagesButton;
    newMessagesButton.addEventListener('click', () => this.#scrollToEnd());
    list.addEventListener('scroll', () => { if (this.#isAtEnd()) newMessagesButton.hidden = true; });
  }

  clear() {
    this.#pending.clear();
    this.#list.replaceChildren();
    this.#newMessagesButton.hidden = true;
    this.#hasRemovedRows = false;
  }

  /** Adds a message of the room. An own message replaces the row that waited for it. */
  addMessage({ id, user, text, data, ts, seq }, isOwn) {
    if (isOwn) this.#removePending(id);
    const body = element('div', 'text', text);
    if (text === undefined) body.append(element('code', '', JSON.stringify(data, null, 2)));
    const time = element('time', '', timeFormat.format(ts));
    time.dateTime = new Date(ts).toISOString();
    const meta = element('div', 'meta', undefined, element('span', 'user', user), time, element('span', 'seq', `#${seq}`));
    if (isOwn) meta.append(element('span', 'mark', 'sent'));
    const row = element('div', isOwn ? 'message own' : 'message', undefined, meta, body);
    row.dataset.seq = seq;
    this.#add(row);
  }

  /** Adds a row for an own message that is being sent. */
  addPending(id, user, text) {
    const meta = element('div', 'meta', undefined, element('span', 'user', user), element('span', 'mark', 'sending …'));
    const row = element('div', 'message own pending', undefined, meta, element('div', 'text', text));
    this.#pending.set(id, row);
    this.#list.append(row);
    this.#scrollToEnd();
  }

  /** Marks an own message as acknowledged. The room shows it soon, unless it is shown already. */
  markSent(id, isShown) {
    if (isShown) return this.#removePending(id);
    const mark = this.#pending.get(id)?.querySelector('.mark');
    if (mark) mark.textContent = 'sent';
  }

  /** Marks an own message as failed, with a button to send it again. */
  markFailed(id, reason, onResend) {
    const row = this.#pending.get(id);
    if (!row) return;
    row.className = 'message own failed';
    row.querySelector('.mark').textContent = `not sent: ${reason}`;
    const button = element('button', '', 'Send again');
    button.addEventListener('click', () => {
      button.remove();
      row.className = 'message own pending';
      row.querySelector('.mark').textContent = 'sending …';
      onResend();
    });
    row.append(button);
  }

  /** Adds a notice between the messages. */
  addNotice(text, kind = '') {
    this.#add(element('div', `notice ${kind}`, text));
  }

  #removePending(id) {
    this.#pending.get(id)?.remove();
    this.#pending.delete(id);
  }

  #add(row) {
    const wasAtEnd = this.#isAtEnd();
    const [firstPending] = this.#pending.values();
    this.#list.insertBefore(row, firstPending ?? null);
    this.#removeOldRows();
    if (wasAtEnd) this.#scrollToEnd();
    else if (row.classList.contains('message')) this.#newMessagesButton.hidden = false;
  }

  #removeOldRows() {
    while (this.#list.childElementCount > MAX_ROWS) {
      this.#list.children[this.#hasRemovedRows ? 1 : 0].remove();
      if (this.#hasRemovedRows) continue;
      this.#hasRemovedRows = true;
      this.#list.prepend(element('div', 'notice', 'Older messages are still in the room, but no longer on this page.'));
    }
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < END_TOLERANCE_PX;
  }

  #scrollToEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#newMessagesButton.hidden = true;
  }
}
