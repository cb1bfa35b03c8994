// The picture in the README: a certificate found, at the width of a desk.

import { statSync } from 'node:fs';
import { ask, sample, withHouse } from './house.mjs';

const LARGEST = 200_000;
const [file] = process.argv.slice(2);

await withHouse(async (site, browser) => {
  const context = await browser.newContext({
    locale: 'zh-CN',
    viewport: { width: 1280, height: 860 },
  });
  const page = await context.newPage();
  const status = await ask(page, site, sample(site, 'certificate_valid'));
  if (status !== 200) throw new Error(`the answer was ${status}`);
  await page.screenshot({ path: file });
});
const { size } = statSync(file);
if (size >= LARGEST) throw new Error(`${file} has ${size} bytes`);
console.log(`${file}: ${size} bytes`);
