import assert from 'node:assert/strict';
import test from 'node:test';
import { flushPromises, startClient } from './fakes.js';

globalThis.reportError = () => {};

/** A client that is live in a room, with the events of the room. */
function startLive() {
  const run = startClient();
  const { room } = run.joinRoom();
  run.socket.pushWelcome().answerJoin();
  const received = [];
  for (const event of ['state', 'members', 'presence', 'resync', 'gap', 'message']) room.on(event, e => received.push(event === 'state' ? e.state : event));
  return { ...run, room, received, get socket() { return run.sockets.at(-1); } };
}

/** Two gaps that the server does not fill. After the second, the room waits before it joins again. */
function missMessageTwice(run) {
  run.socket.pushMessages(2);
  run.socket.answerJoin({ seq: 2 }).pushResync(3, 2);
}

for (const [what, end] of Object.entries({ leaves: run => run.room.leave(), closes: run => run.rejoin.close() })) {
  test(`a listener ${what} while the room waits before it joins again: no join is sent`, () => {
    const run = startLive();
    let joinings = 0;
    run.room.on('state', ({ state }) => { if (state === 'joining' && ++joinings === 2) end(run); });
    missMessageTwice(run);
    assert.equal(joinings, 2);
    const joins = run.socket.allSent('join').length;
    assert.deepEqual([run.room.state, run.received.at(-1)], ['closed', 'closed']);
    run.rejoin.close();
    assert.equal(run.clock.timerCount, 0);
    run.clock.advance(9_000);

    assert.equal(run.socket.allSent('join').length, joins);
  });

  for (const event of ['presence', 'members']) {
    test(`a listener to ${event} ${what} when a change of members was missed: the members are not requested`, () => {
      const run = startLive();
      run.socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 });
      run.room.on(event, () => end(run));
      run.socket.push({ event: 'presence', room: 'r', action: 'join', user: 'carl', count: 4, version: 7 });
      run.rejoin.close();

      assert.deepEqual(run.socket.allSent('presence'), []);
      assert.equal(run.clock.timerCount, 0);
      assert.equal(run.received.at(-1), 'closed');
    });
  }

  test(`a listener ${what} when a room is joined, or live again: no event follows`, () => {
    for (const at of ['live', 'catching_up', 'live again']) {
      const run = startLive();
      run.socket.disconnect();
      run.clock.advance(500);
      run.socket.pushWelcome();
      run.room.on('state', ({ state }) => { if (state === at.split(' ')[0]) end(run); });
      run.socket.answerJoin({ seq: 0 }).pushResync(1, 0);
      assert.deepEqual([run.room.state, run.received.at(-1)], ['closed', 'closed'], at);
    }
  });

  test(`a listener ${what} at a message: later listeners get the message before the state closed`, () => {
    const run = startClient();
    const room = run.rejoin.join('r');
    const received = [];
    room.on('message', () => end({ ...run, room }));
    room.on('message', () => received.push('message'));
    room.on('state', ({ state }) => received.push(state));
    run.socket.pushWelcome().answerJoin().pushMessages(1);

    assert.deepEqual(received.slice(received.indexOf('message')).filter(t => t !== 'joining'), ['message', 'closed']);
  });

  test(`a listener ${what} while it receives kept events: no event follows the state closed`, async () => {
    for (const event of ['message', 'error']) {
      const run = startClient();
      const room = run.rejoin.join('r');
      run.socket.pushWelcome().answerJoin().pushMessages(1, 2, 3);
      for (const code of ['one', 'two']) run.socket.push({ event: 'error', room: 'r', code, message: 'm' });
      const received = [];
      room.on('state', ({ state }) => received.push(state));
      for (const each of ['message', 'error']) room.on(each, () => { received.push(each); if (each === event) end({ ...run, room }); });
      await flushPromises();
      assert.equal(received.at(-1), 'closed', `${event}: ${received}`);
    }
  });
}

test('messages that are kept when a room is left are not delivered, and do not count as delivered', async () => {
  for (const hasListener of [true, false]) {
    const run = startClient();
    const room = run.rejoin.join('r');
    run.socket.pushWelcome().answerJoin({ seq: 5 }).pushMessages(6, 7);
    const seqs = [];
    if (hasListener) room.on('message', m => { seqs.push(m.seq); room.leave(); });
    else room.leave();
    await flushPromises();
    room.on('message', m => seqs.push(m.seq));
    await flushPromises();
    assert.deepEqual([seqs, room.seq], hasListener ? [[6], 6] : [[], 5]);
  }
});

test('join throws if reading its options closes the client', () => {
  const { rejoin, clock } = startClient();
  assert.throws(() => rejoin.join('r', { get last() { rejoin.close(); return 5; } }), { code: 'closed' });

  assert.deepEqual([rejoin.rooms.size, clock.timerCount], [0, 0]);
});

test('an exception of the socket\'s send ends the connection after the caller has finished', async () => {
  for (const event of ['message', 'ack', 'ping']) {
    const run = startClient();
    const { room } = run.joinRoom({ autoAck: true });
    const socket = run.socket.pushWelcome().answerJoin({ seq: 1, cursor: 0 });
    const send = socket.send.bind(socket);
    socket.send = text => {
      if (JSON.parse(text).event === event) throw new Error('full');
      send(text);
    };
    run.rejoin.on('state', ({ state }) => { if (state === 'waiting') room.send('again', { id: 'b' }).catch(() => {}); });
    socket.pushMessages(1).pushResync(1, 1);
    room.send('hi', { id: 'a', timeout: 0 }).catch(() => {});
    run.clock.advance(2_000); // until the client sends a ping
    await flushPromises();
    assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'cannot send: full'], event);
    run.clock.advance(500);
    run.sockets.at(-1).pushWelcome().answerJoin({ seq: 1 }).pushResync(2, 1);

    assert.deepEqual(run.sockets.at(-1).allSent('message').map(m => m.id), ['a', 'b'], event);
    run.rejoin.close();
    assert.equal(run.clock.timerCount, 0, event);
  }
});

for (const [what, end] of Object.entries({
  pauses: run => { run.rejoin.pause(); run.rejoin.resume(); }, leaves: run => run.room.leave(), closes: run => run.rejoin.close(),
})) {
  for (const [where, trigger, position] of [
    ['before a message', run => run.socket.pushMessages(4), { seq: 3, epoch: 1 }],
    ['at the resync', run => run.socket.pushResync(4, 4, 'partial'), { seq: 4, epoch: 1 }],
    ['in a new epoch', run => run.socket.pushResync(5, 4, 'unrecoverable'), { seq: 4, epoch: 9 }],
  ]) {
    test(`a listener ${what} at a gap ${where}: the gap is not announced twice`, () => {
      const run = startClient();
      const { room, received } = run.joinRoom({ after: 1, epoch: 1 });
      run.socket.pushWelcome().answerJoin({ seq: 4, epoch: where === 'in a new epoch' ? 9 : 1 });
      room.on('gap', () => end({ ...run, room }));
      trigger(run);
      assert.equal(received.gaps.length, 1);
      assert.deepEqual({ seq: room.seq, epoch: room.epoch }, what === 'pauses' || position.epoch === 1 ? position : { seq: 1, epoch: 1 });
      if (what !== 'pauses') return;
      const socket = run.sockets.at(-1).pushWelcome();
      assert.deepEqual([socket.lastSent('join').after, socket.lastSent('join').epoch], [position.seq, position.epoch]);
      assert.deepEqual(received.seqs, []);
    });
  }
}
