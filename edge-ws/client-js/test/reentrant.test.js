import assert from 'node:assert/strict';
import test from 'node:test';
import { message, start } from './fakes.js';

/** Each public method that ends something, called by a listener in the middle of what goes on. */
const ENDS = {
  leave: (run, room) => room.leave(),
  pause: run => run.rejoin.pause(),
  close: run => run.rejoin.close(),
  'leave, then join': (run, room) => { room.leave(); run.rejoin.join('r'); },
  'pause, then resume': run => { run.rejoin.pause(); run.rejoin.resume(); },
};

/** What happens when an event comes, up to the moment after it. */
const MOMENTS = {
  'the welcome': [run => run.rejoin, 'state', s => s.state === 'online', run => run.socket.welcome()],
  'the answer to the join': [(run, room) => room, 'state', s => s.state === 'catching_up', run => run.socket.welcome().joined({ seq: 5 })],
  'the list of members': [(run, room) => room, 'members', () => true, run => run.socket.welcome().joined({ seq: 5 })],
  'a message': [(run, room) => room, 'message', () => true, run => run.socket.welcome().joined({ seq: 5 }).messages(4, 5).resync(4, 5)],
  'a gap before a message': [(run, room) => room, 'gap', () => true, run => run.socket.welcome().joined({ seq: 5 }).messages(5).resync(5, 5, 'partial')],
  'a gap at the end': [(run, room) => room, 'gap', () => true, run => run.socket.welcome().joined({ seq: 5 }).resync(6, 5, 'partial')],
  'a new life': [(run, room) => room, 'gap', () => true, run => run.socket.welcome().joined({ seq: 2, epoch: 9 }).resync(3, 2, 'unrecoverable')],
  'the resync': [(run, room) => room, 'resync', () => true, run => run.socket.welcome().joined({ seq: 3 }).resync(4, 3)],
  'the loss of the room': [(run, room) => room, 'state', s => s.state === 'joining', run => { run.socket.welcome().joined({ seq: 3 }); run.socket.end(); }],
  'the wait': [run => run.rejoin, 'state', s => s.state === 'waiting', run => { run.socket.welcome().joined({ seq: 3 }); run.socket.end(); }],
  'the end of all': [(run, room) => room, 'state', s => s.state === 'joining', run => { run.socket.welcome().joined({ seq: 3 }); run.socket.end(4403); }],
};

for (const [when, [where, event, isIt, happen]] of Object.entries(MOMENTS)) {
  for (const [what, end] of Object.entries(ENDS)) {
    test(`at ${when} a listener calls ${what}: what was ended stays so, and the rest works`, async () => {
      const run = start();
      const room = run.rejoin.join('r', { after: 3, epoch: 1 });
      const other = run.rejoin.join('other');
      const states = [];
      let isDone = false;
      room.on('message', () => {});
      where(run, room).on(event, e => {
        if (isDone || !isIt(e)) return;
        isDone = true;
        end(run, room);
      });
      room.on('state', s => states.push(s.state));
      happen(run);
      assert.ok(isDone);

      if (states.includes('closed')) assert.equal(states.indexOf('closed'), states.length - 1);
      if (what === 'close') {
        assert.equal(run.rejoin.state, 'closed');
        assert.deepEqual([room.state, other.state], ['closed', 'closed']);
        assert.equal(run.clock.pending, 0);
        return;
      }
      if (when === 'the end of all') return; // the server's word may come before or after the listener's
      if (what === 'pause') assert.deepEqual([run.rejoin.state, run.states.at(-1).reason], ['waiting', 'paused']);
      if (what.startsWith('leave')) assert.equal(room.state, 'closed');
      if (run.rejoin.state !== 'online') run.rejoin.sendTo('ben', 'while away', { id: 'b' });
      const isAway = run.rejoin.state !== 'online';
      run.clock.pass(2_000);
      if (what === 'pause') assert.equal(run.sockets.length, 1);
      run.rejoin.resume();
      const socket = run.sockets.at(-1);
      if (run.rejoin.state !== 'online') socket.welcome();
      if (isAway) assert.equal(socket.last('message').id, 'b', 'at once');
      socket.joined({ room: 'other' });
      other.send('works', { id: 'a' });
      assert.equal(socket.last('message').id, 'a');
      const again = run.rejoin.rooms.get('r');
      assert.equal(again === undefined, what === 'leave');
      if (!again) return;
      again.on('message', () => {});
      const epoch = again.epoch ?? 1;
      const seqs = [1, 2, 3, 4, 5].filter(seq => seq > (again.seq ?? 5));
      socket.joined({ seq: 5, epoch });
      socket.push(...seqs.map(seq => message(seq, { epoch })));
      socket.resync(6 - seqs.length, 5);
      socket.push(message(6, { epoch }));
      assert.deepEqual([again.state, again.seq], ['live', 6]);
    });
  }
}

test('what a listener causes is told to all after what came before', () => {
  const run = start();
  const { room } = run.room();
  const [one, two] = [[], []];
  room.on('state', s => { one.push(s.state); if (s.state === 'live') room.leave(); });
  room.on('state', s => two.push(s.state));
  run.socket.welcome().joined();

  assert.deepEqual([one, two], [['live', 'closed'], ['live', 'closed']]);
});
