import { expect, test } from './fixtures.js';

const ways = ['header', 'cookie', 'path'];

for (const [index, way] of ways.entries()) {
  test(`lists ${index + 1} users (${way})`, async ({ session, open }) => {
    await session.setState({ users: Array.from({ length: index + 1 }, (_, at) => ({ name: `User ${at}` })) });
    const page = await open(way);
    await expect(page.locator('li')).toHaveCount(index + 1);
    await page.reload();
    await expect(page.locator('li').last()).toHaveText(`User ${index}`);
  });

  test(`adds a user (${way})`, async ({ session, open }) => {
    const page = await open(way);
    await page.getByLabel('Name').fill(`Ann ${index}`);
    await page.getByRole('button', { name: 'Add' }).click();
    await expect(page.locator('li')).toHaveText([`Ann ${index}`]);
    const [added] = await session.calls('POST /users');
    expect([added.status, added.target, (await session.call(added.number)).sent.body]).toEqual([201, '/users', expect.stringContaining(`Ann ${index}`)]);
  });

  test(`shows that the service failed, once (${way})`, async ({ session, open }) => {
    await session.addRule({ operation: 'listUsers', answers: [{ code: 500 + index }, {}] });
    const page = await open(way);
    await expect(page.getByRole('alert')).toContainText(`${500 + index}:`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('alert')).toHaveText('');
    expect(await session.calls('GET /users')).toHaveLength(2);
  });

  test(`shows why a user is refused (${way})`, async ({ session, open }) => {
    const page = await open(way);
    await page.getByRole('button', { name: 'Add' }).click();
    await expect(page.getByRole('alert')).toContainText('/name');
    expect(await session.state()).toEqual({});
  });
}
