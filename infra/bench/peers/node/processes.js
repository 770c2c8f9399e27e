// The processes of the tests: each in its own folder, at its own port, ended by its own process id.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const folder = await mkdtemp(join(tmpdir(), 'rejoin-peers-'));

/** Ends all that was started, the last first, and deletes what they wrote. */
export async function cleanUp() {
  for (const child of running.toReversed()) await end(child);
  await rm(folder, { recursive: true, force: true });
}

const running = [];

/** Starts a program and waits until a line of its output tells that it is ready; returns it, with what it has said so far. */
export async function start(command, environment, ready) {
  const child = spawn(command[0], command.slice(1), { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  child.said = '';
  await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        child.said += text;
        if (ready.test(child.said)) resolve();
      });
    }
    child.on('error', reject);
    child.on('exit', code => reject(new Error(`${command.join(' ')} ended with ${code}:\n${child.said}`)));
  });
  return child;
}

/** SIGTERM; returns what it ended with, once it has. */
export async function end(child) {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await once(child, 'exit');
    clearTimeout(late);
  }
  return child.exitCode ?? child.signalCode;
}

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

/** A Redis of its own, whose append-only file is flushed every second. */
export async function startRedis() {
  const port = await freePort();
  const dir = await mkdtemp(join(folder, 'redis-'));
  const settings = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'yes', appendfsync: 'everysec' };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await start(['redis-server', ...options], { PATH: `${process.env.PATH}:/usr/sbin` }, /Ready to accept connections/);
  return `redis://127.0.0.1:${port}`;
}

/** That of infra/embedded. */
export async function startPostgres(root) {
  const run = await start([join(root, 'infra/run'), '--infra-only', '--data', await mkdtemp(join(folder, 'postgres-'))], {}, /^ready /m);
  const said = name => new RegExp(`^export ${name}='(.*)'$`, 'm').exec(run.said)[1];
  const address = said('HISTORY_JDBC_URL').replace('jdbc:postgresql://', '');
  return `postgres://${said('HISTORY_DB_USER')}:${said('HISTORY_DB_PASSWORD')}@${address}`;
}
