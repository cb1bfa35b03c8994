// The work of an office, page by page, as its manual tells it: a step is a picture's name and what
// leads to it. Run as a check the steps must succeed; with KECHA_MANUAL, the folder of the pictures,
// they are taken as well.

import { readFileSync } from 'node:fs';
import { check } from './checks.mjs';
import { signIn } from './consoles.mjs';

const WIDTH = 1280;
/// No picture is higher: it is to be read beside the words about it.
const TALLEST = 720;
/// Less than lies between a heading and what it stands over.
const SPACE = 8;

/// Who works, at one node, each in a browser of his own.
export class Walk {
  constructor(site, browser, place) {
    // Addresses and accounts of the one node; `all` is the whole demonstration.
    this.all = site;
    this.site = { ...site, url: place.url };
    this.browser = browser;
    this.desks = new Map();
    /// What one step leaves for another.
    this.kept = {};
  }

  url(path) {
    return this.site.url + path;
  }

  account(user) {
    const own = (a) => a.user === user && a.url.startsWith(`${this.site.url}/`);
    return this.site.accounts.find(own);
  }

  /// The desk of an officer, signed in once.
  async as(user, path) {
    if (!this.desks.has(user)) {
      const { page } = await signIn(this.site, this.browser, this.account(user));
      await page.setViewportSize({ width: WIDTH, height: 900 });
      this.desks.set(user, page);
    }
    const page = this.desks.get(user);
    if (path) await page.goto(this.url(path));
    return page;
  }

  /// A browser in which nobody is signed in.
  async stranger(path) {
    const context = await this.browser.newContext({ locale: 'zh-CN' });
    const page = await context.newPage();
    await page.setViewportSize({ width: WIDTH, height: 900 });
    await page.goto(this.url(path));
    return page;
  }

  /// Shows the part of a page that the picture is of; as a check, it must be there to be seen.
  async shoot(page, name, from, to = from) {
    const [first, last] = [page.locator(from).first(), page.locator(to).last()];
    await first.waitFor({ timeout: 15_000 });
    await last.waitFor({ timeout: 15_000 });
    const folder = process.env.KECHA_MANUAL;
    if (!folder) return;
    const box = async (part) =>
      part.evaluate((e) => {
        const { top, bottom } = e.getBoundingClientRect();
        return { top: top + window.scrollY, bottom: bottom + window.scrollY };
      });
    const top = Math.max(0, (await box(first)).top - SPACE);
    const { bottom } = await box(last);
    const height = Math.min(TALLEST, Math.ceil(bottom - top + SPACE));
    const clip = { x: 0, y: top, width: WIDTH, height };
    await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, clip });
  }

  async close() {
    for (const page of this.desks.values()) await page.context().close();
  }
}

/// Goes through the steps of a manual; the first that fails is told, and the next is tried.
export async function goThrough(walk, steps) {
  for (const [name, step] of steps) {
    await check(`manual · ${name}`, async (expect) => step(walk, name, expect));
  }
  await walk.close();
}

/// Sends a form by this button and waits for what follows.
export async function press(page, button) {
  const where = typeof button === 'string' ? page.locator(button).first() : button;
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.request().method() === 'POST' && r.request().isNavigationRequest()),
    where.click(),
  ]);
  await page.waitForLoadState('load');
  if (answer.status() >= 400) throw new Error(`the form was answered ${answer.status()}`);
  const wrong = page.locator('main .wrong[role=alert], main .mistake');
  if (await wrong.count()) throw new Error(`the page says ${await wrong.first().innerText()}`);
}

/// A day in China, so many days from now, as a form wants it.
export const day = (ahead) =>
  new Date(Date.now() + 8 * 3_600_000 + ahead * 86_400_000).toISOString().slice(0, 10);

/// A file as an officer would choose it.
export const file = (name, mimeType, text) => ({ name, mimeType, buffer: Buffer.from(text) });

/// A file of this repository.
export const ours = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
