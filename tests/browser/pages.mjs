// The pages in a real browser: what a visitor sees in each situation, in both languages, with and
// without scripts, on a phone and at a desk; then the consoles of every role.

import { section, twoAtOnce, verdict } from './checks.mjs';
import { moving } from './clock.mjs';
import { clicks } from './clicks.mjs';
import { consoles } from './consoles.mjs';
import { every } from './every.mjs';
import { withHouse } from './house.mjs';
import { inquiries } from './inquiries.mjs';
import { manuals } from './manual.mjs';
import { takeover } from './takeover.mjs';
import { visits } from './visits.mjs';

/// Both languages, with scripts and without.
const WAYS = ['zh-CN', 'en'].flatMap((lang) => [true, false].map((script) => [lang, script]));

await withHouse(async (site, browser) => {
  const ways = (work) => twoAtOnce(WAYS.map((way) => () => work(site, browser, ...way)));
  await section('visits', () => ways(visits));
  await section('inquiries', () => ways(inquiries));
  await section('consoles', () => consoles(site, browser));
  await section('takeover', () => takeover(site, browser));
  await section('clock', () => moving(site, browser));
});
// The offices' work changes what there is, so it has a demonstration of its own.
await withHouse(async (site, browser) => {
  // While who decides waits for the next code, others work.
  const others = async () => {
    await section('clicks', () => clicks(site, browser, ['accept', 'review']));
    await section('manuals', () => manuals(site, browser, ['nation', 'institution']));
  };
  const decides = () => section('clicks of a decision', () => clicks(site, browser, ['approve']));
  await twoAtOnce([decides, others]);
  await section('manual of the authority', () => manuals(site, browser, ['authority']));
  // After it there is something on every page.
  await section('every page', () => every(site, browser));
});
process.exitCode = verdict();
