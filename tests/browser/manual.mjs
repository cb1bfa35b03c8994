// The three manuals, walked through on a demonstration of their own: `node manual.mjs [OFFICE...]`.
// With KECHA_MANUAL, a folder, their pictures are taken; scripts/manual does that.

import { verdict } from './checks.mjs';
import { withHouse } from './house.mjs';
import { authority } from './manual/authority.mjs';
import { institution } from './manual/institution.mjs';
import { nation } from './manual/nation.mjs';
import { Walk, goThrough } from './walk.mjs';

/// Which office works at which node, and its steps.
const BOOKS = {
  institution: [(site) => site.provinces[0], institution],
  authority: [(site) => site.provinces[0], authority],
  nation: [(site) => site.nation, nation],
};

/// Goes through the books that are asked for, or all.
export async function manuals(site, browser, asked = Object.keys(BOOKS)) {
  for (const office of asked) {
    const [place, steps] = BOOKS[office];
    await goThrough(new Walk(site, browser, place(site)), steps);
  }
}

if (process.argv[1]?.endsWith('manual.mjs')) {
  const asked = process.argv.slice(2);
  await withHouse((site, browser) => manuals(site, browser, asked.length ? asked : undefined));
  process.exitCode = verdict();
}
