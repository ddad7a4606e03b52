/** Mocks for tests: each is a process of its own on a free port of the loopback. */

/** How a mock starts. */
export interface MockOptions {
  /** The port; by default a free one. */
  port?: number;
  /** Keeps what requests create, change and delete: in memory, in an SQLite file, or in Redis by its URL. */
  state?: boolean | string;
  /** A file with the records that the state begins with, YAML or JSON: `users: [{name: Ann}]`. */
  stateFrom?: string;
  /** Files with states by name, for `loadFixture`. */
  fixtures?: Record<string, string>;
  /** The rules that the mock begins with. */
  rules?: Rule[];
  /** The seed of sampled values. */
  seed?: number;
  /** Samples values even where the document has examples. */
  dynamic?: boolean;
  /** The format of refusals: problem details, or what the document describes. */
  errors?: 'problem' | 'document';
  /** The folder that a relative path starts at. */
  cwd?: string;
  /** Further flags of `descant mock`. */
  args?: string[];
}

/** What a request gets in place of the answer by the document. */
export interface Directive {
  /** The status. */
  code?: number;
  /** The name of an example of the document. */
  example?: string;
  /** Samples a value even where there are examples. */
  dynamic?: boolean;
  /** The format of a refusal. */
  errors?: 'problem' | 'document';
  /** A delay in milliseconds, or a range: `200..800ms`. */
  delay?: number | string;
  /** A failure of the connection. */
  fault?: 'reset' | 'empty' | 'malformed' | 'slow' | 'timeout';
  /** An answer of your own. */
  response?: { headers?: Record<string, string>; body?: unknown };
}

/** Answers for the requests that it applies to. The first rule that applies decides. */
export interface Rule {
  /** `GET /pets/{petId}`, an operationId, or `*`. */
  operation: string;
  /** The values that a request must have. */
  when?: Partial<Record<'path' | 'query' | 'header' | 'cookie' | 'body', Record<string, unknown>>>;
  /** One for each request in turn; the last holds for all that follow. */
  answers?: Directive[];
  /** Begins again after the last answer. */
  repeat?: boolean;
  /** The share of requests that it applies to, from 0 to 1. */
  rate?: number;
  /** The number of requests in a time beyond which requests get 429. */
  limit?: { requests: number; seconds: number };
}

/** A request that the mock answered. */
export interface Call {
  number: number;
  /** Milliseconds since 1970 (UTC). */
  at: number;
  method: string;
  /** Path and query, without the values of credentials. */
  target: string;
  /** `GET /pets/{petId}`, or null where the document has no such operation. */
  operation: string | null;
  status: number;
  micros: number;
  /** The session that it belongs to. */
  session?: string;
  /** What the request violates. */
  request?: string;
  /** What the response violates, or what its notices say. */
  response?: string;
  /** Each violation of the request with its place. */
  violations?: { detail: string; keyword: string; expected: string; pointer?: string; parameter?: string; in?: string }[];
}

/** A message of a call. */
export interface Message {
  headers: [string, string][];
  /** The body, where it is text: at most 64 KiB, without secrets. */
  body: string | null;
  /** The length of the whole body. */
  bytes: number;
}

/** Records by the name or path of their collection: `{users: [{name: 'Ann'}], '/users/1/orders': []}`. */
export type State = Record<string, unknown[] | Record<string, unknown>>;

/** What a test asks of a mock, or of its own session. */
export interface Interface extends AsyncDisposable {
  /** The address of the mock, `http://127.0.0.1:PORT`, or of the session. */
  readonly url: string;
  /** The address of its page. */
  readonly page: string;
  /** Sends a request to a path of the document. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  rules(): Promise<Rule[]>;
  /** Replaces all rules. */
  setRules(rules: Rule[]): Promise<void>;
  /** Adds a rule before all others. */
  addRule(rule: Rule): Promise<void>;
  clearRules(): Promise<void>;
  /** Returns the last calls, at most a thousand (200 of a session), of one operation or of all. */
  calls(operation?: string): Promise<Call[]>;
  /** Returns a call with its messages. */
  call(number: number): Promise<Call & { sent: Message; received: Message }>;
  /** Returns which operations and statuses were met. */
  coverage(): Promise<{ percent: number; operations: unknown[] }>;
  /** Returns all items, for `setState`. */
  state(): Promise<Record<string, Record<string, unknown>>>;
  /**
   * Replaces the state by records of each collection, by its name or path, `{users: [{name: 'Ann'}]}`, or by what `state`
   * returned. What a record lacks of its schema's requirements is added.
   */
  setState(state: State): Promise<void>;
  /** Names a state, by default the one of now, for `loadFixture` of the mock and its sessions. */
  saveFixture(name: string, state?: State): Promise<void>;
  /** Replaces the state by a named one. */
  loadFixture(name: string): Promise<void>;
  /** Puts an item into a collection, `/pets`, under its identity. */
  put(collection: string, id: string | number, item: unknown, parents?: (string | number)[]): Promise<void>;
  /** Adds items that follow the document; returns their number. */
  make(collection: string, count: number, parents?: (string | number)[]): Promise<number>;
  /** Forgets state, rules, tokens and calls. */
  reset(): Promise<void>;
}

/** A running mock. */
export interface Mock extends Interface {
  /** Returns a session, which begins with its first request: state, rules, tokens and calls that no other session sees. */
  session(name?: string): Session;
  /** Returns the sessions that have begun. */
  sessions(): Promise<{ name: string; exchanges: number; idleSeconds: number; path: string }[]>;
  /** Ends the mock; does nothing to one that `connectMock` returned. */
  stop(): Promise<void>;
}

/** A part of a mock for one test. A request belongs to it by any one of `url`, `headers` and `cookie`. */
export interface Session extends Interface {
  /** 1 to 128 letters, digits and `-._~`. */
  readonly name: string;
  /** Header fields of its requests: `page.setExtraHTTPHeaders(session.headers)`. */
  readonly headers: Record<string, string>;
  /** A cookie of its requests: `context.addCookies([session.cookie])`. */
  readonly cookie: { name: string; value: string; url: string };
  /** Forgets the session. */
  end(): Promise<void>;
}

/** Starts a mock of a document. */
export function startMock(document: string | URL, options?: MockOptions): Promise<Mock>;

/** Returns a mock that runs already, as for the workers of a test run. */
export function connectMock(url: string | URL): Mock;

/** Returns the path of the program. */
export function binary(): string;
