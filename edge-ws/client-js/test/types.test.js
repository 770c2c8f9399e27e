import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const at = path => readFileSync(new URL(path, import.meta.url), 'utf8');
const types = at('../rejoin.d.ts');
const contract = at('../../../contracts/src/main/resources/asyncapi.yaml');
const sources = readdirSync(new URL('..', import.meta.url)).filter(file => file.endsWith('.js')).map(file => at(`../${file}`)).join('\n');
const found = (text, pattern) => new Set([...text.matchAll(pattern)].map(([, code]) => code));

test('every code that the server or the client may say stands in the types', () => {
  const frames = contract.match(/ {4}errorCode:[^]*?enum: \[([^\]]*)\]/)[1].split(/,\s*/);
  const refusals = found(contract.match(/A connection is refused as HTTP[^]*?Retry-After/)[0], /\d{3} `(\w+)`/g);
  const own = found(sources, /(?:RejoinError\(|\[\d{3,4}, |#fail\(entry, )'(\w+)'/g);
  refusals.delete('upgrade_required'); // that is none
  assert.ok(frames.length > 10 && refusals.size > 10 && own.size > 15, `${frames.length} ${refusals.size} ${own.size}`);

  const told = found(types.match(/why something was refused or given up[^]*?\*\//)[0], /`(\w+)`/g);
  assert.deepEqual([...frames, ...refusals, ...own].filter(code => !told.has(code)), []);
  const known = new Set([...frames, ...refusals, ...own, 'code', 'waiting']);
  assert.deepEqual([...told].filter(code => !known.has(code)), [], 'and no other');
});

test('an id that another client gave may be what the contract says', () => {
  const [, allowed] = contract.match(/ {4}id:\n {6}type: \[([^\]]*)\]/);
  assert.equal(types.match(/type Id = (.*);/)[1], allowed.replaceAll(', ', ' | '));
  for (const frame of ['Message', 'Confirmed', 'Expired']) assert.match(types, new RegExp(`interface ${frame} {[^}]*\\bid\\?: Id;`), frame);
});

test('every option may be null, which is absence', () => {
  for (const options of ['ConnectOptions', 'JoinOptions', 'SendOptions']) {
    const [, body] = types.match(new RegExp(`interface ${options} {([^]*?)\n}`));
    const fields = body.replace(/\/\*\*[^]*?\*\//g, '').split('\n').filter(line => line.trim());
    assert.ok(fields.length > 3);
    for (const field of fields) assert.match(field, /\?: .*\| null;$/);
  }
});
