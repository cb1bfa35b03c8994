// An inquiry: asked from an answer, followed with its two numbers, answered in the console.

import { check, examine, open } from './checks.mjs';
import { ask, sample, typeCaptcha } from './house.mjs';
import { sentences } from './locale.mjs';

const WORDS = '考完很久了，为什么还查不到？';

/// A visitor's whole way, in one language.
export async function inquiries(all, browser, lang, script) {
  // Asked and answered in the province; the nation says where that is.
  const site = { ...all, url: all.provinces[0].url };
  const context = await browser.newContext({ locale: lang, javaScriptEnabled: script });
  const page = await open(context, script);
  const way = `${lang} · ${script ? 'script' : 'no script'}`;
  const everybody = site.samples.flatMap((s) => [s.doc_number, s.name, s.ticket]);
  const at = { site, page, lang, way, everybody, say: sentences(lang) };
  page.watch([...everybody, ...site.inquiries.flatMap((i) => [i.reference, i.passcode])]);
  for (const path of ['/inquiry', '/inquiry/follow']) {
    await page.goto(site.url + path);
    await examine(page, `${path} · ${way}`, lang, everybody);
  }
  await elsewhere(at, all);
  await slips(at);
  await waiting(at);
  await answered(at);
  const numbers = await asked(at);
  if (script && lang === 'zh-CN' && numbers) await desk(at, browser, numbers);
  await context.close();
}

/// The nation takes no questions and names the provinces.
async function elsewhere({ page, lang, way, say }, all) {
  await check(`inquiry at the nation · ${way}`, async (expect) => {
    await page.goto(`${all.url}/inquiry`);
    const heading = await page.locator('main h2').innerText();
    expect(heading === say('inquiry-elsewhere'), `the heading says ${heading}`);
    const links = await page.locator('main section a').count();
    expect(links === all.provinces.length, `${links} provinces are named`);
  });
  await examine(page, `inquiry at the nation · ${way}`, lang);
}

/// What is wrong is led to, and what was typed is kept.
async function slips({ site, page, lang, way, say }) {
  await check(`inquiry with mistakes · ${way}`, async (expect) => {
    await page.goto(`${site.url}/inquiry`);
    await page.locator('input[name=subject][value=details]').check();
    await page.locator('#words').fill(WORDS);
    await page.locator('#doc_number').fill('123');
    await page.locator('#captcha').fill('AAAAA');
    await page.locator('#send').click();
    await page.locator('.wrong').waitFor();
    const told = await page.locator('.wrong').innerText();
    expect(told.includes(say('field-id-length')), told);
    expect((await page.locator('#words').inputValue()) === WORDS, 'the words are not kept');
  });
  await examine(page, `inquiry with mistakes · ${way}`, lang);
  await check(`inquiry unknown · ${way}`, async (expect) => {
    await follow(page, site, '0000-0000-00000', '');
    const told = await page.locator('.wrong').innerText();
    expect(told.includes(say('field-reference-unknown')), told);
  });
  await examine(page, `inquiry unknown · ${way}`, lang);
}

async function follow(page, site, reference, passcode) {
  await page.goto(`${site.url}/inquiry/follow`);
  await page.locator('#reference').fill(reference);
  await page.locator('#passcode').fill(passcode);
  await page.locator('#look').click();
  await page.waitForLoadState('load');
}

/// The reference alone tells state and dates.
async function waiting({ site, page, lang, way, say }) {
  const { reference } = site.inquiries.find((i) => i.subject === 'delay');
  await check(`inquiry waiting · ${way}`, async (expect) => {
    await follow(page, site, reference, '');
    const text = await page.locator('main').innerText();
    for (const key of ['inquiry-state-asked', 'inquiry-overdue', 'follow-sealed']) {
      expect(text.includes(say(key)), `the page does not say ${key}`);
    }
    expect((await page.locator('blockquote').count()) === 0, 'the words are told');
  });
  await examine(page, `inquiry waiting · ${way}`, lang);
}

/// With the passcode the answer is read, and something may be asked back.
async function answered({ site, page, lang, way, say }) {
  const { reference, passcode } = site.inquiries.find((i) => i.subject === 'details');
  await check(`inquiry answered · ${way}`, async (expect) => {
    await follow(page, site, reference.toLowerCase(), passcode);
    const text = await page.locator('main').innerText();
    expect(text.includes(say('inquiry-state-answered')), text);
    expect((await page.locator('blockquote').count()) === 2, 'question and answer are told');
    expect((await page.locator('form[action="/inquiry/again"]').count()) === 1, 'no asking back');
  });
  await examine(page, `inquiry answered · ${way}`, lang);
}

/// From the answer of a case to the two numbers.
async function asked({ site, page, lang, way, everybody, say }) {
  const who = sample(site, 'reported');
  let numbers;
  await check(`inquiry from an answer · ${way}`, async (expect) => {
    await ask(page, site, who);
    await page.locator('.inquire button').click();
    await page.locator('#words').waitFor();
    const text = await page.locator('main').innerText();
    expect(text.includes(say('inquiry-attached-case')), 'the case is not attached');
    expect(!text.includes(who.doc_number), 'the number is shown whole');
    expect((await page.locator('#doc_number').count()) === 0, 'the number is asked again');
  });
  await examine(page, `inquiry from an answer · ${way}`, lang, everybody);
  await check(`inquiry sent · ${way}`, async (expect) => {
    // Another way to be reached each time: the same again would be the same inquiry.
    await page.locator('#contact').fill(way);
    for (let tries = 0; tries < 8; tries++) {
      await page.locator('input[name=subject][value=delay]').check();
      await page.locator('#words').fill(WORDS);
      await typeCaptcha(page);
      await page.locator('#send').click();
      await page.waitForLoadState('load');
      if (await page.locator('dd#reference').count()) break;
    }
    const [reference, passcode] = await Promise.all(
      ['dd#reference', 'dd#passcode'].map((id) => page.locator(id).innerText()),
    );
    expect(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}$/.test(reference), reference);
    expect(/^[0-9A-Z]{4}-[0-9A-Z]{5}$/.test(passcode), passcode);
    numbers = { reference, passcode };
  });
  await examine(page, `inquiry sent · ${way}`, lang, everybody);
  return numbers;
}

/// The acceptance officer answers what was just asked; the visitor reads it.
async function desk({ site, page, lang, way, say }, browser, { reference, passcode }) {
  const account = site.accounts.find((a) => a.role === 'acceptance_officer');
  const context = await browser.newContext({ locale: lang });
  const officer = await open(context);
  await check('inquiry answered at the desk', async (expect) => {
    await officer.goto(`${site.url}/login`);
    await officer.locator('#user').fill(account.user);
    await officer.locator('#password').fill(account.password);
    await officer.locator('main button').click();
    await officer.waitForURL('**/console');
    await officer.locator('main a[href="/console/inquiries"]').click();
    await officer.waitForURL('**/console/inquiries');
    const first = await officer.locator('tbody tr').first().innerText();
    expect(first.includes(say('inquiry-overdue')), `the first one is not overdue: ${first}`);
    await officer.locator('td a', { hasText: reference }).click();
    await officer.waitForURL('**/console/inquiries/*');
    const cases = await officer.locator('a[href^="/console/cases/"]').count();
    expect(cases === 1, `${cases} cases are named`);
  });
  await examine(officer, 'inquiry at the desk', lang);
  await check('inquiry answered and read', async (expect) => {
    await officer.locator('#answer').fill('材料齐全，正在审查。');
    await officer.locator('button[value=answer]').click();
    await officer.waitForURL('**/console/inquiries');
    await follow(page, site, reference, passcode);
    const text = await page.locator('main').innerText();
    expect(text.includes('材料齐全，正在审查。'), `the answer is not told · ${way}`);
  });
  await context.close();
}
