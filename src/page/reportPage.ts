import { sumOf } from '../base/sumOf.js';
import type { History } from './history.js';
import type { PipelineReport } from '../report/reportTypes.js';
import { escapeMarkup } from './markup.js';
import { courseOf } from './pageCourse.js';
import { PAGE_SCRIPT } from './pageScript.js';
import { lane, rateChart, reportTable, timeLine, type MomentRow } from './pageSections.js';
import { PAGE_STYLE } from './pageStyle.js';

/** Keeps the page smaller than 200 kB. A value takes up to 15 bytes: as a step of a chart, and as data. */
const MOST_VALUES = 12_000;

const POLICY = "default-src 'none';style-src 'unsafe-inline';script-src 'unsafe-inline'";

const MOMENT =
  '<div id="moment" class="moment" hidden><label for="at">Moment <b class="now" id="time">point at a chart, or use the slider</b></label>' +
  '<input type="range" id="at" min="0" aria-valuetext="none selected"></div>';

/** The state of a live page. `undefined` if the page is written to a file. */
export type LiveState = 'live' | 'ended' | undefined;

const LIVE_TEXTS = { live: 'Live: this page follows the pipeline.', ended: 'The job has ended.' };

/** Returns an HTML document that needs no other file and, unless it is live, no network. */
export function reportPage(report: PipelineReport, history: History, state?: LiveState): string {
  const consumer = escapeMarkup(report.consumer);
  const rowCount = sumOf(report.stages.map(({ threads }) => 2 + threads.length));
  const most = Math.max(1, Math.floor(MOST_VALUES / (5 + rowCount)));
  const course = courseOf(report.stages, history.read(most));
  const sections = [
    timeLine(report, course),
    rateChart(course),
    ...course.stages.map((stage, i) => lane(stage, report, i, course)),
  ];
  const { ends, times } = course;
  const rows = sections.flatMap((section) => section.rows).map(rounded);
  const data = JSON.stringify({ ends, times, rows }).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}${state ? ";connect-src 'self'" : ''}">
<title>Report: ${consumer}</title><style>${PAGE_STYLE}</style></head><body><main><div id="report">
<h1>How long ${consumer} waited, and for what</h1><p class="soft">Written at ${new Date().toISOString()}</p>
${state ? `<p class="soft ${state}" role="status">${LIVE_TEXTS[state]}</p>` : ''}
<p class="verdict ${report.verdict.bottleneck}">${withCode(escapeMarkup(report.verdict.text))}</p>
${sections.map(({ markup }) => markup).join('\n')}
${reportTable(report)}</div>
${MOMENT}</main>
<script type="application/json" id="data">${data}</script>
<script>${PAGE_SCRIPT}</script></body></html>
`;
}

/** Rounds to three digits, and replaces `undefined` by `null` for JSON. */
function rounded({ name, unit, values }: MomentRow): object {
  return { name, unit, values: values.map((value) => (value === undefined ? null : Number(value.toPrecision(3)))) };
}

/** Replaces backticks by `code` elements. */
function withCode(markup: string): string {
  return markup.replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}
