// An officer who has never seen it: from the page of the sign-in to a decided case in under ten
// clicks, one case and several at once; and the same without a mouse, with scripts and without.

import { check, open } from './checks.mjs';
import { sentences } from './locale.mjs';

const say = sentences('zh-CN');
const MOST = 9;
/// So many presses of the tab key reach any place of a page of fifty lines.
const STOPS = 250;
/// While somebody is heard nothing is decided: the cases that no procedure holds up.
const HELD = ['procedure-hearing', 'procedure-inspection', 'procedure-expert-review'];
const OTHERS = HELD.map((key) => `:not(:has-text("${say(key)}"))`).join('');
const ROW = `#queue tbody tr${OTHERS}`;
const FREE = `${ROW} td a`;

/// Who decides what: login, act, and the state that follows.
const ACTS = [
  ['accept', 'accept', 'accepted'],
  ['review', 'review', 'reviewed'],
  ['approve', 'approve', 'approved'],
];

/// `asked` are acts: what one waits for its codes, another may use.
export async function clicks(all, browser, asked) {
  const site = { ...all, url: all.provinces[0].url };
  for (const [user, act, state] of ACTS.filter(([, act]) => asked.includes(act))) {
    const account = site.accounts.find((a) => a.user === user && a.url.startsWith(site.url));
    await byMouse(site, browser, account, [act, state], false);
    await byMouse(site, browser, account, [act, state], true);
    await byKeys(site, browser, account, [act, state], true);
    await byKeys(site, browser, account, [act, state], false);
  }
}

/// Counts what is clicked; what is typed is typed where the page has put the cursor, or clicked.
async function byMouse(site, browser, account, [act, state], many) {
  const context = await browser.newContext({ locale: 'zh-CN' });
  const page = await open(context);
  let clicked = 0;
  const click = async (part) => {
    clicked++;
    await part.click();
  };
  /// A click that leads to another page.
  const go = (part) => Promise.all([page.waitForEvent('load'), click(part)]);
  const type = async (field, words) => {
    const here = await page.locator(field).evaluate((e) => e === document.activeElement);
    if (!here) await click(page.locator(field));
    await page.keyboard.type(words);
  };
  await check(`${act} · ${many ? 'several' : 'one'} by mouse in under ten clicks`, async (expect) => {
    await page.goto(`${site.url}/login`);
    await type('#user', account.user);
    await type('#password', account.password);
    await go(page.locator('main form button').first());
    await giveCode(page, async (code) => {
      await type('#code', code);
      await go(page.locator('main form[action="/login/code"] button'));
    });
    // The first of what waits is what an officer takes.
    await go(page.locator('ul.ways a').first());
    if (many) {
      for (const at of [-1, -2]) await click(page.locator(`${ROW} input[name=case]`).nth(at));
      await go(page.locator(`button[name=command][value=${act}]`));
      // What stands apart is ticked by whoever looked at it.
      const apart = page.locator('input[name=case]:not(:checked)');
      while (await apart.count()) await click(apart.first());
    } else {
      await go(page.locator(FREE).first());
    }
    await go(page.locator(`button[name=command][value=${act}]`));
    const told = await page.locator('main .right li').allInnerTexts();
    const done = told.filter((line) => line.includes(say(`state-${state}`)));
    expect(done.length === (many ? 2 : 1), `the page says ${told}`);
    expect(clicked <= MOST, `it took ${clicked} clicks`);
    // And one more leads to the next case, which waits for the same.
    await go(page.locator('main a.button[href^="/console/cases/"]'));
    const waits = await page.locator(`button[name=command][value=${act}]`).count();
    expect(waits === 1, 'the next case does not wait for this');
  });
  await context.close();
}

async function giveCode(page, give) {
  await page.waitForURL((url) => ['/console', '/login/code'].includes(url.pathname));
  while (page.url().endsWith('/login/code')) {
    const code = page.locator('#demo-code');
    while (!(await code.count())) {
      await page.waitForTimeout(2000);
      await page.reload();
    }
    await give((await code.innerText()).trim());
  }
}

/// Nothing but keys, from the first to the last.
async function byKeys(site, browser, account, [act, state], script) {
  const context = await browser.newContext({ locale: 'zh-CN', javaScriptEnabled: script });
  const page = await open(context, script);
  const enter = () => Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  const tabTo = async (selector) => {
    for (let stops = 0; stops < STOPS; stops++) {
      if (await page.locator(`${selector}:focus`).count()) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the tab key does not reach ${selector}`);
  };
  await check(`${act} · by keyboard alone · ${script ? 'script' : 'no script'}`, async (expect) => {
    await page.goto(`${site.url}/login`);
    await tabTo('#user');
    await page.keyboard.type(account.user);
    await tabTo('#password');
    await page.keyboard.type(account.password);
    await enter();
    await giveCode(page, async (code) => {
      await tabTo('#code');
      await page.keyboard.type(code);
      await enter();
    });
    await tabTo('ul.ways a');
    await enter();
    await page.waitForURL('**/console/cases**');
    if (script) {
      const here = page.locator(`${FREE}:focus`);
      for (let lines = 0; lines < 50 && !(await here.count()); lines++) {
        await page.keyboard.press('j');
      }
    } else {
      await tabTo(FREE);
    }
    expect((await page.locator(`${FREE}:focus`).count()) === 1, 'no line has the focus');
    await enter();
    await page.waitForURL('**/console/cases/*');
    await tabTo(`button[name=command][value=${act}]`);
    await enter();
    const heading = await page.locator('h1').innerText();
    expect(heading.startsWith(say('cases-title')), `the page is ${heading}`);
    const told = await page.locator('main .right').innerText();
    expect(told.includes(say(`state-${state}`)), `the page says ${told}`);
  });
  await context.close();
}
