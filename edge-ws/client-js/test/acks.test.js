import assert from 'node:assert/strict';
import test from 'node:test';
import { message, settle, start } from './fakes.js';

globalThis.reportError = () => {}; // listeners fail on purpose here

/** A client that is live in a room at that seq. */
function live(seq = 0, options) {
  const run = start();
  const { room, told } = run.room(options);
  run.socket.welcome().joined({ seq });
  if (room.state === 'catching_up') run.socket.resync(seq + 1, seq);
  return { ...run, room, told, get socket() { return run.sockets.at(-1); } };
}

const acked = socket => socket.all('ack').map(ack => ack.seq);
const again = seq => message(seq, { redelivered: true });

test('what was handed on is acknowledged when the application says so', () => {
  const { room, socket } = live();
  socket.messages(1, 2, 3);
  assert.deepEqual(acked(socket), []);
  room.ack(2);

  assert.deepEqual(socket.last('ack'), { event: 'ack', room: 'r', id: 'ack-2', seq: 2, epoch: 1 });
});

test('without a seq it is everything so far, also within a listener', () => {
  const { room, socket } = live();
  room.on('message', m => m.seq === 2 && room.ack());
  socket.messages(1, 2, 3);

  assert.deepEqual(acked(socket), [2]);
});

test('many acknowledgements become one in half a second, and the last is never lost', () => {
  const { room, socket, clock } = live();
  for (let seq = 1; seq <= 100; seq++) {
    socket.messages(seq);
    room.ack();
  }
  clock.pass(499);
  assert.deepEqual(acked(socket), [1]);
  clock.pass(1);
  assert.deepEqual(acked(socket), [1, 100]);
  clock.pass(60_000);

  assert.deepEqual(acked(socket), [1, 100]);
});

test('nothing that did not come is acknowledged, and nothing twice', () => {
  const { room, socket, clock } = live(5);
  room.ack();
  socket.messages(6);
  room.ack(99);
  clock.pass(1_000);
  room.ack(6);
  room.ack(3);
  clock.pass(1_000);

  assert.deepEqual(acked(socket), [5, 6]);
});

test('with autoAck a message is acknowledged once its listeners are done', async () => {
  const { room, socket, clock } = live(0, { autoAck: true });
  let finish;
  room.on('message', m => m.seq === 2 && new Promise(resolve => { finish = resolve; }));
  socket.messages(1, 2, 3);
  clock.pass(1_000);
  assert.deepEqual(acked(socket), [1]);
  finish();
  await settle();

  assert.deepEqual(acked(socket), [1, 3]);
});

test('a message whose listener failed is not acknowledged, and handed on again when it is redelivered', async () => {
  for (const fail of [() => { throw new Error('no'); }, () => Promise.reject(new Error('no'))]) {
    const { room, told, socket, clock } = live(0, { autoAck: true });
    let isWell = false;
    room.on('message', m => m.seq === 2 && !isWell && fail());
    socket.messages(1, 2, 3);
    await settle();
    clock.pass(1_000);
    assert.deepEqual(acked(socket), [1]);
    isWell = true;
    socket.push(again(2));

    assert.deepEqual(told.seqs, [1, 2, 3, 2]);
    assert.deepEqual(acked(socket), [1, 3]);
  }
});

test('what the application acknowledges by its seq counts as handled, though a listener failed', () => {
  const { room, socket, clock } = live();
  room.on('message', m => { if (m.seq === 2) throw new Error('no'); });
  socket.messages(1, 2, 3);
  room.ack();
  clock.pass(1_000);
  room.ack(2);
  clock.pass(1_000);
  room.ack();

  assert.deepEqual(acked(socket), [1, 2, 3]);
});

test('what nobody listened to is not handled', async () => {
  const run = start();
  const room = run.rejoin.join('r', { autoAck: true });
  run.socket.welcome().joined().resync(1, 0).messages(1);
  assert.deepEqual(acked(run.socket), []);
  const seqs = [];
  room.on('message', m => seqs.push(m.seq));
  await settle();

  assert.deepEqual(seqs, [1]);
  assert.deepEqual(acked(run.socket), [1]);
});

test('a redelivered copy of what was handled is only acknowledged, whatever was said before', () => {
  const { told, socket, clock } = live();
  socket.messages(1, 2).push(again(1));
  clock.pass(1_000);
  socket.push(again(1));
  clock.pass(1_000);

  assert.deepEqual(told.seqs, [1, 2]);
  assert.deepEqual(acked(socket), [1, 1]);
});

test('a redelivered message from before the beginning is handed on once, and does not confirm what is before it', () => {
  const { room, told, socket, clock } = live(7);
  socket.push(again(5), again(5));
  clock.pass(1_000);
  socket.messages(8);
  assert.deepEqual(told.seqs, [5, 8]);
  assert.deepEqual(acked(socket), []);
  room.ack();
  clock.pass(1_000);
  socket.push(again(5));

  assert.deepEqual(told.seqs, [5, 8]);
  assert.deepEqual(acked(socket), [8, 8], 'the application has said that all before is processed');
});

test('redelivered messages from before the beginning are acknowledged as far as they follow the cursor', () => {
  const run = start();
  const { told } = run.room();
  run.socket.welcome().joined({ seq: 7, cursor: 2 });
  const push = (...frames) => {
    run.socket.push(...frames);
    run.clock.pass(1_000);
  };
  push(again(5));
  push(again(4));
  assert.deepEqual(acked(run.socket), []);
  push(again(3));
  assert.deepEqual(acked(run.socket), [5]);
  push(again(7));
  push({ event: 'cursor', room: 'r', seq: 6, epoch: 1 });
  assert.deepEqual(acked(run.socket), [5]);
  push(again(7));

  assert.deepEqual(acked(run.socket), [5, 7]);
  assert.deepEqual(told.seqs, [5, 4, 3, 7]);
});

test('in whatever order messages from before the beginning come again, none is confirmed before it was handled', () => {
  const orders = rest => (rest.length < 2 ? [rest] : rest.flatMap(n => orders(rest.filter(m => m !== n)).map(o => [n, ...o])));
  for (const autoAck of [false, true]) {
    for (const order of orders([3, 4, 5, 6])) {
      const run = start();
      const { room, told } = run.room({ last: 0, autoAck });
      run.socket.welcome().joined({ seq: 6, cursor: 2 }).resync(7, 6);
      let isWell = false;
      room.on('message', m => { if (m.seq === 4 && !isWell) throw new Error('no'); });
      const redeliver = seq => {
        run.socket.push(again(seq));
        run.clock.pass(1_000);
        const handled = new Set(told.seqs.filter(n => n !== 4 || isWell));
        for (let n = 3; n <= (acked(run.socket).at(-1) ?? 0); n++) assert.ok(handled.has(n), `${order}: ${n} after ${seq}`);
      };
      order.forEach(redeliver);
      isWell = true;
      [4, ...order].forEach(redeliver);

      assert.equal(acked(run.socket).at(-1), 6, `${order}: in the end all`);
      assert.deepEqual(told.seqs, [...order, 4], 'none is handed on again, but the one that failed');
    }
  }
});

test('a message from before the beginning that failed holds back what was handled live, until it is handled', () => {
  const run = start();
  const { room } = run.room({ last: 0, autoAck: true });
  run.socket.welcome().joined({ seq: 7, cursor: 2 }).resync(8, 7);
  let isWell = false;
  room.on('message', m => { if (m.seq === 4 && !isWell) throw new Error('no'); });
  run.socket.push(again(4));
  run.socket.messages(8);
  assert.deepEqual(acked(run.socket), [3], 'who joins live says that what was before does not matter');
  isWell = true;
  run.clock.pass(1_000);
  run.socket.push(again(4));

  assert.deepEqual(acked(run.socket), [3, 8]);
});

test('a redelivered copy that is ahead, or of another life, is left to come in its order', () => {
  const { told, socket } = live();
  socket.push(again(2), message(1, { redelivered: true, epoch: 7 }));
  socket.messages(1, 2);

  assert.deepEqual(told.seqs, [1, 2]);
  assert.deepEqual(acked(socket), []);
});

test('what may not have arrived is acknowledged again after a reconnect, unless the server knows', () => {
  const run = live();
  run.socket.messages(1, 2);
  run.room.ack();
  for (const [cursor, expected] of [[1, [2]], [2, []]]) {
    run.socket.end();
    run.clock.pass(2_000);
    run.socket.welcome().joined({ seq: 2, cursor }).resync(3, 2);
    assert.deepEqual(acked(run.socket), expected);
  }
});

test('what was handled while there was no connection is acknowledged with the next', () => {
  const run = live();
  run.socket.messages(1, 2);
  run.socket.end();
  run.room.ack();
  run.clock.pass(2_000);
  run.socket.welcome();
  assert.deepEqual(acked(run.socket), []);
  run.socket.joined({ seq: 2 });

  assert.deepEqual(acked(run.socket), [2]);
});

test('an acknowledgement that is refused for now is repeated, and one for good is told', () => {
  const { room, told, socket, clock } = live();
  socket.messages(1);
  room.ack();
  socket.push({ event: 'error', room: 'r', id: socket.last('ack').id, code: 'overloaded', message: '', retry_after_ms: 2_000 });
  clock.pass(1_999);
  assert.deepEqual(acked(socket), [1]);
  clock.pass(1_001);
  assert.deepEqual(acked(socket), [1, 1]);
  socket.push({ event: 'error', room: 'r', id: socket.last('ack').id, code: 'forbidden', message: '' });

  assert.deepEqual(told.errors, ['forbidden']);
});

test('the last one goes out before the connection is given up', () => {
  for (const end of [run => run.rejoin.close(), run => run.rejoin.pause(), run => run.room.leave()]) {
    const run = live();
    const { socket } = run;
    socket.messages(1);
    run.room.ack();
    socket.messages(2);
    run.room.ack();
    assert.deepEqual(acked(socket), [1]);
    end(run);

    assert.deepEqual(acked(socket), [1, 2]);
    run.rejoin.close();
    assert.equal(run.clock.pending, 0);
  }
});

test('a room may be joined after the cursor, and holds what another device acknowledges', () => {
  const run = start();
  const { room, told } = run.room({ after: 'cursor' });
  const cursors = [];
  room.on('cursor', c => cursors.push(c));
  run.socket.welcome();
  assert.equal(run.socket.last('join').after, 'cursor');
  run.socket.joined({ seq: 5, cursor: 3 }).messages(4, 5).resync(4, 5);
  assert.deepEqual(told.seqs, [4, 5]);
  assert.equal(room.cursor, 3);
  const moved = seq => ({ event: 'cursor', room: 'r', seq, epoch: 1 });
  run.socket.push(moved(4), moved(4), { ...moved(5), epoch: 2 });

  assert.deepEqual(cursors, [{ room: 'r', seq: 4, epoch: 1 }]);
  assert.equal(room.cursor, 4);
  run.socket.end();
  run.clock.pass(2_000);
  run.socket.welcome();
  assert.equal(run.socket.last('join').after, 5, 'with a memory it goes on from there');
});

test('the answer to an acknowledgement of its own is no news of another device', () => {
  const { room, socket } = live();
  const cursors = [];
  room.on('cursor', c => cursors.push(c.seq));
  socket.messages(1, 2, 3);
  room.ack(1);
  socket.push({ event: 'cursor', room: 'r', seq: 1, epoch: 1, id: socket.last('ack').id });
  socket.push({ event: 'cursor', room: 'r', seq: 2, epoch: 1 }, { event: 'cursor', room: 'r', seq: 0, epoch: 9, id: 'ack-9' });

  assert.deepEqual(cursors, [2]);
  assert.equal(room.cursor, 2);
});

test('what is missing beyond the cursor is announced', () => {
  const run = start();
  const { told } = run.room({ after: 'cursor' });
  run.socket.welcome().joined({ seq: 9, cursor: 3 }).messages(8, 9).resync(8, 9, 'partial');

  assert.deepEqual(told.order, ['gap', 8, 9]);
  assert.deepEqual(told.gaps, [{ outcome: 'partial', from: 4, to: 7 }]);
});

test('in a new life nothing of the old one is acknowledged', () => {
  const run = live(0, { autoAck: true });
  run.socket.messages(1, 2, 3);
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome().joined({ seq: 1, epoch: 2 }).resync(2, 1, 'unrecoverable');
  run.clock.pass(1_000);
  assert.deepEqual(acked(run.socket), []);
  run.socket.push(message(2, { epoch: 2 }));

  assert.deepEqual(run.socket.all('ack').map(a => [a.seq, a.epoch]), [[2, 2]]);
});

/** A room that is live with a message in the hands of a listener that takes its time. */
function busy(options) {
  const run = live(0, options);
  run.room.on('message', m => m.epoch === 1 && new Promise(resolve => { run.finish = resolve; }));
  run.socket.messages(1);
  return Object.defineProperty({ ...run, finish: () => run.finish() }, 'socket', { get: () => run.sockets.at(-1) });
}

test('what a listener ends after its life has ended is acknowledged in no other', async () => {
  const run = busy({ autoAck: true });
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome().joined({ seq: 3, epoch: 2 }).resync(4, 3, 'unrecoverable');
  run.finish();
  await settle();
  run.clock.pass(1_000);
  assert.deepEqual(run.socket.all('ack'), []);
  run.socket.push(message(4, { epoch: 2 }));

  assert.deepEqual(run.socket.all('ack').map(a => [a.seq, a.epoch]), [[4, 2]]);
});

test('a listener that ends after its room has ended sets nothing going', async () => {
  for (const end of [run => run.rejoin.close(), run => run.room.leave()]) {
    const run = busy({ autoAck: true });
    end(run);
    run.rejoin.close();
    run.finish();
    await settle();

    assert.deepEqual(acked(run.socket), []);
    assert.equal(run.clock.pending, 0);
  }
});

test('listeners that never succeed cost a bounded memory, and nothing beyond the first is acknowledged', () => {
  const { room, socket, clock } = live(0, { autoAck: true });
  let isWell = false;
  room.on('message', () => { if (!isWell) throw new Error('no'); });
  for (let seq = 1; seq <= 1_500; seq++) socket.messages(seq);
  isWell = true;
  for (let seq = 1; seq <= 1_000; seq++) socket.push(again(seq));
  clock.pass(1_000);

  assert.equal(acked(socket).at(-1), 1_000);
});
