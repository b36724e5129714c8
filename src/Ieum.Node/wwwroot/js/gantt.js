// Drag to pan, Ctrl + wheel (or pinch on a touch pad) to zoom. The window itself is kept by the page, in its address.
window.ieumGantt = (() => {
  'use strict';
  const attached = new WeakMap();
  return {
    attach(place, page) {
      const plot = place.querySelector('.gantt-plot'), moving = place.querySelector('.gantt-moving');
      const stop = new AbortController(), on = { signal: stop.signal };
      let from = null, moved = 0, zooming = 0;
      plot.addEventListener('pointerdown', e => { if (e.button === 0) { from = e.clientX; moved = 0; } }, on);
      plot.addEventListener('dragstart', e => e.preventDefault(), on);
      addEventListener('pointermove', e => {
        if (from === null) return;
        moved = e.clientX - from;
        if (Math.abs(moved) > 4) moving.setAttribute('transform', `translate(${moved} 0)`);
      }, on);
      addEventListener('pointerup', async () => {
        if (from === null) return;
        from = null;
        if (Math.abs(moved) > 4) await page.invokeMethodAsync('Pan', -moved / plot.clientWidth);
        moving.removeAttribute('transform');
      }, on);
      addEventListener('pointercancel', () => { from = null; moved = 0; moving.removeAttribute('transform'); }, on);
      // A drag that ends on a bar is not a choice of that bar.
      plot.addEventListener('click', e => { if (Math.abs(moved) > 4) { e.preventDefault(); e.stopPropagation(); moved = 0; } }, { capture: true, signal: stop.signal });
      plot.addEventListener('wheel', e => {
        if (!e.ctrlKey) return;
        e.preventDefault();
        if (performance.now() - zooming < 180) return;
        zooming = performance.now();
        page.invokeMethodAsync('Zoom', Math.sign(e.deltaY), (e.clientX - plot.getBoundingClientRect().left) / plot.clientWidth);
      }, { passive: false, signal: stop.signal });
      attached.set(place, stop);
      place.dataset.live = '1';
    },
    detach(place) { attached.get(place)?.abort(); },
  };
})();
