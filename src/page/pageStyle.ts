/** The contrast with the background is at least 4.5 for texts, and at least 3 for other colours. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--back:#fff;--card:#f5f6f8;--text:#1b1f24;--soft:#57606a;--line:#c5ccd4;
--input:#c2410c;--work:#1d6fd1;--consumer:#2f8f5b;--queue:#7a5af0;--rate:#5f6b7a}
@media(prefers-color-scheme:dark){:root{--back:#14171b;--card:#1e2228;--text:#e8eaed;--soft:#a8b0ba;--line:#454d57;
--input:#fb923c;--work:#60a5fa;--consumer:#5fd08f;--queue:#a594ff;--rate:#97a3b3}}
*{box-sizing:border-box}
body{margin:0 auto;padding:16px;max-width:1560px;background:var(--back);color:var(--text);
font:16px/1.45 system-ui,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:1.35rem;margin:0 0 4px}h2{font-size:1.05rem;margin:28px 0 6px}
p{margin:4px 0}p,h1,h2,h3{overflow-wrap:anywhere}.soft{color:var(--soft);font-size:.875rem}
p.verdict{background:var(--card);border-left:6px solid var(--work);padding:12px 16px;margin:12px 0;font-size:1.1rem}
p.source,p.stage{border-color:var(--input)}p.consumer{border-color:var(--consumer)}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:8px 0;padding:0}
.swatch{display:inline-block;width:.85em;height:.85em;margin-right:6px;border-radius:2px;vertical-align:-1px}
.input{fill:var(--input);background:var(--input)}.work{fill:var(--work);background:var(--work)}
.consumer{fill:var(--consumer);background:var(--consumer)}.queue{fill:var(--queue);background:var(--queue)}
.rate{fill:var(--rate);background:var(--rate)}
.chart{position:relative;border-bottom:1px solid var(--line);background:var(--card)}
.chart svg{display:block;width:100%;height:56px}.big svg{height:120px}.thin svg{height:14px}
.mark{fill:none;stroke:var(--text);stroke-width:1;stroke-dasharray:3 3;vector-effect:non-scaling-stroke;opacity:.75}
main[style] .chart::after{content:"";position:absolute;top:0;bottom:0;left:var(--at);width:1px;background:var(--text);pointer-events:none}
.lane{margin:14px 0 0}.lane h3{font-size:.95rem;margin:0}
.axis{display:flex;justify-content:space-between}.epochs{position:relative;height:1.4em}
.epochs span{position:absolute;white-space:nowrap;padding-left:3px;border-left:1px solid var(--text)}
.now:not(:empty)::before{content:"◆ ";content:"◆ " / ""}
code{font:.95em ui-monospace,monospace}
.moment{position:sticky;bottom:0;background:var(--back);border-top:1px solid var(--line);padding:8px 0;margin-top:20px}
input[type=range]{width:100%;margin:0;accent-color:var(--work)}
:focus-visible{outline:3px solid var(--work);outline-offset:2px}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem}caption{text-align:left;padding:4px 0}
th,td{padding:4px 10px;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child{text-align:left;padding-left:0}
@media print{.moment{display:none}.verdict,.chart,.chart *{print-color-adjust:exact}.lane{break-inside:avoid}}
`.replaceAll('\n', '');
