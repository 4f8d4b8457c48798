import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

type Result = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Result;
  readonly result?: Result;
  readonly error?: { readonly message: string };
}

/** The first installed Chromium, or `undefined`. */
export const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version']).status === 0,
);

/** A page in a browser. */
export interface BrowserPage {
  /** Sends a command of the Chrome DevTools Protocol. */
  readonly send: (method: string, params?: object) => Promise<Result>;
  /** Returns the value of an expression in the page. */
  readonly evaluate: (expression: string) => Promise<unknown>;
  readonly open: (url: string) => Promise<void>;
  /** The URLs that pages requested, and the errors that they logged. */
  readonly requested: readonly string[];
  readonly errors: readonly string[];
  readonly close: () => Promise<void>;
}

/** Starts Chromium. Speaks its protocol over pipes, so that no package and no port is needed. */
export async function startChromium(): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), 'millrace-chromium-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe'];
  const child = spawn(CHROMIUM ?? 'chromium', [...flags, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [, , , input, output] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const loaded: (() => void)[] = [];
  const [requested, errors]: [string[], string[]] = [[], []];
  const receive = ({ id, method, params = {}, ...message }: Message): void => {
    if (id !== undefined) waiting.get(id)?.(message);
    else if (method === 'Network.requestWillBeSent') requested.push((params['request'] as { url: string }).url);
    else if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') errors.push(JSON.stringify(params));
    else if (method === 'Page.loadEventFired') loaded.shift()?.();
  };
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) receive(JSON.parse(message) as Message);
  });
  let sent = 0;
  const request = async (method: string, params: object, sessionId?: unknown): Promise<Result> => {
    const id = ++sent;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result = {}, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const { targetId } = await request('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await request('Target.attachToTarget', { targetId, flatten: true });
  const send: BrowserPage['send'] = (method, params = {}) => request(method, params, sessionId);
  await Promise.all(['Page', 'Runtime', 'Network', 'Log'].map((domain) => send(`${domain}.enable`)));
  return {
    ...{ send, requested, errors },
    evaluate: async (expression) => {
      const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { readonly value?: unknown }).value;
    },
    open: async (url) => {
      const load = new Promise<void>((resolve) => loaded.push(resolve));
      await send('Page.navigate', { url });
      await load;
    },
    close: async () => {
      const exited = once(child, 'exit');
      await request('Browser.close', {}).catch(() => undefined);
      await exited;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
