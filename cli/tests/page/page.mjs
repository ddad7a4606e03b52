// The page as a person uses it, in Chromium: tasks, text that is no markup, widths, accessibility, a mock that comes and
// goes, and time at rest. Arguments: the address of the page of `shop.yaml`, of a large document, the program, and the
// documents by their files.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [base, large, program, shop, other] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const link = (key) => `#/operations/${encodeURIComponent(key)}`;

/** Opens a page that fails the test on errors of its own, and on requests to elsewhere. */
async function open(options = {}, address = base) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => assert.fail(`the page threw ${error.stack}`));
  page.on('console', (message) => assert.ok(!/Content Security Policy|Refused/.test(message.text()), message.text()));
  page.on('request', (request) => assert.ok(/^(data|blob):/.test(request.url()) || new URL(request.url()).host === new URL(address).host, request.url()));
  await page.goto(address);
  await page.waitForSelector('.op');
  return page;
}

async function task(name, action) {
  const started = Date.now();
  await action();
  const took = Date.now() - started;
  assert.ok(took < 20_000, `${name} took ${took} ms`);
  console.log(`${name}: ${took} ms`);
}

const page = await open();
const button = (name) => page.getByRole('button', { name, exact: true });

await task('find an operation and call it, by keyboard alone', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('listitems');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.call');
  await button('Send').focus();
  await page.keyboard.press('Enter');
  await page.waitForSelector('.answer-box.good .s-2');
});
await task('answers on demand', async () => {
  for (const [name, shown] of [['422', '.answer-box.bad .s-4'], ['500', '.answer-box.bad .s-5'], ['empty', 'text=No answer'], ['200', '.answer-box.good .s-2']]) {
    await button(name).click();
    await page.waitForSelector(shown);
  }
});
await task('see why a call was refused', async () => {
  await page.getByLabel('query parameter limit').fill('99');
  await button('Send').click();
  await page.waitForSelector('.answer-box.bad .s-4');
  await page.getByRole('link', { name: 'See it in Traffic' }).click();
  await page.waitForSelector('.violations li');
  const shown = await page.locator('.violations').first().innerText();
  assert.match(shown, /query parameter limit.*shop\.yaml:16/s);
});
await task('copy a call as fetch', async () => {
  await button('Copy as fetch').click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /fetch\("http.*limit=99"/);
});
await task('replay', async () => {
  await button('Replay').click();
  await page.waitForSelector('text=Answered 4');
});
await task('add 25 records, edit one, delete one', async () => {
  await page.goto(`${base}#/state`);
  await button('Make 25').click();
  await page.waitForSelector('text=25 items added');
  await page.locator('tbody button').first().click();
  const text = page.getByLabel('Item as JSON');
  await text.fill(JSON.stringify({ ...JSON.parse(await text.inputValue()), name: 'Edited' }));
  await button('Save').click();
  await page.waitForSelector('td:has-text("Edited")');
  await page.getByRole('button', { name: /^Delete/ }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.waitForSelector('td:has-text("Edited")', { state: 'detached' });
});
await task('answer 500 once', async () => {
  await page.goto(`${base}#/rules`);
  await button('Add a rule').click();
  await page.getByLabel('Operation').first().fill('listItms');
  await button('Apply').click();
  await page.waitForSelector('text=did you mean `listItems`?');
  await page.getByLabel('Operation').first().fill('listItems');
  await page.getByLabel('Status').first().fill('500');
  await button('Add an answer').click();
  await button('Apply').click();
  await page.waitForSelector('text=Applied');
  const statuses = await page.evaluate(async () => [(await fetch('../items')).status, (await fetch('../items')).status]);
  assert.deepEqual(statuses, [500, 200]);
});
await task('keep a draft over a reload', async () => {
  const holds = (code) => page.waitForFunction((code) => [...document.querySelectorAll('input[type=number]')].some((input) => input.value === code), code);
  await page.getByLabel('Status').first().fill('501');
  await page.reload();
  await holds('501');
  await button('Discard changes').click();
  await holds('500');
});
await task('answer this way from now on', async () => {
  await page.goto(`${base}#/traffic`);
  await page.locator('.ex:has(.s-5)').first().click();
  await button('Answer this way from now on').click();
  await page.waitForSelector('.rule');
  assert.equal(await page.evaluate(async () => (await fetch('../items')).status), 500);
});
await task('save as HAR', async () => {
  await page.goto(`${base}#/traffic`);
  const [file] = await Promise.all([page.waitForEvent('download'), button('HAR').click()]);
  const { log } = JSON.parse(readFileSync(await file.path(), 'utf8'));
  assert.ok(log.entries.length > 5 && log.entries.every((entry) => entry.response.status));
});
await task('reset, after a question', async () => {
  await page.goto(`${base}#/state`);
  await button('Reset everything').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset' }).click();
  await page.waitForSelector('dialog', { state: 'detached' });
});
for (const hash of ['#/operations', link('GET /items'), '#/document']) {
  await page.goto(base + hash);
  await page.waitForTimeout(300);
}
assert.equal(await page.evaluate(() => window.ran), undefined, 'a text of the document ran as script');
await page.evaluate(() => Promise.all([fetch('../items?limit=x'), fetch('../items')]));

for (const colorScheme of ['light', 'dark']) {
  for (const width of [360, 768, 1280, 2560]) {
    const shown = await open({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
    await shown.evaluate(axe);
    for (const hash of ['#/operations', link('GET /items'), '#/traffic', '#/traffic/1', '#/state', '#/rules', '#/document']) {
      await shown.goto(base + hash);
      await shown.waitForTimeout(250);
      const beyond = await shown.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(beyond <= 0, `${hash} at ${width} px scrolls sideways by ${beyond} px`);
      const { violations } = await shown.evaluate(() => window.axe.run());
      assert.deepEqual(violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`), [], `${hash} at ${width} px, ${colorScheme}`);
    }
    await shown.context().close();
  }
}

{
  /** Starts a mock that is known to end with this script. */
  const start = async (document, port) => {
    const child = spawn(program, ['mock', document, '--port', String(port), '--log', 'all'], { stdio: ['ignore', 'pipe', 'inherit'] });
    process.on('exit', () => child.kill());
    let text = '';
    await new Promise((resolve) => child.stdout.on('data', (data) => { text += data; if (text.includes('(page: ')) resolve(); }));
    return { child, address: /page: (\S+)\)/.exec(text)[1] };
  };
  const stop = async ({ child }) => {
    const started = Date.now();
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
    assert.ok(Date.now() - started < 2_000, 'an open page delays the end of the mock');
  };
  const first = await start(shop, 0);
  const port = new URL(first.address).port;
  const seen = await open({}, first.address);
  await seen.waitForSelector('text=live');
  await task('see that the mock is away, and that another document came back', async () => {
    await stop(first);
    await seen.waitForSelector('text=mock is away');
    const second = await start(other, port);
    await seen.waitForSelector('text=The mock was restarted');
    await seen.waitForFunction(() => document.querySelector('#title').textContent === 'Other');
    await seen.waitForSelector('.op-path:text-is("/others")');
    writeFileSync(other, readFileSync(other, 'utf8').replace('/others', '/changed'));
    await seen.waitForSelector('text=The document was reloaded');
    await seen.waitForSelector('.op-path:text-is("/changed")');
    await seen.goto(`${first.address}#/document`);
    await seen.waitForSelector('text=The last reload changed');
    await seen.waitForSelector('a:text-is("GET /changed")');
    // Traffic at some 1,000 requests a second neither stops the page nor fills it.
    await seen.goto(`${first.address}#/traffic`);
    const until = Date.now() + 5_000;
    let sent = 0;
    while (Date.now() < until) {
      await Promise.all(Array.from({ length: 100 }, () => fetch(`http://127.0.0.1:${port}/changed`).then((answer) => answer.arrayBuffer())));
      sent += 100;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, sent - (5_000 - (until - Date.now())))));
    }
    await seen.waitForFunction((sent) => document.querySelector('.ex-note').textContent.includes('exchanges') && document.querySelectorAll('.ex').length === 300 && sent, sent);
    console.log(`requests while the page was open: ${sent} in 5 s`);
    await stop(second);
  });
  await seen.context().close();
}

if (large) {
  const started = Date.now();
  const big = await open({}, large);
  console.log(`first view of ${await big.locator('.op').count()} operations: ${Date.now() - started} ms`);
  const session = await big.context().newCDPSession(big);
  await session.send('Performance.enable');
  const busy = async () => (await session.send('Performance.getMetrics')).metrics.find((one) => one.name === 'TaskDuration').value;
  await big.waitForTimeout(1500);
  const before = await busy();
  await big.waitForTimeout(10_000);
  const idle = (await busy()) - before;
  console.log(`main thread in 10 s at rest: ${(idle * 1000).toFixed(0)} ms`);
  assert.ok(idle < 0.1, `the page at rest kept the main thread busy for ${idle} s of 10`);
  const strokes = await big.evaluate(async () => {
    const input = document.querySelector('.search-input');
    const took = [];
    for (const key of 'pull request') {
      const started = performance.now();
      input.value += key;
      input.dispatchEvent(new Event('input'));
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
      took.push(Math.round(performance.now() - started));
    }
    return took;
  });
  console.log(`a keystroke of search, to the paint: ${strokes.join(' ')} ms`);
}
await browser.close();
