import { escapeMarkup } from './markup.js';

/** The width of all charts in SVG units. The page stretches charts to its own width. */
export const CHART_WIDTH = 1000;
export const CHART_HEIGHT = 100;

export interface Series {
  /** The CSS class that sets the colour of the area. */
  readonly color: string;
  /** One value for each time interval. `undefined` leaves a gap. */
  readonly values: readonly (number | undefined)[];
}

export interface ChartOptions {
  /** The text for screen readers. */
  readonly label: string;
  /** The ends of the time intervals, from 0 to `CHART_WIDTH`. The first interval begins at 0. */
  readonly ends: readonly number[];
  /** The value at the upper edge. */
  readonly top: number;
  /** Drawn in this order. A later series covers an earlier one. */
  readonly series: readonly Series[];
  /** Positions of vertical lines, from 0 to `CHART_WIDTH`. */
  readonly marks?: readonly number[];
}

export function chart({ label, ends, top, series, marks = [] }: ChartOptions): string {
  const areas = series.map(({ color, values }) => {
    const path = area(values, ends, top);
    return path === '' ? '' : `<path class="${color}" d="${path}"/>`;
  });
  const lines = marks.map((x) => `M${x} 0V${CHART_HEIGHT}`).join('');
  const marked = lines === '' ? '' : `<path class="mark" d="${lines}"/>`;
  return (
    `<svg role="img" aria-label="${escapeMarkup(label)}" viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}" ` +
    `preserveAspectRatio="none">${areas.join('')}${marked}</svg>`
  );
}

/** Returns a path of steps, closed at the lower edge. Adjacent intervals of equal height become one step. */
function area(values: ChartOptions['series'][number]['values'], ends: readonly number[], top: number): string {
  let path = '';
  let y = CHART_HEIGHT;
  let x = 0;
  values.forEach((value, i) => {
    const height = value === undefined || top <= 0 ? 0 : Math.min(1, value / top) * CHART_HEIGHT;
    const to = CHART_HEIGHT - Math.round(height);
    if (to !== y) path += `${path === '' ? `M${x} ${CHART_HEIGHT}` : `H${x}`}V${to}`;
    y = to;
    x = ends[i] as number;
  });
  return path === '' ? '' : `${path}H${x}V${CHART_HEIGHT}Z`;
}
