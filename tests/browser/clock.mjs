// The demonstration's clock: a certificate that the nation does not have yet is there after the slot.
// It comes last: what was told of the other people is another on another day.

import { check, examine, open } from './checks.mjs';
import { ask, sample } from './house.mjs';
import { sentences } from './locale.mjs';

export async function moving(site, browser) {
  const lang = 'en';
  const say = sentences(lang);
  const context = await browser.newContext({ locale: lang });
  const page = await open(context, true);
  const everybody = site.samples.flatMap((s) => [s.doc_number, s.name, s.ticket]);
  page.watch(everybody);
  const who = sample(site, 'issued_not_yet_national');
  await check('nation and province were compared', async (expect) => {
    await page.goto(`${site.url}/feeds`);
    const results = page.locator('ul.compared > li');
    expect((await results.count()) === site.provinces.length, 'not every province is listed');
    const same = page.locator('ul.compared .same');
    for (let tries = 0; (await same.count()) < 3 && tries < 30; tries++) {
      await new Promise((later) => setTimeout(later, 1000));
      await page.reload();
    }
    expect((await same.count()) === 3, `they say ${await results.allInnerTexts()}`);
  });
  await examine(page, 'the comparisons', lang, everybody);
  let province;
  await check('a case told from a copy says when it goes on', async (expect) => {
    expect((await ask(page, site, who, false)) === 200, 'no answer');
    const heading = await page.locator('h1').innerText();
    expect(heading === say('verdict-in-progress'), `the heading says ${heading}`);
    const told = await page.locator('.progress .sync dd').innerText();
    province = site.provinces.find((p) => told.includes(p.name));
    expect(province && province.schedule !== 'streaming', `it says ${told}`);
    expect(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*\d{4}-\d\d-\d\d 02:00:00/.test(told), `it says ${told}`);
  });
  await check('the clock moves on to the slot, and the certificate is there', async (expect) => {
    const clock = page.locator('details.clock');
    const before = await clock.locator('summary').innerText();
    await clock.locator('summary').click();
    await examine(page, 'the open clock', lang, everybody);
    await clock.locator(`button[value="${province.code}"]`).click();
    await page.waitForURL(/\/query$/);
    const after = await page.locator('details.clock summary').innerText();
    expect(after > before, `the clock says ${after}, and said ${before}`);
    expect((await ask(page, site, who, false)) === 200, 'no answer');
    const heading = await page.locator('h1').innerText();
    expect(heading === say('verdict-found'), `the heading says ${heading}`);
    await page.goto(`${site.url}/feeds`);
    const states = await page.locator('table tbody td:nth-child(2)').allInnerTexts();
    const current = say('feed-state-current');
    expect(states.every((state) => state === current), `the feeds are ${states}`);
    const other = await context.newPage();
    await other.goto(`${province.url}/feeds`);
    const there = await other.locator('details.clock summary').innerText();
    expect(there.slice(0, -8) === after.slice(0, -8), `the province's clock says ${there}`);
    await other.close();
  });
  if (process.env.KECHA_PICTURES) {
    await page.screenshot({ path: `${process.env.KECHA_PICTURES}/feeds.png`, fullPage: true });
    await page.locator('details.clock summary').click();
    await page.screenshot({ path: `${process.env.KECHA_PICTURES}/clock.png` });
  }
  await context.close();
}
