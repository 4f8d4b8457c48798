/**
 * Shows the values of one moment beside the charts. The user selects the moment with a range input, or by pointing at a
 * chart. Without scripts, the page still shows the charts and the table. A live page requests its new contents, and
 * replaces only changed elements, to keep the focus, the scroll position and the selected moment.
 */
export const PAGE_SCRIPT = `
const find=id=>document.getElementById(id),main=document.querySelector('main'),range=find('at');
let data,chosen;
const show=()=>{const {ends,times,rows}=data,i=+range.value,from=i?ends[i-1]:0;
const texts=rows.map(({values,unit})=>values[i]===null?'-':values[i].toLocaleString('en')+unit);
document.querySelectorAll('#report .now').forEach((now,row)=>{now.textContent=texts[row]});
find('time').textContent=times[i];
range.setAttribute('aria-valuetext',[times[i],...rows.map(({name},row)=>name+': '+texts[row])].join(', '));
main.style.setProperty('--at',(from+ends[i])/20+'%')};
const choose=()=>{chosen=range.value===range.max?undefined:parseFloat(data.times[+range.value]);show()};
const load=()=>{data=JSON.parse(find('data').textContent);const last=data.ends.length-1;
find('moment').hidden=last<0;
if(last<0)return;
const i=chosen===undefined?-1:data.times.findIndex(time=>parseFloat(time.split(' to ')[1])>chosen);
range.max=last;range.value=i<0?last:i;show()};
const sync=(old,next)=>{
if(old.nodeName!==next.nodeName||old.childNodes.length!==next.childNodes.length)old.replaceWith(next);
else if(next.nodeType===3)old.data=next.data;
else{for(const {name,value} of next.attributes)if(old.getAttribute(name)!==value)old.setAttribute(name,value);
const children=[...next.childNodes];[...old.childNodes].forEach((child,i)=>sync(child,children[i]))}};
const follow=async()=>{while(document.querySelector('.live'))try{
const page=new DOMParser().parseFromString(await(await fetch('?next')).text(),'text/html');
for(const id of ['data','report'])sync(find(id),page.getElementById(id));
load()}catch{document.querySelector('.live').textContent='The job has ended, or its page cannot be reached.';
await new Promise(resolve=>setTimeout(resolve,5000))}};
range.addEventListener('input',choose);
main.addEventListener('pointermove',event=>{const chart=event.target.closest('.chart');
if(!chart||!data.ends.length)return;
const {left,width}=chart.getBoundingClientRect(),x=(event.clientX-left)/width*1000,i=data.ends.findIndex(end=>end>=x);
range.value=i<0?data.ends.length-1:i;choose()});
load();follow();
`.replaceAll('\n', '');
