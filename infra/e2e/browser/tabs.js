import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const FLAGS = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run',
  '--disable-background-networking', '--disable-component-update'];
const PATIENCE_MS = 60_000; // a loaded machine is slow, not wrong

/** Where the edge is; with two addresses every second tab goes to the second, so that two edges are seen to act as one. */
const urls = process.env.REJOIN_URL.split(/[\s,]+/).filter(Boolean);
const shots = process.env.REJOIN_SCREENSHOTS;

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });

function shotFile(name) {
  mkdirSync(shots, { recursive: true });
  return join(shots, `${name}.png`);
}

/** Writes a picture of several pictures, each below its title. Does nothing without a folder for pictures. */
export async function sideBySide(browser, name, titled) {
  if (!shots) return;
  const context = await browser.newContext({ viewport: { width: 1240, height: 800 } });
  const page = await context.newPage();
  const figures = titled.map(([title, png]) => `
    <figure style="margin: 0">
      <figcaption style="font: 600 17px system-ui, sans-serif; margin-bottom: 10px">${title}</figcaption>
      <img src="data:image/png;base64,${png.toString('base64')}" style="border: 1px solid #bbb; border-radius: 8px">
    </figure>`);
  await page.setContent(`<div style="display: inline-flex; gap: 24px; padding: 16px; background: white">${figures.join('')}</div>`);
  await page.locator('div').screenshot({ path: shotFile(name) });
  await context.close();
}

let rooms = 0;
/** A room that no other test is in. */
export const newRoom = () => `browser-${process.pid}-${Date.now()}-${++rooms}`;

/** Somebody with a browser of their own. */
export class Tab {
  errors = [];

  static async open(browser, name, room, { index = 0, ...options } = {}) {
    const context = await browser.newContext({ viewport: { width: 1100, height: 720 }, ...options });
    const tab = new Tab();
    tab.page = await context.newPage();
    tab.page.setDefaultTimeout(PATIENCE_MS);
    tab.page.on('console', m => m.type() === 'error' && tab.errors.push(m.text()));
    tab.page.on('pageerror', e => tab.errors.push(String(e)));
    await tab.page.goto(urls[index % urls.length]);
    await tab.page.getByLabel('Your name').fill(name);
    await tab.page.getByLabel('Room', { exact: true }).fill(room);
    await tab.page.getByRole('button', { name: 'Enter the room' }).click();
    await tab.isOnline();
    return tab;
  }

  /** Somebody who comes by a link, and may not get in. */
  static async follow(browser, name, room) {
    const tab = new Tab();
    tab.page = await (await browser.newContext()).newPage();
    tab.page.setDefaultTimeout(PATIENCE_MS);
    tab.page.on('pageerror', e => tab.errors.push(String(e)));
    await tab.page.goto(`${urls[0]}#${new URLSearchParams({ name, room })}`);
    return tab;
  }

  async isOnline() {
    await this.page.locator('#status-text', { hasText: /^online$/ }).waitFor();
  }

  async says(text) {
    await this.page.getByLabel('Message', { exact: true }).fill(text);
    await this.page.getByLabel('Message', { exact: true }).press('Enter');
  }

  /** Waits until a message of that text is there, at its place in the room. */
  async reads(text) {
    await this.page.locator('.message[data-seq]').getByText(text, { exact: true }).first().waitFor();
  }

  async notices(text) {
    await this.page.locator('.notice', { hasText: text }).first().waitFor();
  }

  /** Waits until exactly those are listed as being here. */
  async sees(...names) {
    await this.page.waitForFunction(
      expected => [...document.querySelectorAll('#members .who')].map(e => e.textContent).sort().join() === expected,
      names.sort().join());
    assert.equal(await this.page.locator('#count').textContent(), String(names.length));
  }

  /** What is on the page, in order: the seq and text of every message. */
  messages() {
    return this.page.locator('.message[data-seq]').evaluateAll(
      rows => rows.map(row => `${row.dataset.seq} ${row.querySelector('.text').textContent}`));
  }

  async press(button) {
    await this.page.getByRole('button', { name: button }).click();
  }

  async shoot(name) {
    if (shots) writeFileSync(shotFile(name), await this.picture());
  }

  /** The page as it looks now, as a PNG. */
  picture() {
    return this.page.screenshot({ animations: 'disabled' });
  }

  /** Goes away; nothing may have gone wrong on the page until then. */
  async close() {
    await this.page.context().close();
    assert.deepEqual(this.errors, []);
  }
}
