import { get } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LivePage } from '../../src/page/livePage.js';
import { handClock } from '../support/handClock.js';

describe('LivePage', () => {
  const clock = handClock();
  let page: LivePage;
  let written = 0;
  afterEach(() => page.close());

  async function serve(): Promise<string> {
    written = 0;
    page = new LivePage((state) => `${state} ${++written}`);
    return page.serve();
  }

  /** @returns the status and the body. */
  async function request(url: string, method = 'GET'): Promise<readonly [number | undefined, string]> {
    const [response] = (await once(get(url, { method, agent: false }).end(), 'response')) as [IncomingMessage];
    return [response.statusCode, await text(response)];
  }

  it('serves on the loopback interface, at a path that nobody can guess', async () => {
    const url = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\da-f-]{36}\/$/);
    expect(await request(url)).toEqual([200, 'live 1']);
    expect(await request(new URL('/', url).href)).toEqual([404, '']);
    expect(await request(url, 'POST')).toEqual([404, '']);
  });

  it('makes a page at most once a second', async () => {
    const url = await serve();
    await request(url);
    clock.busy(999);
    expect(await request(url)).toEqual([200, 'live 1']);
    clock.busy(1);
    expect(await request(url)).toEqual([200, 'live 2']);
  });

  it('answers a request for the next page when the page has changed, or at the end', async () => {
    const url = await serve();
    await request(url);
    const next = request(`${url}?next`);
    clock.busy(1000);
    expect(await next).toEqual([200, 'live 2']);
    const last = request(`${url}?next`);
    // The server has accepted the request when it answers a later one.
    await request(url);
    await page.close();
    expect(await last).toEqual([200, 'ended 3']);
    await expect(request(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
