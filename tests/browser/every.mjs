// Every page of the consoles, whoever it is for: what each role is led to is looked at, and a line of
// the route table that a role may open and was not led to is a fault. So a new page is checked
// without being named here. The lines are those of docs/permissions.md, printed from the table.
//
// Of each pattern a role is shown one page, twice: with scripts in Chinese and without in English. It
// is answered, has one heading, labels every field and leads to the manual; the rest, axe and both
// widths, is said in checks.mjs. Of a file it is looked at that it comes, and is no page.

import { readFileSync } from 'node:fs';
import { check, examine, tell, twoAtOnce } from './checks.mjs';
import { oneOfEach, signIn } from './consoles.mjs';

const printed = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
/// The addresses that a console answers, as patterns, and who may call them.
const LINES = [...printed.matchAll(/^\| GET \| `(\/(?:console|manual)[^`]*)` \| ([^|]*) \|$/gm)]
  .map(([, path, who]) => ({ path, who, is: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`) }))
  .filter(({ who }) => !who.includes('without a cookie'));
/// What these answer is a file.
const FILES = /\.pdf$|\/result$|\/materials\/[^/]+$/;
/// So many pages more are read, without being looked at, for a link of a pattern that is missing.
const MOST = 120;

const pattern = (link) => LINES.find((line) => line.is.test(link.split('?')[0]));

/// Looks at everything, each role with scripts in Chinese and without in English.
export async function every(all, browser) {
  const led = new Map();
  const jobs = [];
  for (const site of [{ ...all, url: all.provinces[0].url }, { ...all, url: all.nation.url }]) {
    for (const account of oneOfEach(site)) {
      jobs.push(async () => {
        const paths = await look(site, browser, account, 'zh-CN');
        await look(site, browser, account, 'en', paths);
        const before = led.get(account.role) ?? [];
        led.set(account.role, [...before, ...paths.map((path) => pattern(path).path)]);
      });
    }
  }
  await twoAtOnce(jobs);
  const anybody = [...led.values()].flat();
  const missed = LINES.filter(({ path }) => !anybody.includes(path));
  tell('every page of the route table was reached', missed.map(({ path }) => path));
  for (const [role, paths] of led) {
    const own = LINES.filter(({ path, who }) => who.includes(`\`${role}\``) && !paths.includes(path));
    tell(`${role} was led to every page of its own`, own.map(({ path }) => path));
  }
}

/// Looks at these pages as this role, or at one of each pattern that the role is led to; which.
async function look(site, browser, account, lang, paths) {
  const script = lang === 'zh-CN';
  const { context, page } = await signIn(site, browser, account, script);
  await page.goto(`${site.url}/lang/${lang}`);
  const place = site.url === site.nation.url ? 'nation ' : '';
  const one = (path) => {
    const line = pattern(path);
    const name = `${place}${account.role} · ${line.path} · ${lang}`;
    return FILES.test(path) ? file(page, site.url + path, name) : leaf(page, site.url + path, name, lang);
  };
  const todo = paths ?? (await led(page, site, account.role));
  for (const path of todo) await one(path);
  await context.close();
  return todo;
}

/// One address of each pattern this role is led to, from its first page on. While a pattern that it
/// may open is missing, more pages of the others are read: the link may stand on one of them.
async function led(page, site, role) {
  const may = (who) => who.includes(`\`${role}\``) || who === 'whoever is signed in';
  const own = LINES.filter(({ who }) => may(who)).map(({ path }) => path);
  const found = new Map([['/console', '/console']]);
  const known = new Set(['/console']);
  const [first, more] = [['/console'], new Map()];
  for (let read = 0; read < MOST || first.length; read++) {
    const missing = own.some((path) => !found.has(path));
    const path = first.shift() ?? (missing ? leastRead(more) : undefined);
    if (!path) break;
    if (FILES.test(path)) continue;
    const answer = await page.request.get(site.url + path);
    for (const link of hrefs(await answer.text())) {
      const line = pattern(link);
      if (!line || known.has(link)) continue;
      known.add(link);
      if (found.has(line.path)) {
        if (!more.has(line.path)) more.set(line.path, { links: [], read: 0 });
        more.get(line.path).links.push(link);
      } else {
        found.set(line.path, link);
        first.push(link);
      }
    }
  }
  return [...found.values()];
}

/// A link of the pattern of which the fewest pages were read.
function leastRead(more) {
  const left = [...more.values()].filter(({ links }) => links.length);
  const one = left.reduce((a, b) => (b.read < a.read ? b : a), left[0]);
  if (!one) return undefined;
  one.read++;
  return one.links.shift();
}

/// The addresses of this site that a page's links lead to, without what follows the sign #.
function hrefs(text) {
  const all = [...text.matchAll(/<a [^>]*?href="(\/[^"#]*)/g)];
  return all.map(([, link]) => link.replaceAll('&amp;', '&').replaceAll('&#38;', '&'));
}

/// What the browser makes a file of.
async function file(page, url, name) {
  await check(name, async (expect) => {
    const answer = await page.request.get(url);
    expect(answer.status() === 200, `it is answered ${answer.status()}`);
    const kind = answer.headers()['content-type'];
    expect(!kind.startsWith('text/html'), `it is ${kind}`);
  });
}

/// A page.
async function leaf(page, url, name, lang) {
  await check(`${name} · opens`, async (expect) => {
    const answer = await page.goto(url);
    expect(answer.status() === 200, `it is answered ${answer.status()}`);
    expect((await page.locator('h1').count()) === 1, 'it has no heading of its own');
    const unnamed = await page.evaluate(withoutName);
    expect(!unnamed.length, `fields without a label: ${unnamed.join(', ')}`);
    if (new URL(url).pathname.startsWith('/console')) {
      const manual = page.locator('nav a[href^="/manual/"]');
      expect((await manual.count()) === 1, 'it does not lead to the manual');
    }
  });
  await examine(page, name, lang);
}

/// Fields that nothing names.
function withoutName() {
  const fields = 'main :is(input:not([type=hidden]), select, textarea)';
  return [...document.querySelectorAll(fields)]
    .filter((e) => !e.labels?.length && !e.getAttribute('aria-label'))
    .map((e) => e.name || e.id || e.tagName);
}
