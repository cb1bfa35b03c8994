// The queue by keyboard: j and k move, x marks, a marks all, ? shows the keys. Enter opens the link
// that has the focus, as everywhere. The page works without this, by the tab key.
(() => {
  const form = document.getElementById('queue');
  const keys = document.getElementById('keys');
  if (!form) return;
  const rows = [...form.querySelectorAll('tbody tr')].filter((row) => row.querySelector('a'));
  const here = () => rows.findIndex((row) => row.contains(document.activeElement));
  const go = (at) => {
    const row = rows[Math.max(0, Math.min(at, rows.length - 1))];
    if (row) row.querySelector('a').focus();
  };
  const boxes = () => rows.map((row) => row.querySelector('input[type=checkbox]')).filter(Boolean);
  const act = {
    j: () => go(here() + 1),
    ArrowDown: () => go(here() + 1),
    k: () => go(here() < 0 ? 0 : here() - 1),
    ArrowUp: () => go(here() < 0 ? 0 : here() - 1),
    x: () => {
      const box = rows[here()]?.querySelector('input[type=checkbox]');
      if (box) box.checked = !box.checked;
    },
    a: () => {
      const all = boxes();
      const on = all.some((box) => !box.checked);
      for (const box of all) box.checked = on;
    },
    '?': () => {
      if (!keys) return;
      keys.open = !keys.open;
      keys.querySelector('summary').focus();
    },
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target;
    const types = at.matches('textarea, select, input:not([type=checkbox])');
    if (types || !Object.hasOwn(act, event.key)) return;
    // The arrows scroll the page until the officer is among the lines.
    if (event.key.startsWith('Arrow') && here() < 0) return;
    event.preventDefault();
    act[event.key]();
  });
})();
