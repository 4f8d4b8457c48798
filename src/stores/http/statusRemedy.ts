/** @param isFirst - true if the store has not seen the object before. */
export function statusRemedy(status: number, isFirst = false): string {
  if (status === 401 || status === 403) return 'Check the credentials (headers), and whether a signed URL has expired.';
  if ((status === 404 || status === 410) && isFirst) {
    return 'Check the spelling of the URL. Some servers send the same answer if the credentials (headers) are missing.';
  }
  if (status === 404 || status === 410) return 'Check the URL. The object may have been deleted since it was listed.';
  if (status === 429) return 'The server receives too many requests: decrease concurrency, or increase attempts.';
  if (status === 501) return 'The server does not support this request. Check the URL, or use a different server.';
  if (status >= 500) return 'The server is overloaded or broken: increase attempts, or try again later.';
  if (status === 304) {
    return 'Remove If-None-Match and If-Modified-Since from the headers. If the headers contain neither, bypass the cache that answers.';
  }
  if (status === 413) {
    return 'The server, or a proxy in front of it, accepts only smaller bodies: increase its limit, such as client_max_body_size of nginx, to 8 MiB or more.';
  }
  if (status === 412) return 'Remove If-Unmodified-Since from the headers.';
  if (status === 416) return 'The object may be empty, or the server does not support ranges correctly: check both.';
  if (status >= 300 && status < 400) {
    return 'The redirect has no usable Location. Find the final URL, for example with a browser, and use it instead.';
  }
  return 'Check the URL and the headers.';
}
