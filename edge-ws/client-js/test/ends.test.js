import assert from 'node:assert/strict';
import test from 'node:test';
import { settle, start } from './fakes.js';
import { Hall } from './hall.js';
import { connect } from '../rejoin.js';

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
    const joins = run.socket.all('join').length;
    assert.equal(joinings, 2);
    run.clock.pass(9_000);

    assert.equal(run.socket.all('join').length, joins);
    assert.deepEqual([run.room.state, run.told.at(-1)], ['closed', 'closed']);
    run.rejoin.close();
    assert.equal(run.clock.pending, 0);
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
