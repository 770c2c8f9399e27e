import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const read = path => readFileSync(new URL(path, import.meta.url), 'utf8');
const types = read('../rejoin.d.ts');
const contract = read('../../../contracts/src/main/resources/asyncapi.yaml');
const sources = readdirSync(new URL('..', import.meta.url)).filter(file => file.endsWith('.js')).map(file => read(`../${file}`)).join('\n');
const findAll = (text, pattern) => new Set([...text.matchAll(pattern)].map(([, code]) => code));

test('every error code of the server and the client is documented in the types', () => {
  const frameCodes = contract.match(/ {4}errorCode:[^]*?enum: \[([^\]]*)\]/)[1].split(/,\s*/);
  const refusalCodes = findAll(contract.match(/The server refuses a connection[^]*?Retry-After/)[0], /\d{3} `(\w+)`/g);
  const clientCodes = findAll(sources, /(?:RejoinError\(|\[\d{3,4}, |#fail\(entry, )'(\w+)'/g);
  refusalCodes.delete('upgrade_required'); // this is not an error
  assert.ok(frameCodes.length > 10 && refusalCodes.size > 10 && clientCodes.size > 15, `${frameCodes.length} ${refusalCodes.size} ${clientCodes.size}`);

  const documented = findAll(types.match(/why something was refused or given up[^]*?\*\//)[0], /`(\w+)`/g);
  assert.deepEqual([...frameCodes, ...refusalCodes, ...clientCodes].filter(code => !documented.has(code)), []);
  const known = new Set([...frameCodes, ...refusalCodes, ...clientCodes, 'code', 'waiting']);
  assert.deepEqual([...documented].filter(code => !known.has(code)), [], 'and no other');
});

test('the types of ids in messages are those of the contract', () => {
  const [, allowed] = contract.match(/ {4}id:\n {6}type: \[([^\]]*)\]/);
  assert.equal(types.match(/type Id = (.*);/)[1], allowed.replaceAll(', ', ' | '));
  for (const frame of ['Message', 'Confirmed', 'Expired']) assert.match(types, new RegExp(`interface ${frame} {[^}]*\\bid\\?: Id;`), frame);
});

test('every option may be null', () => {
  for (const options of ['ConnectOptions', 'JoinOptions', 'SendOptions']) {
    const [, body] = types.match(new RegExp(`interface ${options} {([^]*?)\n}`));
    const fields = body.replace(/\/\*\*[^]*?\*\//g, '').split('\n').filter(line => line.trim());
    assert.ok(fields.length > 3);
    for (const field of fields) assert.match(field, /\?: .*\| null;$/);
  }
});
