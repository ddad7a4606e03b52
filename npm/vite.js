// A mock beside Vite's development server: requests to a path of the application go to it.

import { startMock } from './index.js';

export function descant(document, { path = '/api', ...options } = {}) {
  let mock;
  return {
    name: 'descant',
    apply: 'serve',
    async config() {
      mock ??= await startMock(document, { ...options, args: [...(options.args ?? [])] });
      return { server: { proxy: { [path]: { target: mock.url, changeOrigin: true, rewrite: (target) => target.slice(path.length) || '/' } } } };
    },
    configureServer(server) {
      server.config.logger.info(`  mock of ${document}: ${mock.page}`);
      server.httpServer?.once('close', () => mock.stop());
    },
  };
}
