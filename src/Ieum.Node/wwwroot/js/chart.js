// Trends with Apache ECharts: mean as a line, minimum to maximum as a band, colours from the style sheet.
window.ieumChart = (() => {
  'use strict';
  const charts = new Map();
  let loading = null;
  const library = () => loading ??= new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = '/_content/Vizor.ECharts/js/vizor-echarts-bundle-min.js';
    script.onload = () => done(window.echarts);
    script.onerror = failed;
    document.head.append(script);
  });
  // light-dark() is resolved by the browser only on a real property.
  const color = name => {
    const probe = document.createElement('i');
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const paint = c => {
    const { data, language, mean, band } = c;
    const text = color('--muted'), line = color('--line'), ink = color('--text');
    const number = v => v == null ? '–' : new Intl.NumberFormat(language, { maximumSignificantDigits: 5 }).format(v) + (data.unit ? ' ' + data.unit : '');
    const clock = v => new Intl.DateTimeFormat(language, { timeZone: 'Asia/Seoul', hour: '2-digit', minute: '2-digit', hour12: false }).format(v);
    const stamp = v => new Intl.DateTimeFormat(language, { timeZone: 'Asia/Seoul', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false }).format(v);
    const pairs = values => data.times.map((t, i) => [t, values[i]]);
    const long = data.times.length > 1 && data.times.at(-1) - data.times[0] > 30 * 3600e3;
    c.chart.setOption({
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 16, top: 28, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', confine: true, backgroundColor: color('--surface'), borderColor: line, textStyle: { color: ink },
        formatter: p => { const i = p[0].dataIndex; const box = document.createElement('div');
          box.textContent = `${stamp(data.times[i])} · ${mean} ${number(data.mean[i])} · ${band} ${number(data.low[i])} – ${number(data.high[i])}`; return box; } },
      xAxis: { type: 'time', axisLabel: { color: text, hideOverlap: true, formatter: v => long ? stamp(v) : clock(v) }, axisLine: { lineStyle: { color: line } }, splitLine: { show: false } },
      yAxis: { type: 'value', scale: true, name: data.unit, nameTextStyle: { color: text, align: 'left' }, axisLabel: { color: text, formatter: v => new Intl.NumberFormat(language).format(v) }, splitLine: { lineStyle: { color: line } } },
      series: [
        { type: 'line', data: pairs(data.low), stack: 'band', symbol: 'none', lineStyle: { opacity: 0 }, silent: true, stackStrategy: 'all' },
        { type: 'line', data: data.times.map((t, i) => [t, data.high[i] == null ? null : data.high[i] - data.low[i]]), stack: 'band', symbol: 'none', lineStyle: { opacity: 0 }, areaStyle: { color: text, opacity: .18 }, silent: true, stackStrategy: 'all' },
        { type: 'line', data: pairs(data.mean), symbol: 'none', lineStyle: { color: ink, width: 1.6 }, itemStyle: { color: ink } },
      ],
    }, true);
  };
  document.addEventListener('ieum:theme', () => charts.forEach(paint));
  return {
    async draw(place, data, language, mean, band) {
      const echarts = await library();
      if (!place.isConnected) return;
      let c = charts.get(place);
      if (!c) {
        c = { chart: echarts.init(place, null, { renderer: 'svg' }) };
        c.size = new ResizeObserver(() => c.chart.resize());
        c.size.observe(place);
        charts.set(place, c);
      }
      Object.assign(c, { data, language, mean, band });
      paint(c);
    },
    drop(place) {
      const c = charts.get(place);
      if (!c) return;
      c.size.disconnect();
      c.chart.dispose();
      charts.delete(place);
    },
  };
})();
