"""How the page of a backfill's report looks, on a phone and in the dark too."""

STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--page:#f5f6f8;--card:#fff;--edge:#e1e5ea;
--soft:#5b6875;--faint:#b8c0c8;--head:#fafbfc;--hit:#a32015;--bar:#7d93ab;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--ink:#e8ebf0;--page:#12161d;--card:#1b222c;--edge:#313b49;
--soft:#a4afbe;--faint:#5b687a;--head:#202833;--hit:#ff9d8f;--bar:#6a86a6;--link:#8cc0f2}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Noto Sans",sans-serif;color:var(--ink);margin:0}
body{background:var(--page)}
main{max-width:1080px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:40px 0 12px}
.sub{color:var(--soft);margin:0 0 20px}
.under{margin-top:10px;font-size:13px}
.card{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:18px 22px}
.facts{display:flex;flex-wrap:wrap;gap:12px;margin:20px 0}
.fact{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:12px 18px}
.fact{min-width:130px}
.fact b{display:block;font-size:24px;line-height:1.2}
.fact span{color:var(--soft);font-size:13px}
.beside p{margin:0 0 8px}.beside p:last-child{margin:0;color:var(--soft)}.beside{margin:0 0 20px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 18px;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;background:var(--card);font-size:14px}
th,td{padding:6px 10px;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top}
th{color:var(--soft);font-weight:600;font-size:13px;background:var(--head)}
td{min-width:7em;overflow-wrap:anywhere}
td.n,th.n,td.month{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;min-width:0}
td.month{text-align:left}
table.covered td:first-child{min-width:13em}table.covered td:nth-child(3){min-width:6em}
td.zero{color:var(--faint)}
td.hit{font-weight:700;color:var(--hit)}
.bar{display:inline-block;height:9px;border-radius:2px;background:var(--bar);vertical-align:middle}
.scroll{overflow-x:auto;border:1px solid var(--edge);border-radius:10px}
details{margin:10px 0;background:var(--card);border:1px solid var(--edge);border-radius:10px}
details .scroll{border:0;border-top:1px solid var(--edge);border-radius:0 0 10px 10px}
summary{cursor:pointer;padding:10px 16px;font-weight:600;overflow-wrap:anywhere}
summary span{color:var(--soft);font-weight:400}
ol.found{list-style:none;margin:0;padding:0}
ol.found li{padding:12px 0;border-bottom:1px solid var(--edge)}
ol.found li:last-child{border:0}
.meta{color:var(--soft);font-size:13px}
.tag{border:1px solid var(--edge);border-radius:4px;padding:0 6px;font-size:12px;color:var(--soft)}
a{color:var(--link);overflow-wrap:anywhere}
@media (max-width:600px){
table.unseen tbody,table.unseen tr,table.unseen td{display:block}table.unseen th{display:none}
table.unseen td{border:0;padding:1px 10px}table.unseen td:first-child{font-weight:600}
table.unseen tr{padding:6px 0;border-bottom:1px solid var(--edge)}
table.unseen tr:first-child{display:none}
main{padding:16px 10px 40px}.card{padding:14px}th,td{padding:5px 4px}
table.covered td:nth-child(4),table.covered th:nth-child(4){display:none}
.fact{flex:1 1 40%}h1{font-size:22px}
table.months td:last-child,table.months th:last-child{display:none}}
"""
