/** The page's script: the filters, and the timeline's tips. Plain JavaScript, as the browser runs it. */
export const script = `'use strict';
(() => {
  const one = (selector) => document.querySelector(selector);
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Filters: each part of the page says in data-hosts and data-outcome what it is about.
  const form = one('#filters');
  const parts = all('[data-hosts]').map((part) => ({
    part,
    hosts: part.dataset.hosts.toLowerCase().split(' '),
    outcomes: (part.dataset.outcome ?? '').split(' '),
  }));
  const rows = parts.filter(({ part }) => part.classList.contains('row'));
  const changes = parts.filter(({ part }) => part.classList.contains('entry'));
  const filter = () => {
    const words = one('#host').value.toLowerCase().split(/[\\s,]+/).filter((word) => word !== '');
    const wanted = all('input[name=outcome]:checked').map((box) => box.value);
    const matches = (host, word) => word.includes('*')
      ? new RegExp('^' + word.split('*').map((piece) => piece.replace(/[.+?^\${}()|[\\]\\\\]/g, '\\\\$&')).join('.*') + '$').test(host)
      : host.includes(word);
    for (const { part, hosts, outcomes } of parts) {
      const host = words.length === 0 || hosts.some((name) => words.some((word) => matches(name, word)));
      const outcome = wanted.length === 0 || part.dataset.outcome === undefined || outcomes.some((each) => wanted.includes(each));
      part.hidden = !(host && outcome);
    }
    const shown = rows.filter(({ part }) => !part.hidden).length;
    one('#shown').textContent = words.length + wanted.length === 0 ? '' : shown + ' of ' + rows.length + ' hosts';
    one('#no-changes').hidden = changes.length === 0 || changes.some(({ part }) => !part.hidden);
    roam();
  };
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('reset', () => setTimeout(filter));

  // The timeline: one stop of the Tab key; the arrows go on from there.
  const chart = one('.chart');
  const tip = one('#tip');
  let current;
  const show = (bar, x, y) => {
    tip.textContent = bar.getAttribute('aria-label');
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    tip.style.left = Math.max(8, Math.min(x - width / 2, innerWidth - width - 8)) + 'px';
    tip.style.top = (y - height - 12 < 8 ? y + 18 : y - height - 12) + 'px';
  };
  const hide = () => { tip.hidden = true; };
  const barsOf = (row) => [...row.querySelectorAll('.bar')];
  const visible = () => [...chart.querySelectorAll('.row')].filter((row) => !row.hidden && barsOf(row).length > 0);
  const roam = (bar) => {
    const next = bar ?? (current?.closest('.row').hidden === false ? current : visible().flatMap(barsOf)[0]);
    current?.setAttribute('tabindex', '-1');
    next?.setAttribute('tabindex', '0');
    current = next;
  };
  const middle = (bar) => { const box = bar.getBoundingClientRect(); return box.left + box.width / 2; };
  chart.addEventListener('pointerover', (event) => {
    if (event.target.classList.contains('bar')) show(event.target, event.clientX, event.clientY);
    else hide();
  });
  chart.addEventListener('pointerleave', hide);
  chart.addEventListener('focusin', ({ target }) => {
    if (!target.classList.contains('bar')) return;
    roam(target);
    const box = target.getBoundingClientRect();
    show(target, box.left + box.width / 2, box.top);
  });
  chart.addEventListener('focusout', hide);
  chart.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return hide();
    if (!event.target.classList.contains('bar')) return;
    const row = event.target.closest('.row');
    const bars = barsOf(row);
    const at = bars.indexOf(event.target);
    const list = visible();
    const other = list[list.indexOf(row) + { ArrowUp: -1, ArrowDown: 1 }[event.key]];
    const nearest = (other) => barsOf(other).reduce((best, bar) =>
      Math.abs(middle(bar) - middle(event.target)) < Math.abs(middle(best) - middle(event.target)) ? bar : best);
    const next = {
      ArrowRight: () => bars[at + 1],
      ArrowLeft: () => bars[at - 1],
      Home: () => bars[0],
      End: () => bars.at(-1),
      ArrowUp: () => other && nearest(other),
      ArrowDown: () => other && nearest(other),
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    next()?.focus();
  });
  addEventListener('scroll', hide, { passive: true, capture: true });

  form.hidden = rows.length < 2;
  roam();
})();
`
