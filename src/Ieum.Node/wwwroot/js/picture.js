// Saves a panel as a picture: its words, bars, charts and tables are painted as they stand on the page, so every page has the same button.
(() => {
  'use strict';
  const PAD = 16;
  const paintable = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'opacity', 'fill-opacity', 'font', 'text-anchor'];

  /// A drawing with its style written into it, because a picture of its own knows no style sheet.
  const drawing = async svg => {
    const copy = svg.cloneNode(true), box = svg.getBoundingClientRect();
    const inner = [...svg.querySelectorAll('*')], outer = [...copy.querySelectorAll('*')];
    inner.forEach((e, i) => { const style = getComputedStyle(e); for (const p of paintable) outer[i].style[p.replace(/-./g, m => m[1].toUpperCase())] = style.getPropertyValue(p); });
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.style.color = getComputedStyle(svg).color;
    copy.style.fill = getComputedStyle(svg).fill;
    if (getComputedStyle(svg).backgroundColor !== 'rgba(0, 0, 0, 0)') copy.style.background = getComputedStyle(svg).backgroundColor;
    copy.setAttribute('width', box.width);
    copy.setAttribute('height', box.height);
    // Patterns of the page (hatching, dots) travel with it.
    const defs = document.querySelector('.defs defs');
    if (defs && copy.outerHTML.includes('url(')) {
      const own = defs.cloneNode(true);
      [...defs.querySelectorAll('*')].forEach((e, i) => { const to = own.querySelectorAll('*')[i]; to.style.fill = getComputedStyle(e).fill; });
      copy.prepend(own);
    }
    const image = new Image();
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(copy).replace(/url\((?:"|&quot;)?[^)#]*#/g, 'url(#').replace(/(url\(#[\w-]+)(?:"|&quot;)\)/g, '$1)'));
    await image.decode().catch(() => null);
    return image;
  };

  async function paint(panel) {
    const box = panel.getBoundingClientRect(), ratio = Math.max(2, devicePixelRatio || 1);
    const canvas = Object.assign(document.createElement('canvas'), { width: Math.ceil((box.width + 2 * PAD) * ratio), height: Math.ceil((box.height + 2 * PAD) * ratio) });
    const g = canvas.getContext('2d');
    g.scale(ratio, ratio);
    g.fillStyle = getComputedStyle(panel).backgroundColor;
    g.fillRect(0, 0, box.width + 2 * PAD, box.height + 2 * PAD);
    g.translate(PAD - box.left, PAD - box.top);
    const skipped = e => e.closest('[data-picture], button, a.btn, .visually-hidden, script, style') || !e.getClientRects().length;
    for (const e of panel.querySelectorAll('*')) {
      if (e.closest('svg') && e.tagName !== 'svg' || skipped(e)) continue;
      const r = e.getBoundingClientRect(), style = getComputedStyle(e);
      if (e.tagName === 'svg') { const image = await drawing(e); if (image.width) g.drawImage(image, r.left, r.top, r.width, r.height); continue; }
      if (e.tagName === 'CANVAS') { g.drawImage(e, r.left, r.top, r.width, r.height); continue; }
      if (style.backgroundColor !== 'rgba(0, 0, 0, 0)') { g.fillStyle = style.backgroundColor; g.fillRect(r.left, r.top, r.width, r.height); }
      for (const [side, x, y, w, h] of [['Bottom', r.left, r.bottom - 1, r.width, 1], ['Top', r.left, r.top, r.width, 1]])
        if (parseFloat(style[`border${side}Width`]) > 0) { g.fillStyle = style[`border${side}Color`]; g.fillRect(x, y, w, h); }
    }
    const words = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      const node = words.currentNode, parent = node.parentElement;
      if (!node.data.trim() || parent.closest('svg') || skipped(parent)) continue;
      const style = getComputedStyle(parent), range = document.createRange();
      g.fillStyle = style.color;
      g.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      g.textBaseline = 'alphabetic';
      // Letter by letter into the lines that the page broke.
      let line = '', top = null, left = 0, bottom = 0;
      const end = () => { if (line.trim()) g.fillText(line, left, bottom); line = ''; };
      for (let i = 0; i < node.data.length; i++) {
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        const r = range.getClientRects()[0];
        if (!r || (!r.width && !node.data[i].trim())) continue;
        if (top === null || Math.abs(r.top - top) > 2) { end(); top = r.top; left = r.left; bottom = r.top + r.height * .79; }
        line += node.data[i] === '\n' ? ' ' : node.data[i];
      }
      end();
    }
    return canvas;
  }

  document.addEventListener('click', async e => {
    const button = e.target.closest?.('[data-picture]');
    if (!button) return;
    const canvas = await paint(button.closest('.panel') ?? document.querySelector('main'));
    canvas.toBlob(blob => {
      const a = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: `${button.dataset.picture}.png` });
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
    });
  });

  // The address as it stands, with the period fixed where the page says how: it opens the same view tomorrow too.
  document.addEventListener('click', async e => {
    const button = e.target.closest?.('[data-copy-link]');
    if (!button) return;
    const link = new URL(button.dataset.copyLink, location.href).href, said = button.textContent;
    try { await navigator.clipboard.writeText(link); } catch { prompt(said, link); return; }
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
})();
