import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, message, startClient } from './fakes.js';

globalThis.reportError = () => {}; // listeners fail on purpose here

/** A client that is live in a room at this seq. */
function startLive(seq = 0, options) {
  const run = startClient();
  const { room, received } = run.joinRoom(options);
  run.socket.pushWelcome().answerJoin({ seq });
  if (room.state === 'catching_up') run.socket.pushResync(seq + 1, seq);
  return { ...run, room, received, get socket() { return run.sockets.at(-1); } };
}

const ackedSeqs = socket => socket.allSent('ack').map(ack => ack.seq);
const redeliveredMessage = seq => message(seq, { redelivered: true });

test('delivered messages are acknowledged when the application calls ack', () => {
  const { room, socket } = startLive();
  socket.pushMessages(1, 2, 3);
  assert.deepEqual(ackedSeqs(socket), []);
  room.ack(2);

  assert.deepEqual(socket.lastSent('ack'), { event: 'ack', room: 'r', id: 'ack-2', seq: 2, epoch: 1 });
});

test('ack without a seq covers everything delivered so far, also inside a listener', () => {
  const { room, socket } = startLive();
  room.on('message', m => m.seq === 2 && room.ack());
  socket.pushMessages(1, 2, 3);

  assert.deepEqual(ackedSeqs(socket), [2]);
});

test('acknowledgements are combined for half a second, and the last one is always sent', () => {
  const { room, socket, clock } = startLive();
  for (let seq = 1; seq <= 100; seq++) {
    socket.pushMessages(seq);
    room.ack();
  }
  clock.advance(499);
  assert.deepEqual(ackedSeqs(socket), [1]);
  clock.advance(1);
  assert.deepEqual(ackedSeqs(socket), [1, 100]);
  clock.advance(60_000);

  assert.deepEqual(ackedSeqs(socket), [1, 100]);
});

test('ack never exceeds what was received, and is never sent twice', () => {
  const { room, socket, clock } = startLive(5);
  room.ack();
  socket.pushMessages(6);
  room.ack(99);
  clock.advance(1_000);
  room.ack(6);
  room.ack(3);
  clock.advance(1_000);

  assert.deepEqual(ackedSeqs(socket), [5, 6]);
});

test('with autoAck a message is acknowledged once its listeners are done', async () => {
  const { room, socket, clock } = startLive(0, { autoAck: true });
  let finish;
  room.on('message', m => m.seq === 2 && new Promise(resolve => { finish = resolve; }));
  socket.pushMessages(1, 2, 3);
  clock.advance(1_000);
  assert.deepEqual(ackedSeqs(socket), [1]);
  finish();
  await flushPromises();

  assert.deepEqual(ackedSeqs(socket), [1, 3]);
});

test('a message whose listener failed is not acknowledged, and is delivered again when it is redelivered', async () => {
  for (const fail of [() => { throw new Error('no'); }, () => Promise.reject(new Error('no'))]) {
    const { room, received, socket, clock } = startLive(0, { autoAck: true });
    let shouldSucceed = false;
    room.on('message', m => m.seq === 2 && !shouldSucceed && fail());
    socket.pushMessages(1, 2, 3);
    await flushPromises();
    clock.advance(1_000);
    assert.deepEqual(ackedSeqs(socket), [1]);
    shouldSucceed = true;
    socket.push(redeliveredMessage(2));

    assert.deepEqual(received.seqs, [1, 2, 3, 2]);
    assert.deepEqual(ackedSeqs(socket), [1, 3]);
  }
});

test('a message that the application acknowledges by seq counts as handled, although its listener failed', () => {
  const { room, socket, clock } = startLive();
  room.on('message', m => { if (m.seq === 2) throw new Error('no'); });
  socket.pushMessages(1, 2, 3);
  room.ack();
  clock.advance(1_000);
  room.ack(2);
  clock.advance(1_000);
  room.ack();

  assert.deepEqual(ackedSeqs(socket), [1, 2, 3]);
});

test('messages without a listener do not count as handled', async () => {
  const run = startClient();
  const room = run.rejoin.join('r', { autoAck: true });
  run.socket.pushWelcome().answerJoin().pushResync(1, 0).pushMessages(1);
  assert.deepEqual(ackedSeqs(run.socket), []);
  const seqs = [];
  room.on('message', m => seqs.push(m.seq));
  await flushPromises();

  assert.deepEqual(seqs, [1]);
  assert.deepEqual(ackedSeqs(run.socket), [1]);
});

test('a redelivered message that was handled before is only acknowledged again', () => {
  const { received, socket, clock } = startLive();
  socket.pushMessages(1, 2).push(redeliveredMessage(1));
  clock.advance(1_000);
  socket.push(redeliveredMessage(1));
  clock.advance(1_000);

  assert.deepEqual(received.seqs, [1, 2]);
  assert.deepEqual(ackedSeqs(socket), [1, 1]);
});

test('a redelivered message from before the start is delivered once, and does not acknowledge earlier messages', () => {
  const { room, received, socket, clock } = startLive(7);
  socket.push(redeliveredMessage(5), redeliveredMessage(5));
  clock.advance(1_000);
  socket.pushMessages(8);
  assert.deepEqual(received.seqs, [5, 8]);
  assert.deepEqual(ackedSeqs(socket), []);
  room.ack();
  clock.advance(1_000);
  socket.push(redeliveredMessage(5));

  assert.deepEqual(received.seqs, [5, 8]);
  assert.deepEqual(ackedSeqs(socket), [8, 8], 'the application has said that all before is processed');
});

test('redelivered messages from before the start are acknowledged as far as they follow the cursor without a break', () => {
  const run = startClient();
  const { received } = run.joinRoom();
  run.socket.pushWelcome().answerJoin({ seq: 7, cursor: 2 });
  const push = (...frames) => {
    run.socket.push(...frames);
    run.clock.advance(1_000);
  };
  push(redeliveredMessage(5));
  push(redeliveredMessage(4));
  assert.deepEqual(ackedSeqs(run.socket), []);
  push(redeliveredMessage(3));
  assert.deepEqual(ackedSeqs(run.socket), [5]);
  push(redeliveredMessage(7));
  push({ event: 'cursor', room: 'r', seq: 6, epoch: 1 });
  assert.deepEqual(ackedSeqs(run.socket), [5]);
  push(redeliveredMessage(7));

  assert.deepEqual(ackedSeqs(run.socket), [5, 7]);
  assert.deepEqual(received.seqs, [5, 4, 3, 7]);
});

test('redelivered messages from before the start are never acknowledged before they were handled, in any order', () => {
  const permutations = rest => (rest.length < 2 ? [rest] : rest.flatMap(n => permutations(rest.filter(m => m !== n)).map(o => [n, ...o])));
  for (const autoAck of [false, true]) {
    for (const order of permutations([3, 4, 5, 6])) {
      const run = startClient();
      const { room, received } = run.joinRoom({ last: 0, autoAck });
      run.socket.pushWelcome().answerJoin({ seq: 6, cursor: 2 }).pushResync(7, 6);
      let shouldSucceed = false;
      room.on('message', m => { if (m.seq === 4 && !shouldSucceed) throw new Error('no'); });
      const redeliver = seq => {
        run.socket.push(redeliveredMessage(seq));
        run.clock.advance(1_000);
        const handled = new Set(received.seqs.filter(n => n !== 4 || shouldSucceed));
        for (let n = 3; n <= (ackedSeqs(run.socket).at(-1) ?? 0); n++) assert.ok(handled.has(n), `${order}: ${n} after ${seq}`);
      };
      order.forEach(redeliver);
      shouldSucceed = true;
      [4, ...order].forEach(redeliver);

      assert.equal(ackedSeqs(run.socket).at(-1), 6, `${order}: in the end all`);
      assert.deepEqual(received.seqs, [...order, 4], 'none is handed on again, but the one that failed');
    }
  }
});

test('a failed message from before the start holds back the acknowledgement of live messages until it is handled', () => {
  const run = startClient();
  const { room } = run.joinRoom({ last: 0, autoAck: true });
  run.socket.pushWelcome().answerJoin({ seq: 7, cursor: 2 }).pushResync(8, 7);
  let shouldSucceed = false;
  room.on('message', m => { if (m.seq === 4 && !shouldSucceed) throw new Error('no'); });
  run.socket.push(redeliveredMessage(4));
  run.socket.pushMessages(8);
  assert.deepEqual(ackedSeqs(run.socket), [3], 'who joins live says that what was before does not matter');
  shouldSucceed = true;
  run.clock.advance(1_000);
  run.socket.push(redeliveredMessage(4));

  assert.deepEqual(ackedSeqs(run.socket), [3, 8]);
});

test('a redelivered message that is ahead, or of another epoch, is ignored', () => {
  const { received, socket } = startLive();
  socket.push(redeliveredMessage(2), message(1, { redelivered: true, epoch: 7 }));
  socket.pushMessages(1, 2);

  assert.deepEqual(received.seqs, [1, 2]);
  assert.deepEqual(ackedSeqs(socket), []);
});

test('the last acknowledgement is sent again after a reconnect, unless the server has it', () => {
  const run = startLive();
  run.socket.pushMessages(1, 2);
  run.room.ack();
  for (const [cursor, expected] of [[1, [2]], [2, []]]) {
    run.socket.disconnect();
    run.clock.advance(2_000);
    run.socket.pushWelcome().answerJoin({ seq: 2, cursor }).pushResync(3, 2);
    assert.deepEqual(ackedSeqs(run.socket), expected);
  }
});

test('messages handled while offline are acknowledged after the reconnect', () => {
  const run = startLive();
  run.socket.pushMessages(1, 2);
  run.socket.disconnect();
  run.room.ack();
  run.clock.advance(2_000);
  run.socket.pushWelcome();
  assert.deepEqual(ackedSeqs(run.socket), []);
  run.socket.answerJoin({ seq: 2 });

  assert.deepEqual(ackedSeqs(run.socket), [2]);
});

test('an acknowledgement that is refused temporarily is repeated; a final refusal is reported', () => {
  const { room, received, socket, clock } = startLive();
  socket.pushMessages(1);
  room.ack();
  socket.push({ event: 'error', room: 'r', id: socket.lastSent('ack').id, code: 'overloaded', message: '', retry_after_ms: 2_000 });
  clock.advance(1_999);
  assert.deepEqual(ackedSeqs(socket), [1]);
  clock.advance(1_001);
  assert.deepEqual(ackedSeqs(socket), [1, 1]);
  socket.push({ event: 'error', room: 'r', id: socket.lastSent('ack').id, code: 'forbidden', message: '' });

  assert.deepEqual(received.errors, ['forbidden']);
});

test('a pending acknowledgement is sent before close, pause and leave', () => {
  for (const end of [run => run.rejoin.close(), run => run.rejoin.pause(), run => run.room.leave()]) {
    const run = startLive();
    const { socket } = run;
    socket.pushMessages(1);
    run.room.ack();
    socket.pushMessages(2);
    run.room.ack();
    assert.deepEqual(ackedSeqs(socket), [1]);
    end(run);

    assert.deepEqual(ackedSeqs(socket), [1, 2]);
    run.rejoin.close();
    assert.equal(run.clock.timerCount, 0);
  }
});

test('a room can be joined after the cursor, and its cursor follows other devices', () => {
  const run = startClient();
  const { room, received } = run.joinRoom({ after: 'cursor' });
  const cursors = [];
  room.on('cursor', c => cursors.push(c));
  run.socket.pushWelcome();
  assert.equal(run.socket.lastSent('join').after, 'cursor');
  run.socket.answerJoin({ seq: 5, cursor: 3 }).pushMessages(4, 5).pushResync(4, 5);
  assert.deepEqual(received.seqs, [4, 5]);
  assert.equal(room.cursor, 3);
  const cursorFrame = seq => ({ event: 'cursor', room: 'r', seq, epoch: 1 });
  run.socket.push(cursorFrame(4), cursorFrame(4), { ...cursorFrame(5), epoch: 2 });

  assert.deepEqual(cursors, [{ room: 'r', seq: 4, epoch: 1 }]);
  assert.equal(room.cursor, 4);
  run.socket.disconnect();
  run.clock.advance(2_000);
  run.socket.pushWelcome();
  assert.equal(run.socket.lastSent('join').after, 5, 'with a memory it goes on from there');
});

test('the answer to an own acknowledgement causes no cursor event', () => {
  const { room, socket } = startLive();
  const cursors = [];
  room.on('cursor', c => cursors.push(c.seq));
  socket.pushMessages(1, 2, 3);
  room.ack(1);
  socket.push({ event: 'cursor', room: 'r', seq: 1, epoch: 1, id: socket.lastSent('ack').id });
  socket.push({ event: 'cursor', room: 'r', seq: 2, epoch: 1 }, { event: 'cursor', room: 'r', seq: 0, epoch: 9, id: 'ack-9' });

  assert.deepEqual(cursors, [2]);
  assert.equal(room.cursor, 2);
});

test('messages missing after the cursor are announced as a gap', () => {
  const run = startClient();
  const { received } = run.joinRoom({ after: 'cursor' });
  run.socket.pushWelcome().answerJoin({ seq: 9, cursor: 3 }).pushMessages(8, 9).pushResync(8, 9, 'partial');

  assert.deepEqual(received.order, ['gap', 8, 9]);
  assert.deepEqual(received.gaps, [{ outcome: 'partial', from: 4, to: 7 }]);
});

test('after a new epoch nothing of the old epoch is acknowledged', () => {
  const run = startLive(0, { autoAck: true });
  run.socket.pushMessages(1, 2, 3);
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome().answerJoin({ seq: 1, epoch: 2 }).pushResync(2, 1, 'unrecoverable');
  run.clock.advance(1_000);
  assert.deepEqual(ackedSeqs(run.socket), []);
  run.socket.push(message(2, { epoch: 2 }));

  assert.deepEqual(run.socket.allSent('ack').map(a => [a.seq, a.epoch]), [[2, 2]]);
});

/** A live room with a listener that handles a message until `finish` is called. */
function startWithBusyListener(options) {
  const run = startLive(0, options);
  run.room.on('message', m => m.epoch === 1 && new Promise(resolve => { run.finish = resolve; }));
  run.socket.pushMessages(1);
  return Object.defineProperty({ ...run, finish: () => run.finish() }, 'socket', { get: () => run.sockets.at(-1) });
}

test('a message handled after its epoch has ended is not acknowledged in the new epoch', async () => {
  const run = startWithBusyListener({ autoAck: true });
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome().answerJoin({ seq: 3, epoch: 2 }).pushResync(4, 3, 'unrecoverable');
  run.finish();
  await flushPromises();
  run.clock.advance(1_000);
  assert.deepEqual(run.socket.allSent('ack'), []);
  run.socket.push(message(4, { epoch: 2 }));

  assert.deepEqual(run.socket.allSent('ack').map(a => [a.seq, a.epoch]), [[4, 2]]);
});

test('a listener that finishes after its room has ended causes no acknowledgement and no timer', async () => {
  for (const end of [run => run.rejoin.close(), run => run.room.leave()]) {
    const run = startWithBusyListener({ autoAck: true });
    end(run);
    run.rejoin.close();
    run.finish();
    await flushPromises();

    assert.deepEqual(ackedSeqs(run.socket), []);
    assert.equal(run.clock.timerCount, 0);
  }
});

test('failed messages take bounded memory, and no acknowledgement goes beyond the tracked messages', () => {
  const { room, socket, clock } = startLive(0, { autoAck: true });
  let shouldSucceed = false;
  room.on('message', () => { if (!shouldSucceed) throw new Error('no'); });
  for (let seq = 1; seq <= 1_500; seq++) socket.pushMessages(seq);
  shouldSucceed = true;
  for (let seq = 1; seq <= 1_000; seq++) socket.push(redeliveredMessage(seq));
  clock.advance(1_000);

  assert.equal(ackedSeqs(socket).at(-1), 1_000);
});
