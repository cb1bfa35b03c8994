// A demonstration and a browser of one's own, both gone at the end.

import { spawn } from 'node:child_process';
import { mkdtempSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { read } from './captcha.mjs';

const PROGRAM = process.env.KECHA_BIN;
const CHROMIUM = process.env.KECHA_CHROMIUM ?? '/usr/bin/chromium';
// The browser asks nobody but our own server.
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/// What a demonstration told of itself.
function opened(ready, stop) {
  const told = JSON.parse(readFileSync(ready, 'utf8'));
  return { ...told, url: told.nation.url, stop };
}

/// Starts `kecha demo` in a folder of its own and waits until it answers.
async function demo(folder) {
  const ready = join(folder, 'ready.json');
  // Port 0: the system gives each of the four a free one.
  const args = ['demo', '--port', '0', '--dir', join(folder, 'demo'), '--ready', ready];
  const program = spawn(PROGRAM, args.map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((gone) => program.once('exit', gone));
  const stop = async () => {
    program.kill('SIGINT');
    await Promise.race([ended, new Promise((late) => setTimeout(late, 6000))]);
    program.kill('SIGKILL');
  };
  for (let tries = 0; tries < 600; tries++) {
    if (existsSync(ready)) {
      return opened(ready, stop);
    }
    if (program.exitCode !== null) throw new Error(`kecha demo ended with ${program.exitCode}`);
    await new Promise((later) => setTimeout(later, 100));
  }
  await stop();
  throw new Error('kecha demo did not answer within a minute');
}

/// Runs `work` with a demonstration and a browser that has a fresh profile. KECHA_READY names the file
/// of a demonstration that runs already and goes on running, for whoever writes a check.
export async function withHouse(work) {
  const running = process.env.KECHA_READY;
  if (!PROGRAM && !running) throw new Error('KECHA_BIN must name the program');
  const folder = mkdtempSync(join(tmpdir(), 'kecha-browser-'));
  let site, browser;
  try {
    site = running ? opened(running, () => {}) : await demo(folder);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      headless: true,
      chromiumSandbox: false,
      args: QUIET,
    });
    return await work(site, browser);
  } finally {
    await browser?.close();
    await site?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/// A number of nobody's place with its check character.
export function invented(serial, born = '19900101') {
  const body = `990000${born}${String(serial).padStart(3, '0')}`;
  const sum = [...body].reduce((s, d, i) => s + Number(d) * (2 ** (17 - i) % 11), 0);
  return body + '10X98765432'[sum % 11];
}

/// The sample of a situation.
export function sample(site, situation) {
  const found = site.samples.find((s) => s.situation === situation);
  if (!found) throw new Error(`the demonstration has no sample ${situation}`);
  return found;
}

/// Types a sample into the form, the ticket only when it is wanted.
export async function fill(page, who, withTicket = false) {
  await page.locator(`input[name=category][value=${who.category}]`).check();
  await page.locator('#doc_type').selectOption(who.doc_type);
  await page.locator('#doc_number').fill(who.doc_number);
  await page.locator('#name').fill(who.name);
  await page.locator('#ticket').fill(withTicket ? who.ticket : '');
}

/// Reads the picture as it stands on the page and types what it says.
export async function typeCaptcha(page) {
  for (let tries = 0; tries < 8; tries++) {
    const answer = read(await page.locator('#captcha-picture').screenshot());
    if (answer) {
      await page.locator('#captcha').fill(answer);
      return answer;
    }
    await anotherPicture(page);
  }
  throw new Error('no captcha of eight could be read');
}

/// Asks for another picture, the way the page offers it, and waits until it is there.
export async function anotherPicture(page) {
  const id = () => page.locator('input[name=captcha_id]').inputValue();
  const before = await id();
  await page.locator('#captcha-again').click();
  for (let waited = 0; waited < 100 && (await id()) === before; waited++) {
    await page.waitForTimeout(50);
  }
  await page.locator('#captcha-picture').waitFor();
}

/// Sends the form and gives the answer's status.
export async function send(page) {
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/query')),
    page.locator('#send').click(),
  ]);
  await page.waitForLoadState('load');
  return answer.status();
}

/// Asks until the captcha was read rightly; gives the answer's status.
export async function ask(page, site, who, withTicket = false) {
  await page.goto(`${site.url}/query`);
  await fill(page, who, withTicket);
  for (let tries = 0; tries < 8; tries++) {
    await typeCaptcha(page);
    const status = await send(page);
    if (status !== 403) return status;
  }
  throw new Error('eight captchas were read wrongly');
}
