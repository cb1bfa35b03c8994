// A former register comes in as two officers do it, with and without scripts: uploaded, its columns
// told, checked in the background, proposed, released, taken, and a difference decided.

import { check, examine, twoAtOnce } from './checks.mjs';
import { signIn } from './consoles.mjs';
import { invented } from './house.mjs';
import { sentences } from './locale.mjs';

const say = sentences('zh-CN');

export async function takeover(all, browser) {
  const site = { ...all, url: all.provinces[0].url };
  await twoAtOnce([true, false].map((script) => () => register(site, browser, script)));
}

const line = (name, number, item, until) => `${name},${number},${item},2024/3/1,${until}`;

async function register(site, browser, script) {
  const way = script ? 'script' : 'no script';
  const number = invented(script ? 302 : 304);
  const list = [
    '姓名,身份证号,工种,证件起,有效期至',
    line('丙示例', number, '2.1', '2030-02-28'),
    line('丙示例', number, '2.1', '2031-02-28'),
    line('丁示例', '990000199001011234', '2.1', '2030-02-28'),
  ].join('\n');
  const comes = async (role) => {
    const account = site.accounts.find((a) => a.role === role);
    const { page } = await signIn(site, browser, account, script);
    page.watch([number]);
    return page;
  };
  const issuer = await comes('issuer');
  const approver = await comes('approver');
  const over = async (page) => {
    await page.locator('#task[data-over]').waitFor({ timeout: 30_000 });
    return page.locator('#task-state').innerText();
  };
  let at;
  await check(`take-over checked · ${way}`, async (expect) => {
    await issuer.goto(`${site.url}/console/takeover`);
    const file = { name: 'former.csv', mimeType: 'text/csv', buffer: Buffer.from(`${list}\n`) };
    await issuer.locator('#sheet').setInputFiles(file);
    await issuer.locator('form[action="/console/takeover"] button').click();
    await issuer.waitForURL('**/console/takeover/*');
    at = issuer.url();
    await issuer.locator('select[name="column.3"]').selectOption('valid_from');
    await issuer.locator('form[action$="/plan"] button').click();
    expect((await over(issuer)).includes(say('task-said-checked-faults')), 'the end is not told');
  });
  await examine(issuer, `take-over task · ${way}`, 'zh-CN');
  await check(`take-over proposed · ${way}`, async () => {
    await issuer.goto(at);
    await issuer.locator('form[action$="/propose"] button').click();
    await approver.goto(at);
    await approver.locator('form[action$="/release"] button').click();
    await approver.waitForURL('**/console/takeover/*');
  });
  await examine(issuer, `take-over checked page · ${way}`, 'zh-CN');
  await check(`take-over taken · ${way}`, async (expect) => {
    await issuer.goto(at);
    await issuer.locator('form[action$="/take"] button').click();
    expect((await over(issuer)).includes(say('task-said-taken')), 'the end is not told');
    await issuer.goto(at);
    const sums = await issuer.locator('section').first().locator('td.n').allInnerTexts();
    expect(sums.join(' ') === '1 0 1 1 0 3', `the page adds up ${sums}`);
  });
  await examine(issuer, `take-over batch · ${way}`, 'zh-CN');
  await approver.goto(`${at}/differences`);
  await examine(approver, `take-over differences · ${way}`, 'zh-CN');
  await check(`take-over difference decided · ${way}`, async (expect) => {
    await approver.locator('input[name=reason]').fill('以本系统为准');
    await approver.locator('button[value=ours]').click();
    await approver.waitForURL('**after=*');
    const told = await approver.locator('main section').innerText();
    expect(told.includes(say('takeover-state-ours')), told);
  });
  await issuer.context().close();
  await approver.context().close();
}
