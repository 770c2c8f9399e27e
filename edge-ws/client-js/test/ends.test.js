import assert from 'node:assert/strict';
import test from 'node:test';
import { settle, start } from './fakes.js';

globalThis.reportError = () => {};

/** A client that is live in a room, and all that the room told. */
function live() {
  const run = start();
  const { room } = run.room();
  run.socket.welcome().joined();
  const told = [];
  for (const event of ['state', 'members', 'presence', 'resync', 'gap', 'message']) room.on(event, e => told.push(event === 'state' ? e.state : event));
  return { ...run, room, told, get socket() { return run.sockets.at(-1); } };
}

/** Two gaps in a row, which the server does not fill: the second makes the room wait before it joins again. */
function missTwice(run) {
  run.socket.messages(2);
  run.socket.joined({ seq: 2 }).resync(3, 2);
}

for (const [what, end] of Object.entries({ leaves: run => run.room.leave(), closes: run => run.rejoin.close() })) {
  test(`a listener ${what} when the room has to wait before it joins again: it never does`, () => {
    const run = live();
    let joinings = 0;
    run.room.on('state', ({ state }) => { if (state === 'joining' && ++joinings === 2) end(run); });
    missTwice(run);
    assert.equal(joinings, 2);
    const joins = run.socket.all('join').length;
    assert.deepEqual([run.room.state, run.told.at(-1)], ['closed', 'closed']);
    run.rejoin.close();
    assert.equal(run.clock.pending, 0);
    run.clock.pass(9_000);

    assert.equal(run.socket.all('join').length, joins);
  });

  for (const event of ['presence', 'members']) {
    test(`a listener to ${event} ${what} when a change of who is here was missed: nobody is asked who is here`, () => {
      const run = live();
      run.socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 });
      run.room.on(event, () => end(run));
      run.socket.push({ event: 'presence', room: 'r', action: 'join', user: 'carl', count: 4, version: 7 });
      run.rejoin.close();

      assert.deepEqual(run.socket.all('presence'), []);
      assert.equal(run.clock.pending, 0);
      assert.equal(run.told.at(-1), 'closed');
    });
  }

  test(`a listener ${what} when a room is joined, or live again: nothing is told afterwards`, () => {
    for (const at of ['live', 'catching_up', 'live again']) {
      const run = live();
      run.socket.end();
      run.clock.pass(500);
      run.socket.welcome();
      run.room.on('state', ({ state }) => { if (state === at.split(' ')[0]) end(run); });
      run.socket.joined({ seq: 0 }).resync(1, 0);
      assert.deepEqual([run.room.state, run.told.at(-1)], ['closed', 'closed'], at);
    }
  });

  test(`a listener ${what} at a message: those after it hear the message before they hear of the end`, () => {
    const run = start();
    const room = run.rejoin.join('r');
    const told = [];
    room.on('message', () => end({ ...run, room }));
    room.on('message', () => told.push('message'));
    room.on('state', ({ state }) => told.push(state));
    run.socket.welcome().joined().messages(1);

    assert.deepEqual(told.slice(told.indexOf('message')).filter(t => t !== 'joining'), ['message', 'closed']);
  });

  test(`a listener ${what} while it is handed what was kept: nothing is told after the end`, async () => {
    for (const event of ['message', 'error']) {
      const run = start();
      const room = run.rejoin.join('r');
      run.socket.welcome().joined().messages(1, 2, 3);
      for (const code of ['one', 'two']) run.socket.push({ event: 'error', room: 'r', code, message: 'm' });
      const told = [];
      room.on('state', ({ state }) => told.push(state));
      for (const each of ['message', 'error']) room.on(each, () => { told.push(each); if (each === event) end({ ...run, room }); });
      await settle();
      assert.equal(told.at(-1), 'closed', `${event}: ${told}`);
    }
  });
}

test('what is kept when a room is left is handed to nobody, and not seen', async () => {
  for (const isHeard of [true, false]) {
    const run = start();
    const room = run.rejoin.join('r');
    run.socket.welcome().joined({ seq: 5 }).messages(6, 7);
    const seqs = [];
    if (isHeard) room.on('message', m => { seqs.push(m.seq); room.leave(); });
    else room.leave();
    await settle();
    room.on('message', m => seqs.push(m.seq));
    await settle();
    assert.deepEqual([seqs, room.seq], isHeard ? [[6], 6] : [[], 5]);
  }
});

test('a client that is closed by its own options gives no room', () => {
  const { rejoin, clock } = start();
  assert.throws(() => rejoin.join('r', { get last() { rejoin.close(); return 5; } }), { code: 'closed' });

  assert.deepEqual([rejoin.rooms.size, clock.pending], [0, 0]);
});

test('a socket that refuses to send ends the connection, once what sends is done', async () => {
  for (const event of ['message', 'ack', 'ping']) {
    const run = start();
    const { room } = run.room({ autoAck: true });
    const socket = run.socket.welcome().joined({ seq: 1, cursor: 0 });
    const send = socket.send.bind(socket);
    socket.send = text => {
      if (JSON.parse(text).event === event) throw new Error('full');
      send(text);
    };
    run.rejoin.on('state', ({ state }) => { if (state === 'waiting') room.send('again', { id: 'b' }).catch(() => {}); });
    socket.messages(1).resync(1, 1);
    room.send('hi', { id: 'a', timeout: 0 }).catch(() => {});
    run.clock.pass(2_000); // silence, until it asks for a sign of life
    await settle();
    assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'cannot send: full'], event);
    run.clock.pass(500);
    run.sockets.at(-1).welcome().joined({ seq: 1 }).resync(2, 1);

    assert.deepEqual(run.sockets.at(-1).all('message').map(m => m.id), ['a', 'b'], event);
    run.rejoin.close();
    assert.equal(run.clock.pending, 0, event);
  }
});

for (const [what, end] of Object.entries({
  pauses: run => { run.rejoin.pause(); run.rejoin.resume(); }, leaves: run => run.room.leave(), closes: run => run.rejoin.close(),
})) {
  for (const [where, happen, place] of [
    ['before a message', run => run.socket.messages(4), { seq: 3, epoch: 1 }],
    ['at the end of what was missed', run => run.socket.resync(4, 4, 'partial'), { seq: 4, epoch: 1 }],
    ['where the room began anew', run => run.socket.resync(5, 4, 'unrecoverable'), { seq: 4, epoch: 9 }],
  ]) {
    test(`a listener ${what} when it hears of a gap ${where}: that is not told twice`, () => {
      const run = start();
      const { room, told } = run.room({ after: 1, epoch: 1 });
      run.socket.welcome().joined({ seq: 4, epoch: where.endsWith('anew') ? 9 : 1 });
      room.on('gap', () => end({ ...run, room }));
      happen(run);
      assert.equal(told.gaps.length, 1);
      assert.deepEqual({ seq: room.seq, epoch: room.epoch }, what === 'pauses' || place.epoch === 1 ? place : { seq: 1, epoch: 1 });
      if (what !== 'pauses') return;
      const socket = run.sockets.at(-1).welcome();
      assert.deepEqual([socket.last('join').after, socket.last('join').epoch], [place.seq, place.epoch]);
      assert.deepEqual(told.seqs, []);
    });
  }
}
