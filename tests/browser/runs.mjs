// A run of cards, from what was approved to what was fetched: one click to make it, one to issue it,
// one to print it, one to hand it over.

import { check, examine } from './checks.mjs';

/// Goes the whole way in one language and looks at every page on it.
export async function oneRun(page, site, lang) {
  const name = (what) => `issuer · ${what} · ${lang}`;
  await page.goto(`${site.url}/console/runs`);
  const waiting = await page.locator('input[name=case]').count();
  await check(name('make a run'), async (expect) => {
    expect(waiting > 0, 'nothing waits in the demonstration');
    // The first alone: the others wait for the other language.
    for (const box of (await page.locator('input[name=case]').all()).slice(1)) await box.uncheck();
    await page.locator('form[method=post][action="/console/runs"] p button').click();
    await page.waitForURL('**/console/runs/*');
    expect((await page.locator('form[action$="/deliver"] tbody tr').count()) === 1, 'not one card');
  });
  await examine(page, name('a run that was made'), lang);
  await check(name('issue and print'), async (expect) => {
    await page.locator('form[action$="/issue"] button').click();
    await page.locator('form[action$="/print"] button').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('form[action$="/print"] button').click(),
    ]);
    expect(download.suggestedFilename() === 'cards.pdf', download.suggestedFilename());
    await page.reload();
    expect(!(await page.locator('form[action$="/print"]').count()), 'it can be printed again');
  });
  await examine(page, name('a run that was printed'), lang);
  const run = page.url();
  await page.goto(`${site.url}/console/cupboard`);
  await examine(page, name('the cupboard'), lang);
  await page.goto(run);
  await check(name('spoil without a reason'), async (expect) => {
    await page.locator('#line').fill('1');
    await page.locator('form[action$="/spoil"] button').click();
    await page.locator('#reason[aria-invalid=true]').waitFor();
    expect((await page.locator('#reason-wrong').count()) === 1, 'the field has no sentence');
  });
  await examine(page, name('a mistake'), lang);
  await page.goto(run);
  await check(name('hand over'), async (expect) => {
    await page.locator('form[action$="/deliver"] fieldset button').click();
    await page.waitForLoadState();
    expect(!(await page.locator('input[name=case]').count()), 'it still lies in the cupboard');
  });
  await examine(page, name('a run that is over'), lang);
}
