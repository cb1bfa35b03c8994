// The consoles at work, a role each: the navigation, one case, an office, a run of cards; the nation's
// picture of its provinces; a sheet imported by a clerk.

import { check, examine, open, twoAtOnce } from './checks.mjs';
import { invented } from './house.mjs';
import { sentences } from './locale.mjs';
import { oneRun } from './runs.mjs';

const LANGUAGES = ['zh-CN', 'en'];

export async function consoles(all, browser) {
  // Offices are at work in a province; the nation only follows.
  const site = { ...all, url: all.provinces[0].url };
  const clerk = site.accounts.find((a) => a.role === 'institution_clerk');
  await twoAtOnce([
    ...oneOfEach(site).map((account) => () => desk(site, browser, account)),
    () => nation(all, browser),
    () => sheets(site, browser, clerk, false),
    () => sheets(site, browser, clerk, true),
  ]);
}

/// The first account of each role: the second institution has the same pages as the first.
export function oneOfEach(site) {
  const here = site.accounts.filter((a) => a.url.startsWith(`${site.url}/`));
  return here.filter((a) => here.find((b) => b.role === a.role) === a);
}

/// The nation sees all provinces side by side, and no case.
async function nation(all, browser) {
  const site = { ...all, url: all.nation.url };
  const account = site.accounts.find(
    (a) => a.role === 'audit_admin' && a.url.startsWith(`${site.url}/`),
  );
  const { context, page } = await signIn(site, browser, account);
  for (const lang of LANGUAGES) {
    await page.goto(`${site.url}/lang/${lang}`);
    const name = `nation · bottlenecks · ${lang}`;
    await check(name, async (expect) => {
      // What the feeds bring is learnt every ten seconds.
      const all = page.locator('main svg:visible').first();
      for (let tries = 0; tries < 20; tries++) {
        await page.goto(`${site.url}/console/bottlenecks`);
        if (((await all.textContent()) ?? '').includes('西示例省')) break;
        await page.waitForTimeout(1500);
      }
      for (const { name: province } of site.provinces) {
        expect((await all.textContent()).includes(province), `${province} is not in the picture`);
        const row = page.locator('main tbody tr', { hasText: province });
        expect((await row.count()) > 0, `${province} is in no table`);
      }
      expect(!(await page.locator('main a[href*="/console/cases"]').count()), 'a case is shown');
    });
    await examine(page, name, lang);
  }
  await context.close();
}

/// Gives the code of the second factor, where the role has one: a demonstration tells it.
export async function comeIn(page) {
  await page.waitForURL((url) => ['/console', '/login/code'].includes(url.pathname));
  for (let tries = 0; page.url().endsWith('/login/code') && tries < 5; tries++) {
    const code = page.locator('#demo-code');
    while (!(await code.count())) {
      await page.waitForTimeout(2000);
      await page.reload();
    }
    await page.locator('#code').fill((await code.innerText()).trim());
    await page.locator('main form[action="/login/code"] button').click();
    await page.waitForLoadState('load');
  }
  await page.waitForURL('**/console');
}

/// Who was signed in before, by node and login: a code of the second factor counts once in half a
/// minute, so nobody signs in twice for nothing.
const kept = new Map();

/// A browser in which an officer is signed in.
export async function signIn(site, browser, { user, password }, script = true) {
  const who = `${site.url} ${user}`;
  const context = await browser.newContext({
    locale: 'zh-CN',
    javaScriptEnabled: script,
    storageState: kept.get(who),
  });
  const page = await open(context, script);
  page.watch(site.samples.flatMap((s) => [s.doc_number, s.name]));
  if (kept.has(who)) {
    await page.goto(`${site.url}/console`);
    return { context, page };
  }
  await page.goto(`${site.url}/login`);
  await page.locator('#user').fill(user);
  await page.locator('#password').fill(password);
  await page.locator('main button').click();
  await comeIn(page);
  kept.set(who, await context.storageState());
  return { context, page };
}

/// What a role's pages are used for; every page is looked at in every.mjs.
async function desk(site, browser, account) {
  const { context, page } = await signIn(site, browser, account);
  await check(`${account.role} · wrong password`, async (expect) => {
    const other = await browser.newContext({ locale: 'zh-CN' });
    const form = await open(other);
    await form.goto(`${site.url}/login`);
    await form.locator('#user').fill(account.user);
    await form.locator('#password').fill('not this one');
    await form.locator('main button').click();
    await form.locator('.wrong').waitFor();
    const kept = await form.locator('#user').inputValue();
    expect(kept === account.user, 'the login is not kept');
    expect((await form.locator('#password').inputValue()) === '', 'the password is kept');
    if (account.role === 'audit_admin') await examine(form, 'wrong password', 'zh-CN');
    await other.close();
  });
  const links = await page.locator('nav a[href^="/console"]').evaluateAll((all) =>
    all.map((e) => e.getAttribute('href')),
  );
  for (const path of links) {
    await check(`${account.role} · ${path} · where one is`, async (expect) => {
      await page.goto(site.url + path);
      const here = page.locator('nav [aria-current=page]');
      expect((await here.getAttribute('href')) === path, 'the navigation does not say where');
    });
  }
  for (const lang of LANGUAGES) {
    await page.goto(`${site.url}/lang/${lang}`);
    await oneCase(page, site, account, lang);
    if (account.role === 'system_admin') await office(page, site, lang);
    if (account.role === 'issuer') await oneRun(page, site, lang);
  }
  await context.close();
}

/// A case that waits for this role, with what the role may do to it.
async function oneCase(page, site, account, lang) {
  if (!(await page.locator('nav a[href="/console/cases"]').count())) return;
  await page.goto(`${site.url}/console/cases`);
  const name = `${account.role} · case · ${lang}`;
  await check(name, async (expect) => {
    await page.locator('td a').first().click();
    await page.waitForURL('**/console/cases/*');
    expect((await page.locator('form .act button').count()) > 0, 'there is nothing to do');
    expect((await page.locator('table tbody tr').count()) > 0, 'the case has no story');
  });
  await examine(page, name, lang);
  await page.locator('.lead a[href$="/materials"]').click();
  await page.waitForURL('**/materials');
  await check(`${account.role} · materials · ${lang}`, async (expect) => {
    expect((await page.locator('tbody th').count()) > 0, 'the law asks for nothing');
  });
  await examine(page, `${account.role} · materials · ${lang}`, lang);
}

/// A mistake in the directory's form keeps what was typed.
async function office(page, site, lang) {
  const name = `system_admin · office with a mistake · ${lang}`;
  await page.goto(`${site.url}/console/offices`);
  await check(name, async (expect) => {
    await page.locator('#code').fill('910199');
    await page.locator('#name').fill('示例市第三考试站');
    await page.locator('#telephone').fill('000-0000000');
    await page.locator('form:has(#code) button').click();
    await page.locator('.wrong').waitFor();
    const kept = await page.locator('#name').inputValue();
    expect(kept === '示例市第三考试站', `the name is now ${kept}`);
  });
  await examine(page, name, lang);
  await page.goto(`${site.url}/console/offices`);
  await page.locator('td a').last().click();
  await check(`system_admin · one office · ${lang}`, async (expect) => {
    expect((await page.locator('input[name=item]').count()) > 50, 'the catalogue is not there');
    expect((await page.locator('button[value=suspend]').count()) === 1, 'it cannot be suspended');
  });
  await examine(page, `system_admin · one office · ${lang}`, lang);
}

const HEADER = '姓名,性别,证件类型,证件号码,准操项目,申请类型,考试日期,理论成绩,实操成绩,准考证号';
const line = (name, number, theory, ticket) =>
  `${name},女,身份证,${number},低压电工作业,初领,2026-11-02,${theory},85,${ticket}`;

/// A sheet with a bad row is shown first, can be had with its faults marked, and its good row is
/// taken when the clerk says so; the same sheet again changes nothing.
async function sheets(site, browser, clerk, script) {
  const way = script ? 'script' : 'no script';
  const { context, page } = await signIn(site, browser, clerk, script);
  const say = sentences('zh-CN');
  const serial = script ? 102 : 104;
  const sheet = [
    HEADER,
    line('甲示例', invented(serial), 90, `X${serial}`),
    line('乙示例', '990000199001011234', 900, `Y${serial}`),
  ].join('\n');
  const upload = async () => {
    await page.goto(`${site.url}/console/import`);
    const file = { name: 'scores.csv', mimeType: 'text/csv', buffer: Buffer.from(`${sheet}\n`) };
    await page.locator('#sheet').setInputFiles(file);
    await page.locator('form[action="/console/import"] button').click();
    await page.locator('[role=status], [role=alert]').waitFor();
  };
  const report = () => page.locator('[role=status]').innerText();
  await check(`import with a report · ${way}`, async (expect) => {
    await upload();
    expect((await report()).includes(say('import-unconfirmed')), await report());
    expect((await page.locator('tbody tr').count()) === 1, 'one row is bad');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('form[action="/console/import/marked"] button').click(),
    ]);
    expect(download.suggestedFilename() === 'marked.csv', download.suggestedFilename());
  });
  await examine(page, `import with a report · ${way}`, 'zh-CN');
  await check(`import taken · ${way}`, async (expect) => {
    await page.locator('form[action="/console/import/take"] button').click();
    await page.locator('a.button').waitFor();
    expect((await report()).includes(say('import-done')), await report());
  });
  await examine(page, `import taken · ${way}`, 'zh-CN');
  await check(`import again · ${way}`, async (expect) => {
    await upload();
    expect((await report()).includes(say('import-already')), await report());
  });
  await context.close();
}
