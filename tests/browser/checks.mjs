// What is checked on every page, whatever it says; and the tally.
//
// At 360 and at 1,280 wide: the language and the banner are there, nothing scrolls sideways, no field,
// button, link or picture is cut off. Once: axe, with scripts at 1,280 and without at 360, so that
// both widths are looked at wherever both ways are gone. And from the first page to the last: no
// complaint of the browser, no other server asked, nothing personal in an address.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const WIDTHS = [360, 1280];
const BANNER = {
  'zh-CN': '这是演示，不是官方网站。',
  en: 'This is a demonstration, not an official site.',
};

let failed = 0;

/// One line for a check; `faults` are what was wrong, and what took long says how long.
export function tell(name, faults, began = Date.now()) {
  const took = (Date.now() - began) / 1000;
  const long = took < 5 ? '' : ` (${took.toFixed(0)} s)`;
  console.log(`${faults.length ? 'FAIL' : 'ok  '} ${name}${long}`);
  for (const fault of faults) console.log(`       ${fault}`);
  if (faults.length) failed++;
}

/// Runs a check; whatever it throws is its fault, and so is what `expect` was told.
export async function check(name, work) {
  const [faults, began] = [[], Date.now()];
  const expect = (right, fault) => right || faults.push(fault);
  try {
    await Promise.race([work(expect), late()]);
  } catch (error) {
    faults.push(String(error?.message ?? error).split('\n')[0]);
  }
  tell(name, faults, began);
}

/// A part of the whole, which says how long it took.
export async function section(name, work) {
  const began = Date.now();
  await work();
  console.log(`==== ${name}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
}

/// Does all the jobs, two at a time: a machine has two cores.
export async function twoAtOnce(jobs) {
  const next = jobs[Symbol.iterator]();
  const lane = async () => {
    for (const job of next) await job();
  };
  await Promise.all([lane(), lane()]);
}

const LONGEST = 60_000;

function late() {
  return new Promise((_, failed) => {
    const timer = setTimeout(() => failed(new Error('it did not come to an end')), LONGEST);
    timer.unref();
  });
}

/// The exit code.
export const verdict = () => (failed ? 1 : 0);

/// A page that remembers what the browser complained about.
export async function open(context, scripts = true) {
  const page = await context.newPage();
  page.scripts = scripts;
  page.complaints = [];
  let secret = [];
  /// Values that no address may carry, be it of a page or of a picture.
  page.watch = (values) => (secret = values.filter(Boolean));
  page.on('pageerror', (e) => page.complaints.push(`script: ${e.message}`));
  page.on('console', (m) => {
    // That a status is not 200 is said by the check that wants it so.
    const status = m.text().startsWith('Failed to load resource: the server responded');
    if (m.type() === 'error' && !status) page.complaints.push(`console: ${m.text()}`);
  });
  page.on('request', (r) => {
    const asked = new URL(r.url());
    if (secret.some((value) => decodeURIComponent(r.url()).includes(value))) {
      page.complaints.push(`personal data in an address: ${r.url()}`);
    }
    if (asked.protocol !== 'data:' && asked.hostname !== '127.0.0.1') {
      page.complaints.push(`asked another server: ${asked.host}`);
    }
  });
  return page;
}

/// What holds for every page. `person` are the values that must not stand in the address.
export async function examine(page, name, lang, person = []) {
  await check(name, async (expect) => {
    const tag = await page.locator('html').getAttribute('lang');
    expect(tag === lang, `the page says it is in ${tag}`);
    const address = decodeURIComponent(page.url());
    const found = person.filter((value) => value && address.includes(value));
    expect(!found.length, `the address carries personal data: ${address}`);
    const banner = page.locator('.demo', { hasText: BANNER[lang] });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width < 600 ? 740 : 900 });
      expect(await banner.isVisible(), `the banner is missing at ${width}`);
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
      expect(wide <= width, `the page is ${wide} wide at ${width}`);
      const cut = await page.evaluate(cutOff);
      expect(!cut.length, `cut off or off the page at ${width}: ${cut.join(', ')}`);
    }
    const shown = page.scripts ? page : await twin(page);
    for (const fault of await axe(shown)) expect(false, fault);
    for (const complaint of page.complaints.splice(0)) expect(false, complaint);
  });
}

/// Fields, buttons and links that reach over the page's edge, unless they lie in what scrolls.
function cutOff() {
  const edge = document.documentElement.clientWidth;
  return [...document.querySelectorAll('main :is(a, button, input, select, textarea, img)')]
    .filter((e) => !e.closest('.wide') && e.getClientRects().length)
    .filter((e) => e.getBoundingClientRect().right > edge + 0.5)
    .map((e) => e.id || e.textContent.trim() || e.tagName);
}

async function axe(page) {
  await page.evaluate(`window.axe || (() => { ${AXE} })()`);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { resultTypes: ['violations'] }),
  );
  return violations.map((v) => `axe ${v.id}: ${v.nodes.map((n) => n.target).join('; ')}`);
}

/// Axe is a script, and does not run where the visitor's browser runs none. Then it is shown the
/// same page, as it stands there, in a browser that runs axe and not the page's own script. It is
/// one for all the pages, and narrow.
async function twin(page) {
  if (!page.twin) {
    const viewport = { width: WIDTHS[0], height: 740 };
    const context = await page.context().browser().newContext({ viewport });
    page.twin = await context.newPage();
    await page.twin.route('**/*', (route) => {
      if (route.request().isNavigationRequest()) {
        return route.fulfill({ body: page.twin.body, contentType: 'text/html; charset=utf-8' });
      }
      return route.request().resourceType() === 'script' ? route.abort() : route.continue();
    });
    page.context().once('close', () => context.close());
  }
  page.twin.body = await page.content();
  await page.twin.goto(page.url());
  return page.twin;
}
