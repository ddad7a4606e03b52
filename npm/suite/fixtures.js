// A session of the mock for each test.
import { test as base } from '@playwright/test';
import { connectMock } from 'descant';

export { expect } from '@playwright/test';

export const test = base.extend({
  session: async ({}, use) => {
    const session = connectMock(process.env.MOCK).session();
    await use(session);
    await session.end();
  },
  /** Opens the application. The page's requests name the session by a header, a cookie, or their path. */
  open: async ({ session, context, page }, use) => {
    await use(async (way) => {
      if (way === 'header') await context.setExtraHTTPHeaders(session.headers);
      if (way === 'cookie') await context.addCookies([{ ...session.cookie, url: process.env.APPLICATION }]);
      const query = way === 'path' ? `?base=${session.url}` : '';
      await page.goto(process.env.APPLICATION + query);
      await page.waitForFunction(() => document.title === 'ready');
      return page;
    });
  },
});
