// The day of an exam institution: docs/manual/institution.md, picture by picture.

import { invented } from '../house.mjs';
import { day, file, press } from '../walk.mjs';

/// A page from its first line to its last.
const [WHOLE, END] = ['main > :first-child', 'main > :last-child'];
const HEADER = '姓名,性别,证件类型,证件号码,准操项目,申请类型,考试日期,理论成绩,实操成绩,准考证号';

/// The session that is held today, as the demonstration plans it.
async function today(walk, user) {
  const page = await walk.as(user, '/console/sessions');
  await page.locator('td.day a', { hasText: day(0) }).first().click();
  await page.waitForURL('**/console/sessions/*');
  return page;
}

/// As the number says: its last digit but one is odd for a man.
const sexOf = (number) => (Number(number[16]) % 2 ? '男' : '女');

async function typeCandidate(page, number, name) {
  await page.locator('#doc_number').fill(number);
  await page.locator('#name').fill(name);
  await page.locator('#schooling').selectOption('senior_middle');
  await page.locator('input[name=healthy]').check();
}

/// Marks so many cases of a queue.
async function mark(page, many) {
  const boxes = await page.locator('#queue tbody input[name=case]').all();
  if (boxes.length < many) throw new Error(`only ${boxes.length} cases wait`);
  for (const box of boxes.slice(0, many)) await box.check();
}

/// A photograph, upright: a piece of a page will do.
const portrait = (page) =>
  page.screenshot({ clip: { x: 0, y: 0, width: 360, height: 480 }, type: 'png' });

export const institution = [
  [
    'institution-login',
    async (walk, name) => {
      const page = await walk.stranger('/login');
      await page.locator('#user').fill('clerk1');
      await walk.shoot(page, name, 'main .alone');
      await page.context().close();
    },
  ],
  [
    'institution-home',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console');
      await walk.shoot(page, name, 'nav', 'main .tally');
    },
  ],
  [
    'institution-plan',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/sessions');
      const form = page.locator('form.panel');
      await page.locator('#on').fill(day(16));
      await page.locator('#begins').fill('09:00');
      await page.locator('#place').fill('示例考点二号楼');
      await form.locator('input[name=item][value="2.1"]').check();
      await page.locator('#seats').fill('20');
      await page.locator('#invigilators').fill('示例监考甲\n示例监考乙');
      for (const box of await form.locator('input[name=assessor]').all()) await box.check();
      await walk.shoot(page, name, '#plan', 'form.panel');
      await press(page, form.locator('button'));
      await page.waitForURL('**/console/sessions/*');
      walk.kept.session = page.url();
    },
  ],
  [
    'institution-refused',
    async (walk, name, expect) => {
      const page = await walk.as('clerk1');
      await page.goto(walk.kept.session);
      await typeCandidate(page, invented(501, '20150101'), '己示例');
      await page.locator('form[action$="/enrol"] button').click();
      await page.locator('main .wrong').waitFor();
      const kept = await page.locator('#name').inputValue();
      expect(kept === '己示例', `the name is now ${kept}`);
      await walk.shoot(page, name, 'main h1', 'main .wrong');
    },
  ],
  [
    'institution-enrol',
    async (walk, name) => {
      const page = await walk.as('clerk1');
      await typeCandidate(page, invented(503), '己示例');
      await walk.shoot(page, name, 'form[action$="/enrol"]');
      await press(page, 'form[action$="/enrol"] button');
      await page.locator('main tbody', { hasText: '己示例' }).first().waitFor();
    },
  ],
  [
    'institution-tickets',
    async (walk, name, expect) => {
      const page = await walk.as('clerk1', '/console/sessions');
      const ticket = page.locator('a[href$="/tickets.pdf"]').first();
      const paper = await page.request.get(walk.url(await ticket.getAttribute('href')));
      expect(paper.headers()['content-type'] === 'application/pdf', 'the tickets are no PDF');
      await walk.shoot(page, name, 'main h1', 'main tr:nth-child(6)');
    },
  ],
  [
    'institution-theory',
    async (walk, name, expect) => {
      const page = await today(walk, 'clerk1');
      // Of the four in the room one has no score yet.
      const open = page.locator('[aria-label=考生] tbody tr', { hasText: '已报名' }).first();
      const ticket = await open.locator('td').nth(1).innerText();
      const sheet = `准考证号,成绩,时间,机号\n${ticket},88,${day(0)} 00:00,04\n`;
      await page.locator('#theory').setInputFiles(file('theory.csv', 'text/csv', sheet));
      await walk.shoot(page, name, '[aria-label=考生]', 'form[action$="/theory"]');
      await press(page, 'form[action$="/theory"] button');
      const left = page.locator('[aria-label=考生] tbody tr', { hasText: '已报名' });
      expect(!(await left.count()), 'the score was not taken');
    },
  ],
  [
    'institution-assess',
    async (walk, name) => {
      for (const [user, first] of [
        ['assess1', '92'],
        ['assess2', '78'],
      ]) {
        const page = await today(walk, user);
        const scores = page.locator('form[action$="/assess"] input[name^=score-]');
        for (const [at, score] of (await scores.all()).entries()) {
          await score.fill(at === 0 ? first : '86');
        }
        if (user === 'assess1') await walk.shoot(page, name, 'form[action$="/assess"]');
        await press(page, 'form[action$="/assess"] button');
      }
    },
  ],
  [
    'institution-resolve',
    async (walk, name) => {
      const page = await today(walk, 'lead1');
      const form = page.locator('form[action$="/resolve"]').first();
      await form.locator('input[name^=score-]').fill('84');
      await form.locator('input[name=reason]').fill('复看操作录像，扣分点以第二名考评员记录为准');
      await walk.shoot(page, name, 'form[action$="/resolve"]');
      await press(page, form.locator('button'));
    },
  ],
  [
    'institution-confirm',
    async (walk, name) => {
      const page = await today(walk, 'lead1');
      await walk.shoot(page, name, 'form[action$="/confirm"]');
      await press(page, 'form[action$="/confirm"] p button');
    },
  ],
  [
    'institution-confirm-many',
    async (walk, name) => {
      const page = await walk.as('lead1', '/console/cases');
      await mark(page, 3);
      await press(page, 'button[name=command][value=confirm]');
      await walk.shoot(page, name, WHOLE, END);
      for (const box of await page.locator('input[name=case]').all()) await box.check();
      await press(page, 'button[name=command][value=confirm]');
      await page.locator('main .right').waitFor();
    },
  ],
  [
    'institution-import',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/import');
      const line = (who, number, theory, ticket) =>
        `${who},女,身份证,${number},低压电工作业,初领,${day(-1)},${theory},85,${ticket}`;
      const sheet = [
        HEADER,
        line('庚示例', invented(504), 90, 'M504'),
        line('辛示例', '990000199001011234', 900, 'M506'),
      ].join('\n');
      await page.locator('#sheet').setInputFiles(file('scores.csv', 'text/csv', `${sheet}\n`));
      await press(page, 'form[action="/console/import"] button').catch(() => {});
      await walk.shoot(page, name, 'main h1', 'main .wide');
      await press(page, 'form[action="/console/import/take"] button');
    },
  ],
  [
    'institution-recheck',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/cases?state=not_passed');
      // Whose practical part was scored and is not being re-checked already.
      for (const path of await page.locator('#queue td a').evaluateAll((all) => all.map(String))) {
        await page.goto(path);
        const sat = await page.locator('dt', { hasText: '实操' }).count();
        if (sat && (await page.locator('#part-ask_recheck').count())) break;
      }
      walk.kept.recheck = page.url();
      await page.locator('#part-ask_recheck').selectOption('practical');
      await page.locator('#reason').fill('考生书面申请：对第三项操作的扣分有异议');
      await walk.shoot(page, name, 'fieldset.act:has(#part-ask_recheck)');
      await press(page, 'button[value=ask_recheck]');
    },
  ],
  [
    'institution-recheck-answer',
    async (walk, name) => {
      const page = await walk.as('lead1');
      await page.goto(walk.kept.recheck);
      await page.locator('#part-answer_recheck').selectOption('practical');
      await page.locator('#score').fill('82');
      await walk.shoot(page, name, 'fieldset.act:has(#part-answer_recheck)');
      await press(page, 'button[value=answer_recheck]');
    },
  ],
  [
    'institution-materials',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/materials');
      const photo = { name: 'photo.png', mimeType: 'image/png', buffer: await portrait(page) };
      await page.locator('tbody tr:has(input[name=case]) a').first().click();
      await page.waitForURL('**/materials');
      await page.locator('#kind').selectOption('photo');
      await page.locator('#file').setInputFiles(photo);
      await press(page, 'form[action$="/materials"] button');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
  [
    'institution-bundle',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/materials');
      await walk.shoot(page, name, 'main h1', 'main tr:nth-child(4)');
    },
  ],
  [
    'institution-report',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/cases?state=passed');
      await mark(page, 3);
      await page.locator('#materials-report').fill('个人健康承诺书（纸质）\n身份证件复印件（纸质）');
      await press(page, 'button[name=command][value=report]');
      await walk.shoot(page, name, WHOLE, END);
      for (const box of await page.locator('input[name=case]').all()) await box.check();
      await press(page, 'button[name=command][value=report]');
      await page.locator('main .right').waitFor();
    },
  ],
  [
    'institution-returned',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/cases?state=returned');
      await page.locator('#queue td a').first().click();
      await page.waitForURL('**/console/cases/*');
      await page.locator('.lead a[href$="/materials"]').click();
      await page.waitForURL('**/materials');
      const answers = page.locator('form[action$="/answers"]');
      for (const said of await answers.locator('textarea').all()) {
        await said.fill('已由本人补签，原件随本次报送送交');
      }
      await walk.shoot(page, name, 'main > h2:last-of-type', 'form[action$="/answers"]');
      await press(page, answers.locator('button').last());
    },
  ],
  [
    'institution-reissue',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/reissue');
      const lost = walk.all.samples.find((s) => s.situation === 'certificate_valid');
      await page.locator('#doc_number').fill(lost.doc_number);
      await page.locator('#name').fill(lost.name);
      await page.locator('#item').selectOption('2.1');
      await page.locator('#materials').fill('遗失声明（纸质）\n照片');
      await walk.shoot(page, name, WHOLE, END);
      await press(page, 'main form button');
      await page.waitForURL('**/console/cases/*');
    },
  ],
  [
    'institution-manager-enrol',
    async (walk, name) => {
      const page = await walk.as('clerk2', '/console/sessions');
      const form = page.locator('form.panel');
      await page.locator('#on').fill(day(16));
      await page.locator('#begins').fill('14:00');
      await page.locator('#place').fill('示例考点机房');
      await form.locator('input[name=item][value="M1"]').check();
      await page.locator('#seats').fill('20');
      await page.locator('#invigilators').fill('示例监考甲\n示例监考乙');
      await press(page, form.locator('button'));
      await page.waitForURL('**/console/sessions/*');
      await page.locator('#doc_number').fill(invented(507));
      await page.locator('#name').fill('寅示例');
      await page.locator('#industry').selectOption('hazardous_chemicals');
      await page.locator('#unit_type').selectOption('trade');
      await page.locator('#employer').fill('示例化工贸易有限公司');
      await walk.shoot(page, name, 'form[action$="/enrol"] fieldset', 'form[action$="/enrol"] button');
      await press(page, 'form[action$="/enrol"] button');
      await page.locator('main tbody', { hasText: '寅示例' }).first().waitFor();
    },
  ],
  [
    'institution-manager-sheet',
    async (walk, name, expect) => {
      const page = await walk.as('clerk2', '/console/import');
      const header = `${HEADER},行业类别,单位类型,任职单位`;
      const line = (who, number, practical, appointment) =>
        `${who},${sexOf(number)},身份证,${number},主要负责人,初领,${day(-1)},91,${practical},,${appointment}`;
      const unit = '危险化学品,经营,示例化工贸易有限公司';
      const sheet = [
        header,
        line('卯示例', invented(508), '', unit),
        line('辰示例', invented(509), '', ',,'),
        line('巳示例', invented(510), 85, unit),
      ].join('\n');
      await page.locator('#sheet').setInputFiles(file('managers.csv', 'text/csv', `${sheet}\n`));
      await press(page, 'form[action="/console/import"] button').catch(() => {});
      const bad = await page.locator('main tbody tr').count();
      expect(bad === 2, `${bad} rows are bad`);
      await walk.shoot(page, name, 'main h1', 'main .wide');
    },
  ],
  [
    'institution-extension',
    async (walk, name) => {
      const page = await walk.as('clerk2', '/console/reissue');
      const who = walk.all.samples.find((s) => s.situation === 'management_to_extend');
      await page.locator('input[name=what][value=extension]').check();
      await page.locator('#doc_number').fill(who.doc_number);
      await page.locator('#name').fill(who.name);
      await page.locator('#materials').fill('照片\n安全培训合格记录');
      for (const item of ['M1', 'M2']) {
        await page.locator('#item').selectOption(item);
        await walk.shoot(page, name, 'main h1', '#name');
        await press(page, 'main form.panel button').catch(() => {});
        if (/\/cases\//.test(page.url())) break;
        await page.locator('input[name=what][value=extension]').check();
      }
      await page.waitForURL('**/console/cases/*');
    },
  ],
  [
    'institution-sheet',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/cases/sheet');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
  [
    'institution-speed',
    async (walk, name) => {
      const page = await walk.as('lead1', '/console/speed');
      await walk.shoot(page, name, 'main h1', 'main .wide');
    },
  ],
  [
    'institution-me',
    async (walk, name) => {
      const page = await walk.as('clerk1', '/console/me');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
];
