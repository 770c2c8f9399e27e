import { connect, newId } from '../client/rejoin.js';
import { element, Log } from './log.js';

const HISTORY_MESSAGES = 50; // shown on entering a room
const MAX_MEMBERS_SHOWN = 100;
const $ = id => document.getElementById(id);
const log = new Log($('log'), $('newer'));
const pageParams = new URLSearchParams(location.hash.slice(1) || location.search);
const pageTitle = document.title;

let rejoin; // the connection, while in a room
let room;
let isDisconnected = false;
let wasOnline = false;
let hasBeenOnline = false; // since the room was entered
let hasShownHint = false;
let lastReason = ''; // that was shown
let retryAt = 0;

// The entry form. Its values come from the address, or else from the last visit.

$('name').value = pageParams.get('name') ?? localStorage.getItem('rejoin.name')
  ?? `guest-${Math.floor(1000 + Math.random() * 9000)}`;
$('room').value = pageParams.get('room') ?? localStorage.getItem('rejoin.room') ?? 'lobby';
$('token').value = pageParams.get('token') ?? '';

$('enter').addEventListener('submit', event => {
  event.preventDefault();
  enter($('name').value.trim(), $('room').value.trim(), $('token').value.trim());
});
$('change').addEventListener('click', () => {
  rejoin.close();
  [$('chat').hidden, $('welcome').hidden] = [true, false];
  history.replaceState(null, '', location.pathname);
  document.title = pageTitle;
  $('room').focus();
});

function enter(name, roomName, token) {
  if (!name || !roomName) return;
  localStorage.setItem('rejoin.name', name);
  localStorage.setItem('rejoin.room', roomName);
  history.replaceState(null, '', roomLink(name, roomName));
  [$('welcome').hidden, $('chat').hidden] = [true, false];
  $('room-name').textContent = roomName;
  document.title = `#${roomName} – ${pageTitle}`;
  $('who').open = matchMedia('(min-width: 48.01rem)').matches;
  $('second').href = roomLink(`${name}-2`, roomName);
  log.clear();
  showMembers(new Set(), 0);
  showDisconnected(false);

  room = undefined;
  wasOnline = hasBeenOnline = hasShownHint = false;
  lastReason = '';
  rejoin = connect(location.origin, { name, token });
  rejoin.on('state', showConnection);
  rejoin.on('error', error => log.addNotice(error.message, 'warn'));
  showConnection({ state: rejoin.state, attempt: 1 });
  try {
    room = rejoin.join(roomName, { last: HISTORY_MESSAGES });
    addListeners(room);
  } catch (error) {
    log.addNotice(`Not in this room: ${error.message}`, 'warn');
  }
  $('text').focus();
}

const roomLink = (name, roomName) => `#${new URLSearchParams({ room: roomName, name })}`;

// The room.

function addListeners(room) {
  room.on('message', message => log.addMessage(message, message.user === rejoin.user));
  room.on('members', members => showMembers(members, room.count));
  room.on('presence', ({ action, user }) => {
    if (user !== rejoin.user) log.addNotice(action === 'join' ? `${user} came` : `${user} left`);
  });
  room.on('gap', ({ outcome, from, to }) => log.addNotice(outcome === 'partial'
    ? `${from === to ? `Message #${from} is` : `Messages #${from} to #${to} are`} no longer kept.`
    : `This room began anew on the server; what was said from #${from} on cannot be had.`, 'warn'));
  room.on('resync', ({ first, messages, outcome }) => {
    if (!first && outcome === 'full') log.addNotice(caughtUpText(messages), 'good');
  });
  room.on('error', error => log.addNotice(error.message, 'warn'));
  room.on('state', ({ state, error }) => {
    if (state === 'closed' && rejoin.state !== 'closed') log.addNotice(`Not in this room: ${error.message}`, 'warn');
  });
}

function caughtUpText(missed) {
  if (missed === 0) return 'caught up: nothing was missed';
  return `caught up: ${missed} missed message${missed === 1 ? '' : 's'}`;
}

$('compose').addEventListener('submit', event => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text) return;
  $('text').value = '';
  const id = newId();
  log.addPending(id, rejoin.user ?? $('name').value, text);
  send(room, id, text);
});
$('text').addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $('compose').requestSubmit();
});

async function send(room, id, text) {
  try {
    const { seq } = await room.send(text, { id });
    log.markSent(id, seq <= (room.seq ?? 0));
  } catch (error) {
    log.markFailed(id, error.message, () => send(room, id, text));
  }
}

function showMembers(members, count) {
  $('count').textContent = count;
  $('are').textContent = rejoin?.state === 'waiting' ? 'were here' : 'here';
  $('members').classList.toggle('stale', rejoin?.state === 'waiting');
  const names = [...members].sort((a, b) => a.localeCompare(b)).slice(0, MAX_MEMBERS_SHOWN);
  $('members').replaceChildren(...names.map(memberRow));
  if (count > names.length) $('members').append(element('li', 'you', `and ${count - names.length} more`));
}

function memberRow(name) {
  const avatar = element('span', 'face', [...name][0].toUpperCase());
  avatar.setAttribute('aria-hidden', 'true');
  const hue = [...name].reduce((sum, c) => (sum * 31 + c.codePointAt(0)) % 360, 7);
  avatar.style.backgroundColor = `hsl(${hue} 45% 36%)`;
  const row = element('li', '', undefined, avatar, element('span', 'who', name));
  if (name === rejoin?.user) row.append(element('span', 'you', '(you)'));
  return row;
}

// The connection's state as text.

function showConnection({ state, reason, retryInMs, attempt, error }) {
  if (error && state === 'waiting' && lastReason !== error.message) log.addNotice(lastReason = error.message, 'warn');
  if (error && state === 'closed' && error.code !== 'closed') {
    log.addNotice(`The server ends this: ${reason}. "Change room" lets you try another name, room or token.`, 'warn');
  }
  if (state === 'waiting' && wasOnline) {
    log.addNotice(isDisconnected ? 'you went away' : 'the connection was lost', 'line');
  }
  if (state === 'connecting' && attempt > 2 && !hasBeenOnline && !lastReason && !hasShownHint) {
    log.addNotice('The server cannot be reached.', 'warn');
    hasShownHint = true;
  }
  wasOnline = state === 'online' || (wasOnline && state !== 'waiting');
  hasBeenOnline ||= wasOnline;
  retryAt = retryInMs === undefined ? 0 : performance.now() + retryInMs;
  $('status').dataset.state = state;
  $('now').hidden = state !== 'waiting' || isDisconnected;
  $('drop').disabled = state === 'closed';
  $('status-text').textContent = {
    connecting: attempt > 1 ? `connecting (attempt ${attempt}) …` : 'connecting …',
    online: 'online',
    waiting: isDisconnected ? 'disconnected on purpose' : hasBeenOnline ? 'connection lost' : 'no connection',
    closed: `closed: ${reason}`,
  }[state];
  showCountdown();
  if (room) showMembers(room.members, room.count);
}

/** The countdown is not part of the status that screen readers announce, because it changes every second. */
function showCountdown() {
  const seconds = Math.max(1, Math.ceil((retryAt - performance.now()) / 1000));
  const text = rejoin?.state === 'waiting' && !isDisconnected ? `, trying again in ${seconds} s` : '';
  if ($('countdown').textContent !== text) $('countdown').textContent = text;
}

setInterval(showCountdown, 250);

$('now').addEventListener('click', () => rejoin.resume());
$('drop').addEventListener('click', () => {
  showDisconnected(!isDisconnected);
  isDisconnected ? rejoin.pause() : rejoin.resume();
});

function showDisconnected(disconnected) {
  isDisconnected = disconnected;
  $('drop').textContent = disconnected ? 'Come back' : 'Drop the connection';
  $('drop').className = disconnected ? 'primary' : '';
  $('try-text').textContent = disconnected
    ? 'You are away. Post from another window, write here too, then come back:'
      + ' you get exactly what you missed, and what you wrote is sent.'
    : 'Drop your connection, let someone post in the meantime, and come back.';
}

if (pageParams.get('name') && pageParams.get('room')) enter($('name').value, $('room').value, $('token').value);
