import assert from 'node:assert/strict';
import test from 'node:test';
import { message, startClient } from './fakes.js';

/** A client that is live in a room at this seq. */
function startLive(seq = 0, options) {
  const run = startClient(options);
  const { room, received } = run.joinRoom();
  run.socket.pushWelcome().answerJoin({ seq });
  return { ...run, room, received, get socket() { return run.sockets.at(-1); } };
}

/** Loses the connection and opens the next one, up to the welcome. */
function reconnect(run) {
  run.socket.disconnect();
  run.clock.advance(500);
  run.sockets.at(-1).pushWelcome();
}

test('a room is joined as soon as the client is online', () => {
  const run = startClient();
  run.joinRoom({ last: 50 });
  assert.deepEqual(run.socket.sent, []);
  run.socket.pushWelcome();

  assert.deepEqual(run.socket.lastSent('join'), { event: 'join', room: 'r', id: 'join-1', after: { last: 50 } });
});

test('a room joined while online, or in the listener of the state online, sends one join', () => {
  const run = startClient();
  run.rejoin.on('state', s => s.state === 'online' && run.rejoin.join('first'));
  run.socket.pushWelcome();
  run.rejoin.join('second');
  run.rejoin.join('second');

  assert.deepEqual(run.socket.allSent('join').map(j => j.room), ['first', 'second']);
});

test('without options the room begins with the next message', () => {
  const { room, received, socket } = startLive(7);
  socket.pushMessages(8, 9);

  assert.deepEqual(received.states, ['live']);
  assert.deepEqual(received.seqs, [8, 9]);
  assert.equal(room.seq, 9);
});

test('old messages come first, then the resync, then live ones', () => {
  const run = startClient();
  const { room, received } = run.joinRoom({ last: 2 });
  run.socket.pushWelcome().answerJoin({ seq: 10 }).pushMessages(9, 10);
  assert.equal(room.state, 'catching_up');
  run.socket.pushResync(9, 10).pushMessages(11);

  assert.deepEqual(received.seqs, [9, 10, 11]);
  assert.deepEqual(received.states, ['catching_up', 'live']);
  assert.deepEqual(received.resyncs, [{ room: 'r', from: 9, to: 10, outcome: 'full', messages: 2, first: true }]);
  assert.deepEqual(received.gaps, []);
});

test('an empty room joined with last is live after the resync', () => {
  const run = startClient();
  const { room, received } = run.joinRoom({ last: 2 });
  run.socket.pushWelcome().answerJoin({ seq: 0 }).pushResync(1, 0).pushMessages(1);

  assert.equal(room.state, 'live');
  assert.deepEqual(received.seqs, [1]);
});

test('after a reconnect the room resumes by seq and epoch, and delivers missed messages once', () => {
  const run = startLive(5);
  run.socket.pushMessages(6);
  reconnect(run);
  assert.deepEqual(run.socket.lastSent('join'), { event: 'join', room: 'r', id: 'join-2', after: 6, epoch: 1 });
  run.socket.answerJoin({ seq: 8 }).pushMessages(6, 7, 8).pushResync(7, 8).pushMessages(8, 9);

  assert.deepEqual(run.received.seqs, [6, 7, 8, 9]);
  assert.deepEqual(run.received.states, ['live', 'joining', 'catching_up', 'live']);
  assert.equal(run.received.resyncs[0].messages, 2);
  assert.equal(run.received.resyncs[0].first, false);
});

test('a connection lost while catching up resumes from the last received message', () => {
  const run = startLive(5);
  reconnect(run);
  run.socket.answerJoin({ seq: 8 }).pushMessages(6);
  reconnect({ ...run, socket: run.socket, clock: { advance: () => run.clock.advance(1_000) } });

  assert.equal(run.socket.lastSent('join').after, 6);
});

test('a first join whose messages never came is repeated with the same options', () => {
  const run = startClient();
  run.joinRoom({ last: 2 });
  run.socket.pushWelcome().answerJoin({ seq: 8 });
  reconnect(run);

  assert.deepEqual(run.socket.lastSent('join').after, { last: 2 });
});

test('a room can resume from a saved position', () => {
  const run = startClient();
  const { received } = run.joinRoom({ after: 3, epoch: 1 });
  run.socket.pushWelcome();
  assert.equal(run.socket.lastSent('join').after, 3);
  assert.equal(run.socket.lastSent('join').epoch, 1);
  run.socket.answerJoin({ seq: 4 }).pushMessages(4).pushResync(4, 4);

  assert.deepEqual(received.seqs, [4]);
  assert.equal(received.resyncs[0].first, false);
});

test('all rooms are joined again', () => {
  const run = startClient();
  run.joinRoom({}, 'a');
  run.joinRoom({}, 'b');
  run.socket.pushWelcome();
  reconnect(run);

  assert.deepEqual(run.socket.allSent('join').map(j => j.room), ['a', 'b']);
});

test('a message missing while live makes the room join again; none is skipped or delivered twice', () => {
  const { received, socket } = startLive(5);
  socket.pushMessages(6, 8, 9);
  assert.deepEqual(received.seqs, [6]);
  assert.equal(socket.lastSent('join').after, 6);
  socket.pushMessages(10); // of the membership before
  socket.answerJoin({ seq: 10 }).pushMessages(7, 8, 9, 10).pushResync(7, 10).pushMessages(11);

  assert.deepEqual(received.seqs, [6, 7, 8, 9, 10, 11]);
  assert.deepEqual(received.gaps, []);
});

test('repeated gaps make the room join again with waits in between', () => {
  const { received, clock, socket } = startLive(5);
  socket.pushMessages(7).answerJoin({ seq: 7 }).pushResync(6, 5).pushMessages(7);
  assert.equal(socket.allSent('join').length, 2, 'the second time it waits');
  clock.advance(2_000);
  assert.equal(socket.allSent('join').length, 3);
  socket.answerJoin({ seq: 7 }).pushMessages(6, 7).pushResync(6, 7).pushMessages(8, 10);

  assert.equal(socket.allSent('join').length, 4, 'a message in order makes it at once again');
  assert.deepEqual(received.seqs, [6, 7, 8]);
});

test('a resync with the outcome full but missing messages makes the room join again', () => {
  const { received, room, socket } = startLive(5);
  socket.pushMessages(7).answerJoin({ seq: 7 }).pushMessages(6).pushResync(6, 7);

  assert.equal(room.state, 'joining');
  assert.deepEqual(received.gaps, []);
});

test('messages that are no longer kept are announced as a gap in their place', () => {
  const run = startLive(5);
  reconnect(run);
  run.socket.answerJoin({ seq: 22 }).pushMessages(20, 21, 22).pushResync(20, 22, 'partial').pushMessages(23);

  assert.deepEqual(run.received.order, ['gap', 20, 21, 22, 23]);
  assert.deepEqual(run.received.gaps, [{ outcome: 'partial', from: 6, to: 19 }]);
});

test('a gap is announced when none of the missed messages is kept', () => {
  const run = startLive(5);
  reconnect(run);
  run.socket.answerJoin({ seq: 22 }).pushResync(23, 22, 'partial').pushMessages(23);

  assert.deepEqual(run.received.order, ['gap', 23]);
  assert.deepEqual(run.received.gaps, [{ outcome: 'partial', from: 6, to: 22 }]);
});

test('a first join that gets fewer messages than requested announces a gap', () => {
  const run = startClient();
  const { received } = run.joinRoom({ last: 10 });
  run.socket.pushWelcome().answerJoin({ seq: 22 }).pushMessages(20, 21, 22).pushResync(20, 22, 'partial');

  assert.deepEqual(received.gaps, [{ outcome: 'partial', from: 13, to: 19 }]);
});

test('an unrecoverable position is announced as a gap, and the room continues in the new epoch', () => {
  const run = startLive(5);
  reconnect(run);
  run.socket.answerJoin({ seq: 2, epoch: 9 }).pushResync(3, 2, 'unrecoverable');
  run.socket.push(message(3, { epoch: 9 }));

  assert.deepEqual(run.received.gaps, [{ outcome: 'unrecoverable', from: 6, to: null }]);
  assert.deepEqual(run.received.seqs, [3]);
  assert.equal(run.room.epoch, 9);
});

test('an empty room that was created again continues in the new epoch without a gap', () => {
  for (const posted of [[], [1, 2]]) {
    const run = startLive(0);
    reconnect(run);
    assert.deepEqual([run.socket.lastSent('join').after, run.socket.lastSent('join').epoch], [0, 1]);
    run.socket.answerJoin({ seq: posted.length, epoch: 9 });
    for (const seq of posted) run.socket.push(message(seq, { epoch: 9 }));
    run.socket.pushResync(1, posted.length, 'full').push(message(posted.length + 1, { epoch: 9 }));

    assert.deepEqual(run.received.gaps, []);
    assert.deepEqual(run.received.seqs, [...posted, posted.length + 1]);
    assert.equal(run.room.epoch, 9);
    assert.equal(run.room.state, 'live');
  }
});

test('an empty room that had messages after the client left announces a gap', () => {
  const run = startLive(0);
  reconnect(run);
  run.socket.answerJoin({ seq: 2, epoch: 9 }).pushResync(3, 2, 'unrecoverable');
  run.socket.push(message(3, { epoch: 9 }));

  assert.deepEqual(run.received.gaps, [{ outcome: 'unrecoverable', from: 1, to: null }]);
  assert.deepEqual(run.received.seqs, [3]);
});

test('a room with a lower seq than the client\'s counts as created again, whatever outcome the server reports', () => {
  const run = startLive(5);
  reconnect(run);
  run.socket.answerJoin({ seq: 0 }).pushResync(6, 0, 'full').pushMessages(1);

  assert.deepEqual(run.received.order, ['gap', 1]);
  assert.equal(run.received.gaps[0].outcome, 'unrecoverable');
});

test('the position stays in the old epoch until the resync', () => {
  const run = startLive(5);
  reconnect(run);
  run.socket.answerJoin({ seq: 2, epoch: 9 });
  reconnect({ ...run, socket: run.socket, clock: { advance: () => run.clock.advance(1_000) } });

  assert.deepEqual([run.socket.lastSent('join').after, run.socket.lastSent('join').epoch], [5, 1]);
});

test('a message of another epoch while live makes the room join again', () => {
  const { received, socket } = startLive(5);
  socket.push(message(6, { epoch: 2 }));

  assert.deepEqual(received.seqs, []);
  assert.equal(socket.lastSent('join').epoch, 1);
});

test('only the answer to the last join counts', () => {
  const { room, received, socket } = startLive(5);
  socket.push(message(7)); // joins again
  socket.push({ event: 'join_ack', room: 'r', user: 'ann', id: 'join-1', seq: 7, epoch: 1, members: [], count: 0 });

  assert.equal(room.state, 'joining');
  assert.deepEqual(received.seqs, []);
});

test('a join without an answer is sent again', () => {
  const run = startClient();
  run.joinRoom();
  run.socket.answerPings().pushWelcome();
  run.clock.advance(9_999);
  assert.equal(run.socket.allSent('join').length, 1);
  run.clock.advance(501);

  assert.equal(run.socket.allSent('join').length, 2);
});

test('a temporarily refused join is sent again, not before the time that the server gave', () => {
  const run = startClient();
  run.joinRoom();
  run.socket.pushWelcome().push({ event: 'error', id: 'join-1', room: 'r', code: 'overloaded', message: 'later', retry_after_ms: 3_000 });
  run.clock.advance(2_999);
  assert.equal(run.socket.allSent('join').length, 1);
  run.clock.advance(1_001);

  assert.equal(run.socket.allSent('join').length, 2);
});

test('a join that is refused for good closes the room with the reason, and is not repeated', () => {
  const run = startClient();
  const { room } = run.joinRoom();
  let why;
  room.on('state', s => { why = s.error; });
  run.socket.pushWelcome().push({ event: 'error', id: 'join-1', code: 'invalid_room', message: 'no such name' });
  run.socket.disconnect();
  run.clock.advance(500);
  run.socket.pushWelcome();

  assert.equal(room.state, 'closed');
  assert.equal(why.code, 'invalid_room');
  assert.deepEqual(run.socket.sent, []);
  assert.notEqual(run.rejoin.join('r'), room);
});

test('a room that was left is not joined after a reconnect', () => {
  const run = startLive();
  run.room.leave();
  assert.deepEqual(run.socket.lastSent('leave'), { event: 'leave', room: 'r' });
  run.socket.pushMessages(1);
  reconnect(run);

  assert.deepEqual(run.received.seqs, []);
  assert.deepEqual(run.socket.sent, []);
  assert.equal(run.room.state, 'closed');
});

test('members come with the join, and change with each presence event', () => {
  const { room, received, socket } = startLive();
  let memberEvents = 0;
  room.on('members', () => memberEvents++);
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence', room: 'r', action: 'leave', user: 'ann', count: 1, version: 6 });

  assert.deepEqual([...room.members], ['bob']);
  assert.equal(room.count, 1);
  assert.equal(memberEvents, 2);
  assert.deepEqual(received.presence, ['bob join', 'ann leave']);
});

test('a missed presence event makes the client request the members until there is an answer', () => {
  const { room, clock, socket } = startLive();
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence', room: 'r', action: 'join', user: 'dan', count: 4, version: 7 });
  assert.deepEqual(socket.lastSent('presence'), { event: 'presence', room: 'r' });
  clock.advance(12_000);
  assert.equal(socket.allSent('presence').length, 2);
  socket.push({ event: 'presence_state', room: 'r', members: ['ann', 'bob', 'cat', 'dan'], count: 4, version: 7 },
    { event: 'presence_state', room: 'r', members: [], count: 0, version: 6 });
  clock.advance(18_000);

  assert.deepEqual([...room.members], ['ann', 'bob', 'cat', 'dan']);
  assert.equal(socket.allSent('presence').length, 2);
});

test('a presence diff gives one event per user, after the members are complete', () => {
  const { room, received, socket } = startLive();
  const memberLists = [];
  room.on('members', members => memberLists.push([...members]));
  const diff = { event: 'presence_diff', room: 'r', joined: ['bob', 'cat'], left: ['ann'], count: 2, from: 5, version: 8 };
  socket.push({ event: 'presence', room: 'r', action: 'leave', user: 'eve', count: 1, version: 4 }, diff, diff,
    { event: 'presence_diff', room: 'r', joined: [], left: [], count: 2, from: 9, version: 10 },
    { event: 'presence', room: 'r', action: 'join', user: 'dan', count: 3, version: 11 });

  assert.deepEqual(received.presence, ['eve leave', 'bob join', 'cat join', 'ann leave', 'dan join']);
  assert.deepEqual(memberLists, [['ann'], ['bob', 'cat'], ['bob', 'cat'], ['bob', 'cat', 'dan']]);
  assert.equal(room.count, 3);
  assert.equal(socket.allSent('presence').length, 0);
});

test('a listener that leaves the room during a presence diff gets no more events', () => {
  const { room, received, socket } = startLive();
  room.on('presence', () => room.leave());
  socket.push({ event: 'presence_diff', room: 'r', joined: ['bob', 'cat'], left: [], count: 3, from: 5, version: 6 });

  assert.deepEqual(received.presence, ['bob join']);
});

test('a presence diff after a missed one makes the client request the members', () => {
  const { socket } = startLive();
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence_diff', room: 'r', joined: ['cat', 'dan'], left: [], count: 5, from: 7, version: 8 });

  assert.deepEqual(socket.allSent('presence'), [{ event: 'presence', room: 'r' }]);
});

test('a presence diff without names changes the count at once, and the members are requested once within seconds', () => {
  const { room, received, clock, socket } = startLive();
  const many = { event: 'presence_diff', room: 'r', count: 500, from: 5, version: 504 };
  socket.push(many, { ...many, count: 900, from: 505, version: 904 });
  assert.equal(room.count, 900);
  assert.deepEqual(received.presence, []);
  assert.equal(socket.allSent('presence').length, 0);
  clock.advance(4_000);
  assert.equal(socket.allSent('presence').length, 1);

  socket.push({ event: 'presence_state', room: 'r', members: ['ann', 'zoe'], count: 900, version: 904 });
  clock.advance(60_000);
  assert.deepEqual([...room.members], ['ann', 'zoe']);
  assert.equal(socket.allSent('presence').length, 1);
});

test('after a reconnect the members are those of the new join answer', () => {
  const run = startLive();
  reconnect(run);
  run.socket.answerJoin({ members: ['ann', 'zoe'], count: 250 });

  assert.deepEqual([...run.room.members], ['ann', 'zoe']);
  assert.equal(run.room.count, 250);
});

test('an error of the room without an id is an event of the room', () => {
  const { received, socket } = startLive();
  socket.push({ event: 'error', room: 'r', code: 'history_unavailable', message: 'a moment' });

  assert.deepEqual(received.errors, ['history_unavailable']);
});

test('a room that the new token does not allow is closed, with the reason', async () => {
  const { room, received, socket, rejoin } = startLive();
  socket.push({ event: 'error', room: 'r', code: 'forbidden', message: 'the new token does not grant this room' });

  assert.deepEqual(received.states, ['live', 'closed']);
  await assert.rejects(room.send('hi'), { code: 'closed' });
  assert.notEqual(rejoin.join('r'), room);
});

test('two Unicode forms of a name are one room, under the server\'s form', () => {
  const { rejoin, socket } = startClient();
  const room = rejoin.join('cafe\u0301');
  socket.pushWelcome();

  assert.equal(room.name, 'caf\u00e9');
  assert.equal(rejoin.join('caf\u00e9'), room);
  assert.equal(socket.lastSent('join').room, 'caf\u00e9');
});

test('an error for a join after which the room was left is ignored', () => {
  const { rejoin, socket } = startClient();
  socket.pushWelcome();
  const errors = [];
  rejoin.on('error', e => errors.push(e.code));
  rejoin.join('r').leave();
  const room = rejoin.join('r');
  room.on('error', e => errors.push(e.code));
  const overtaken = id => socket.push({ event: 'error', id, room: 'r', code: 'not_joined', message: 'left meanwhile' });
  overtaken('join-1');
  socket.answerJoin();
  room.leave();
  overtaken('join-2');

  assert.deepEqual(errors, []);
  assert.equal(socket.allSent('join').length, 2);
});
