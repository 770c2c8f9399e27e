// A member for the tests, in the protocol of each peer. All have the same methods:
//   await open({ port, name, room, place })   joined; with a place, what was missed since then comes first
//   await member.post(text)                   acknowledged
//   member.texts, member.place                what came, and up to where
import { once } from 'node:events';
import WebSocket from 'ws';

class Member {
  texts = [];
  place = null;
  #acks = new Map();
  #number = 0;
  #watchers = new Set();

  constructor(url) {
    this.socket = new WebSocket(url);
    this.joined = new Promise((resolve, reject) => {
      this.enter = resolve;
      this.socket.on('error', reject);
      this.socket.on('close', code => reject(new Error(`closed with ${code} before the join`)));
    });
    this.joined.catch(() => {}); // told to who waits for it
    this.socket.on('message', data => this.read(data.toString()));
  }

  post(text) {
    const number = ++this.#number;
    this.socket.send(this.posting(number, text));
    return new Promise((resolve, reject) => this.#acks.set(number, { resolve, reject }));
  }

  acknowledged(number, error) {
    const ack = this.#acks.get(number);
    this.#acks.delete(number);
    if (error) ack.reject(new Error(error));
    else ack.resolve();
  }

  took(text, place = null) {
    this.texts.push(text);
    this.place = place;
    for (const watcher of this.#watchers) watcher();
  }

  /** Until it has so many texts. */
  async has(count, withinMs = 20_000) {
    if (this.texts.length >= count) return;
    await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.texts.length} of ${count} texts came`)), withinMs);
      const watcher = () => {
        if (this.texts.length < count) return;
        clearTimeout(late);
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  async close() {
    this.socket.terminate();
    if (this.socket.readyState !== WebSocket.CLOSED) await once(this.socket, 'close');
  }
}

class WsMember extends Member {
  static async open({ port, name, room, place }) {
    const member = new WsMember(`ws://127.0.0.1:${port}/ws${place ? '' : '/' + room}?name=${name}`);
    if (place) {
      member.awaited = 'resync';
      member.socket.on('open', () => member.socket.send(JSON.stringify({ event: 'join', room, after: place.seq })));
    }
    await member.joined;
    return member;
  }

  awaited = 'join_ack';

  posting(number, text) {
    return JSON.stringify({ event: 'message', text, id: String(number) });
  }

  read(data) {
    const frame = JSON.parse(data);
    if (frame.event === 'join_ack') this.place = { seq: frame.seq };
    if (frame.event === this.awaited) this.enter();
    if (frame.event === 'resync' && frame.outcome !== 'full') throw new Error(data);
    if (frame.event === 'message') this.took(frame.text, { seq: frame.seq });
    if (frame.event === 'ack') this.acknowledged(Number(frame.id));
    if (frame.event === 'error') this.acknowledged(Number(frame.id), data);
  }
}

class SocketIoMember extends Member {
  static async open({ port, name, room }) {
    const member = new SocketIoMember(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
    Object.assign(member, { name, room });
    await member.joined;
    return member;
  }

  posting(number, text) {
    return `42${number}${JSON.stringify(['message', text])}`;
  }

  read(data) {
    if (data === '2') return this.socket.send('3');
    if (data.startsWith('0')) return this.socket.send(`40${JSON.stringify({ name: this.name })}`);
    if (data.startsWith('40')) return this.socket.send(`420${JSON.stringify(['join', this.room])}`);
    if (data.startsWith('42')) return this.took(JSON.parse(data.slice(2))[1].text);
    const [, number] = /^43(\d+)\[/.exec(data);
    return number === '0' ? this.enter() : this.acknowledged(Number(number));
  }
}

class CentrifugeMember extends Member {
  static async open({ port, name, room, place }) {
    const member = new CentrifugeMember(`ws://127.0.0.1:${port}/connection/websocket`);
    member.room = room;
    const subscribe = place ? { channel: room, recover: true, ...place } : { channel: room };
    const commands = [{ id: 1, connect: { name } }, { id: 2, subscribe }];
    member.socket.on('open', () => member.socket.send(commands.map(command => JSON.stringify(command)).join('\n')));
    await member.joined;
    return member;
  }

  posting(number, text) {
    return JSON.stringify({ id: 2 + number, publish: { channel: this.room, data: { text } } });
  }

  read(data) {
    for (const line of data.split('\n')) {
      if (line) this.answer(JSON.parse(line), line);
    }
  }

  answer({ id, subscribe, push, error, publish }, line) {
    if (line === '{}') this.socket.send('{}');
    if (error) throw new Error(line);
    if (subscribe) this.subscribed(subscribe, line);
    if (publish) this.acknowledged(id - 2);
    if (push?.pub) this.published(push.pub);
  }

  subscribed({ epoch, offset, publications = [], was_recovering, recovered }, line) {
    if (was_recovering && !recovered) throw new Error(line);
    this.epoch = epoch;
    this.place = { epoch, offset: offset ?? 0 };
    publications.forEach(publication => this.published(publication));
    this.enter();
  }

  published({ data, offset }) {
    this.took(data.text, { epoch: this.epoch, offset });
  }
}

export const clients = { ws: WsMember.open, socketio: SocketIoMember.open, centrifuge: CentrifugeMember.open };
