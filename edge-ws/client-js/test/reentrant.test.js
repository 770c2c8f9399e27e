import assert from 'node:assert/strict';
import test from 'node:test';
import { message, startClient } from './fakes.js';

/** The public methods that end something. A listener calls them. */
const ENDING_CALLS = {
  leave: (run, room) => room.leave(),
  pause: run => run.rejoin.pause(),
  close: run => run.rejoin.close(),
  'leave, then join': (run, room) => { room.leave(); run.rejoin.join('r'); },
  'pause, then resume': run => { run.rejoin.pause(); run.rejoin.resume(); },
};

/** The moments of the call: emitter, event, condition on the event, and what triggers it. */
const MOMENTS = {
  'the welcome': [run => run.rejoin, 'state', s => s.state === 'online', run => run.socket.pushWelcome()],
  'the answer to the join': [(run, room) => room, 'state', s => s.state === 'catching_up', run => run.socket.pushWelcome().answerJoin({ seq: 5 })],
  'the list of members': [(run, room) => room, 'members', () => true, run => run.socket.pushWelcome().answerJoin({ seq: 5 })],
  'a message': [(run, room) => room, 'message', () => true, run => run.socket.pushWelcome().answerJoin({ seq: 5 }).pushMessages(4, 5).pushResync(4, 5)],
  'a gap before a message': [(run, room) => room, 'gap', () => true, run => run.socket.pushWelcome().answerJoin({ seq: 5 }).pushMessages(5).pushResync(5, 5, 'partial')],
  'a gap at the end': [(run, room) => room, 'gap', () => true, run => run.socket.pushWelcome().answerJoin({ seq: 5 }).pushResync(6, 5, 'partial')],
  'a new epoch': [(run, room) => room, 'gap', () => true, run => run.socket.pushWelcome().answerJoin({ seq: 2, epoch: 9 }).pushResync(3, 2, 'unrecoverable')],
  'the resync': [(run, room) => room, 'resync', () => true, run => run.socket.pushWelcome().answerJoin({ seq: 3 }).pushResync(4, 3)],
  'the state joining after a loss': [(run, room) => room, 'state', s => s.state === 'joining', run => { run.socket.pushWelcome().answerJoin({ seq: 3 }); run.socket.disconnect(); }],
  'the state waiting': [run => run.rejoin, 'state', s => s.state === 'waiting', run => { run.socket.pushWelcome().answerJoin({ seq: 3 }); run.socket.disconnect(); }],
  'a final close': [(run, room) => room, 'state', s => s.state === 'joining', run => { run.socket.pushWelcome().answerJoin({ seq: 3 }); run.socket.disconnect(4403); }],
};

for (const [moment, [getEmitter, event, isMoment, trigger]] of Object.entries(MOMENTS)) {
  for (const [callName, end] of Object.entries(ENDING_CALLS)) {
    test(`a listener calls ${callName} at ${moment}: what was closed stays closed, and the rest works`, async () => {
      const run = startClient();
      const room = run.rejoin.join('r', { after: 3, epoch: 1 });
      const other = run.rejoin.join('other');
      const states = [];
      let isDone = false;
      room.on('message', () => {});
      getEmitter(run, room).on(event, e => {
        if (isDone || !isMoment(e)) return;
        isDone = true;
        end(run, room);
      });
      room.on('state', s => states.push(s.state));
      trigger(run);
      assert.ok(isDone);

      if (states.includes('closed')) assert.equal(states.indexOf('closed'), states.length - 1);
      if (callName === 'close') {
        assert.equal(run.rejoin.state, 'closed');
        assert.deepEqual([room.state, other.state], ['closed', 'closed']);
        assert.equal(run.clock.timerCount, 0);
        return;
      }
      if (moment === 'a final close') return; // the server's close may come before or after the listener's call
      if (callName === 'pause') assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'paused']);
      if (callName.startsWith('leave')) assert.equal(room.state, 'closed');
      if (run.rejoin.state !== 'online') run.rejoin.sendTo('ben', 'while away', { id: 'b' });
      const isOffline = run.rejoin.state !== 'online';
      run.clock.advance(2_000);
      if (callName === 'pause') assert.equal(run.sockets.length, 1);
      run.rejoin.resume();
      const socket = run.sockets.at(-1);
      if (run.rejoin.state !== 'online') socket.pushWelcome();
      if (isOffline) assert.equal(socket.lastSent('message').id, 'b', 'at once');
      socket.answerJoin({ room: 'other' });
      other.send('works', { id: 'a' });
      assert.equal(socket.lastSent('message').id, 'a');
      const rejoined = run.rejoin.rooms.get('r');
      assert.equal(rejoined === undefined, callName === 'leave');
      if (!rejoined) return;
      rejoined.on('message', () => {});
      const epoch = rejoined.epoch ?? 1;
      const seqs = [1, 2, 3, 4, 5].filter(seq => seq > (rejoined.seq ?? 5));
      socket.answerJoin({ seq: 5, epoch });
      socket.push(...seqs.map(seq => message(seq, { epoch })));
      socket.pushResync(6 - seqs.length, 5);
      socket.push(message(6, { epoch }));
      assert.deepEqual([rejoined.state, rejoined.seq], ['live', 6]);
    });
  }
}

test('an event that a listener causes is delivered after all listeners have the current event', () => {
  const run = startClient();
  const { room } = run.joinRoom();
  const [one, two] = [[], []];
  room.on('state', s => { one.push(s.state); if (s.state === 'live') room.leave(); });
  room.on('state', s => two.push(s.state));
  run.socket.pushWelcome().answerJoin();

  assert.deepEqual([one, two], [['live', 'closed'], ['live', 'closed']]);
});
