/** Added to the style of a report. The two data sets have the colours that a report uses for work and for input. */
export const DATA_STYLE = `
h3{font-size:.95rem;margin:18px 0 4px}
h4{font-size:.875rem;margin:0 0 4px;overflow-wrap:anywhere}
.set0{fill:var(--work);opacity:.75}
.set1{fill:none;stroke:var(--input);stroke-width:2;vector-effect:non-scaling-stroke}
.fill0{background:var(--work)}
.fill1{background:var(--input)}
.key{margin-right:16px}
button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
.copy,.features>button{border:1px solid var(--line);border-radius:4px;padding:6px 12px;margin:8px 0;background:var(--card)}
th{font-weight:600}
th button{font-weight:600;white-space:normal}
th[aria-sort=ascending] button::after{content:" ▲";content:" ▲" / ""}
th[aria-sort=descending] button::after{content:" ▼";content:" ▼" / ""}
.main{width:100%}
.main>tbody>tr>th{white-space:normal;overflow-wrap:anywhere;min-width:8em;max-width:28em}
tbody button{text-decoration:underline;text-underline-offset:3px}
.main .text{text-align:left}
.main svg{display:block;height:32px;width:140px}
.main .chart svg{width:100%;height:120px}
.detail>td{padding:8px 0 20px;text-align:left;white-space:normal}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(360px,100%),1fr));gap:12px;margin:12px 0;width:0;min-width:100%}
.card{background:var(--card);padding:12px;border-radius:6px;min-width:0;overflow-x:auto}
.card ul{margin:0;padding-left:18px}
.card th,.card td{padding:3px 8px;vertical-align:top}
.card tbody th{min-width:7em}
.card th,.card td{white-space:normal;overflow-wrap:anywhere}
.card table{width:100%}
.card table:has(thead){table-layout:fixed}
.card thead td{width:34%}
.share{white-space:nowrap}
.card .chart{background:none}
.card .chart svg{height:120px}
.value{overflow-wrap:anywhere;white-space:pre-wrap;text-align:left}
.bar{display:block;height:6px;background:var(--back);min-width:60px}
.bar span{display:block;height:100%}
.images{display:flex;flex-wrap:wrap;gap:12px;margin:0;padding:0;list-style:none}
.images li{max-width:140px;overflow-wrap:anywhere}
.images img{display:block;min-width:64px;max-width:128px;max-height:128px;image-rendering:pixelated;background:var(--card)}
.classes{max-height:420px;overflow:auto}
input{font:inherit;padding:5px 8px;border:1px solid var(--soft);border-radius:4px;background:var(--back);color:var(--text);max-width:100%}
pre{background:var(--card);padding:12px;overflow:auto;max-height:420px;font:.85rem/1.4 ui-monospace,monospace;margin:4px 0}
.remarks{margin:4px 0;padding-left:20px;overflow-wrap:anywhere}
@media(max-width:1100px){.wide{display:none}}
@media(max-width:640px){.main svg{width:80px}.main td .soft:not(.axis){display:block}th,td{padding:4px 6px}.card th,.card td{padding:3px 4px}}
@media print{.copy,.find,.features>button{display:none}.card,.bar *,path{print-color-adjust:exact}.card{break-inside:avoid}}
`;
