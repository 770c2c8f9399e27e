import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, newRoom, sideBySide, Tab } from './tabs.js';

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

/** Two people in one room of their own. */
async function two(options) {
  const room = newRoom();
  const ann = await Tab.open(browser, 'ann', room, options);
  const bob = await Tab.open(browser, 'bob', room, { index: 1 });
  return { room, ann, bob };
}

const numbered = (prefix, n) => Array.from({ length: n }, (_, i) => `${prefix} ${i + 1}`);

test('two people see each other come and go', async () => {
  const { ann, bob } = await two();
  await ann.sees('ann', 'bob');
  await bob.sees('ann', 'bob');
  await ann.notices('bob came');
  await bob.close();
  await ann.sees('ann');
  await ann.notices('bob left');
  await ann.close();
});

test('both see all messages in the same order', async () => {
  const { ann, bob } = await two();
  for (let i = 1; i <= 10; i++) await Promise.all([ann.says(`ann ${i}`), bob.says(`bob ${i}`)]);
  for (const tab of [ann, bob]) for (const name of ['ann', 'bob']) await tab.reads(`${name} 10`);

  const seen = await ann.messages();
  assert.deepEqual(seen.map(m => m.split(' ')[0]), numbered('', 20).map(n => n.trim()));
  assert.deepEqual(await bob.messages(), seen);
  await ann.page.locator('.message.own .mark', { hasText: 'sent' }).nth(9).waitFor();
  await Promise.all([ann.close(), bob.close()]);
});

test('who drops the connection and comes back gets exactly what was missed, once', async () => {
  const { ann, bob } = await two();
  await ann.says('before');
  await bob.reads('before');
  await bob.press('Drop the connection');
  await bob.page.getByText('disconnected on purpose').waitFor();
  await ann.sees('ann');
  for (const text of numbered('missed', 20)) await ann.says(text);
  await ann.reads('missed 20');
  await bob.says('written while away');
  await bob.page.getByText('sending …').waitFor();
  await bob.shoot('away');
  assert.deepEqual(await bob.messages(), ['1 before']);

  await bob.press('Come back');
  await bob.notices('caught up: 20 missed messages');
  await bob.reads('written while away');
  await ann.reads('written while away');
  await ann.says('after');
  await bob.reads('after');

  const expected = ['before', ...numbered('missed', 20), 'written while away', 'after'].map((text, i) => `${i + 1} ${text}`);
  assert.deepEqual(await bob.messages(), expected);
  assert.deepEqual(await ann.messages(), expected);
  await ann.sees('ann', 'bob');
  await bob.shoot('caught-up');
  await Promise.all([ann.close(), bob.close()]);
});

/** With REJOIN_SCREENSHOTS, this makes resume.png, the picture of the README. */
test('the story of the README: bob drops the connection, comes back, and has missed nothing', async () => {
  const room = `release-${Date.now() % 100_000}`; // short, because the picture shows it
  const options = { viewport: { width: 370, height: 640 }, colorScheme: 'light' };
  const ann = await Tab.open(browser, 'ann', room, options);
  const bob = await Tab.open(browser, 'bob', room, { ...options, index: 1 });
  await bob.says('Is the test run through?');
  await ann.reads('Is the test run through?');
  await ann.says('Two minutes.');
  await bob.reads('Two minutes.');
  await bob.press('Drop the connection');
  await bob.page.getByText('disconnected on purpose').waitFor();
  const dropped = await bob.picture();

  const missed = ['All green.', 'Shipping it now.', 'It is live!'];
  for (const text of missed) await ann.says(text);
  await ann.reads(missed.at(-1));
  await bob.says('Back in a minute');
  await bob.page.getByText('sending …').waitFor();
  const meanwhile = await ann.picture();

  await bob.press('Come back');
  await bob.notices('caught up: 3 missed messages');
  await bob.reads('Back in a minute');
  assert.deepEqual((await bob.messages()).map(m => m.split(' ')[0]), ['1', '2', '3', '4', '5', '6']);
  await sideBySide(browser, 'resume', [
    ['1. Bob loses the connection', dropped],
    ['2. Ann goes on. Bob writes, too', meanwhile],
    ['3. Bob comes back: nothing is missing', await bob.picture()],
  ]);
  await Promise.all([ann.close(), bob.close()]);
});

test('who is refused is told why, and the page does not try for ever', async () => {
  const tab = await Tab.follow(browser, 'x'.repeat(300), newRoom());
  await tab.page.locator('#status-text', { hasText: /^closed: .*name/ }).waitFor();
  await tab.notices('Change room');
  await tab.close();
});

test('a room that cannot be joined is said to be so, and the page works on', async () => {
  const tab = await Tab.follow(browser, 'ann', '@ben');
  await tab.notices('Not in this room');
  await tab.isOnline();
  await tab.close();
});

test('a page that is loaded again shows the old messages', async () => {
  const { ann, bob } = await two();
  for (const text of numbered('old', 3)) await ann.says(text);
  await ann.reads('old 3');
  await ann.page.reload();
  await ann.isOnline();
  await ann.reads('old 3');

  assert.deepEqual(await ann.messages(), ['1 old 1', '2 old 2', '3 old 3']);
  await Promise.all([ann.close(), bob.close()]);
});

test('what people write is text, never markup', async () => {
  const { ann, bob } = await two();
  await ann.says('<img src=x onerror="document.title=1"><b>bold</b>');
  await bob.page.locator('.message .text', { hasText: '<b>bold</b>' }).waitFor();

  assert.equal(await bob.page.locator('#log img, #log b').count(), 0);
  await Promise.all([ann.close(), bob.close()]);
});

test('a long room does not make a long page', async () => {
  const { room, ann, bob } = await two();
  await bob.page.evaluate(async name => {
    const { connect } = await import('/client/rejoin.js');
    const rejoin = connect(location.origin, { name: 'flood' });
    const joined = rejoin.join(name);
    await Promise.all(Array.from({ length: 600 }, (_, i) => joined.send(`row ${i + 1}`)));
    rejoin.close();
  }, room);
  await ann.reads('row 600');

  assert.ok(await ann.page.locator('#log > *').count() <= 500);
  assert.equal((await ann.messages()).at(-1), '600 row 600');
  await ann.notices('Older messages are still in the room');
  await Promise.all([ann.close(), bob.close()]);
});

for (const width of [320, 390, 768]) {
  test(`at ${width} pixels nothing has to be scrolled sideways`, async () => {
    const { ann, bob } = await two({ viewport: { width, height: 720 }, hasTouch: true });
    await bob.says('a word that is far too long: ' + 'x'.repeat(300));
    await bob.says('Hello from a narrow place');
    await ann.says('Hello!');
    await ann.reads('Hello from a narrow place');
    await ann.reads('Hello!');
    const wider = await ann.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

    assert.equal(wider, 0);
    await ann.shoot(`phone-${width}`);
    await Promise.all([ann.close(), bob.close()]);
  });
}

for (const colorScheme of ['light', 'dark']) {
  test(`the page in ${colorScheme}`, async () => {
    const { ann, bob } = await two({ colorScheme });
    const talk = [[bob, 'Morning! Is the deploy done?'], [ann, 'Two minutes.'],
      [ann, 'Going through a tunnel, do not wait for me.'], [bob, 'No hurry, you will get it all.']];
    for (const [tab, text] of talk) {
      await tab.says(text);
      await ann.reads(text);
    }
    await ann.shoot(colorScheme);
    await ann.press('Change room');
    await ann.page.getByRole('button', { name: 'Enter the room' }).waitFor();
    await ann.shoot(`${colorScheme}-door`);
    await bob.sees('bob');
    await Promise.all([ann.close(), bob.close()]);
  });
}
