// The pages in a real browser: what a visitor sees in each situation, in both languages, with and
// without scripts, on a phone and at a desk; then the consoles of every role.

import { verdict } from './checks.mjs';
import { moving } from './clock.mjs';
import { clicks } from './clicks.mjs';
import { consoles } from './consoles.mjs';
import { every } from './every.mjs';
import { withHouse } from './house.mjs';
import { inquiries } from './inquiries.mjs';
import { manuals } from './manual.mjs';
import { takeover } from './takeover.mjs';
import { visits } from './visits.mjs';

await withHouse(async (site, browser) => {
  const both = ['zh-CN', 'en'].map(async (lang) => {
    for (const script of [true, false]) await visits(site, browser, lang, script);
  });
  await Promise.all(both);
  for (const lang of ['zh-CN', 'en']) {
    for (const script of [true, false]) await inquiries(site, browser, lang, script);
  }
  await consoles(site, browser);
  await takeover(site, browser);
  await moving(site, browser);
});
// The offices' work changes what there is, so it has a demonstration of its own.
await withHouse(async (site, browser) => {
  await clicks(site, browser);
  await manuals(site, browser);
  // After it there is something on every page.
  await every(site, browser);
});
process.exitCode = verdict();
