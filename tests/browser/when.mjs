// The page "when": a form that is sent as an address, the answer in words and as a picture, and what
// is wrong beside its field. The same picture stands in the answer of a running case.

import { check, examine } from './checks.mjs';

/// The estimate in words, drawn for the width of the screen, with its numbers and its reasons.
export async function picture(at, place, expect) {
  expect((await place.count()) === 1, `there are ${await place.count()} estimates`);
  const says = await place.locator('.says').innerText();
  expect(/\d/.test(says) && !says.includes('when-'), `it says ${says}`);
  for (const [width, seen] of [[360, '.narrow-chart'], [1280, '.wide-chart']]) {
    await at.page.setViewportSize({ width, height: 800 });
    for (const chart of ['.narrow-chart', '.wide-chart']) {
      const shown = await place.locator(`${chart} svg`).isVisible();
      expect(shown === (chart === seen), `${chart} at ${width}: ${shown}`);
    }
    const box = await place.locator(`${seen} svg`).boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= width, `the picture leaves the page at ${width}`);
  }
  await place.locator('details summary').click();
  expect(await place.locator('table').isVisible(), 'the numbers are not shown');
  expect((await place.locator('tbody tr').count()) >= 2, 'the numbers are missing');
  expect((await place.locator('li').count()) >= 2, 'the reasons are missing');
}

/// The day so many days before today, in China.
function ago(days) {
  return new Date(Date.now() + 8 * 3600_000 - days * 86_400_000).toISOString().slice(0, 10);
}

export async function when(at) {
  const { site, page, name, lang, say, everybody } = at;
  await page.goto(`${site.url}/`);
  await page.locator('main a[href="/when"]').click();
  await examine(page, name('when'), lang, everybody);
  await check(name('when, asked'), async (expect) => {
    expect(!(await page.locator('#stage').isVisible()), 'what few know is not hidden');
    await page.locator('#exam_date').fill(ago(20));
    await page.locator('#kind').selectOption('renewal');
    await page.locator('form details summary').click();
    await page.locator('#stage').selectOption('making');
    await page.locator('#since').fill(ago(3));
    await Promise.all([page.waitForURL(/exam_date=/), page.locator('#when').click()]);
    await picture(at, page.locator('#answer .expected'), expect);
    expect((await page.locator('#kind').inputValue()) === 'renewal', 'the kind is forgotten');
    expect(await page.locator('#stage').isVisible(), 'what was given is hidden');
    const limits = page.locator('#answer h3', { hasText: say('when-limits') });
    expect((await limits.count()) === 1, 'the limits of the law are missing');
  });
  await examine(page, name('when, asked'), lang, everybody);
  await check(name('when, wrong'), async (expect) => {
    const answer = await page.goto(`${site.url}/when?exam_date=${ago(5)}&stage=making&since=${ago(9)}`);
    expect(answer.status() === 422, `the answer was ${answer.status()}`);
    const beside = await page.locator('#since-wrong').innerText();
    expect(beside === say('field-since-before-exam'), `beside the field stands ${beside}`);
    expect((await page.locator('.expected').count()) === 0, 'there is an answer all the same');
  });
  await examine(page, name('when, wrong'), lang, everybody);
}
