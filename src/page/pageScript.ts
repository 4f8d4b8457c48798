/**
 * Shows the figures of one moment beside the charts. A range input selects the moment with keys and on touch screens, and
 * pointing at a chart selects it with a mouse. Without scripts, the charts and the table remain.
 */
export const PAGE_SCRIPT = `
const {ends,times,rows}=JSON.parse(document.getElementById('data').textContent);
const range=document.getElementById('at'),time=document.getElementById('time');
const charts=[...document.querySelectorAll('.chart')],now=[...document.querySelectorAll('main > :not(.moment) .now')];
const cursors=charts.map(chart=>{const cursor=document.createElement('div');cursor.className='cursor';chart.append(cursor);return cursor});
const show=()=>{const i=+range.value,from=i?ends[i-1]:0;
const texts=rows.map(({values,unit})=>values[i]===null?'-':values[i].toLocaleString('en')+unit);
texts.forEach((text,row)=>{now[row].textContent=text});
time.textContent=times[i];
range.setAttribute('aria-valuetext',[times[i],...rows.map(({name},row)=>name+': '+texts[row])].join(', '));
for(const cursor of cursors)cursor.style.left=(from+ends[i])/20+'%'};
range.max=ends.length-1;range.value=ends.length-1;
document.getElementById('moment').hidden=false;
range.addEventListener('input',show);
for(const chart of charts)chart.addEventListener('pointermove',event=>{
const {left,width}=chart.getBoundingClientRect(),x=(event.clientX-left)/width*1000,i=ends.findIndex(end=>end>=x);
range.value=i<0?ends.length-1:i;show()});
`.replaceAll('\n', '');
