/** A mock beside Vite's development server. */

import type { MockOptions } from './index.js';

/** Starts a mock with Vite's development server, and sends it the requests below `path`, by default `/api`. */
export function descant(document: string, options?: MockOptions & { path?: string }): { name: string };
