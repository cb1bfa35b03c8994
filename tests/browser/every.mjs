// Every page of the consoles, whoever it is for: what each role is led to is looked at, and a line of
// the route table that nobody was led to is a fault. So a new page is checked without being named
// here. The lines are those of docs/permissions.md, which is printed from the table.

import { readFileSync } from 'node:fs';
import { check, examine, tell } from './checks.mjs';
import { signIn } from './consoles.mjs';

const printed = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
/// The addresses that a console answers with a page, as patterns.
const PAGES = [...printed.matchAll(/^\| GET \| `(\/(?:console|manual)[^`]*)` \| ([^|]*) \|$/gm)]
  .filter(([, , who]) => !who.includes('without a cookie'))
  .map(([, path]) => ({ path, is: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`) }));
/// Of these the browser makes a file: no page is looked at, but it must be there.
const FILES = /\.pdf$|\/result$|\/materials\/[^/]+$/;
/// A page of these that was not reached needs what a demonstration does not have.
const RARE = [
  // Nobody's list is long enough to be left to a task's result.
  '/console/tasks/{id}/result',
  // The walk follows the first link of a kind, and that case has no file: to be mended here.
  '/console/cases/{id}/materials/{nr}',
  // Answered by then, and behind a filter that the walk does not follow: to be mended here.
  '/console/inquiries/{id}',
];

const pattern = (path) => PAGES.find((page) => page.is.test(path));

/// Looks at everything, each role with scripts in Chinese and without in English.
export async function every(all, browser) {
  const reached = new Set();
  for (const site of [{ ...all, url: all.provinces[0].url }, { ...all, url: all.nation.url }]) {
    const seen = new Set();
    for (const account of site.accounts.filter((a) => a.url.startsWith(`${site.url}/`))) {
      if (seen.has(account.role)) continue;
      seen.add(account.role);
      await desk(site, browser, account, true, reached);
      await desk(site, browser, account, false, reached);
    }
  }
  const missed = PAGES.filter((page) => !reached.has(page.path) && !RARE.includes(page.path));
  tell('every page of the route table was reached', missed.map((page) => page.path));
}

/// Everywhere a role is led to, one page of each pattern.
async function desk(site, browser, account, script, reached) {
  const { context, page } = await signIn(site, browser, account, script);
  const lang = script ? 'zh-CN' : 'en';
  await page.goto(`${site.url}/lang/${lang}`);
  const known = new Set(['/console']);
  const todo = ['/console'];
  for (let at = 0; at < todo.length; at++) {
    const path = todo[at];
    const line = pattern(path.split('?')[0]);
    const place = site.url === site.nation?.url ? 'nation ' : '';
    const name = `${place}${account.role} · ${line.path} · ${lang}`;
    reached.add(line.path);
    if (FILES.test(path)) {
      await check(name, async (expect) => {
        const answer = await page.request.get(site.url + path);
        expect(answer.status() === 200, `it is answered ${answer.status()}`);
        const kind = answer.headers()['content-type'];
        expect(!kind.startsWith('text/html'), `it is ${kind}`);
      });
      continue;
    }
    await check(`${name} · opens`, async (expect) => {
      const answer = await page.goto(site.url + path);
      expect(answer.status() === 200, `it is answered ${answer.status()}`);
      expect((await page.locator('h1').count()) === 1, 'it has no heading of its own');
      const unnamed = await page.evaluate(withoutName);
      expect(!unnamed.length, `fields without a label: ${unnamed.join(', ')}`);
      if (line.path.startsWith('/console')) {
        const manual = page.locator('nav a[href^="/manual/"]');
        expect((await manual.count()) === 1, 'it does not lead to the manual');
      }
    });
    await examine(page, name, lang);
    for (const link of await page.locator('a[href]').evaluateAll(hrefs)) {
      const to = pattern(link.split('?')[0]);
      if (!to || known.has(to.path) || known.has(link)) continue;
      known.add(to.path);
      todo.push(link);
    }
  }
  await context.close();
}

/// The addresses of this site that links lead to, without what follows the sign #.
function hrefs(links) {
  const own = links.filter((a) => a.origin === location.origin);
  return own.map((a) => a.pathname + a.search);
}

/// Fields that nothing names.
function withoutName() {
  const fields = 'main :is(input:not([type=hidden]), select, textarea)';
  return [...document.querySelectorAll(fields)]
    .filter((e) => !e.labels?.length && !e.getAttribute('aria-label'))
    .map((e) => e.name || e.id || e.tagName);
}
