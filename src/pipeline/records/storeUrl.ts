export function isHttp(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** Returns `s3://bucket` for `s3://bucket/key`. */
export function rootOf(url: string): string {
  return /^[^:/]*:\/\/[^/]*/.exec(url)?.[0] ?? '';
}
