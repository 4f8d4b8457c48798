import { grouped } from '../base/grouped.js';
import { partOf, REPORT_HEAD, reportRows, threadText } from '../report/formatReport.js';
import type { PipelineReport, ThreadReport } from '../report/reportTypes.js';
import { chart } from './chart.js';
import { escapeMarkup } from './markup.js';
import type { Course, StageCourse } from './pageCourse.js';

/** The page shows the value of the selected moment. Row `i` belongs to the element `i` of the class `now`. */
export interface MomentRow {
  readonly name: string;
  readonly unit: string;
  readonly values: readonly (number | undefined)[];
}

export interface Section {
  readonly markup: string;
  readonly rows: readonly MomentRow[];
}

const NOW = '<b class="now"></b>';
/** More lines would hide the chart. */
const MOST_MARKS = 100;
/** The minimum distance of labels in units of a chart. Closer labels would overlap on a small screen. */
const LABEL_WIDTH = 80;

export function timeLine(report: PipelineReport, { shares, ends, epochs, totalMs }: Course): Section {
  const part = partOf(report);
  const kinds = [
    { color: 'input', name: 'waiting for input', ms: report.inputMs, values: shares.inputMs },
    { color: 'work', name: 'work of the pipeline', ms: report.workMs, values: shares.workMs },
    { color: 'consumer', name: `${report.consumer} busy`, ms: report.consumerMs, values: shares.consumerMs },
  ];
  const texts = kinds.map(({ color, name, ms }) => `<li>${key(color, `${name} ${part(ms)}`)} ${NOW}</li>`);
  // Each area also covers the areas below it.
  const series = kinds.map(({ color }, i) => ({
    color,
    values: ends.map((_, at) => kinds.slice(0, i + 1).reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
  }));
  const label = `Time line of ${seconds(totalMs)}: ${kinds.map(({ name, ms }) => `${name} ${part(ms)}`).join(', ')}`;
  const marks = epochs.length > 1 && epochs.length <= MOST_MARKS ? epochs.map(({ position }) => position) : [];
  const drawn = chart({ label, ends, top: 1, series: series.toReversed(), marks });
  return {
    markup:
      `<h2>Time</h2><ul class="legend">${texts.join('')}</ul><div class="chart big">${drawn}</div>` +
      `<div class="axis soft"><span>0 s</span><span>${seconds(totalMs)}</span></div>${epochLabels(epochs)}`,
    rows: kinds.map(({ name, values }) => ({ name, unit: ' %', values: values.map((value) => value * 100) })),
  };
}

function epochLabels(epochs: Course['epochs']): string {
  const { length } = epochs;
  if (length < 2) return '';
  const total = (epochs.at(-1)?.number ?? 0) + 1;
  if (length > MOST_MARKS) return `<p class="soft">${total} epochs, too many to mark.</p>`;
  let free = 0;
  const labels = epochs.map(({ position, number }) => {
    if (position < free || position > 1000 - LABEL_WIDTH) return '';
    free = position + LABEL_WIDTH;
    return `<span style="left:${position / 10}%">${number}</span>`;
  });
  return (
    `<p class="soft">${total} epochs, which begin at the dashed lines:</p>` +
    `<div class="epochs soft" aria-hidden="true">${labels.join('')}</div>`
  );
}

export function rateChart({ bytesPerSecond, ends }: Course): Section {
  const values = bytesPerSecond.map((bytes) => bytes / 1e6);
  const top = Math.max(0, ...values);
  const name = 'MB read per second';
  const label = `${name}, up to ${digits(top)}`;
  const drawn = chart({ label, ends, top, series: [{ color: 'rate', values }] });
  return {
    markup: `<h2>Input</h2><p class="soft">${label} ${NOW}</p><div class="chart">${drawn}</div>`,
    rows: [{ name, unit: ' MB/s', values }],
  };
}

/** Draws the queue of a stage, or its rate if it has no queue. Also draws when the consumer waited for the stage. */
export function lane(stage: StageCourse, report: PipelineReport, index: number, { ends }: Course): Section {
  const { name, queue, itemsPerSecond } = stage;
  const figures = report.stages[index];
  const values = queue ?? itemsPerSecond;
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  const top = queue ? (figures?.queue?.capacity ?? most) : most;
  const unit = queue
    ? `queue, up to ${Number.isInteger(top) ? grouped(top) : digits(top)} items`
    : `items per second, up to ${digits(top)}`;
  const color = queue ? 'queue' : 'rate';
  const heading = index === 0 ? '<h2>Stages, from the source to the consumer</h2>' : '';
  const waits = heldUpStrip(stage, report, figures?.heldUpMs ?? 0, ends);
  const threads = (figures?.threads ?? []).map((thread, at) => threadStrip(thread, stage, at, ends));
  return {
    markup:
      `${heading}<section class="lane"><h3>${escapeMarkup(name)}</h3><p class="soft">${key(color, unit)} ${NOW}</p>` +
      `<div class="chart">${chart({ label: `${name}: ${unit}`, ends, top, series: [{ color, values }] })}</div>` +
      `${waits?.markup ?? ''}${threads.map(({ markup }) => markup).join('')}</section>`,
    rows: [
      { name, unit: queue ? ' items' : ' items/s', values },
      ...(waits?.rows ?? []),
      ...threads.flatMap(({ rows }) => rows),
    ],
  };
}

function heldUpStrip(
  { name, heldUp }: StageCourse,
  report: PipelineReport,
  heldUpMs: number,
  ends: Course['ends'],
): Section | undefined {
  const share = partOf(report)(heldUpMs);
  if (Number.parseFloat(share) === 0) return undefined;
  const text = `${report.consumer} waited for this stage ${share} of the time`;
  const drawn = chart({ label: `${name}: ${text}`, ends, top: 1, series: [{ color: 'input', values: heldUp }] });
  return {
    markup: `<p class="soft">${key('input', text)} ${NOW}</p><div class="chart thin">${drawn}</div>`,
    rows: [{ name: `waiting for ${name}`, unit: ' %', values: heldUp.map((value) => value * 100) }],
  };
}

/** When a worker thread worked. */
function threadStrip(
  thread: ThreadReport,
  { name: stage, threads }: StageCourse,
  index: number,
  ends: Course['ends'],
): Section {
  const values = threads[index]?.work ?? [];
  const text = threadText(thread);
  const drawn = chart({ label: `${stage}, ${text}`, ends, top: 1, series: [{ color: 'work', values }] });
  return {
    markup: `<p class="soft">${key('work', text)} ${NOW}</p><div class="chart thin">${drawn}</div>`,
    rows: [{ name: `work of ${thread.name}`, unit: ' %', values: values.map((value) => value && value * 100) }],
  };
}

export function reportTable(report: PipelineReport): string {
  const heads = REPORT_HEAD.map((cell) => `<th scope="col">${cell}</th>`);
  const lines = reportRows(report).map(([name = '', ...cells]) => {
    return `<tr><th scope="row">${escapeMarkup(name)}</th>${cells.map((cell) => `<td>${escapeMarkup(cell)}</td>`).join('')}</tr>`;
  });
  return (
    '<h2>Figures</h2><div class="scroll" tabindex="0" role="region" aria-label="Figures of the stages"><table>' +
    `<caption class="soft">Percentages are shares of ${seconds(report.elapsedMs)}</caption>` +
    `<thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`
  );
}

function key(color: string, text: string): string {
  return `<span class="swatch ${color}"></span>${escapeMarkup(text)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function digits(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}
