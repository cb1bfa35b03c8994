// The day of an issuing authority: docs/manual/authority.md, picture by picture.

import { invented, sample } from '../house.mjs';
import { file, press } from '../walk.mjs';

/// A page from its first line to its last.
const [WHOLE, END] = ['main > :first-child', 'main > :last-child'];

/// The first case of a queue, opened.
async function openFirst(walk, user, queue = '') {
  const page = await walk.as(user, `/console/cases${queue}`);
  await page.locator('#queue td a').first().click();
  await page.waitForURL('**/console/cases/*');
  return page;
}

/// Marks the first cases of the own queue and asks for an act.
async function markAndAsk(walk, user, many, command) {
  const page = await walk.as(user, '/console/cases');
  const boxes = await page.locator('#queue tbody input[name=case]').all();
  if (boxes.length < many) throw new Error(`only ${boxes.length} cases wait`);
  for (const box of boxes.slice(0, many)) await box.check();
  await press(page, `button[name=command][value=${command}]`);
  return page;
}

/// Does what was asked to all that are shown, the exceptions included; while somebody is heard
/// nothing is decided.
async function doAll(page, command) {
  const rows = page.locator('main tbody tr', { hasNotText: '程序进行中' });
  for (const box of await rows.locator('input[name=case]').all()) await box.check();
  await press(page, `button[name=command][value=${command}]`);
  await page.locator('main .right').waitFor();
}

/// Waits until the task that was begun is over.
async function over(page) {
  await page.waitForURL('**/console/tasks/*');
  await page.locator('#task[data-over]').waitFor({ timeout: 30_000 });
}

const cases = [
  [
    'authority-code',
    async (walk, name) => {
      const page = await walk.stranger('/login');
      const { user, password } = walk.account('approve');
      await page.locator('#user').fill(user);
      await page.locator('#password').fill(password);
      await page.locator('main button').click();
      await page.waitForURL('**/login/code');
      await walk.shoot(page, name, 'main .alone');
      await page.context().close();
    },
  ],
  [
    'authority-home',
    async (walk, name) => {
      const page = await walk.as('accept', '/console');
      await walk.shoot(page, name, 'nav', 'main .tally tr:nth-child(4)');
    },
  ],
  [
    'authority-queue',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/cases');
      await walk.shoot(page, name, 'main h1', '#queue tr:nth-child(6)');
    },
  ],
  [
    'authority-case',
    async (walk, name) => {
      const page = await openFirst(walk, 'accept');
      await walk.shoot(page, name, 'main h1', 'ul.deadlines, h2:has-text("法定期限") + *');
    },
  ],
  [
    'authority-materials',
    async (walk, name) => {
      const page = await openFirst(walk, 'accept');
      await page.locator('.lead a[href$="/materials"]').click();
      await page.waitForURL('**/materials');
      await walk.shoot(page, name, 'main h1', 'main .wide');
    },
  ],
  [
    'authority-accept',
    async (walk, name) => {
      const page = await openFirst(walk, 'accept');
      const act = 'fieldset.act:has(button[value=accept])';
      await walk.shoot(page, name, act, 'fieldset.act:has(button[value=refuse])');
      await press(page, 'button[name=command][value=accept]');
      await page.locator('main .right').waitFor();
    },
  ],
  [
    'authority-return',
    async (walk, name) => {
      const page = await openFirst(walk, 'accept');
      const boxes = page.locator('input[name=missing_item]');
      if (await boxes.count()) await boxes.first().check();
      const more = page.locator('#missing');
      if (await more.count()) await more.fill('照片底色应为白色');
      await walk.shoot(page, name, 'fieldset.act:has(button[value=return])');
      await press(page, 'button[name=command][value=return]');
      await page.locator('main .right').waitFor();
    },
  ],
  [
    'authority-accept-many',
    async (walk, name) => {
      const page = await markAndAsk(walk, 'accept', 4, 'accept');
      await walk.shoot(page, name, WHOLE, END);
      await doAll(page, 'accept');
    },
  ],
  [
    'authority-review',
    async (walk, name) => {
      const page = await openFirst(walk, 'review');
      await walk.shoot(page, name, 'fieldset.act', 'fieldset.act:has(button[value=review])');
      await press(page, 'button[name=command][value=review]');
      await page.locator('main .right').waitFor();
    },
  ],
  [
    'authority-procedure',
    async (walk, name) => {
      const page = await openFirst(walk, 'review');
      await walk.shoot(page, name, 'fieldset.act:has(button[value=begin_procedure])');
    },
  ],
  [
    'authority-approve',
    async (walk, name) => {
      const page = await markAndAsk(walk, 'approve', 3, 'approve');
      await walk.shoot(page, name, WHOLE, END);
      await doAll(page, 'approve');
    },
  ],
  [
    'authority-reject',
    async (walk, name) => {
      const page = await walk.as('approve', '/console/cases');
      const act = page.locator('fieldset.act:has(button[value=reject])');
      // While somebody is heard nothing is decided: the next.
      for (const path of await page.locator('#queue td a').evaluateAll((all) => all.map(String))) {
        await page.goto(path);
        if (await act.count()) break;
      }
      await act.locator('input[name=ground_code]').first().check();
      await act.locator('#ground').fill('考试报名材料与本人不符，已听取本人意见');
      await walk.shoot(page, name, 'fieldset.act:has(button[value=reject])');
      await press(page, 'button[name=command][value=reject]');
      await page.locator('main .right').waitFor();
    },
  ],
  [
    'authority-sheet',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/cases/sheet');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
  [
    'authority-search',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/search');
      await page.locator('#sought').fill(sample(walk.all, 'accepted').name);
      await press(page, 'form.search button');
      await walk.shoot(page, name, WHOLE, 'main tbody tr');
    },
  ],
  [
    'authority-second-lists',
    async (walk, name) => {
      const page = await walk.as('approve', '/console/second-lists');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
];

const cards = [
  [
    'authority-runs',
    async (walk, name, expect) => {
      const page = await walk.as('issue', '/console/runs');
      const waiting = await page.locator('input[name=case]').all();
      expect(waiting.length > 0, 'nothing waits in the demonstration');
      for (const box of waiting.slice(5)) await box.uncheck();
      await walk.shoot(page, name, 'main h1', 'form[action="/console/runs"] tr:nth-child(5)');
      await press(page, 'form[method=post][action="/console/runs"] p button');
      await page.waitForURL('**/console/runs/*');
      walk.kept.run = page.url();
    },
  ],
  [
    'authority-issue',
    async (walk, name) => {
      const page = await walk.as('issue');
      await page.goto(walk.kept.run);
      await walk.shoot(page, name, 'main h1', 'form[action$="/deliver"] .wide');
      await press(page, 'form[action$="/issue"] button');
    },
  ],
  [
    'authority-print',
    async (walk, name, expect) => {
      const page = await walk.as('issue');
      await page.goto(walk.kept.run);
      await walk.shoot(page, name, 'form[action$="/print"]');
      const [paper] = await Promise.all([
        page.waitForEvent('download'),
        page.locator('form[action$="/print"] button').click(),
      ]);
      expect(paper.suggestedFilename() === 'cards.pdf', paper.suggestedFilename());
    },
  ],
  [
    'authority-spoil',
    async (walk, name) => {
      const page = await walk.as('issue');
      await page.goto(walk.kept.run);
      await page.locator('#line').fill('1');
      await page.locator('#reason').fill('打印机卡纸，证卡折损');
      await walk.shoot(page, name, 'form[action$="/spoil"]');
      await press(page, 'form[action$="/spoil"] button');
    },
  ],
  [
    'authority-deliver',
    async (walk, name) => {
      const page = await walk.as('issue');
      await page.goto(walk.kept.run);
      await walk.shoot(page, name, 'form[action$="/deliver"] .wide', 'form[action$="/deliver"]');
      await press(page, 'form[action$="/deliver"] fieldset button');
    },
  ],
  [
    'authority-cupboard',
    async (walk, name) => {
      const page = await walk.as('issue', '/console/cupboard?card=issued');
      await walk.shoot(page, name, WHOLE, 'main tr:nth-child(6)');
    },
  ],
];

const after = [
  [
    'authority-certificates',
    async (walk, name) => {
      const page = await walk.as('review', '/console/certificates?state=valid');
      await walk.shoot(page, name, 'main h1', 'main tr:nth-child(6)');
    },
  ],
  [
    'authority-certificate',
    async (walk, name) => {
      const page = await walk.as('review', '/console/certificates?state=valid');
      await page.locator('tbody a[href^="/console/certificates/"]').last().click();
      await page.waitForURL('**/console/certificates/*');
      walk.kept.certificate = page.url();
      await walk.shoot(page, name, 'main h1', 'main h2');
    },
  ],
  [
    'authority-propose',
    async (walk, name) => {
      const page = await walk.as('review');
      const act = page.locator('details:has(button[value=revoke])');
      await act.locator('summary').click();
      await act.locator('input[name=ground_code]').first().check();
      await act.locator('#revoke-addition').fill('调查笔录第 3 号，本人签字确认');
      await walk.shoot(page, name, 'details:has(button[value=revoke])', '.choice:has(input[value=fraud])');
      await press(page, act.locator('button[value=revoke]'));
    },
  ],
  [
    'authority-decide',
    async (walk, name, expect) => {
      const page = await walk.as('approve');
      await page.goto(walk.kept.certificate);
      const act = page.locator('details:has(button[value=decide])');
      await walk.shoot(page, name, 'section[aria-labelledby=waiting]', 'details:has(button[value=decide])');
      await press(page, act.locator('button[value=decide]'));
      const again = page.locator('#again');
      expect(!(await again.count()), 'a sign-in of this minute is not fresh');
    },
  ],
  [
    'authority-take',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/certificates?state=valid');
      await page.locator('tbody a[href^="/console/certificates/"]').first().click();
      await page.waitForURL('**/console/certificates/*');
      const act = 'details:has(button[value=reissue])';
      await page.locator(`${act} summary`).click();
      await page.locator('#reissue-materials').fill('遗失声明（纸质）\n照片');
      await walk.shoot(page, name, act);
      await press(page, `${act} button`);
    },
  ],
  [
    'authority-extension',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/search');
      await page.locator('#sought').fill(sample(walk.all, 'management_extended').doc_number);
      await press(page, 'form.search button');
      await page.locator('main a[href^="/console/certificates/"]').first().click();
      await page.waitForURL('**/console/certificates/*');
      await walk.shoot(page, name, 'main h1', 'main h2');
    },
  ],
];

const LIST = (number) =>
  [
    '姓名,身份证号,工种,证件起,有效期至',
    `壬示例,${number},2.1,2024/3/1,2030-02-28`,
    `壬示例,${number},2.1,2024/3/1,2031-02-28`,
    '癸示例,990000199001011234,2.1,2024/3/1,2030-02-28',
    '',
  ].join('\n');

const takeover = [
  [
    'authority-takeover',
    async (walk, name) => {
      const page = await walk.as('issue', '/console/takeover');
      const list = file('former.csv', 'text/csv', LIST(invented(505)));
      await page.locator('#sheet').setInputFiles(list);
      await press(page, 'form[action="/console/takeover"] button');
      await page.waitForURL('**/console/takeover/*');
      walk.kept.list = page.url();
      await page.locator('select[name="column.3"]').selectOption('valid_from');
      await walk.shoot(page, name, 'form[action$="/plan"]');
      await press(page, 'form[action$="/plan"] p.actions button');
      await over(page);
    },
  ],
  [
    'authority-task',
    async (walk, name) => {
      const page = await walk.as('issue');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
  [
    'authority-takeover-checked',
    async (walk, name) => {
      const page = await walk.as('issue');
      await page.goto(walk.kept.list);
      await walk.shoot(page, name, 'main h1', 'section.panel');
      await press(page, 'form[action$="/propose"] button');
    },
  ],
  [
    'authority-takeover-release',
    async (walk, name) => {
      const page = await walk.as('approve');
      await page.goto(walk.kept.list);
      await walk.shoot(page, name, 'section.panel');
      await press(page, 'form[action$="/release"] button');
      const brings = await walk.as('issue');
      await brings.goto(walk.kept.list);
      await press(brings, 'form[action$="/take"] button');
      await over(brings);
    },
  ],
  [
    'authority-takeover-differences',
    async (walk, name) => {
      const page = await walk.as('approve');
      await page.goto(`${walk.kept.list}/differences`);
      await page.locator('input[name=reason]').first().fill('以本系统为准：原系统录错年份');
      await walk.shoot(page, name, 'main h1', 'button[value=ours]');
      await press(page, 'button[value=ours]');
    },
  ],
];

const around = [
  [
    'authority-inquiries',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/inquiries');
      await walk.shoot(page, name, WHOLE, 'main table');
    },
  ],
  [
    'authority-inquiry',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/inquiries');
      await page.locator('tbody a').first().click();
      await page.waitForURL('**/console/inquiries/*');
      await page.locator('#answer').fill('您的材料已于本周受理，最迟本月底作出决定，届时可凭准考证号查询。');
      await walk.shoot(page, name, 'fieldset.act:has(#answer)');
      await press(page, 'button[value=answer]');
      await page.waitForURL('**/console/inquiries');
    },
  ],
  [
    'authority-bottlenecks',
    async (walk, name) => {
      const page = await walk.as('approve', '/console/bottlenecks');
      await walk.shoot(page, name, 'main h1', 'main svg >> visible=true >> nth=0');
    },
  ],
  [
    'authority-sessions',
    async (walk, name) => {
      const page = await walk.as('accept', '/console/sessions');
      await walk.shoot(page, name, 'main h1', 'main tr:nth-child(5)');
    },
  ],
  [
    'authority-office',
    async (walk, name) => {
      const page = await walk.as('admin', '/console/offices');
      await page.locator('td a').last().click();
      await page.waitForURL('**/console/offices/*');
      await page.locator('#article').fill('30号令第38条');
      await page.locator('#ground').fill('两次未按规定组织实操考试，责令整改');
      await walk.shoot(page, name, 'fieldset.act:has(#article)');
    },
  ],
  [
    'authority-accounts',
    async (walk, name) => {
      const page = await walk.as('security', '/console/accounts');
      await page.locator('#login').fill('review2');
      await page.locator('#name').fill('审查员乙');
      await page.locator('#office').selectOption(await authorityCode(page));
      await page.locator('input[name=role][value=reviewer]').check();
      await page.locator('#password').fill('a long phrase of one’s own');
      await walk.shoot(page, name, 'main form.panel');
      await press(page, 'main form.panel button');
      await page.waitForURL('**/console/accounts/*');
    },
  ],
  [
    'authority-account',
    async (walk, name) => {
      const page = await walk.as('security');
      await walk.shoot(page, name, WHOLE, 'main form.panel fieldset >> nth=1');
    },
  ],
  [
    'authority-key',
    async (walk, name) => {
      const page = await walk.as('security', '/console/keys');
      await page.locator('#label').fill('一号考试机');
      const institution = page.locator('#office option', { hasText: '第一职业技能考试中心' });
      await page.locator('#office').selectOption(await institution.first().getAttribute('value'));
      await page.locator('input[name=role][value=institution_clerk]').check();
      await page.locator('#days').selectOption('180');
      await walk.shoot(page, name, 'main h2', 'main form.panel');
      await press(page, 'main form.panel button');
    },
  ],
  [
    'authority-key-made',
    async (walk, name, expect) => {
      const page = await walk.as('security');
      const key = await page.locator('code.once').innerText();
      await walk.shoot(page, name, 'main h1', 'main .wide');
      const answer = await page.request.get(walk.url('/api/v1/key'), {
        headers: { authorization: `Bearer ${key}` },
      });
      expect(answer.status() === 200, `the key is answered ${answer.status()}`);
      await page.goto(walk.url('/console/keys'));
      expect(!(await page.locator('code.once').count()), 'the key is shown again');
    },
  ],
  [
    'authority-readings',
    async (walk, name) => {
      const page = await walk.as('auditor', '/console/readings');
      await walk.shoot(page, name, WHOLE, 'main tr:nth-child(6)');
    },
  ],
];

/// The authority among the offices of a list, by its code.
async function authorityCode(page) {
  const option = page.locator('#office option', { hasText: '应急管理' });
  return option.first().getAttribute('value');
}

export const authority = [...cases, ...cards, ...after, ...takeover, ...around];
