import { ChannelError } from '../../base/errors.js';
import { shownUrl } from '../objectErrors.js';
import type { StoredObject } from '../store.js';
import type { Outcome } from './connection.js';
import { isSuccess } from './readRange.js';

const MAX_REDIRECTS = 10;
const REDIRECT_STATUSES = new Set([300, 301, 302, 303, 307, 308]);

/** Statuses that mean that a stored URL is no longer valid, such as an expired signed URL. */
const EXPIRED_STATUSES = new Set([400, 401, 403, 404, 410]);

/** Follows redirects, and stores the final URL of each object. */
export class RedirectFollower {
  readonly #targets = new WeakMap<StoredObject, URL>();

  /**
   * Follows redirects. Stores the URL of a successful response for the next requests for this object. `send` must not
   * reject.
   */
  async follow(object: StoredObject, send: (url: URL) => Promise<Outcome>): Promise<Outcome> {
    let target = this.#targets.get(object);
    let url = target ?? new URL(object.url);
    let count = 0;
    for (;;) {
      const outcome = await send(url);
      const status = outcome.head?.status ?? 0;
      const location = REDIRECT_STATUSES.has(status) ? outcome.head?.headers.get('location') : undefined;
      if (target && EXPIRED_STATUSES.has(status)) {
        target = undefined;
        this.#targets.delete(object);
        url = new URL(object.url);
      } else if (location === undefined) {
        if (count > 0 && outcome.head && isSuccess(outcome.head)) this.#targets.set(object, url);
        return outcome;
      } else {
        const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
        count++;
        const problem = problemOf(url, next, count);
        if (!next || problem !== undefined) {
          this.#targets.delete(object);
          return { ...outcome, failure: cannotFollow(object, problem, status) };
        }
        url = next;
      }
    }
  }
}

function problemOf(from: URL, to: URL | undefined, count: number): string | undefined {
  if (!to || !/^https?:$/.test(to.protocol)) return 'a redirect leads to a URL that is not http: or https:';
  if (from.protocol === 'https:' && to.protocol === 'http:') return `a redirect leads from https: to http://${to.host}`;
  return count > MAX_REDIRECTS ? `there are more than ${MAX_REDIRECTS} consecutive redirects` : undefined;
}

function cannotFollow({ url }: StoredObject, problem = '', status: number): ChannelError {
  const path = shownUrl(url);
  const message = `Cannot read ${path}: ${problem}. Use the final URL instead, without the redirect.`;
  return new ChannelError(message, { code: 'ERR_CHANNEL_IO', path, status });
}
