// Runs the installed packages as a user does. Argument: the document `docs/demo/pets.yaml`.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { connectMock, startMock } from 'descant';
import { descant } from 'descant/vite';

const [document] = process.argv.slice(2);
const run = promisify(execFile);
const command = './node_modules/.bin/descant';

const started = Date.now();
const { stdout } = await run(command, ['mock', document, '--call', 'GET /pets/7']);
assert.match(stdout, /^200 OK/);
console.log(`first answer from \`npx descant\`: ${Date.now() - started} ms`);

const failed = await run(command, ['lint', 'missing.yaml']).catch((error) => error);
assert.equal(failed.code, 2, 'the exit code of the program');

const child = spawn(command, ['mock', document, '--port', '0']);
await new Promise((resolve) => child.stdout.once('data', resolve));
child.kill('SIGTERM');
assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0, 'a signal ends the mock');

const before = Date.now();
const mocks = await Promise.all([1, 2, 3, 4].map(() => startMock(document)));
console.log(`four mocks: ${Date.now() - before} ms`);
const [first, second] = mocks;
await first.addRule({ operation: 'GET /pets/{petId}', answers: [{ code: 500 }, {}] });
const statuses = [];
for (const mock of [first, first, second]) statuses.push((await mock.fetch('/pets/7')).status);
assert.deepEqual(statuses, [500, 200, 200], 'rules belong to one mock');
await first.fetch('/pets/seven');
const [refused] = (await first.calls('GET /pets/{petId}')).slice(-1);
assert.equal(refused.status, 400);
assert.match(refused.request, /petId/);
assert.match((await first.call(refused.number)).received.body, /expected an integer/);
await assert.rejects(first.setRules([{ operation: 'GET /pet' }]), /which the document does not have/);
const [one, two] = [second.session('one'), connectMock(second.url).session()];
await one.setRules([{ operation: '*', answers: [{ code: 503 }] }]);
assert.deepEqual([(await one.fetch('/pets/7')).status, (await two.fetch('/pets/7')).status], [503, 200], 'rules belong to one session');
assert.equal((await fetch(`${one.url}/pets/7`)).status, 503, 'its address names a session');
assert.deepEqual((await one.calls()).map(({ target, session }) => [target, session]), [['/pets/7', 'one'], ['/pets/7', 'one']]);
assert.equal((await fetch(one.page)).status, 200);
await one.end();
await one.end();
assert.deepEqual((await second.sessions()).map(({ name }) => name), [two.name]);
await first.reset();
assert.deepEqual([await first.rules(), await first.calls()], [[], []]);
await Promise.all(mocks.map((mock) => mock.stop()));
await assert.rejects(first.fetch('/pets/7'));
await assert.rejects(startMock('missing.yaml'), /no such file: missing\.yaml/);

const plugin = descant(document, { path: '/api' });
const { server } = await plugin.config();
assert.equal(server.proxy['/api'].rewrite('/api/pets/7'), '/pets/7');
assert.equal((await fetch(`${server.proxy['/api'].target}/pets/7`)).status, 200);

const nowhere = "Object.defineProperty(process, 'arch', { value: 'mips' }); import('descant').then(({ binary }) => binary())";
const missing = await run(process.execPath, ['-e', nowhere], { env: { ...process.env, DESCANT_BINARY: '' } }).catch((error) => error);
assert.match(missing.stderr, /no binary for linux-mips.*darwin-arm64, darwin-x64, linux-arm64, linux-x64, win32-x64/);
console.log('the packed files work');
// A mock that was not stopped must not keep Node alive, nor outlive it.
