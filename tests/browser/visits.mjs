// A visitor's pages: the form, its mistakes, and every kind of answer.

import { check, examine, open } from './checks.mjs';
import { anotherPicture, ask, fill, sample, send, typeCaptcha } from './house.mjs';
import { sentences } from './locale.mjs';
import { picture, when } from './when.mjs';

/// The answers, by the situation of the demonstration that leads to them.
const ANSWERS = [
  ['certificate_valid', false, found],
  ['certificate_revoked', false, revoked],
  ['certificate_revoked', true, revokedWithGround],
  ['safety_management', false, found],
  ['management_to_extend', false, found],
  ['management_extending', false, foundAndRunning],
  ['management_extended', false, found],
  ['certificate_and_case', false, foundAndRunning],
  ['accepted', false, inProgress],
  ['returned', true, returned],
  ['heard', true, heard],
  ['heard', false, withoutDeadlines],
  ['unknown', false, notFound],
  ['awaiting_sync', false, awaitingSync],
  ['issued_not_yet_national', false, inProgress],
  ['details_mismatch', true, mismatch],
  ['not_passed', true, notPassed],
];
/// The causes that what is added makes certain, and the reason that is told.
const NARROWED = [
  ['too_early', 'within_usual'],
  ['institution_problem', 'session_overdue'],
  ['awaiting_sync', 'copy_ends_before'],
];
const STAGES = ['scoring', 'qualification', 'making', 'sync'];
/// The other words a card can carry; they look alike, so that one pass is enough.
const STATUSES = ['taken_over_expired', 'taken_over_lapsed', 'certificate_suspended'];

export async function visits(site, browser, lang, script) {
  const context = await browser.newContext({ locale: lang, javaScriptEnabled: script });
  const page = await open(context, script);
  const at = { site, page, lang, script, say: sentences(lang) };
  at.name = (what) => `${what} · ${lang} · ${script ? 'script' : 'no script'}`;
  at.everybody = site.samples.flatMap((s) => [s.doc_number, s.name, s.ticket]);
  page.watch(at.everybody);
  for (const path of ['/', '/query', '/offices', '/feeds', '/login', '/no-such-page']) {
    await page.goto(site.url + path);
    await examine(page, at.name(path), lang, at.everybody);
  }
  await keyboard(at);
  await switching(at);
  for (const [situation, ticket, looks] of ANSWERS) await answer(at, situation, ticket, looks);
  for (const [situation, reason] of NARROWED) await narrowed(at, situation, reason);
  if (script) {
    for (const situation of [...STATUSES, 'certificate_cancelled']) {
      await answer(at, situation, false, ended);
    }
  }
  await when(at);
  await wrongCaptcha(at);
  await slips(at);
  await again(at);
  await context.close();
}

async function answer(at, situation, withTicket, looks) {
  const who = sample(at.site, situation);
  const name = at.name(situation + (withTicket ? ' with ticket' : ''));
  await check(name, async (expect) => {
    const status = await ask(at.page, at.site, who, withTicket);
    expect(status === 200, `the answer was ${status}`);
    const key = `verdict-${who.verdict.replaceAll('_', '-')}`;
    const heading = await at.page.locator('h1').innerText();
    expect(heading === at.say(key), `the heading says ${heading}`);
    await looks(at, who, expect);
  });
  await examine(at.page, name, at.lang, at.everybody);
}

async function card(at, who, expect, status) {
  const card = at.page.locator(`.card.${who.category}.${status}`);
  expect((await card.count()) === 1, `there is no card of ${who.category}, ${status}`);
  const text = await card.innerText();
  const number = (who.category === 'special_operation' ? 'T' : '') + who.doc_number;
  for (const part of [number, who.name, at.say('specimen'), at.say(`status-${status}`)]) {
    expect(text.includes(part), `the card does not say ${part}`);
  }
  expect(/\d{4}-\d\d-\d\d – \d{4}-\d\d-\d\d/.test(text), 'the card has no term');
  // Not by colour alone: the word stands there, with a sign of its own shape, and a sentence.
  const mark = card.locator('.status');
  expect((await mark.locator('svg').count()) === 1, 'the status has no sign');
  expect((await mark.innerText()).includes(at.say(`status-say-${status}`)), 'nor its sentence');
  const rim = await card.evaluate((e) => getComputedStyle(e).borderTopStyle);
  expect((rim === 'solid') === (status === 'valid'), `the rim is ${rim}`);
  const watermark = card.locator('.face');
  const drawn = await watermark.evaluate((e) => getComputedStyle(e, '::before').content);
  expect(drawn.includes('SPECIMEN'), 'SPECIMEN does not lie across the card');
}

async function found(at, who, expect) {
  await card(at, who, expect, 'valid');
}

async function revoked(at, who, expect) {
  await card(at, who, expect, 'revoked');
  const tone = await at.page.locator('.verdict').getAttribute('class');
  expect(tone.includes('attention'), 'a tick stands over a revoked certificate');
  const ground = at.page.locator('.card dt', { hasText: at.say('card-ground') });
  expect((await ground.count()) === 0, 'the ground is told without the ticket');
}

async function revokedWithGround(at, who, expect) {
  await card(at, who, expect, 'revoked');
  const ground = at.page.locator('.card dt', { hasText: at.say('card-ground') });
  expect((await ground.count()) === 1, 'the ground is not told');
}

async function ended(at, who, expect) {
  await card(at, who, expect, who.situation.replace(/^taken_over_|^certificate_/, ''));
}

async function foundAndRunning(at, who, expect) {
  await card(at, who, expect, 'valid');
  expect((await at.page.locator('.timeline').count()) === 1, 'there is no timeline');
}

async function inProgress(at, who, expect) {
  const stages = at.page.locator('.timeline li');
  const places = await stages.evaluateAll((all) => all.map((e) => e.className));
  const here = STAGES.indexOf(who.stage);
  const wanted = STAGES.map((_, n) => (n < here ? 'done' : n === here ? 'now' : 'ahead'));
  expect(places.join() === wanted.join(), `the stages are ${places}`);
  const now = at.page.locator('.timeline [aria-current=step]');
  const text = await now.innerText();
  for (const part of [at.say(`stage-${who.stage}`), at.say('place-now')]) {
    expect(text.includes(part), `the present stage does not say ${part}`);
  }
  expect(/\d{4}-\d\d-\d\d/.test(text), 'nor since when');
  await picture(at, at.page.locator('section.progress .expected'), expect);
  for (const key of ['progress-holder', 'progress-due', 'progress-next']) {
    const said = at.page.locator(`dt:text-is("${at.say(key)}") + dd`);
    expect((await said.innerText()).trim() !== '', `${key} is empty`);
  }
}

async function returned(at, who, expect) {
  const list = at.page.locator(`dt:text-is("${at.say('details-missing')}") + dd li`);
  expect((await list.count()) === 2, 'what is missing is not listed');
}

/// Each limit of the law, and the decision's that stands still while somebody is heard.
async function heard(at, who, expect) {
  const deadlines = at.page.locator('ul.deadlines li');
  expect((await deadlines.count()) === 4, 'four limits are at work');
  const paused = at.page.locator('ul.deadlines li.paused');
  const words = [await paused.innerText(), await deadlines.last().innerText()];
  expect(words[0].includes(at.say('duty-decide')), `what stands still is ${words[0]}`);
  expect(words[1].includes(at.say('procedure-hearing')), `the last is ${words[1]}`);
  const quoted = at.page.locator('ul.deadlines q');
  expect((await quoted.count()) === 4, 'an article is not quoted');
}

/// Without the ticket none of it is told.
async function withoutDeadlines(at, who, expect) {
  const page = await at.page.locator('main').innerText();
  // The last day of a stage is public; what limits are at work in it is not.
  expect((await at.page.locator('ul.deadlines').count()) === 0, 'the public is told of the limits');
  expect(!page.includes(at.say('procedure-hearing')), 'the public is told of the hearing');
}

/// A miss while a copy is old: the cause is among the others, and whose copy it is stands below.
async function awaitingSync(at, who, expect) {
  await notFound(at, who, expect);
  const causes = await at.page.locator('ol.causes').innerText();
  expect(causes.includes(at.say('cause-awaiting-sync')), 'awaiting sync is not among the causes');
  const feeds = at.page.locator('section.feeds li');
  expect((await feeds.count()) >= 1, 'no copy is told to be old');
  const local = await feeds.first().locator('a').getAttribute('href');
  expect(at.site.provinces.some((p) => local === `${p.url}/query`), `the local query is ${local}`);
}

async function notFound(at, who, expect) {
  const causes = at.page.locator('ol.causes > li');
  expect((await causes.count()) >= 4, `there are ${await causes.count()} causes`);
  for (const text of await causes.allInnerTexts()) {
    expect(text.includes(at.say('cause-do')), `what to do is missing: ${text}`);
  }
  const asked = await at.page.locator('.asked').innerText();
  expect(asked.includes(who.doc_number), 'what was typed is not there to compare');
}

async function mismatch(at, who, expect) {
  const causes = await at.page.locator('ol.causes > li h2').allInnerTexts();
  expect(causes.join() === at.say('cause-mismatch-fact'), `the causes are ${causes}`);
}

/// With the ticket the case itself says which cause it is.
async function notPassed(at, who, expect) {
  const card = at.page.locator('section.progress');
  const said = (await card.innerText()).includes(at.say('cause-not-passed-or-not-eligible'));
  expect(said, 'the cause is not told');
  await call(at, card, expect);
}

/// What is read out on the telephone: a time, a code, and nothing about the person.
async function call(at, place, expect) {
  const details = place.locator('details.call').first();
  await details.locator('summary').click();
  const text = await details.locator('blockquote').innerText();
  expect(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/.test(text), `it has no time: ${text}`);
  expect(/[a-z_]+ \/ [a-z_]+/.test(text), `it has no code: ${text}`);
  const personal = at.everybody.filter((value) => value && text.includes(value));
  expect(personal.length === 0, `it names ${personal}`);
}

/// The miss first; then what is known of the exam is added, without typing anything again.
async function narrowed(at, situation, reason) {
  const { site, page, name, say } = at;
  const who = sample(site, situation);
  await check(name(`${situation}, narrowed down`), async (expect) => {
    const status = await ask(page, site, who);
    expect(status === 200, `the answer was ${status}`);
    await page.locator('#exam_day').fill(who.add.exam_day);
    if (who.add.institution) await page.locator('#institution').fill(who.add.institution);
    await page.locator('#province').selectOption(who.add.province);
    const [answer] = await Promise.all([
      page.waitForResponse((r) => r.url().endsWith('/query/narrow')),
      page.locator('#narrow').click(),
    ]);
    await page.waitForLoadState('load');
    expect(answer.status() === 200, `the answer was ${answer.status()}`);
    const code = `${who.cause} / ${reason}`;
    const cause = page.locator('ol.causes > li.certain', { hasText: code });
    expect((await cause.count()) === 1, 'the cause is not certain');
    await call(at, cause, expect);
    const weight = await cause.locator('.weight').innerText();
    expect(weight === say('certainty-certain'), `it is called ${weight}`);
    const weights = await page
      .locator('ol.causes > li')
      .evaluateAll((all) => all.map((e) => ['certain', 'possible', 'ruled-out'].indexOf(e.className)));
    expect(weights.join() === weights.toSorted().join(), `the order is ${weights}`);
    const day = await page.locator('#exam_day').inputValue();
    expect(day === who.add.exam_day, `the day is now ${day}`);
  });
  await examine(page, name(`${situation}, narrowed down`), at.lang, at.everybody);
}

/// The first key leads past the navigation.
async function keyboard({ site, page, name, say }) {
  await check(name('keyboard'), async (expect) => {
    await page.goto(`${site.url}/query`);
    await page.keyboard.press('Tab');
    const skip = page.locator(':focus');
    expect((await skip.innerText()) === say('skip'), 'the first stop does not skip');
    expect((await skip.boundingBox()).x >= 0, 'the link that skips is not seen');
    const ring = await skip.evaluate((e) => getComputedStyle(e).outlineWidth);
    expect(parseFloat(ring) >= 3, `the ring round the focus is ${ring}`);
  });
}

/// The language changes and the page stays.
async function switching({ site, page, lang, name }) {
  await check(name('switch of language'), async (expect) => {
    for (const path of ['/login', '/']) {
      await page.goto(site.url + path);
      await page.locator('.tongue').click();
      const other = await page.locator('html').getAttribute('lang');
      expect(other !== lang, `the language is still ${other}`);
      expect(page.url() === site.url + path, `the page is ${page.url()}`);
      await page.locator('.tongue').click();
    }
  });
}

/// What was typed is still there, and beside the field stands what is wrong with it.
async function kept(page, who, expect) {
  for (const [field, value] of [
    ['#doc_number', who.doc_number],
    ['#name', who.name],
    ['#doc_type', who.doc_type],
  ]) {
    const now = await page.locator(field).inputValue();
    expect(now === value, `${field} holds ${now}`);
  }
  const category = page.locator(`input[value=${who.category}]`);
  expect(await category.isChecked(), 'the category is another');
}

async function beside(page, field, expect) {
  const mistake = page.locator(`#${field}-wrong`);
  expect(await mistake.isVisible(), `nothing stands beside ${field}`);
  const input = page.locator(`#${field}`);
  expect((await input.getAttribute('aria-invalid')) === 'true', `${field} is not marked`);
  const described = (await input.getAttribute('aria-describedby')) ?? '';
  expect(described.includes(`${field}-wrong`), `${field} is not described by it`);
  const link = page.locator(`.wrong a[href="#${field}"]`);
  expect((await link.count()) === 1, `the summary does not lead to ${field}`);
}

const challenge = (page) => page.locator('input[name=captcha_id]').inputValue();

async function wrongCaptcha(at) {
  const { site, page, script } = at;
  const who = sample(site, 'safety_management');
  await check(at.name('wrong captcha'), async (expect) => {
    await page.goto(`${site.url}/query`);
    await fill(page, who);
    const before = await challenge(page);
    // No captcha has a Z.
    await page.locator('#captcha').fill('ZZZZZ');
    const status = await send(page);
    expect(status === 403, `the answer was ${status}`);
    await beside(page, 'captcha', expect);
    await kept(page, who, expect);
    expect((await challenge(page)) !== before, 'the picture was not used up');
    expect((await page.locator('#captcha').inputValue()) === '', 'the wrong answer is kept');
    if (script) {
      const focus = await page.locator(':focus').getAttribute('class');
      expect(focus === 'wrong', 'the summary has not the focus');
    }
  });
  await examine(page, at.name('wrong captcha'), at.lang, at.everybody);
}

/// A slip in a field does not cost the picture that was read rightly.
async function slips(at) {
  const { site, page } = at;
  const who = sample(site, 'certificate_valid');
  const slip = { ...who, doc_number: `${who.doc_number.slice(0, -1)}9`, name: `${who.name}3` };
  await check(at.name('slips'), async (expect) => {
    let status = 403;
    for (let tries = 0; status === 403 && tries < 8; tries++) {
      await page.goto(`${site.url}/query`);
      await fill(page, slip);
      const typed = await typeCaptcha(page);
      const before = await challenge(page);
      status = await send(page);
      expect(status === 422, `the slips were answered ${status}`);
      await beside(page, 'doc_number', expect);
      await beside(page, 'name', expect);
      await kept(page, slip, expect);
      expect((await challenge(page)) === before, 'the captcha was spent');
      expect((await page.locator('#captcha').inputValue()) === typed, 'nor is it kept');
      if (tries === 0) await examine(page, at.name('slips'), at.lang, at.everybody);
      await page.locator('#doc_number').fill(who.doc_number);
      await page.locator('#name').fill(who.name);
      status = await send(page);
    }
    expect(status === 200, `the corrected form was answered ${status}`);
  });
}

async function again(at) {
  const { site, page } = at;
  const who = sample(site, 'accepted');
  await check(at.name('another picture'), async (expect) => {
    await page.goto(`${site.url}/query`);
    await fill(page, who);
    const before = await challenge(page);
    await anotherPicture(page);
    expect((await challenge(page)) !== before, 'the picture is the same');
    await kept(page, who, expect);
    expect((await page.locator('.mistake').count()) === 0, 'it is called a mistake');
  });
}
