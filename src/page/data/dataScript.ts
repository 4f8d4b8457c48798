/** Draws the tables of features: sorted, filtered, and 100 rows at a time, because a page can have 10,000 features. */
export const DATA_SCRIPT = `
const SVG='http://www.w3.org/2000/svg',STEP=100;
const make=(tag,props,...parts)=>{const node=document.createElement(tag);
for(const [name,value] of Object.entries(props||{}))if(value!==undefined)node.setAttribute(name,value);
node.append(...parts.flat().filter(part=>part!==undefined));return node};
const format=value=>value===undefined?'':value.toLocaleString('en',{maximumSignificantDigits:6});
const percent=share=>(100*share).toLocaleString('en',{maximumSignificantDigits:share<1?3:4})+' %';
const word={values:'values',missing:'missing records',lengths:'lengths',counts:'numbers of values',presence:'only in one',types:'types'};
const draw=(shape,names,label)=>{const svg=document.createElementNS(SVG,'svg'),bars=Math.max(...shape.c.map(each=>each.length));
for(const [name,value] of Object.entries({viewBox:'0 0 '+bars+' 100',preserveAspectRatio:'none',role:'img','aria-label':label}))svg.setAttribute(name,value);
shape.c.forEach((counts,set)=>{if(!counts.length)return;const path=document.createElementNS(SVG,'path');
path.setAttribute('class','set'+set);
path.setAttribute('d',counts.reduce((d,count,at)=>d+'V'+(100-Math.max(count,0))+'H'+(at+1),'M0 100')+'V100'+(set?'':'Z'));
svg.append(path)});return svg};
const describe=(shape,name,names)=>{const most=shape.c.map((counts,set)=>{const at=counts.indexOf(Math.max(...counts));
const width=(shape.to-shape.from)/counts.length;
return counts.length?(names.length>1?names[set]+': ':'')+'most between '+format(shape.from+at*width)+' and '+format(shape.from+(at+1)*width):''});
return name+', '+shape.l+' from '+format(shape.from)+' to '+format(shape.to)+'; '+most.filter(Boolean).join('; ')};
const legend=names=>names.length<2?undefined:make('p',{class:'soft'},names.map((name,set)=>make('span',{class:'key'},make('span',{class:'swatch fill'+set}),name)));
const big=(shape,group,name)=>make('div',{class:'card'},make('h4',{},'Histogram of '+shape.l),
make('div',{class:'chart'},draw(shape,group.names,describe(shape,name,group.names))),
make('div',{class:'axis soft'},make('span',{},format(shape.from)),make('span',{},format(shape.to))),
shape.out?make('p',{class:'soft'},format(shape.out)+' % of the values are outside of this range'):undefined);
const rows=(row,group)=>{const list=[],add=(name,pick)=>{if(row.f.some(set=>set&&pick(set)!==undefined&&pick(set)!==''))
list.push([name,row.f.map(set=>set?pick(set):'-')])};
add('missing',set=>format(set.m));add('different values',set=>format(set.u));
add('min',set=>format(set.min));add('max',set=>format(set.max));add('mean',set=>format(set.mean));add('standard deviation',set=>format(set.sd));
[5,25,50,75,95].forEach((share,at)=>add(share===50?'median':share+' % are up to',set=>set.q&&format(set.q[at])));
add('NaN',set=>format(set.nan));add('infinite',set=>format(set.inf));
const range=list=>list&&format(list[0])+' to '+format(list[2])+', mean '+format(list[1]);
add('bytes',set=>range(set.len));add('values in a record',set=>range(set.cnt));return list};
const figures=(row,group)=>make('div',{class:'card'},make('h4',{},'Figures'),make('table',{},
group.names.length>1?make('thead',{},make('tr',{},make('td'),group.names.map(name=>make('th',{scope:'col'},name)))):undefined,
make('tbody',{},rows(row,group).map(([name,values])=>make('tr',{},make('th',{scope:'row'},name),values.map(value=>make('td',{},value)))))));
const tops=(row,group)=>row.v&&make('div',{class:'card'},make('h4',{},'Most frequent values'+(row.low?' (at least this often)':'')),
make('table',{},make('tbody',{},row.v.map(([value,...counts])=>make('tr',{},make('th',{scope:'row',class:'value'},value||'(empty)'),
counts.map((count,set)=>make('td',{},format(count),make('span',{class:'bar'},make('span',{class:'fill'+set,
style:'width:'+100*count/Math.max(1,...row.v.map(each=>each[set+1]))+'%'})))))))));
const texts=(row,group)=>row.x&&row.x.map((list,set)=>list.length?make('div',{class:'card'},make('h4',{},'Texts'+(group.names.length>1?', '+group.names[set]:'')),
make('ul',{},list.map(text=>make('li',{class:'value'},text)))):undefined);
const columns=group=>[['Feature',row=>row.n,'name'],['Type',row=>row.t,'wide name'],
...(group.names.length>1?[['Distance',row=>row.d?row.d[0]:0,'']]:[]),
...group.names.flatMap((name,set)=>[['Missing'+(group.names.length>1?' in '+name:''),row=>row.f[set]?row.f[set].m/Math.max(1,group.records[set]):undefined,'']]),
...['min','mean','max'].map(key=>[key[0].toUpperCase()+key.slice(1),row=>(row.f[0]||row.f[1])[key],'wide'])];
const cellOf=(row,[title,pick])=>{const value=pick(row);
if(title==='Distance')return row.d?[value.toFixed(3),make('span',{class:'soft'},row.d[0]<=row.d[1]?' by chance':' in '+word[row.d[2]])]:'';
return title.startsWith('Missing')?(value===undefined?'-':percent(value)):typeof value==='number'?format(value):value||''};
const setUp=(group,section)=>{const list=section.querySelector('.features'),status=make('p',{role:'status',class:'soft'});
const search=make('input',{type:'search',id:'find'+group.id});
const body=make('tbody'),more=make('button',{type:'button'});
const open=new Set(group.features.length<=6?group.features:[]);
let sorted=group.features,key=-1,down=false,shown=STEP,found=sorted;
const fields=columns(group),heads=fields.map(([title,,kind],at)=>{const button=make('button',{type:'button'},title);
button.addEventListener('click',()=>{down=key===at?!down:!kind.includes('name');key=at;const pick=fields[at][1];
sorted=group.features.map((row,index)=>[pick(row),index,row]).sort(([a,i],[b,j])=>{
if(a===undefined||b===undefined)return (a===undefined)-(b===undefined)||i-j;
return (typeof a==='string'?a.localeCompare(b,'en',{numeric:true}):a-b)*(down?-1:1)||i-j}).map(([,,row])=>row);
heads.forEach((head,index)=>{if(index===at)head.setAttribute('aria-sort',down?'descending':'ascending');else head.removeAttribute('aria-sort')});show()});
return make('th',{scope:'col',class:kind},button)});
const line=row=>{const button=make('button',{type:'button','aria-expanded':open.has(row)},row.n||'(no name)');
const cells=fields.slice(1).map(field=>make('td',{class:field[2]},cellOf(row,field)));
const mini=make('td',{},row.h[0]?draw(row.h[0],group.names,describe(row.h[0],row.n,group.names)):'');
const first=make('tr',{},make('th',{scope:'row'},button),cells,mini);
const detail=()=>make('tr',{class:'detail'},make('td',{colspan:fields.length+1},make('div',{class:'cards'},
row.h.map(shape=>big(shape,group,row.n)),figures(row,group),tops(row,group),texts(row,group)||[])));
button.addEventListener('click',()=>{const isOpen=!open.has(row);if(isOpen){open.add(row);first.after(detail())}
else{open.delete(row);first.nextSibling.remove()}button.setAttribute('aria-expanded',isOpen)});
return open.has(row)?[first,detail()]:[first]};
const show=()=>{const text=search.value.toLowerCase();found=sorted.filter(row=>row.n.toLowerCase().includes(text));
body.replaceChildren(...found.slice(0,shown).flatMap(line));
status.textContent='Showing '+format(Math.min(shown,found.length))+' of '+format(found.length)+' features';
more.hidden=found.length<=shown;more.textContent='Show '+format(Math.min(STEP,found.length-shown))+' more'};
more.addEventListener('click',()=>{const from=shown;shown+=STEP;
body.append(...found.slice(from,shown).flatMap(line));
status.textContent='Showing '+format(Math.min(shown,found.length))+' of '+format(found.length)+' features';more.hidden=found.length<=shown});
search.addEventListener('input',()=>{shown=STEP;show()});
list.append(make('p',{class:'find'},make('label',{for:'find'+group.id},'Find a feature '),search),status,legend(group.names)||'',
make('div',{class:'scroll',tabindex:0,role:'region','aria-label':'Features of '+group.title},
make('table',{class:'main'},make('thead',{},make('tr',{},heads,make('th',{scope:'col'},'Histogram'))),body)),more);show()};
const groups=JSON.parse(document.getElementById('data').textContent);
groups.forEach((group,id)=>setUp({...group,id},document.getElementById('group'+id)));
for(const button of document.querySelectorAll('.copy'))button.addEventListener('click',async()=>{
const code=document.getElementById(button.dataset.of);getSelection().selectAllChildren(code);
try{await navigator.clipboard.writeText(code.textContent)}catch{document.execCommand('copy')}
button.textContent='Copied'});
for(const button of document.querySelectorAll('.copy'))button.hidden=false;
`
  .trim()
  .replaceAll('\n', ' ');
