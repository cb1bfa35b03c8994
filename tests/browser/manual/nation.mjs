// The day of the nation's node: docs/manual/nation.md, picture by picture.

import { day, file, ours, press } from '../walk.mjs';

/// A page from its first line to its last.
const [WHOLE, END] = ['main > :first-child', 'main > :last-child'];

/// The next version of a law's limits: one number of the first is another, from a day ahead.
const nextVersion = () =>
  ours('packs/R19-1.toml')
    .replace('version = 1', 'version = 2')
    .replace(/^from = .*$/m, `from = "${day(40)}"`)
    .replace('source = "R30 art. 15, carried over"', 'source = "R19 art. 17"');

export const nation = [
  [
    'nation-home',
    async (walk, name) => {
      const page = await walk.as('admin', '/console');
      await walk.shoot(page, name, 'nav', 'main > :last-child');
    },
  ],
  [
    'nation-feeds',
    async (walk, name) => {
      const page = await walk.as('admin', '/console/feeds');
      await walk.shoot(page, name, WHOLE, END);
    },
  ],
  [
    'nation-compared',
    async (walk, name) => {
      const page = await walk.stranger('/feeds');
      await walk.shoot(page, name, 'main h1', 'ul.compared');
      await page.context().close();
    },
  ],
  [
    'nation-provinces',
    async (walk, name) => {
      const page = await walk.as('admin', '/console/provinces');
      await walk.shoot(page, name, 'main h1', 'main .wide');
    },
  ],
  [
    'nation-bottlenecks',
    async (walk, name) => {
      const page = await walk.as('admin', '/console/bottlenecks');
      await walk.shoot(page, name, 'main h1', 'main svg >> visible=true >> nth=0');
    },
  ],
  [
    'nation-packs',
    async (walk, name) => {
      const page = await walk.as('admin', '/console/packs');
      await walk.shoot(page, name, WHOLE, 'main form.panel');
      const pack = file('R19-2.toml', 'application/toml', nextVersion());
      await page.locator('#file').setInputFiles(pack);
      await press(page, 'form[action="/console/packs"] button');
      await page.waitForURL('**/console/packs/*');
      walk.kept.pack = page.url();
    },
  ],
  [
    'nation-pack',
    async (walk, name) => {
      const page = await walk.as('admin2');
      await page.goto(walk.kept.pack);
      await walk.shoot(page, name, WHOLE, 'main tr:nth-child(4)');
    },
  ],
  [
    'nation-pack-approve',
    async (walk, name) => {
      const page = await walk.as('admin2');
      await walk.shoot(page, name, 'form[action="/console/publications"]');
      await press(page, 'button[value=approve]');
    },
  ],
  [
    'nation-announcement',
    async (walk, name) => {
      const page = await walk.as('admin', '/console/announcements');
      await page.locator('#zh_title').fill('元旦假期查询服务安排');
      await page.locator('#zh_words').fill('元旦放假期间查询照常开放，各省数据的汇入时间不变。');
      await page.locator('#en_title').fill('Queries over the New Year holiday');
      await page.locator('#en_words').fill('Queries stay open; the provinces send as usual.');
      await page.locator('#from').fill(day(0));
      await page.locator('#until').fill(day(30));
      await walk.shoot(page, name, 'form[action="/console/announcements"]');
      await press(page, 'form[action="/console/announcements"] button');
      await page.waitForURL('**/console/packs/*');
      const second = await walk.as('admin2');
      await second.goto(page.url());
      await press(second, 'button[value=approve]');
    },
  ],
  [
    'nation-announced',
    async (walk, name) => {
      const page = await walk.stranger('/');
      await page.locator('main', { hasText: '元旦假期查询服务安排' }).waitFor();
      await walk.shoot(page, name, 'main > :first-child', 'main .hero');
      await page.context().close();
    },
  ],
  [
    'nation-accounts',
    async (walk, name) => {
      const page = await walk.as('security', '/console/accounts');
      await walk.shoot(page, name, WHOLE, 'main .wide');
    },
  ],
  [
    'nation-log-ins',
    async (walk, name) => {
      const page = await walk.as('auditor', '/console/log-ins');
      await walk.shoot(page, name, WHOLE, 'main tr:nth-child(5)');
    },
  ],
];
