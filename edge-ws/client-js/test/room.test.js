import assert from 'node:assert/strict';
import test from 'node:test';
import { message, start } from './fakes.js';

/** A client that is live in a room at that seq. */
function live(seq = 0, options) {
  const run = start(options);
  const { room, told } = run.room();
  run.socket.welcome().joined({ seq });
  return { ...run, room, told, get socket() { return run.sockets.at(-1); } };
}

/** Loses the connection and has another, up to the welcome. */
function comeBack(run) {
  run.socket.end();
  run.clock.pass(500);
  run.sockets.at(-1).welcome();
}

test('a room is joined as soon as there is a connection', () => {
  const run = start();
  run.room({ last: 50 });
  assert.deepEqual(run.socket.sent, []);
  run.socket.welcome();

  assert.deepEqual(run.socket.last('join'), { event: 'join', room: 'r', id: 'join-1', after: { last: 50 } });
});

test('a room that is joined while online, or by who hears of it, is asked for once', () => {
  const run = start();
  run.rejoin.on('state', s => s.state === 'online' && run.rejoin.join('first'));
  run.socket.welcome();
  run.rejoin.join('second');
  run.rejoin.join('second');

  assert.deepEqual(run.socket.all('join').map(j => j.room), ['first', 'second']);
});

test('without after, the room begins now', () => {
  const { room, told, socket } = live(7);
  socket.messages(8, 9);

  assert.deepEqual(told.states, ['live']);
  assert.deepEqual(told.seqs, [8, 9]);
  assert.equal(room.seq, 9);
});

test('old messages come first, then the resync, then live ones', () => {
  const run = start();
  const { room, told } = run.room({ last: 2 });
  run.socket.welcome().joined({ seq: 10 }).messages(9, 10);
  assert.equal(room.state, 'catching_up');
  run.socket.resync(9, 10).messages(11);

  assert.deepEqual(told.seqs, [9, 10, 11]);
  assert.deepEqual(told.states, ['catching_up', 'live']);
  assert.deepEqual(told.resyncs, [{ room: 'r', from: 9, to: 10, outcome: 'full', messages: 2, first: true }]);
  assert.deepEqual(told.gaps, []);
});

test('an empty room asked for its last messages is live at once', () => {
  const run = start();
  const { room, told } = run.room({ last: 2 });
  run.socket.welcome().joined({ seq: 0 }).resync(1, 0).messages(1);

  assert.equal(room.state, 'live');
  assert.deepEqual(told.seqs, [1]);
});

test('after a loss it resumes by seq and epoch, and hands on what was missed, once', () => {
  const run = live(5);
  run.socket.messages(6);
  comeBack(run);
  assert.deepEqual(run.socket.last('join'), { event: 'join', room: 'r', id: 'join-2', after: 6, epoch: 1 });
  run.socket.joined({ seq: 8 }).messages(6, 7, 8).resync(7, 8).messages(8, 9);

  assert.deepEqual(run.told.seqs, [6, 7, 8, 9]);
  assert.deepEqual(run.told.states, ['live', 'joining', 'catching_up', 'live']);
  assert.equal(run.told.resyncs[0].messages, 2);
  assert.equal(run.told.resyncs[0].first, false);
});

test('a connection lost while catching up goes on from where it was', () => {
  const run = live(5);
  comeBack(run);
  run.socket.joined({ seq: 8 }).messages(6);
  comeBack({ ...run, socket: run.socket, clock: { pass: () => run.clock.pass(1_000) } });

  assert.equal(run.socket.last('join').after, 6);
});

test('a first catching up that was cut off before anything came is asked for again', () => {
  const run = start();
  run.room({ last: 2 });
  run.socket.welcome().joined({ seq: 8 });
  comeBack(run);

  assert.deepEqual(run.socket.last('join').after, { last: 2 });
});

test('a saved position can be resumed from', () => {
  const run = start();
  const { told } = run.room({ after: 3, epoch: 1 });
  run.socket.welcome();
  assert.equal(run.socket.last('join').after, 3);
  assert.equal(run.socket.last('join').epoch, 1);
  run.socket.joined({ seq: 4 }).messages(4).resync(4, 4);

  assert.deepEqual(told.seqs, [4]);
  assert.equal(told.resyncs[0].first, false);
});

test('all rooms are joined again', () => {
  const run = start();
  run.room({}, 'a');
  run.room({}, 'b');
  run.socket.welcome();
  comeBack(run);

  assert.deepEqual(run.socket.all('join').map(j => j.room), ['a', 'b']);
});

test('a message that is missing while live is asked for; none is skipped, none handed on twice', () => {
  const { told, socket } = live(5);
  socket.messages(6, 8, 9);
  assert.deepEqual(told.seqs, [6]);
  assert.equal(socket.last('join').after, 6);
  socket.messages(10); // of the membership before
  socket.joined({ seq: 10 }).messages(7, 8, 9, 10).resync(7, 10).messages(11);

  assert.deepEqual(told.seqs, [6, 7, 8, 9, 10, 11]);
  assert.deepEqual(told.gaps, []);
});

test('gaps that come again and again are asked for with waits in between', () => {
  const { told, clock, socket } = live(5);
  socket.messages(7).joined({ seq: 7 }).resync(6, 5).messages(7);
  assert.equal(socket.all('join').length, 2, 'the second time it waits');
  clock.pass(2_000);
  assert.equal(socket.all('join').length, 3);
  socket.joined({ seq: 7 }).messages(6, 7).resync(6, 7).messages(8, 10);

  assert.equal(socket.all('join').length, 4, 'a message in order makes it at once again');
  assert.deepEqual(told.seqs, [6, 7, 8]);
});

test('a resync that says full and was not is not believed', () => {
  const { told, room, socket } = live(5);
  socket.messages(7).joined({ seq: 7 }).messages(6).resync(6, 7);

  assert.equal(room.state, 'joining');
  assert.deepEqual(told.gaps, []);
});

test('messages no longer kept are announced where they would have been', () => {
  const run = live(5);
  comeBack(run);
  run.socket.joined({ seq: 22 }).messages(20, 21, 22).resync(20, 22, 'partial').messages(23);

  assert.deepEqual(run.told.order, ['gap', 20, 21, 22, 23]);
  assert.deepEqual(run.told.gaps, [{ outcome: 'partial', from: 6, to: 19 }]);
});

test('messages of which none is kept are announced as well', () => {
  const run = live(5);
  comeBack(run);
  run.socket.joined({ seq: 22 }).resync(23, 22, 'partial').messages(23);

  assert.deepEqual(run.told.order, ['gap', 23]);
  assert.deepEqual(run.told.gaps, [{ outcome: 'partial', from: 6, to: 22 }]);
});

test('a first join that gets fewer than it asked for says so', () => {
  const run = start();
  const { told } = run.room({ last: 10 });
  run.socket.welcome().joined({ seq: 22 }).messages(20, 21, 22).resync(20, 22, 'partial');

  assert.deepEqual(told.gaps, [{ outcome: 'partial', from: 13, to: 19 }]);
});

test('a position that means nothing any more is announced, and the room goes on in its new life', () => {
  const run = live(5);
  comeBack(run);
  run.socket.joined({ seq: 2, epoch: 9 }).resync(3, 2, 'unrecoverable');
  run.socket.push(message(3, { epoch: 9 }));

  assert.deepEqual(run.told.gaps, [{ outcome: 'unrecoverable', from: 6, to: null }]);
  assert.deepEqual(run.told.seqs, [3]);
  assert.equal(run.room.epoch, 9);
});

test('a room that was gone while it was empty goes on in its new life without a word', () => {
  for (const posted of [[], [1, 2]]) {
    const run = live(0);
    comeBack(run);
    assert.deepEqual([run.socket.last('join').after, run.socket.last('join').epoch], [0, 1]);
    run.socket.joined({ seq: posted.length, epoch: 9 });
    for (const seq of posted) run.socket.push(message(seq, { epoch: 9 }));
    run.socket.resync(1, posted.length, 'full').push(message(posted.length + 1, { epoch: 9 }));

    assert.deepEqual(run.told.gaps, []);
    assert.deepEqual(run.told.seqs, [...posted, posted.length + 1]);
    assert.equal(run.room.epoch, 9);
    assert.equal(run.room.state, 'live');
  }
});

test('that an empty room held messages after we left is announced', () => {
  const run = live(0);
  comeBack(run);
  run.socket.joined({ seq: 2, epoch: 9 }).resync(3, 2, 'unrecoverable');
  run.socket.push(message(3, { epoch: 9 }));

  assert.deepEqual(run.told.gaps, [{ outcome: 'unrecoverable', from: 1, to: null }]);
  assert.deepEqual(run.told.seqs, [3]);
});

test('a room that is behind what was seen is taken for a new one, whatever the server calls it', () => {
  const run = live(5);
  comeBack(run);
  run.socket.joined({ seq: 0 }).resync(6, 0, 'full').messages(1);

  assert.deepEqual(run.told.order, ['gap', 1]);
  assert.equal(run.told.gaps[0].outcome, 'unrecoverable');
});

test('until the server has said so, the position stays in the life it was of', () => {
  const run = live(5);
  comeBack(run);
  run.socket.joined({ seq: 2, epoch: 9 });
  comeBack({ ...run, socket: run.socket, clock: { pass: () => run.clock.pass(1_000) } });

  assert.deepEqual([run.socket.last('join').after, run.socket.last('join').epoch], [5, 1]);
});

test('a message of another life while live makes it ask', () => {
  const { told, socket } = live(5);
  socket.push(message(6, { epoch: 2 }));

  assert.deepEqual(told.seqs, []);
  assert.equal(socket.last('join').epoch, 1);
});

test('only the answer to the last join counts', () => {
  const { room, told, socket } = live(5);
  socket.push(message(7)); // joins again
  socket.push({ event: 'join_ack', room: 'r', user: 'ann', id: 'join-1', seq: 7, epoch: 1, members: [], count: 0 });

  assert.equal(room.state, 'joining');
  assert.deepEqual(told.seqs, []);
});

test('a join without an answer is asked again', () => {
  const run = start();
  run.room();
  run.socket.answersPings().welcome();
  run.clock.pass(9_999);
  assert.equal(run.socket.all('join').length, 1);
  run.clock.pass(501);

  assert.equal(run.socket.all('join').length, 2);
});

test('a join that is refused for now is asked again, not before the server said', () => {
  const run = start();
  run.room();
  run.socket.welcome().push({ event: 'error', id: 'join-1', room: 'r', code: 'overloaded', message: 'later', retry_after_ms: 3_000 });
  run.clock.pass(2_999);
  assert.equal(run.socket.all('join').length, 1);
  run.clock.pass(1_001);

  assert.equal(run.socket.all('join').length, 2);
});

test('a join that is refused for good closes the room and says why, and is not tried again', () => {
  const run = start();
  const { room } = run.room();
  let why;
  room.on('state', s => { why = s.error; });
  run.socket.welcome().push({ event: 'error', id: 'join-1', code: 'invalid_room', message: 'no such name' });
  run.socket.end();
  run.clock.pass(500);
  run.socket.welcome();

  assert.equal(room.state, 'closed');
  assert.equal(why.code, 'invalid_room');
  assert.deepEqual(run.socket.sent, []);
  assert.notEqual(run.rejoin.join('r'), room);
});

test('a room that was left is left, also after a reconnect', () => {
  const run = live();
  run.room.leave();
  assert.deepEqual(run.socket.last('leave'), { event: 'leave', room: 'r' });
  run.socket.messages(1);
  comeBack(run);

  assert.deepEqual(run.told.seqs, []);
  assert.deepEqual(run.socket.sent, []);
  assert.equal(run.room.state, 'closed');
});

test('members come with the join, and go and come one by one', () => {
  const { room, told, socket } = live();
  let heard = 0;
  room.on('members', () => heard++);
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence', room: 'r', action: 'leave', user: 'ann', count: 1, version: 6 });

  assert.deepEqual([...room.members], ['bob']);
  assert.equal(room.count, 1);
  assert.equal(heard, 2);
  assert.deepEqual(told.presence, ['bob join', 'ann leave']);
});

test('a coming or going that was missed makes it ask who is here, until there is an answer', () => {
  const { room, clock, socket } = live();
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence', room: 'r', action: 'join', user: 'dan', count: 4, version: 7 });
  assert.deepEqual(socket.last('presence'), { event: 'presence', room: 'r' });
  clock.pass(12_000);
  assert.equal(socket.all('presence').length, 2);
  socket.push({ event: 'presence_state', room: 'r', members: ['ann', 'bob', 'cat', 'dan'], count: 4, version: 7 },
    { event: 'presence_state', room: 'r', members: [], count: 0, version: 6 });
  clock.pass(18_000);

  assert.deepEqual([...room.members], ['ann', 'bob', 'cat', 'dan']);
  assert.equal(socket.all('presence').length, 2);
});

test('many who come and go at once are told one by one, and are all there by then', () => {
  const { room, told, socket } = live();
  const heard = [];
  room.on('members', members => heard.push([...members]));
  const diff = { event: 'presence_diff', room: 'r', joined: ['bob', 'cat'], left: ['ann'], count: 2, from: 5, version: 8 };
  socket.push({ event: 'presence', room: 'r', action: 'leave', user: 'eve', count: 1, version: 4 }, diff, diff,
    { event: 'presence_diff', room: 'r', joined: [], left: [], count: 2, from: 9, version: 10 },
    { event: 'presence', room: 'r', action: 'join', user: 'dan', count: 3, version: 11 });

  assert.deepEqual(told.presence, ['eve leave', 'bob join', 'cat join', 'ann leave', 'dan join']);
  assert.deepEqual(heard, [['ann'], ['bob', 'cat'], ['bob', 'cat'], ['bob', 'cat', 'dan']]);
  assert.equal(room.count, 3);
  assert.equal(socket.all('presence').length, 0);
});

test('a listener that leaves at one of many hears of no other', () => {
  const { room, told, socket } = live();
  room.on('presence', () => room.leave());
  socket.push({ event: 'presence_diff', room: 'r', joined: ['bob', 'cat'], left: [], count: 3, from: 5, version: 6 });

  assert.deepEqual(told.presence, ['bob join']);
});

test('after a difference that misses some before it, the client asks who is here', () => {
  const { socket } = live();
  socket.push({ event: 'presence', room: 'r', action: 'join', user: 'bob', count: 2, version: 5 },
    { event: 'presence_diff', room: 'r', joined: ['cat', 'dan'], left: [], count: 5, from: 7, version: 8 });

  assert.deepEqual(socket.all('presence'), [{ event: 'presence', room: 'r' }]);
});

test('too many to be named are counted at once, and asked for once within some seconds', () => {
  const { room, told, clock, socket } = live();
  const many = { event: 'presence_diff', room: 'r', count: 500, from: 5, version: 504 };
  socket.push(many, { ...many, count: 900, from: 505, version: 904 });
  assert.equal(room.count, 900);
  assert.deepEqual(told.presence, []);
  assert.equal(socket.all('presence').length, 0);
  clock.pass(4_000);
  assert.equal(socket.all('presence').length, 1);

  socket.push({ event: 'presence_state', room: 'r', members: ['ann', 'zoe'], count: 900, version: 904 });
  clock.pass(60_000);
  assert.deepEqual([...room.members], ['ann', 'zoe']);
  assert.equal(socket.all('presence').length, 1);
});

test('members are those of the new answer after a reconnect', () => {
  const run = live();
  comeBack(run);
  run.socket.joined({ members: ['ann', 'zoe'], count: 250 });

  assert.deepEqual([...run.room.members], ['ann', 'zoe']);
  assert.equal(run.room.count, 250);
});

test('an error of the room that answers nothing is told', () => {
  const { told, socket } = live();
  socket.push({ event: 'error', room: 'r', code: 'history_unavailable', message: 'a moment' });

  assert.deepEqual(told.errors, ['history_unavailable']);
});

test('a room that a new token does not grant is closed, with the reason', async () => {
  const { room, told, socket, rejoin } = live();
  socket.push({ event: 'error', room: 'r', code: 'forbidden', message: 'the new token does not grant this room' });

  assert.deepEqual(told.states, ['live', 'closed']);
  await assert.rejects(room.send('hi'), { code: 'closed' });
  assert.notEqual(rejoin.join('r'), room);
});

test('a name that is written in two ways is one room, as the server knows it', () => {
  const { rejoin, socket } = start();
  const room = rejoin.join('cafe\u0301');
  socket.welcome();

  assert.equal(room.name, 'caf\u00e9');
  assert.equal(rejoin.join('caf\u00e9'), room);
  assert.equal(socket.last('join').room, 'caf\u00e9');
});

test('a join that was overtaken by a leave is refused, and that is no news', () => {
  const { rejoin, socket } = start();
  socket.welcome();
  const errors = [];
  rejoin.on('error', e => errors.push(e.code));
  rejoin.join('r').leave();
  const room = rejoin.join('r');
  room.on('error', e => errors.push(e.code));
  const overtaken = id => socket.push({ event: 'error', id, room: 'r', code: 'not_joined', message: 'left meanwhile' });
  overtaken('join-1');
  socket.joined();
  room.leave();
  overtaken('join-2');

  assert.deepEqual(errors, []);
  assert.equal(socket.all('join').length, 2);
});
