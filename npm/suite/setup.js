// The mock, and the application's server, which forwards /api to the mock as Vite does.
import { createServer, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { startMock } from 'descant';

export default async function setup() {
  const mock = await startMock(new URL('users.yaml', import.meta.url), { state: true, args: ['--items', '0'] });
  const page = readFileSync(new URL('app.html', import.meta.url));
  const server = createServer((incoming, outgoing) => {
    if (!incoming.url.startsWith('/api/')) return outgoing.setHeader('content-type', 'text/html').end(page);
    const { method, headers } = incoming;
    const forwarded = request(mock.url + incoming.url.slice('/api'.length), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.env.APPLICATION = `http://127.0.0.1:${server.address().port}/`;
  process.env.MOCK = mock.url;
  return async () => {
    server.closeAllConnections();
    server.close();
    await mock.stop();
  };
}
