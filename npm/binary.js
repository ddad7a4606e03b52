// Finds the program, which a package of the platform contains: nothing is downloaded, and no script runs at install.

import { accessSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** The platforms that have a package, with the targets of Rust. */
const platforms = JSON.parse(readFileSync(new URL('platforms.json', import.meta.url), 'utf8'));

/**
 * Returns the path of the program. `DESCANT_BINARY` overrides it.
 * @returns {string}
 */
export function binary() {
  if (process.env.DESCANT_BINARY) return process.env.DESCANT_BINARY;
  const platform = `${process.platform}-${process.arch}`;
  const name = process.platform === 'win32' ? 'descant.exe' : 'descant';
  try {
    const path = join(dirname(require.resolve(`@descant/${platform}/package.json`)), name);
    accessSync(path);
    return path;
  } catch {
    throw new Error(platform in platforms
      ? `The package @descant/${platform} is missing. Install descant without --no-optional or --omit=optional, on the platform that it runs on; or set DESCANT_BINARY to a descant of your own.`
      : `descant has no binary for ${platform}. There are binaries for ${Object.keys(platforms).join(', ')}. Build it with \`cargo install --path cli\`, and set DESCANT_BINARY to its path.`);
  }
}
