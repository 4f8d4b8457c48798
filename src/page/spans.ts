/** A period in which a track did not change. Times are in milliseconds. */
export interface Span {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const MOST_SPANS = 50_000;
const FIRST_RESOLUTION_MS = 0.05;

/**
 * At most 50,000 spans of several tracks. If there are more, the resolution is doubled until at most 25,000 remain. Two
 * spans of a track with equal names are joined if the gap between them is shorter than the resolution. Then spans
 * shorter than the resolution are dropped.
 */
export class Spans<Track> {
  resolutionMs = 0;
  readonly #tracks = new Map<Track, Span[]>();
  #count = 0;

  add(track: Track, span: Span): void {
    const spans = this.#tracks.get(track);
    if (spans) spans.push(span);
    else this.#tracks.set(track, [span]);
    if (++this.#count > MOST_SPANS) this.#coarsen();
  }

  of(track: Track): readonly Span[] {
    return this.#tracks.get(track) ?? [];
  }

  #coarsen(): void {
    while (this.#count > MOST_SPANS / 2) {
      this.resolutionMs = Math.max(FIRST_RESOLUTION_MS, this.resolutionMs * 2);
      this.#count = 0;
      for (const [track, spans] of this.#tracks) {
        const left = joined(spans, this.resolutionMs).filter(({ fromMs, toMs }) => toMs - fromMs >= this.resolutionMs);
        this.#tracks.set(track, left);
        this.#count += left.length;
      }
    }
  }
}

function joined(spans: readonly Span[], gapMs: number): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.name === span.name && span.fromMs - last.toMs < gapMs) {
      result[result.length - 1] = { ...last, toMs: span.toMs };
    } else result.push(span);
  }
  return result;
}
